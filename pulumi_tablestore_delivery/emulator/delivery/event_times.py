"""Event times: find the minute of a text or a number in one of the formats.

The names of the formats are documented. They are names of layouts in Go's `time` package. We assume
that the service parses event times as Go does, and tests compare this module with results of Go.
Some results are surprising: a zone's name does not shift the time, nor does `GMT+8`, and a text
with `+0800` is refused.
"""

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

from pulumi_tablestore_delivery.wire.enums import EventTimeFormat

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)

_SECONDS_BELOW: Final = 10**11  # a smaller Unix time is in seconds, a larger one in milliseconds
_MINUTE: Final = 60
_LONGEST_CACHED: Final = 64  # characters; the cache must not hold long texts
_CENTURY_TURNS: Final = 69  # a year of two digits: 69 to 99 are 19xx
_LARGEST_OFFSET: Final = (24, 60)  # Go's limit for RFC 3339

_HOURS_OF_ZONE: Final = re.compile("0*(?:1?[0-9]|2[0-3])")

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        start=1,
    )
}
_SHORT_DAYS: Final = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_LONG_DAYS: Final = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_DAY: Final = "(?P<day>[0-9]{2})"
_MONTH: Final = "(?P<month>[A-Za-z]{3})"
_YEAR: Final = "(?P<year>[0-9]{4})"
_SHORT_YEAR: Final = "(?P<short_year>[0-9]{2}|[+-][0-9])"
_CLOCK: Final = "(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
_SECOND: Final = ":(?P<second>[0-9]{2})(?:[.,][0-9]+)?"
_ZONE: Final = (
    "(?:UTC|ChST|MeST|GMT(?:[+-](?P<gmt>[0-9]+))?|[+-](?P<zone>[0-9]{2,})"
    "|(?!UTC|GMT)(?:[A-Z]{3}|[A-Z]{3}T|WITA|[A-Z]{4}T))"
)
_OFFSET: Final = "(?:Z|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))"
_TEXTS: Final = {
    EventTimeFormat.RFC822: re.compile(f"{_DAY} +{_MONTH} +{_SHORT_YEAR} +{_CLOCK} +{_ZONE}"),
    EventTimeFormat.RFC850: re.compile(
        f"(?i:{_LONG_DAYS}), +{_DAY}-{_MONTH}-{_SHORT_YEAR} +{_CLOCK}{_SECOND} +{_ZONE}"
    ),
    EventTimeFormat.RFC1123: re.compile(
        f"(?i:{_SHORT_DAYS}), +{_DAY} +{_MONTH} +{_YEAR} +{_CLOCK}{_SECOND} +{_ZONE}"
    ),
    EventTimeFormat.RFC3339: re.compile(
        f"{_YEAR}-(?P<month>[0-9]{{2}})-{_DAY}T{_CLOCK}{_SECOND}{_OFFSET}"
    ),
}


def event_minute(time_format: int, value: Any) -> int | None:
    """Return the minute since 1970 of an event time, or None if the value does not have the format.

    The RFC formats are text. Unix is a number of seconds, or of milliseconds from 10^11 on
    (assumed). Years are 1 to 9999.
    """
    if isinstance(value, str) and len(value) > _LONGEST_CACHED:
        return _event_minute(time_format, value)
    return _cached_event_minute(time_format, value)


def _event_minute(time_format: int, value: Any) -> int | None:
    if time_format == EventTimeFormat.Unix:
        if type(value) is not int:
            return None
        seconds = value if abs(value) < _SECONDS_BELOW else value // 1000
    else:
        time = _parse(time_format, value) if isinstance(value, str) else None
        if time is None:
            return None
        seconds = (time - EPOCH) // timedelta(seconds=1)
    minute = seconds // _MINUTE
    return minute if moment(minute) else None


# Typed, because 1, True and 1.0 are equal.
_cached_event_minute: Final = lru_cache(maxsize=65536, typed=True)(_event_minute)


def moment(minute: int) -> datetime | None:
    """Return the date and time of a minute since 1970, or None outside the years 1 to 9999."""
    try:
        return EPOCH + timedelta(minutes=minute)
    except OverflowError:
        return None


def _parse(time_format: int, value: str) -> datetime | None:
    if time_format not in EventTimeFormat._value2member_map_:
        return None  # a format of a newer service
    found = _TEXTS[EventTimeFormat(time_format)].fullmatch(value)
    if found is None:
        return None
    parts = found.groupdict()
    for zone in (parts.get("zone"), parts.get("gmt")):
        if zone and not _HOURS_OF_ZONE.fullmatch(zone):  # any number of zeros may precede
            return None
    offset = _offset(parts)
    if offset is None:
        return None
    try:
        time = datetime(
            _year(parts), _month(parts["month"]), int(parts["day"]), int(parts["hour"]),
            int(parts["minute"]), int(parts.get("second") or 0), tzinfo=timezone.utc,
        )  # fmt: skip
        return time - offset
    except (ValueError, OverflowError):
        return None


def _year(parts: dict[str, str]) -> int:
    if parts.get("year"):
        return int(parts["year"])
    short = int(parts["short_year"])
    return short + (1900 if short >= _CENTURY_TURNS else 2000)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.get(text.lower(), 0)


def _offset(parts: dict[str, str]) -> timedelta | None:
    if not parts.get("sign"):
        return timedelta(0)
    hours, minutes = int(parts["hours"]), int(parts["minutes"])
    most_hours, most_minutes = _LARGEST_OFFSET
    if hours > most_hours or minutes > most_minutes:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if parts["sign"] == "-" else offset
