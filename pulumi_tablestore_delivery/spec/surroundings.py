"""The surroundings of a task that rules may use: its table, its rows and other tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class TableColumns:
    """The columns of a table with a declared type; other columns may hold any type.

    Attributes:
        keys: Primary key columns: name to INTEGER, STRING or BINARY.
        defined: Defined columns: name to INTEGER, DOUBLE, BOOLEAN, STRING or BINARY.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    defined: Mapping[str, str] = field(default_factory=dict)

    @property
    def types(self) -> Mapping[str, str]:
        """The types of all these columns."""
        return {**self.keys, **self.defined}


@dataclass(frozen=True)
class ColumnSample:
    """Counts of a column's sampled values. The values themselves are not kept.

    Attributes:
        types: Values by type: INTEGER, DOUBLE, BOOLEAN, STRING or BINARY.
        event_times: Values by the event-time format that they have.
        milliseconds: Integers that are too large to be Unix times in seconds.
    """

    types: Mapping[str, int] = field(default_factory=dict)
    event_times: Mapping[str, int] = field(default_factory=dict)
    milliseconds: int = 0

    @property
    def count(self) -> int:
        """How many of the sampled rows have the column."""
        return sum(self.types.values())


@dataclass(frozen=True)
class RowSample:
    """Rows from both ends of a table, as counts.

    Attributes:
        count: How many rows were sampled.
        columns: The columns that were asked for; one without values is in no sampled row.
        names: Other columns of the table, for suggestions.
    """

    count: int = 0
    columns: Mapping[str, ColumnSample] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Destination:
    """The folder that a task writes to.

    Attributes:
        resource: The resource's name in the program; the task's id if it is not the program's.
        bucket: The bucket.
        prefix: The folder in it.
    """

    resource: str
    bucket: str
    prefix: str

    @property
    def location(self) -> str:
        """The folder as `oss://<bucket>/<prefix>`."""
        return f"oss://{self.bucket}/{self.prefix}"

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders of the prefix."""
        return tuple(self.prefix.strip("/").split("/"))


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of a task, beside its inputs.

    Attributes:
        region: The instance's region; empty if it is unknown.
        endpoint: The URL of the instance.
        endpoint_origin: The setting that has it; empty if the task itself has it.
        stack: The stack's name; empty outside a stack.
        allowed_buckets: Patterns of the buckets that the stack may write to; any if empty.
        neighbors: Destinations of the stack's other tasks in its folder, inside it or around it.
        existing_name: The name that the task already has; no rule applies to it.
        table: The table's columns; empty if the table was not described.
        is_unchanged: Whether the task exists and is neither created nor replaced. Rules with
            `only_for_new` then warn.
        rows: A sample of the table's rows; empty if none were read.
        secret_prefixes: The inputs `oss_prefix` and `oss_dirty_prefix` that are secrets. Messages
            about them do not quote a part of them, nor a corrected prefix.
        foreign: The folders of the table's tasks that are not the stack's.
        gap: The task whose replacement, of mode INC, is created after the task is deleted. Empty
            if there is none, or if the service does not have the task.
    """

    region: str = ""
    endpoint: str = ""
    endpoint_origin: str = ""
    stack: str = ""
    allowed_buckets: tuple[str, ...] = ()
    neighbors: tuple[Destination, ...] = ()
    existing_name: str = ""
    table: TableColumns = TableColumns()
    is_unchanged: bool = False
    rows: RowSample = RowSample()
    secret_prefixes: frozenset[str] = frozenset()
    foreign: tuple[Destination, ...] = ()
    gap: str = ""
