"""Tell which folders can hold a row.

A folder's time is the row's event time, or else the time the row was written. The documentation
does not name the folders' time zone. UTC is assumed; UTC+8, the time of the service's regions, is
looked at too, so a row there is found, and reported as being in an unexpected folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any, Final

from pulumi_tablestore_delivery.spec import event_times
from pulumi_tablestore_delivery.spec.model import EventTimeColumn
from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES, fill

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MINUTE: Final = 60_000  # milliseconds
_CHINA_MINUTES: Final = 8 * 60
_VARIABLE: Final = re.compile("|".join(re.escape(name) for name in PREFIX_VARIABLES))


class EventTime(Enum):
    """What a row's event time is."""

    FINE = "fine"
    MISSING = "missing"
    UNPARSABLE = "unparsable"


@dataclass(frozen=True)
class Placement:
    """Where a row can be.

    Attributes:
        folder: The folder in UTC, with a slash at the end; empty if the time is unknown.
        other: The folder in UTC+8; the same as `folder` where both agree.
        event_time: What the row's event time is.
    """

    folder: str
    other: str
    event_time: EventTime


class Folders:
    """The folders of a task.

    Args:
        prefix: The task's prefix.
        event: The column that holds a row's time; None for the time of the write.
    """

    def __init__(self, prefix: str, event: EventTimeColumn | None) -> None:
        self._template = prefix.rstrip("/") + "/"
        self._event = event
        self._cache: dict[int, tuple[str, str]] = {}
        self._pattern = re.compile(
            "".join(
                r"\d+" if part in PREFIX_VARIABLES else re.escape(part)
                for part in re.split(f"({_VARIABLE.pattern})", self._template)
                if part
            )
        )

    @property
    def root(self) -> str:
        """The beginning that all folders share."""
        return _VARIABLE.split(self._template, maxsplit=1)[0]

    @property
    def has_variables(self) -> bool:
        """Whether a row's folder depends on its time."""
        return _VARIABLE.search(self._template) is not None

    @property
    def needs_write_time(self) -> bool:
        """Whether the folder of every row depends on when the row was written."""
        return self.has_variables and self._event is None

    def is_folder(self, folder: str) -> bool:
        """Return whether a folder is one of the task's."""
        return self._pattern.fullmatch(folder) is not None

    def place(self, event_value: Any, written: int | None) -> Placement:
        """Tell where a row is.

        Args:
            event_value: The value of its event-time column; None without one.
            written: When it was written, in milliseconds since 1970; None if that is unknown.
        """
        minute, event_time = None, EventTime.FINE
        if self._event is not None:
            minute = event_times.event_minute(self._event.format, event_value)
            if event_value is None:
                event_time = EventTime.MISSING
            elif minute is None:
                event_time = EventTime.UNPARSABLE
        if minute is None and written is not None:
            minute = written // _MINUTE
        if not self.has_variables:
            return Placement(self._template, self._template, event_time)
        if minute is None:
            return Placement("", "", event_time)
        if minute not in self._cache:
            if len(self._cache) >= 1 << 16:
                self._cache.clear()
            self._cache[minute] = (self._at(minute), self._at(minute + _CHINA_MINUTES))
        return Placement(*self._cache[minute], event_time)

    def _at(self, minute: int) -> str:
        try:
            return fill(self._template, _EPOCH + timedelta(minutes=minute))
        except OverflowError:
            return ""
