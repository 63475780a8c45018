"""A rule, and what it needs to know besides the task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft


class Source(Enum):
    """Where a rule comes from."""

    DOCUMENTED = "documented"
    SDK = "seen in an SDK"
    PARQUET = "the Parquet format"
    READERS = "seen in readers"
    ASSUMED = "assumed"
    PACKAGE = "this package"


class Severity(Enum):
    """The effect of a violation: an error stops the task, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class TableColumns:
    """The columns of a table with a declared type; other columns may hold any type.

    Attributes:
        keys: Primary key columns: name to INTEGER, STRING or BINARY.
        defined: Defined columns: name to INTEGER, DOUBLE, BOOLEAN, STRING or BINARY.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    defined: Mapping[str, str] = field(default_factory=dict)


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
    def values(self) -> int:
        """How many of the sampled rows have the column."""
        return sum(self.types.values())


@dataclass(frozen=True)
class RowSample:
    """Rows from both ends of a table, as counts.

    Attributes:
        rows: How many rows were sampled.
        columns: The columns that were asked for; one without values is in no sampled row.
        names: Other columns of the table, for suggestions.
    """

    rows: int = 0
    columns: Mapping[str, ColumnSample] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
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
    """What a task's rules need to know besides the task.

    Attributes:
        region: The instance's region; empty if it is unknown.
        endpoint: The URL of the instance.
        endpoint_origin: The setting that has it; empty if the task itself has it.
        stack: The stack's name; empty outside a stack.
        allowed_buckets: Patterns of the buckets that the stack may write to; any if empty.
        neighbours: The folders of the stack's other tasks.
        existing_name: The name that the task already has; no rule applies to it.
        table: The table's columns; empty if the table was not described.
        is_unchanged: Whether the task exists and stays. Rules with `only_for_new` then warn.
        rows: A sample of the table's rows; empty if none were read.
        foreign: The folders of the table's tasks that are not the stack's.
        gap: The task that is deleted before its replacement is created; empty if there is none,
            or if the service does not have it.
    """

    region: str = ""
    endpoint: str = ""
    endpoint_origin: str = ""
    stack: str = ""
    allowed_buckets: tuple[str, ...] = ()
    neighbours: tuple[Place, ...] = ()
    existing_name: str = ""
    table: TableColumns = TableColumns()
    is_unchanged: bool = False
    rows: RowSample = RowSample()
    foreign: tuple[Place, ...] = ()
    gap: str = ""


Problem = tuple[str, str] | tuple[str, str, Severity]
"""The path of an input, what is wrong with its value, and the severity if it is not the rule's."""

Check = Callable[[DeliveryTaskDraft, Surroundings], Iterator[Problem]]
"""Finds what is wrong with a task."""


class Needs(Enum):
    """What a rule must know."""

    INPUTS = "the inputs"
    TABLE = "the table's description"
    ROWS = "a sample of the table's rows"
    TASKS = "the tasks that the service has"


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: Its name, for `ignore_rules`.
        severity: The effect of a violation.
        source: Where the rule comes from.
        says: The rule in words.
        remedy: What to do about a violation.
        check: Finds the violations.
        needs: What the rule must know. What a preview looks up is not there for other rules.
        only_for_new: Whether it is an error only for a task that is created or replaced. For
            an unchanged task it is a warning, so a new rule does not block what stands.
    """

    id: str
    severity: Severity
    source: Source
    says: str
    remedy: str
    check: Check
    needs: Needs = Needs.INPUTS
    only_for_new: bool = False

    @property
    def can_be_ignored(self) -> bool:
        """Whether `ignore_rules` may name it: only rules about the service may be wrong."""
        return self.source is not Source.PACKAGE

    def violations(
        self, draft: DeliveryTaskDraft, surroundings: Surroundings
    ) -> Iterator[Violation]:
        """Yield the violations of a task in its surroundings."""
        usual = self.severity
        if self.only_for_new and surroundings.is_unchanged:
            usual = Severity.WARNING
        for path, problem, *own in self.check(draft, surroundings):
            severity = own[0] if own else usual
            yield Violation(path, problem, self.id, self.remedy, self.source.value, severity.value)


def error(
    rule_id: str,
    source: Source,
    *,
    says: str,
    remedy: str,
    needs: Needs = Needs.INPUTS,
    only_for_new: bool = False,
) -> Callable[[Check], Rule]:
    """Make a check a rule whose violation is an error; see `Rule`."""

    def decorate(check: Check) -> Rule:
        return Rule(rule_id, Severity.ERROR, source, says, remedy, check, needs, only_for_new)

    return decorate


def warning(
    rule_id: str, source: Source, *, says: str, remedy: str, needs: Needs = Needs.INPUTS
) -> Callable[[Check], Rule]:
    """Make a check a rule whose violation is a warning; see `Rule`."""

    def decorate(check: Check) -> Rule:
        return Rule(rule_id, Severity.WARNING, source, says, remedy, check, needs)

    return decorate


@dataclass(frozen=True)
class Judgement:
    """All violations of a task, by severity."""

    errors: list[Violation]
    warnings: list[Violation]
