"""The plan of an external table, from which each dialect makes its SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pulumi_tablestore_delivery.spec.prefixes import Layout, Partition, fill


@dataclass(frozen=True)
class TableColumn:
    """A column of an external table: its name and its type."""

    name: str
    type: str


@dataclass(frozen=True)
class TablePlan:
    """An external table.

    Attributes:
        database: Its database; None for the session's.
        name: Its name.
        columns: Its columns, in the files' order.
        partitions: The partition columns, outermost first.
        layout: The folders of the files.
        bucket: The URL of the bucket, with a slash at the end.
        account: The id of the account that the task's role belongs to; empty if it is not known.
        is_discoverable: Whether the engine finds the partitions by the names of the folders.
        has_numbers: Whether partition columns are numbers.
        time: The time in the example of a partition.
    """

    database: str | None
    name: str
    columns: tuple[TableColumn, ...]
    partitions: tuple[TableColumn, ...]
    layout: Layout
    bucket: str
    account: str
    is_discoverable: bool
    has_numbers: bool
    time: datetime

    @property
    def location(self) -> str:
        """The URL of the folders above the partitions."""
        return self.bucket + self.layout.location

    @property
    def example_values(self) -> Mapping[str, str]:
        """The partition of the example: its columns, each with its value."""
        return {each.column: self._value(each) for each in self.layout.partitions}

    @property
    def example_location(self) -> str:
        """The URL of the example's partition."""
        return self.bucket + fill(self.layout.folder, self.time)

    def _value(self, partition: Partition) -> str:
        value = fill(partition.value, self.time)
        return str(int(value)) if self.has_numbers else value
