"""Parse event times: whether a value is one of a format, and which minute it is in.

The formats' names are documented, and Go's `time` package has layouts of the same names. It is
assumed that the service parses event times as Go does. So a format is a layout here, and a value
is parsed by it as Go does: one part after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Final

UNIX: Final = "Unix"
LONGEST_TEXT: Final = 64
"""The longest text that is parsed, in characters. No usual event time is longer."""

_MILLISECONDS: Final = 10**11
"""From this number on, a Unix time in seconds is after the year 5138, and one in milliseconds is
after March 1973."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)

_SHORT_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_DAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip

_LEAP_YEAR: Final = 4  # Go has a year 0, and `datetime` does not; both are leap years
_TURN_OF_CENTURY: Final = 69  # from this number on, two digits mean 19xx
_LARGEST_ZONE: Final = 23  # hours
_LARGEST_OFFSET: Final = (24, 60)  # hours and minutes; Go's own limits
_DIGITS: Final = re.compile("[0-9]+")
_FRACTION: Final = re.compile("[.,][0-9]+")
_UPPER: Final = re.compile("[A-Z]{0,6}")


def is_event_time(time_format: str, value: object) -> bool:
    """Return whether a value of a table is a time in this format.

    Args:
        time_format: RFC822, RFC850, RFC1123, RFC3339 or Unix.
        value: An integer for Unix, text for the other formats.
    """
    if time_format == UNIX:
        return type(value) is int
    return _read(time_format, value) is not None


