"""A rule of a delivery task, and its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.surroundings import Surroundings


class Source(Enum):
    """The source of a rule."""

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


Problem = tuple[str, str] | tuple[str, str, Severity]
"""An input's path, the problem of its value, and the severity if it is not the rule's."""

Check = Callable[[DeliveryTaskDraft, Surroundings], Iterator[Problem]]
"""Yields what is wrong with a task."""


class Needs(Enum):
    """The knowledge that a rule uses."""

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
        source: The rule's source.
        says: The rule in words.
        remedy: What to do about a violation.
        check: Finds the violations.
        needs: The knowledge that the rule uses. Rules that need only the inputs cannot rely on
            data that a preview looks up.
        only_for_new: Whether it is an error only for a task that is created or replaced. For
            an unchanged task it is a warning, so a new rule does not block what exists.
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
        """Whether `ignore_rules` may name it. A rule of this package cannot be wrong."""
        return self.source is not Source.PACKAGE

    def violations(
        self, draft: DeliveryTaskDraft, surroundings: Surroundings
    ) -> Iterator[Violation]:
        """Yield the violations of a task."""
        usual = self.severity
        if self.only_for_new and surroundings.is_unchanged:
            usual = Severity.WARNING
        hidden: set[str] = set()
        for path, problem, *own in self.check(draft, surroundings):
            text: str = problem
            if path in surroundings.secret_prefixes:
                if path in hidden:
                    continue
                hidden.add(path)
                text = Message("[secret] breaks this rule. {says}", says=self.says)
            severity = own[0] if own else usual
            yield Violation(path, text, self.id, self.remedy, self.source.value, severity.value)


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
class Judgment:
    """All violations of a task, by severity."""

    errors: list[Violation]
    warnings: list[Violation]
