"""A rule, and the information that it needs in addition to the task."""

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
    """The effect of a violation: an error stops the deployment, a warning does not."""

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
        types: The number of values by type: INTEGER, DOUBLE, BOOLEAN, STRING or BINARY.
        event_times: The number of values by event-time format.
        milliseconds: The number of integers that are too large for Unix times in seconds.
    """

    types: Mapping[str, int] = field(default_factory=dict)
    event_times: Mapping[str, int] = field(default_factory=dict)
    milliseconds: int = 0

    @property
    def values(self) -> int:
        """The number of sampled rows that have the column."""
        return sum(self.types.values())


@dataclass(frozen=True)
class RowSample:
    """Rows from both ends of a table, as counts.

    Attributes:
        rows: The number of sampled rows.
        columns: The requested columns. A column without values is in none of the sampled rows.
        names: Other columns of the table, for suggestions.
    """

    rows: int = 0
    columns: Mapping[str, ColumnSample] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """The folder that a task writes to.

    Attributes:
        resource: The resource's name in the program; the task's id if it is not in the program.
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
    """The information that a task's rules need in addition to the task.

    Attributes:
        region: The instance's region; empty if it is unknown.
        endpoint: The URL of the instance.
        stack: The stack's name; empty outside a stack.
        allowed_buckets: Patterns of the buckets that the stack may write to; any if empty.
        neighbours: The folders of the stack's other tasks.
        existing_name: The name that the task has already. No rule applies to it.
        table: The table's columns; empty if the table was not described.
        is_unchanged: Whether the task exists and does not change. Then rules with `only_for_new`
            give warnings.
        rows: A sample of the table's rows; empty if none were read.
        foreign: The folders of the table's tasks that do not belong to the stack.
        gap: The task that is deleted before its replacement is created; empty if there is none,
            or if the service does not have it.
    """

    region: str = ""
    endpoint: str = ""
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
"""An input's path, the problem of its value, and the severity if it is not the rule's."""

Check = Callable[[DeliveryTaskDraft, Surroundings], Iterator[Problem]]
"""Finds the problems of a task."""


class Needs(Enum):
    """The information that a rule needs."""

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
        needs: The information that the rule needs. Only a preview has more than the inputs.
        only_for_new: Whether it is an error only for a task that is created or replaced. For an
            unchanged task it is a warning, so that a new rule does not block existing tasks.
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
        """Whether a task can ignore it. Only a rule about the service may be wrong."""
        return self.source is not Source.PACKAGE

    def violations(
        self, draft: DeliveryTaskDraft, surroundings: Surroundings
    ) -> Iterator[Violation]:
        """Yield the violations of a task."""
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
    """Make a rule of a check. Its violation is an error; see `Rule`."""

    def decorate(check: Check) -> Rule:
        return Rule(rule_id, Severity.ERROR, source, says, remedy, check, needs, only_for_new)

    return decorate


def warning(
    rule_id: str, source: Source, *, says: str, remedy: str, needs: Needs = Needs.INPUTS
) -> Callable[[Check], Rule]:
    """Make a rule of a check. Its violation is a warning; see `Rule`."""

    def decorate(check: Check) -> Rule:
        return Rule(rule_id, Severity.WARNING, source, says, remedy, check, needs)

    return decorate


@dataclass(frozen=True)
class Judgement:
    """All violations of a task, by severity."""

    errors: list[Violation]
    warnings: list[Violation]
