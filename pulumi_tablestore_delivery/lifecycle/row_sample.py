"""A sample of a table's rows as counts. No value is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.spec import event_times
from pulumi_tablestore_delivery.spec.surroundings import ColumnSample, RowSample
from pulumi_tablestore_delivery.wire.plainbuffer import TYPE_NAMES, Row

_WHOLE_ROWS: Final = 5
_MOST_COLUMNS: Final = 128
"""The most columns that a request names (assumed). For more columns, whole rows are read."""


def sample_rows(
    client: TablestoreClient, table: str, keys: Sequence[str], columns: Sequence[str], count: int
) -> RowSample:
    """Read one page of rows at each end of a table.

    If a column is in none of these rows, read a few whole rows for the names of other columns.

    Args:
        client: The instance's client.
        table: The table.
        keys: Its primary key columns, in order.
        columns: The columns to sample.
        count: The most rows to read at each end.

    Raises:
        CallError: The table could not be read.
    """
    wanted = list(dict.fromkeys([*keys, *columns]))
    asked = wanted if len(wanted) <= _MOST_COLUMNS else []
    page = client.get_range(table, keys, count, asked)
    rows = {_key(row): row for row in page.rows}
    if not page.is_last:
        last = client.get_range(table, keys, count, asked, is_backward=True)
        rows |= {_key(row): row for row in last.rows}
    tallies = {name: _Tally() for name in wanted}
    for row in rows.values():
        for name, value in _cells(row):
            if name in tallies:
                tallies[name].add(value)
    samples = {name: tally.sample() for name, tally in tallies.items()}
    names: tuple[str, ...] = ()
    if rows and not all(sample.count for sample in samples.values()):
        whole_rows = client.get_range(table, keys, _WHOLE_ROWS) if asked else page
        names = _column_names(whole_rows.rows[:_WHOLE_ROWS])
    return RowSample(len(rows), samples, names)


class _Tally:
    """Counts a column's values."""

    def __init__(self) -> None:
        self._types: Counter[str] = Counter()
        self._event_times: Counter[str] = Counter()
        self._milliseconds = 0

    def add(self, value: Any) -> None:
        kind = TYPE_NAMES.get(type(value))
        if kind is None:
            return
        self._types[kind] += 1
        self._milliseconds += event_times.looks_like_milliseconds(value)
        if _may_be_time(value):
            self._event_times.update(
                name for name in event_times.FORMATS if event_times.is_event_time(name, value)
            )

    def sample(self) -> ColumnSample:
        return ColumnSample(dict(self._types), dict(self._event_times), self._milliseconds)


def _may_be_time(value: Any) -> bool:
    """Return whether a text can be a time. Every format of text has a colon."""
    if isinstance(value, str):
        return len(value) <= event_times.LONGEST_TEXT and ":" in value
    return type(value) is int


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(value for _, value in row.key)


def _cells(row: Row) -> Iterable[tuple[str, Any]]:
    yield from row.key
    for cell in row.cells:
        yield cell.name, cell.value


def _column_names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name, _ in _cells(row)))
