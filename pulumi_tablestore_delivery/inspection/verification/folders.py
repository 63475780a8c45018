"""Find the folders that can hold a row.

A folder's time is the row's event time, or else the time the row was written. The documentation
does not name the time zone of the folders. We assume UTC. A row in the folder of UTC+8, the time of
the service's regions, is also found, and reported as being in an unexpected folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from pulumi_tablestore_delivery.spec import event_times
from pulumi_tablestore_delivery.spec.model import EventTimeColumn
from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES, fill

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MINUTE: Final = 60_000  # milliseconds
_CHINA_MINUTES: Final = 8 * 60
_CACHED: Final = 1 << 16
_VARIABLE: Final = re.compile("|".join(re.escape(name) for name in PREFIX_VARIABLES))


class EventTime(Enum):
    """The kinds of event times."""

    FINE = "fine"
    MISSING = "missing"
    UNPARSABLE = "unparsable"


@dataclass(frozen=True)
class Placement:
    """The folders that can hold a row.

    Attributes:
        folder: The folder in UTC, with a slash at the end; empty if the time is unknown.
        other: The folder in UTC+8; the same as `folder` if both agree.
        event_time: The kind of the row's event time.
    """

    folder: str
    other: str
    event_time: EventTime


class Folders:
    """The folders of a task.

    Args:
        prefix: The task's prefix.
        event: The column of the event time; None if the time of the write is used.

    Attributes:
        has_variables: Whether a row's folder depends on its time.
    """

    def __init__(self, prefix: str, event: EventTimeColumn | None) -> None:
        self._template = prefix.rstrip("/") + "/"
        self._event = event
        self.has_variables = _VARIABLE.search(self._template) is not None
        self._at = lru_cache(_CACHED)(self._folders_at)
        self._pattern = re.compile(
            "".join(
                "[0-9]+" if part in PREFIX_VARIABLES else re.escape(part)
                for part in re.split(f"({_VARIABLE.pattern})", self._template)
                if part
            )
        )

    @property
    def root(self) -> str:
        """The beginning that all folders share."""
        return _VARIABLE.split(self._template, maxsplit=1)[0]

    def is_folder(self, folder: str) -> bool:
        """Return whether a folder is one of the task's."""
        return self._pattern.fullmatch(folder) is not None

    def needs_write_time(self, event_value: Any) -> bool:
        """Return whether a row's folder depends on the time it was written.

        Args:
            event_value: The value of its event-time column; None without one.
        """
        return self.has_variables and self._event_minute(event_value) is None

    def locate(self, event_value: Any, written: int | None) -> Placement:
        """Return the folders that can hold a row.

        Args:
            event_value: The value of its event-time column; None without one.
            written: When it was written, in milliseconds since 1970; None if that is unknown.
        """
        minute, event_time = self._event_minute(event_value), EventTime.FINE
        if self._event is not None and minute is None:
            event_time = EventTime.MISSING if event_value is None else EventTime.UNPARSABLE
        if minute is None and written is not None:
            minute = written // _MINUTE
        if not self.has_variables:
            return Placement(self._template, self._template, event_time)
        if minute is None:
            return Placement("", "", event_time)
        return Placement(*self._at(minute), event_time)

    def _event_minute(self, value: Any) -> int | None:
        return None if self._event is None else event_times.event_minute(self._event.format, value)

    def _folders_at(self, minute: int) -> tuple[str, str]:
        return self._filled(minute), self._filled(minute + _CHINA_MINUTES)

    def _filled(self, minute: int) -> str:
        try:
            return fill(self._template, _EPOCH + timedelta(minutes=minute))
        except OverflowError:
            return ""
