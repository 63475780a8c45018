"""Turn a row of a table into what its delivery should be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_tablestore_delivery.inspection.verification.columns import Column, Plain, compact
from pulumi_tablestore_delivery.inspection.verification.comparison import ExpectedRow
from pulumi_tablestore_delivery.inspection.verification.folders import EventTime, Folders
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.wire.plainbuffer import Row

_MOST_COLUMNS: Final = 128
"""Columns that a request names at most (assumed); beyond that, whole rows are read."""
_UNKNOWN: Final = -1


class Expectations:
    """What the delivery of a task's rows should be.

    Args:
        spec: The task.
        columns: The columns that are compared.
        with_keys: Whether to keep each row's key for examples.

    Attributes:
        folders: The folders that the rows belong to, each with its number.
        event_times: How many rows have each kind of event time.
        has_unplaced: Whether there are rows whose folder is not known.
    """

    def __init__(
        self, spec: DeliveryTaskSpec, columns: Sequence[Column], *, with_keys: bool
    ) -> None:
        self._columns = columns
        self._with_keys = with_keys
        self._event = spec.event_time_column.column if spec.event_time_column else ""
        self.task_folders = Folders(spec.oss_prefix, spec.event_time_column)
        self.folders: dict[str, int] = {}
        self.event_times = dict.fromkeys(EventTime, 0)
        self.has_unplaced = False

    def columns_to_read(self, keys: Sequence[str]) -> list[str]:
        """Return the columns of a table that are needed; empty for all of them."""
        if self.task_folders.needs_write_time:
            return []  # an update of any column puts the row into another folder
        names = [*keys, *(column.source for column in self._columns), self._event]
        wanted = list(dict.fromkeys(filter(None, names)))
        return wanted if len(wanted) <= _MOST_COLUMNS else []

    def of(self, row: Row) -> ExpectedRow:
        """Return what the delivery of a row should be."""
        cells: dict[str, Any] = dict(row.key)
        written = _UNKNOWN
        for cell in row.cells:
            cells.setdefault(cell.name, cell.value)  # the newest version comes first
            written = max(written, _UNKNOWN if cell.timestamp is None else cell.timestamp)
        values, dirty = self._values(cells)
        return ExpectedRow(
            values=values,
            dirty=json.dumps(dirty, ensure_ascii=False) if dirty else "",
            key=_key(row) if self._with_keys else "",
            written=written,
            folder=self._folder(cells.get(self._event), written),
        )

    def _values(
        self, cells: Mapping[str, Any]
    ) -> tuple[tuple[Plain, ...], dict[int, tuple[str, Any]]]:
        values: list[Plain] = []
        dirty = {}
        for place, column in enumerate(self._columns):
            value = cells.get(column.source)
            kind = "" if value is None else column.dirty_type(value)
            values.append(None if value is None or kind else column.expected(value))
            if kind:
                dirty[place] = (kind, _short(value))
        return tuple(values), dirty

    def _folder(self, event_value: Any, written: int) -> int:
        placement = self.task_folders.place(event_value, written if written >= 0 else None)
        self.event_times[placement.event_time] += 1
        if not placement.folder:
            self.has_unplaced = True
            return _UNKNOWN
        if placement.other:
            self.number(placement.other)
        return self.number(placement.folder)

    def number(self, folder: str) -> int:
        """Add a folder to `folders` if it is not there, and return its number."""
        return self.folders.setdefault(folder, len(self.folders))


def _key(row: Row) -> str:
    return json.dumps([_short(value) for _, value in row.key], ensure_ascii=False)


def _short(value: Any) -> Any:
    """Return a value for JSON, short."""
    if isinstance(value, bytes):
        return compact(value.hex())
    return compact(value) if isinstance(value, str) else value
