"""The rules of a delivery task: a module for each subject.

A rule is one piece: its id, source, severity, remedy and check. `judge` applies all of them, so a
preview shows every violation at once. Rules skip a value that is not known yet. A task can
ignore a rule by its id (`ignore_rules`), because what is known about the service, the format and
the readers may be wrong. It cannot ignore a rule whose source is this package: without such a
rule, the request could not be sent, or a setting would have no meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Final

from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import may_ignore
from pulumi_tablestore_delivery.spec.properties import read_properties, suggestion
from pulumi_tablestore_delivery.spec.rule import (
    Judgment,
    Needs,
    Problem,
    Rule,
    Severity,
    Source,
    error,
)
from pulumi_tablestore_delivery.spec.rules import (
    choices,
    columns,
    destinations,
    endpoints,
    names,
    prefixes,
    readers,
    replacement,
    sampled,
    sendable,
    tables,
)
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_SUBJECTS: Final = (
    names,
    endpoints,
    choices,
    prefixes,
    readers,
    destinations,
    columns,
    sendable,
    tables,
    sampled,
    replacement,
)


@error(
    "ignore-rules",
    Source.PACKAGE,
    says="ignore_rules lists ids of rules that can be ignored.",
    remedy="Use an id from a rule's message, or from docs/rules.md.",
)
def _known_rules(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if is_unknown(draft.ignore_rules):
        return
    ids = [each.id for each in RULES if each.can_be_ignored]
    for index, rule_id in enumerate(draft.ignore_rules or ()):
        if not is_unknown(rule_id) and rule_id not in ids:
            yield (
                f"ignore_rules[{index}]",
                f"{rule_id!r} is not a rule that can be ignored.{suggestion(rule_id, ids)}",
            )


def _rules_of(subject: ModuleType) -> Iterator[Rule]:
    return (item for item in vars(subject).values() if isinstance(item, Rule))


RULES: Final[tuple[Rule, ...]] = (
    *(each for subject in _SUBJECTS for each in _rules_of(subject)),
    _known_rules,
)


def rules_that_need(*needs: Needs) -> tuple[Rule, ...]:
    """Return the rules that need one of these kinds of information."""
    return tuple(each for each in RULES if each.needs in needs)


INPUT_RULES: Final = rules_that_need(Needs.INPUTS)
"""The rules that need only the inputs."""


def rule_of(rule_id: str) -> Rule:
    """Return the rule with an id.

    Raises:
        KeyError: There is no such rule.
    """
    for each in RULES:
        if each.id == rule_id:
            return each
    raise KeyError(rule_id)


def judge(
    draft: DeliveryTaskDraft, surroundings: Surroundings, rules: tuple[Rule, ...] = RULES
) -> Judgment:
    """Apply the rules (all by default) that the task does not ignore."""
    judgment = Judgment([], [])
    if draft.ignore_rules is not None:
        rules = tuple(
            each for each in rules if not (each.can_be_ignored and may_ignore(draft, each.id))
        )
    for each in rules:
        for violation in each.violations(draft, surroundings):
            is_error = violation.severity == Severity.ERROR.value
            (judgment.errors if is_error else judgment.warnings).append(violation)
    return judgment


_PREFIX_RULES: Final = (*_rules_of(prefixes), *_rules_of(readers))


def judge_prefix(prefix: str) -> Judgment:
    """Apply the rules about prefixes to the prefix of a task that may exist.

    It is judged as an existing task is: rules that are new in a version only warn.
    """
    draft = read_properties({"oss_prefix": prefix}).draft
    return judge(draft, Surroundings(is_unchanged=True), _PREFIX_RULES)
