"""Rows of one task that are not in a file yet, as columns in memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pulumi_tablestore_delivery.emulator.delivery.event_times import event_minute
from pulumi_tablestore_delivery.emulator.delivery.parquet import Dirty, Layout, reader
from pulumi_tablestore_delivery.emulator.delivery.partitions import folder_of
from pulumi_tablestore_delivery.wire.delivery_pb2 import OSSTaskConfig

_NANOSECONDS_PER_MINUTE: Final = 60 * 1_000_000_000


class Plan:
    """The mapping of a task's rows to folders and columns."""

    def __init__(self, config: OSSTaskConfig, key: list[str]) -> None:
        """Read the task's configuration.

        Args:
            config: The configuration.
            key: The names of the table's key columns.
        """
        self.layout = Layout(config, key)
        self.folder = folder_of(config.ossPrefix)
        self.dirty_folder = folder_of(config.ossDirtyPrefix) if config.ossDirtyPrefix else None
        self._event: Callable[[list[Any]], Any] | None = None
        if config.HasField("eventTimeColumn"):
            self._event = reader(config.eventTimeColumn.columnName, key)
            self._event_name = config.eventTimeColumn.columnName
            self._event_format = config.eventTimeColumn.timeFormat

    def minute(self, row: list[Any], written: int, dirty: Callable[[Dirty], None]) -> int:
        """Return the minute since 1970 that a row belongs to.

        If the row does not have a valid event time, it is the minute of the write (assumed).
        `written` is in nanoseconds. An invalid event time is a dirty value.
        """
        if self._event is not None:
            value = self._event(row)
            minute = None if isinstance(value, dict) else event_minute(self._event_format, value)
            if minute is not None:
                return minute
            reason = "the row has no event time" if value is None else "is not an event time"
            dirty(Dirty(row[0], self._event_name, value, reason))
        return written // _NANOSECONDS_PER_MINUTE


@dataclass
class Buffer:
    """Rows that were read and are not in a file yet.

    Attributes:
        plan: The mapping to folders and columns.
        since: The time of the first row, in nanoseconds since 1970.
        size: The approximate size of the rows in bytes.
        count: The number of rows.
        discards: The number of discarded values by column and reason.
        dirty_lines: The lines for the dirty prefix, by folder.
    """

    plan: Plan
    since: int
    size: int = 0
    count: int = 0
    discards: Counter[tuple[str, str]] = field(default_factory=Counter)
    dirty_lines: dict[str, list[str]] = field(default_factory=dict)
    _batches: list[pa.RecordBatch] = field(default_factory=list)
    _folder_numbers: array[int] = field(default_factory=lambda: array("q"))
    _folders: dict[str, int] = field(default_factory=dict)

    def add(self, rows: list[list[Any]], written: list[int], size: int) -> None:
        """Add rows, each with the time of its write in nanoseconds since 1970."""
        minutes = []
        for row, time in zip(rows, written, strict=True):
            wrong: list[Dirty] = []
            minutes.append(self.plan.minute(row, time, wrong.append))
            for each in wrong:
                self._discard(minutes[-1], each)
        self._batches.append(
            self.plan.layout.batch(rows, lambda index, each: self._discard(minutes[index], each))
        )
        for minute in minutes:
            folder = self.plan.folder(minute)
            self._folder_numbers.append(self._folders.setdefault(folder, len(self._folders)))
        self.count += len(rows)
        self.size += size

    def files(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield each folder with its rows in order."""
        table = pa.Table.from_batches(self._batches, self.plan.layout.schema)
        if len(self._folders) == 1:
            yield next(iter(self._folders)), table
            return
        numbers = pa.Array.from_buffers(
            pa.int64(), len(self._folder_numbers), [None, pa.py_buffer(self._folder_numbers)]
        )
        order = pc.sort_indices(numbers)  # stable
        counts = Counter(self._folder_numbers)
        start = 0
        for folder, number in self._folders.items():
            yield folder, table.take(order.slice(start, counts[number]))
            start += counts[number]

    def _discard(self, minute: int, each: Dirty) -> None:
        self.discards[each.column, each.reason] += 1
        if self.plan.dirty_folder:
            line = each.line()
            self.dirty_lines.setdefault(self.plan.dirty_folder(minute), []).append(line)
            self.size += len(line)
