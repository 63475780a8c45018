"""Turn a row of a table into its expected delivery."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_tablestore_delivery.inspection.verification.columns import Column, Plain, compact
from pulumi_tablestore_delivery.inspection.verification.comparison import UNKNOWN, ExpectedRow
from pulumi_tablestore_delivery.inspection.verification.folders import EventTime, Folders
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.wire.plainbuffer import Row

_MOST_COLUMNS: Final = 128
"""The most columns that a request names (assumed). For more columns, whole rows are read."""


class Expectations:
    """The expected delivery of a table's rows.

    Args:
        spec: The task.
        columns: The columns that are compared.
        with_keys: Whether to keep each row's key for examples.

    Attributes:
        task_folders: The folders of the task.
        folders: The folders that the rows belong to, each with its number.
        event_times: The number of rows with each kind of event time.
        has_unknown_folders: Whether the folder of a row is not known.
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
        self.has_unknown_folders = False

    def columns_to_read(self, keys: Sequence[str]) -> list[str]:
        """Return the columns of a table that most rows need; empty for all of them."""
        if not self._event and self.task_folders.has_variables:
            return []  # see `needs_all_columns`
        names = [*keys, *(column.source for column in self._columns), self._event]
        wanted = list(dict.fromkeys(filter(None, names)))
        return wanted if len(wanted) <= _MOST_COLUMNS else []

    def needs_all_columns(self, row: Row) -> bool:
        """Return whether all columns of a row are needed.

        If the folder depends on the time of the write, an update of any column moves the row to
        another folder.
        """
        cells = dict(row.key) | {cell.name: cell.value for cell in row.cells}
        return self.task_folders.needs_write_time(cells.get(self._event))

    def of(self, row: Row) -> ExpectedRow:
        """Return the expected delivery of a row."""
        cells: dict[str, Any] = dict(row.key)
        written = UNKNOWN
        for cell in row.cells:
            cells.setdefault(cell.name, cell.value)  # the newest version comes first
            written = max(written, UNKNOWN if cell.timestamp is None else cell.timestamp)
        values, dirty = self._values(cells)
        folder, other = self._folders(cells.get(self._event), written)
        return ExpectedRow(
            values=values,
            dirty=json.dumps(dirty, ensure_ascii=False) if dirty else "",
            key=_key(row) if self._with_keys else "",
            written=written,
            folder=folder,
            other=other,
        )

    def _values(
        self, cells: Mapping[str, Any]
    ) -> tuple[tuple[Plain, ...], dict[int, tuple[str, Any]]]:
        values: list[Plain] = []
        dirty = {}
        for index, column in enumerate(self._columns):
            value = cells.get(column.source)
            kind = "" if value is None else column.dirty_type(value)
            values.append(None if value is None or kind else column.expected(value))
            if kind:
                dirty[index] = (kind, _short(value))
        return tuple(values), dirty

    def _folders(self, event_value: Any, written: int) -> tuple[int, int]:
        """Return the numbers of a row's folder in UTC and of its folder in UTC+8."""
        placement = self.task_folders.locate(event_value, written if written >= 0 else None)
        self.event_times[placement.event_time] += 1
        if not placement.folder:
            self.has_unknown_folders = True
            return UNKNOWN, UNKNOWN
        other = self.number(placement.other) if placement.other else UNKNOWN
        return self.number(placement.folder), other

    def number(self, folder: str) -> int:
        """Return the number of a folder. Add the folder to `folders` if it is not there."""
        return self.folders.setdefault(folder, len(self.folders))


def _key(row: Row) -> str:
    return json.dumps([_short(value) for _, value in row.key], ensure_ascii=False)


def _short(value: Any) -> Any:
    """Return a value for JSON, short."""
    if isinstance(value, bytes):
        return compact(value.hex())
    return compact(value) if isinstance(value, str) else value
