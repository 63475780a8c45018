"""Byte ranges and conditions of reads."""

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    INVALID_RANGE,
    NOT_MODIFIED,
    PRECONDITION_FAILED,
    OssError,
)
from pulumi_tablestore_delivery.emulator.storage.objects import StoredObject

_RANGE: Final = re.compile(r"bytes=(\d{0,19})-(\d{0,19})(?:,.*)?", re.ASCII)
_NANOSECONDS_PER_SECOND: Final = 1_000_000_000
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999


def byte_range(given: str, size: int, *, standard: bool) -> tuple[int, int] | None:
    """Return the start and the length of a range; None for the whole object.

    Only the first of several ranges is used (documented). An invalid range, or one that is not
    inside the object, is ignored (documented), unless the request asks for the standard behavior.

    Args:
        given: The Range header; may be empty.
        size: The object's size.
        standard: If true, a range that ends too late is cut, and one that begins too late is an
            error. Assumed for requests with AWS's signature.

    Raises:
        OssError: The range begins after the object's end, with the standard behavior.
    """
    parts = _RANGE.fullmatch(given.strip())
    if parts is None or not (parts[1] or parts[2]):
        return None
    if parts[1]:
        first, last = int(parts[1]), int(parts[2]) if parts[2] else size - 1
        if parts[2] and last < first:
            return None
    else:
        first, last = size - int(parts[2]), size - 1
    if 0 <= first < size and last < size:
        return first, last - first + 1
    if not standard:
        return None
    if first >= size or not size:
        raise OssError(
            INVALID_RANGE,
            "The requested range cannot be satisfied",
            {"ActualObjectSize": str(size), "RangeRequested": given},
        )
    first = max(first, 0)
    return first, min(last, size - 1) - first + 1


def wanted_range(headers: Mapping[str, str], found: StoredObject) -> str:
    """Return the Range header; empty if If-Range says that the object has changed (RFC 9110)."""
    validator = headers.get("if-range")
    if validator is not None:
        since = _seconds(validator)
        if since is None and not _names(validator, found.etag):
            return ""
        if since is not None and found.modified // _NANOSECONDS_PER_SECOND > since:
            return ""
    return headers.get("range", "")


def check_conditions(headers: Mapping[str, str], found: StoredObject) -> None:
    """Check a read's If-… headers (documented).

    Raises:
        OssError: A condition does not hold.
    """
    seconds = found.modified // _NANOSECONDS_PER_SECOND
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    if match is not None:
        if not _names(match, found.etag):
            raise _failed("If-Match")
    elif (since := _seconds(headers.get("if-unmodified-since"))) is not None and seconds > since:
        raise _failed("If-Unmodified-Since")
    if none_match is not None:
        if _names(none_match, found.etag):
            raise OssError(NOT_MODIFIED, "The object has that ETag.")
    elif (since := _seconds(headers.get("if-modified-since"))) is not None and seconds <= since:
        raise OssError(NOT_MODIFIED, "The object was not modified since.")


def _failed(condition: str) -> OssError:
    return OssError(
        PRECONDITION_FAILED,
        "At least one of the pre-conditions you specified did not hold.",
        {"Condition": condition},
    )


def _names(listed: str, etag: str) -> bool:
    names = {name.strip().removeprefix("W/").strip('"').upper() for name in listed.split(",")}
    return bool(names & {"*", etag.upper()})


def _seconds(date: str | None) -> float | None:
    """Return a date's seconds since 1970; None if it is not a date, which is ignored (RFC 9110)."""
    try:
        parsed = parsedate_to_datetime(date) if date else None
        if parsed is None:
            return None
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def http_date(nanoseconds: int) -> str:
    """Format a time for a header."""
    return format_datetime(_moment(nanoseconds), usegmt=True)


def iso_date(nanoseconds: int) -> str:
    """Format a time for OSS's XML."""
    moment = _moment(nanoseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def _moment(nanoseconds: int) -> datetime:
    seconds = min(max(nanoseconds // 1000 / 1_000_000, 0), _LAST_SECOND)
    return datetime.fromtimestamp(seconds, timezone.utc)
