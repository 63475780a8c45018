"""What a rule of the contract is, and what it needs to know beside the task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec


class Source(Enum):
    """Where a rule comes from."""

    DOCUMENTED = "documented"
    SDK = "seen in an SDK"
    PARQUET = "the Parquet format"
    ASSUMED = "assumed"
    PACKAGE = "this package"


class Severity(Enum):
    """How grave a breach is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class TableColumns:
    """The columns of a table whose type is declared; others may hold anything.

    Attributes:
        keys: Primary key columns: name to INTEGER, STRING or BINARY.
        defined: Defined columns: name to INTEGER, DOUBLE, BOOLEAN, STRING or BINARY.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    defined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a task writes.

    Attributes:
        resource: The resource's name in the program.
        bucket: The bucket.
        prefix: The folder in it.
    """

    resource: str
    bucket: str
    prefix: str

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders of the prefix."""
        return tuple(self.prefix.strip("/").split("/"))


@dataclass(frozen=True)
class Surroundings:
    """What a task's rules need to know beside the task.

    Attributes:
        region: The instance's region; empty if nobody said.
        endpoint: The URL the calls go to.
        stack: The stack's name; empty where there is none.
        allowed_buckets: Patterns of the buckets that the stack may write to; any if empty.
        neighbours: Where the stack's other tasks write.
        existing_name: The name the task already has; it is not judged again.
        table: The table's columns; none are known if it was not asked.
    """

    region: str = ""
    endpoint: str = ""
    stack: str = ""
    allowed_buckets: tuple[str, ...] = ()
    neighbours: tuple[Place, ...] = ()
    existing_name: str = ""
    table: TableColumns = TableColumns()


Finding = tuple[str, str]
"""A breach: the input's path, and what is wrong with its value."""

Find = Callable[[DeliveryTaskSpec, Surroundings], Iterator[Finding]]
"""Finds the breaches of a rule."""


@dataclass(frozen=True)
class Rule:
    """One rule of the contract.

    Attributes:
        id: Its name, for `ignore_rules`.
        severity: How grave a breach is.
        source: Where the rule comes from.
        says: The rule in words.
        remedy: What to do about a breach.
        find: Finds the breaches.
    """

    id: str
    severity: Severity
    source: Source
    says: str
    remedy: str
    find: Find

    @property
    def can_be_ignored(self) -> bool:
        """Whether `ignore_rules` may name it: rules about the service, not about this package."""
        return self.source is not Source.PACKAGE


@dataclass(frozen=True)
class Judgement:
    """All breaches of a task, by how grave they are."""

    errors: list[Violation]
    warnings: list[Violation]