def event_minute(time_format: str, value: object) -> int | None:
    """Return an event time in minutes since 1970, in UTC; None if the value is not one.

    A Unix time that looks like milliseconds is read as milliseconds (assumed). A time outside the
    years 1 to 9999 does not have a folder, so the result is None.

    Args:
        time_format: RFC822, RFC850, RFC1123, RFC3339 or Unix.
        value: An integer for Unix, text for the other formats.
    """
    try:
        if time_format == UNIX:
            if type(value) is not int:
                return None
            seconds = value // 1000 if looks_like_milliseconds(value) else value
            moment = _EPOCH + timedelta(minutes=seconds // 60)
        else:
            reader = _read(time_format, value)
            if reader is None:
                return None
            moment = reader.moment()
    except (ValueError, OverflowError):
        return None
    return (moment - _EPOCH) // timedelta(minutes=1)


def table_type_of(time_format: str) -> str | None:
    """Return the type of a table's column with such times (assumed); None for another format."""
    if time_format == UNIX:
        return "INTEGER"
    return "STRING" if time_format in _LAYOUTS else None


def _read(time_format: str, value: object) -> _Reader | None:
    """Parse the text; return the reader that holds the time, or None if it is not a time."""
    layout = _LAYOUTS.get(time_format)
    if layout is None or not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return None
    reader = _Reader(value)
    try:
        for part in layout:
            part(reader)
        reader.end()
    except _NotATimeError:
        return None
    return reader


def looks_like_milliseconds(value: object) -> bool:
    """Return whether an integer is too large to be a Unix time in seconds."""
    return type(value) is int and abs(value) >= _MILLISECONDS


class _NotATimeError(ValueError):
    """The text does not have the format."""


class _Reader:
    """Parses the parts of a time in a text, from left to right.

    Attributes:
        rest: The text that is not read yet.
    """

    def __init__(self, text: str) -> None:
        self.rest = text
        self._year = 0
        self._month = 0
        self._day = 0
        self._hour = 0
        self._minute = 0
        self._offset = timedelta()

    def moment(self) -> datetime:
        """Return the time in UTC, to the minute.

        Raises:
            ValueError, OverflowError: The time is outside the years 1 to 9999.
        """
        local = datetime(
            self._year, self._month, self._day, self._hour, self._minute, tzinfo=timezone.utc
        )
        return local - self._offset

    def end(self) -> None:
        """Require the end of the text, and a day that exists in the month."""
        if self.rest:
            raise _NotATimeError
        try:
            date(self._year or _LEAP_YEAR, self._month, self._day)
        except ValueError:
            raise _NotATimeError from None

    def take(self, count: int) -> str:
        """Take the next characters."""
        if len(self.rest) < count:
            raise _NotATimeError
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def number(self, largest: int, smallest: int = 0, shortest: int = 2) -> int:
        """Read a number of two digits, or of one digit if `shortest` allows it."""
        digits = _DIGITS.match(self.rest[:2])
        if digits is None or len(digits[0]) < shortest:
            raise _NotATimeError
        value = int(self.take(len(digits[0])))
        if not smallest <= value <= largest:
            raise _NotATimeError
        return value

    def literal(self, text: str) -> None:
        """Read a separator. A space in it matches one or more spaces."""
        for character in text:
            if character == " ":
                if self.rest and self.rest[0] != " ":
                    raise _NotATimeError
                self.rest = self.rest.lstrip(" ")
            elif self.take(1) != character:
                raise _NotATimeError

    def name(self, names: tuple[str, ...]) -> int:
        """Read a name in upper or lower case. Return its position, counted from 1."""
        for number, name in enumerate(names, start=1):
            start = self.rest[: len(name)]
            if start.isascii() and start.lower() == name:
                self.take(len(name))
                return number
        raise _NotATimeError

    def year(self) -> None:
        digits = self.take(4)
        if not _DIGITS.fullmatch(digits):
            raise _NotATimeError
        self._year = int(digits)

    def short_year(self) -> None:
        digits = self.take(2)
        if not re.fullmatch("[0-9]{2}|[+-][0-9]", digits):
            raise _NotATimeError
        year = int(digits)
        self._year = year + (1900 if year >= _TURN_OF_CENTURY else 2000)

    def month_name(self) -> None:
        self._month = self.name(_MONTHS)

    def month(self) -> None:
        self._month = self.number(12, smallest=1)

    def day(self) -> None:
        self._day = self.number(99)  # `end` compares it with the month

    def hour(self) -> None:
        self._hour = self.number(23, shortest=1)

    def minute(self) -> None:
        self._minute = self.number(59)

    def second(self) -> None:
        self.number(59)
        if fraction := _FRACTION.match(self.rest):
            self.take(len(fraction[0]))

    def zone(self) -> None:
        """Read a zone's name. `GMT` may have hours behind it; hours alone are a zone too.

        The time stays as it is written: Go does not know the offset of a zone's name, and it does
        not apply the hours of `GMT+8` and `+08`.
        """
        if self.rest.startswith("UTC"):
            self.take(3)
        elif len(self.rest) < 3:  # noqa: PLR2004 - the shortest zone
            raise _NotATimeError
        elif self.rest.startswith(("ChST", "MeST")):
            self.take(4)
        elif self.rest.startswith("GMT"):
            self.take(3)
            self._signed_hours()
        elif self.rest[0] in "+-":
            if not self._signed_hours():
                raise _NotATimeError
        else:
            self._zone_name()

    def _zone_name(self) -> None:
        letters = _UPPER.match(self.rest)
        name = letters[0] if letters else ""
        if len(name) == 3 or name == "WITA" or (len(name) in {4, 5} and name[-1] == "T"):  # noqa: PLR2004 - letters
            self.take(len(name))
        else:
            raise _NotATimeError

    def _signed_hours(self) -> bool:
        """Read a sign and hours; return whether they are there and in range."""
        digits = _DIGITS.match(self.rest, 1) if self.rest[:1] in {"+", "-"} else None
        if digits is None or int(digits[0]) > _LARGEST_ZONE:
            return False
        self.take(1 + len(digits[0]))
        return True

    def offset(self) -> None:
        if self.rest.startswith("Z"):
            self.take(1)
            return
        sign = self.take(1)
        if sign not in {"+", "-"}:
            raise _NotATimeError
        most_hours, most_minutes = _LARGEST_OFFSET
        hours = self.number(most_hours)
        self.literal(":")
        self._offset = timedelta(hours=hours, minutes=self.number(most_minutes))
        if sign == "-":
            self._offset = -self._offset


_Part = Callable[[_Reader], None]


def _text(text: str) -> _Part:
    return lambda reader: reader.literal(text)


def _weekday(names: tuple[str, ...]) -> _Part:
    def read(reader: _Reader) -> None:
        reader.name(names)

    return read


_SPACE: Final = _text(" ")
_COLON: Final = _text(":")
_DASH: Final = _text("-")
_CLOCK: Final = (_Reader.hour, _COLON, _Reader.minute)
_FULL_CLOCK: Final = (*_CLOCK, _COLON, _Reader.second)

_LAYOUTS: Final[dict[str, tuple[_Part, ...]]] = {
    "RFC822": (
        _Reader.day, _SPACE, _Reader.month_name, _SPACE, _Reader.short_year, _SPACE,
        *_CLOCK, _SPACE, _Reader.zone,
    ),
    "RFC850": (
        _weekday(_LONG_DAYS), _text(", "), _Reader.day, _DASH, _Reader.month_name, _DASH,
        _Reader.short_year, _SPACE, *_FULL_CLOCK, _SPACE, _Reader.zone,
    ),
    "RFC1123": (
        _weekday(_SHORT_DAYS), _text(", "), _Reader.day, _SPACE, _Reader.month_name, _SPACE,
        _Reader.year, _SPACE, *_FULL_CLOCK, _SPACE, _Reader.zone,
    ),
    "RFC3339": (
        _Reader.year, _DASH, _Reader.month, _DASH, _Reader.day, _text("T"),
        *_FULL_CLOCK, _Reader.offset,
    ),
}  # fmt: skip

FORMATS: Final = (*_LAYOUTS, UNIX)
"""The names of all formats."""
