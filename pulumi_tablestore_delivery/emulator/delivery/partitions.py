"""Which folder a row goes to: the time of the row, put into the prefix's variables.

The formats' names are documented; that they are those of Go's `time` package, that folders are in
UTC, and what is done with other values is assumed.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

from pulumi_tablestore_delivery.wire.enums import EventTimeFormat

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECONDS_BELOW: Final = 10**11  # Unix: less is seconds, more is milliseconds
_MINUTE: Final = 60
_CENTURY_TURNS: Final = 69  # of two digits: 69 to 99 are 19xx, as Go and POSIX have it

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        start=1,
    )
}
_ZONES: Final = {
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}
_CLOCK: Final = r"(?P<hour>\d\d):(?P<minute>\d\d)"
_SECOND: Final = r":(?P<second>\d\d)"
_ZONE: Final = r"(?P<zone>[A-Za-z]+|[+-]\d\d:?\d\d)"
_TEXTS: Final = {
    EventTimeFormat.RFC822: re.compile(
        rf"(?:[A-Za-z]{{3}}, )?(?P<day>\d\d?) (?P<month>[A-Za-z]{{3}}) (?P<year>\d\d|\d{{4}}) "
        rf"{_CLOCK}(?:{_SECOND})? {_ZONE}"
    ),
    EventTimeFormat.RFC850: re.compile(
        rf"[A-Za-z]+, (?P<day>\d\d)-(?P<month>[A-Za-z]{{3}})-(?P<year>\d\d) "
        rf"{_CLOCK}{_SECOND} {_ZONE}"
    ),
    EventTimeFormat.RFC1123: re.compile(
        rf"[A-Za-z]{{3}}, (?P<day>\d\d?) (?P<month>[A-Za-z]{{3}}) (?P<year>\d{{4}}) "
        rf"{_CLOCK}{_SECOND} {_ZONE}"
    ),
    EventTimeFormat.RFC3339: re.compile(
        rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)[Tt ]{_CLOCK}{_SECOND}(?:\.\d+)?"
        r"(?P<zone>[Zz]|[+-]\d\d:\d\d)"
    ),
}


@lru_cache(maxsize=65536, typed=True)  # True is no 1, nor is 1.0
def event_minute(time_format: int, value: Any) -> int | None:
    """The minute since 1970 of an event time; None if the value is not of the format.

    Text for the RFC formats, a number for Unix: of seconds, or of milliseconds from 10^11 on.
    """
    if time_format == EventTimeFormat.Unix:
        if type(value) is not int:
            return None
        seconds = value if abs(value) < _SECONDS_BELOW else value // 1000
    else:
        pattern = _TEXTS.get(EventTimeFormat(time_format)) if _known(time_format) else None
        found = pattern.fullmatch(value) if pattern and isinstance(value, str) else None
        time = _time(found.groupdict()) if found else None
        if time is None:
            return None
        seconds = (time - _EPOCH) // timedelta(seconds=1)
    minute = seconds // _MINUTE
    return minute if _moment(minute) else None


def folder_of(prefix: str) -> Callable[[int], str]:
    """Make what gives the folder below the bucket for a minute since 1970; no slash at its end."""
    bare = prefix.rstrip("/")

    @lru_cache(maxsize=65536)
    def folder(minute: int) -> str:
        time = _moment(minute)
        if time is None:
            raise ValueError(f"There is no date for the minute {minute}")
        filled = bare
        for variable, text in (
            ("$yyyy", f"{time.year:04}"),
            ("$MM", f"{time.month:02}"),
            ("$dd", f"{time.day:02}"),
            ("$HH", f"{time.hour:02}"),
            ("$mm", f"{time.minute:02}"),
        ):
            filled = filled.replace(variable, text)
        return filled

    return folder


def object_name(task: str, folder: str, sequence: int) -> str:
    """An object's name in its folder (documented); the concurrency is always 0 (assumed)."""
    return f"{task}_0_{folder.replace('/', '_')}__{sequence}"


def _known(time_format: int) -> bool:
    return time_format in EventTimeFormat._value2member_map_


def _moment(minute: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(minutes=minute)
    except OverflowError:
        return None


def _time(parts: dict[str, str | None]) -> datetime | None:
    year, month = int(parts["year"] or 0), (parts["month"] or "").lower()
    if len(parts["year"] or "") == 2:  # noqa: PLR2004 - digits
        year += 1900 if year >= _CENTURY_TURNS else 2000
    zone = _offset((parts["zone"] or "").lower())
    second = min(int(parts["second"] or 0), 59)  # a leap second belongs to the minute it ends
    number = int(month) if month.isdigit() else _MONTHS.get(month, 0)
    if zone is None:
        return None
    try:
        return datetime(
            year, number, int(parts["day"] or 0), int(parts["hour"] or 0),
            int(parts["minute"] or 0), second, tzinfo=timezone(zone),
        )  # fmt: skip
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timedelta | None:
    if zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        if offset >= timedelta(days=1) or minutes >= _MINUTE:
            return None
        return -offset if zone[0] == "-" else offset
    return timedelta(hours=_ZONES[zone]) if zone in _ZONES else None
