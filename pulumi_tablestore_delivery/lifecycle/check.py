"""Check: fill in defaults, derive the name and apply the rules. In a preview, read the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.cost import forced_cost
from pulumi_tablestore_delivery.lifecycle.defaults import (
    allowed_buckets,
    unusable_settings,
    with_defaults,
)
from pulumi_tablestore_delivery.lifecycle.existing import ExistingTasks
from pulumi_tablestore_delivery.lifecycle.lookups import Lookups
from pulumi_tablestore_delivery.lifecycle.notices import Notices
from pulumi_tablestore_delivery.lifecycle.order import order_of
from pulumi_tablestore_delivery.lifecycle.ownership import Claim, judge_claim
from pulumi_tablestore_delivery.lifecycle.preview import Preview
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import (
    DERIVED_NAME,
    Checked,
    Declaration,
    Reporter,
    TaskId,
)
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import same_content
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.parts import destination_of
from pulumi_tablestore_delivery.spec.properties import (
    draft_of,
    properties_of,
    read_properties,
    readable_spec_of,
)
from pulumi_tablestore_delivery.spec.rules import INPUT_RULES, judge
from pulumi_tablestore_delivery.spec.surroundings import Destination, Surroundings
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, Unknown, is_unknown


@dataclass(frozen=True)
class _Judged:
    """The result of checking inputs: the task, the information for its rules, the violations."""

    draft: DeliveryTaskDraft
    around: Surroundings
    violations: list[Violation]


class Checker:
    """Checks inputs. In a preview, compares them with their table.

    Args:
        connections: Clients of instances.
        registry: The tasks that this process has seen in this run.
    """

    def __init__(self, connections: Connections, registry: Registry) -> None:
        self._connections = connections
        self._registry = registry
        lookups = Lookups(connections)
        self._notices = Notices()
        self._existing = ExistingTasks(lookups, self._notices, registry)
        self._preview = Preview(connections.settings, lookups, self._existing, self._notices)

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        declaration: Declaration,
        report: Reporter,
    ) -> Checked:
        """See `Lifecycle.check`."""
        old = readable_spec_of(olds)
        if old is not None or not olds:
            self._registry.record_check(declaration, old)
        self._preview.record_tables(declaration)
        news = _without_own_name(olds, news, declaration)
        judged = self._judge_inputs(old, news, declaration, report)
        if judged.violations:
            return Checked(dict(news), judged.violations)
        claim = self._claim(judged.draft, old, declaration, has_olds=bool(olds))
        violations = self._judge_claim(claim, judged.around, report)
        if not olds:
            self._report_creation(claim, report)
        mark = {DERIVED_NAME: True} if claim.is_derived else {}
        return Checked({**properties_of(claim.draft), **mark}, violations)

    def check_create(
        self, news: Mapping[str, Any], scope: naming.Scope | None, report: Reporter
    ) -> list[Violation]:
        """Compare the checked inputs of a new task with the service.

        This is for a front end whose check cannot know that it is part of a preview. Check has
        judged the inputs themselves, so only what looked-up rules need is built here.
        """
        seen = self._registry.declaration_of(scope) if scope else None
        declaration = seen or Declaration(scope or naming.Scope("", "", "", ""))
        if declaration.preview:
            return []
        data, around, _ = with_defaults(self._connections.settings, news)
        claim = Claim(
            draft_of(data),
            declaration,
            is_derived=bool(news.get(DERIVED_NAME)),
            old=self._registry.old_of(declaration.scope),
        )
        return self._preview.judge(claim, around, report)

    def _judge_inputs(
        self,
        old: DeliveryTaskSpec | None,
        news: Mapping[str, Any],
        declaration: Declaration,
        report: Reporter,
    ) -> _Judged:
        """Fill in defaults, and check the settings and the inputs."""
        settings = self._connections.settings
        data, around, violations = with_defaults(settings, news)
        unusable = unusable_settings(settings, around.endpoint)
        violations += [each for each in unusable if each not in violations]
        parsed = read_properties(data)
        around = replace(
            around,
            existing_name=old.task_name if old else "",
            stack=declaration.scope.stack,
            allowed_buckets=allowed_buckets(settings),
            neighbors=self._neighbors(parsed.draft, declaration.scope),
            is_unchanged=_is_unchanged(old, parsed.draft),
            secret_prefixes=declaration.secret_prefixes,
        )
        judgment = judge(parsed.draft, around, INPUT_RULES)
        _warn(judgment.warnings, report)
        return _Judged(parsed.draft, around, violations + parsed.violations + judgment.errors)

    def _neighbors(self, draft: DeliveryTaskDraft, scope: naming.Scope) -> tuple[Destination, ...]:
        destination = destination_of(draft, scope.resource)
        if destination is None:
            return ()
        self._registry.record_destination(scope, destination)
        return self._registry.neighbors_of(scope)

    def _claim(
        self,
        draft: DeliveryTaskDraft,
        old: DeliveryTaskSpec | None,
        declaration: Declaration,
        *,
        has_olds: bool,
    ) -> Claim:
        """Return the task that the resource needs, with its name."""
        is_derived = not draft.task_name
        if is_derived:
            name = self._automatic_name(old, draft, declaration)
            draft = draft.model_copy(update={"task_name": name})
        before = old or self._registry.old_of(declaration.scope)
        return Claim(draft, declaration, is_derived, has_olds=has_olds, old=before)

    def _judge_claim(self, claim: Claim, around: Surroundings, report: Reporter) -> list[Violation]:
        """Check that no other resource has the task. In a preview, compare it with the service."""
        violations: list[Violation] = []
        if claim.task is not None:
            found = judge_claim(claim, self._registry)
            violations = [item for item in found if item.severity == "error"]
            for item in found:
                if item.severity == "warning":
                    self._notices.warn_once(str(item), item.full_message, report)
            self._registry.record_wanted(claim.declaration.scope, claim.task)
            if not violations:
                violations = self._existing.judge_gap(claim, around, report)
        if claim.declaration.preview and claim.may_be_created:
            violations += self._preview.judge(claim, around, report)
        return violations

    def _automatic_name(
        self, old: DeliveryTaskSpec | None, draft: DeliveryTaskDraft, declaration: Declaration
    ) -> str | Unknown:
        """Return the name of a task for which the program gives none.

        An unchanged task keeps its name. So does a task whose name equals the name that is
        derived from the program's inputs: a policy may have rewritten the inputs after the last
        check. A name in the stack's state is not used again, because the engine may create the
        replacement before it deletes the old task.
        """
        if old is not None and same_content(old, draft):
            return old.task_name
        spec = known(draft)
        if spec is None:
            return UNKNOWN
        scope = declaration.scope
        if old is not None and naming.is_derived_for(scope, spec, old.task_name):
            return old.task_name

        def is_in_use(name: str) -> bool:
            task = TaskId(spec.instance_name, spec.table_name, name)
            return declaration.is_in_state(task) or self._registry.is_in_use(task)

        return naming.derive(scope, spec, is_in_use)

    def _report_creation(self, claim: Claim, report: Reporter) -> None:
        """Report what a check without old inputs means: a forced replacement, or a new task."""
        declaration = claim.declaration
        self._record_forced_cost(claim, report)
        if declaration.unreadable:
            report.warn(
                "A file that the program has written for its provider cannot be read "
                f"({declaration.unreadable}), so check does not know whether another resource of "
                "this stack holds the task."
            )
        elif declaration.knows_options and declaration.entries is None and not claim.is_derived:
            report.warn(
                "The stack's state could not be read, so check does not know whether another "
                "resource of this stack holds the task."
            )

    def _record_forced_cost(self, claim: Claim, report: Reporter) -> None:
        """Record the cost of a replacement that the engine forces. Diff is not called for it.

        In a preview, report it too.
        """
        declaration = claim.declaration
        replaced = declaration.own_entry if claim.old is None else TaskId.of(claim.old)
        if replaced is None or self._registry.cost_of(declaration.scope):
            return
        order = order_of(
            declaration,
            keeps_name=claim.task == replaced,
            is_diffed=claim.old is not None,
        )
        cost = forced_cost(replaced, claim.draft, order)
        self._registry.record_cost(declaration.scope, cost)
        if declaration.preview:
            report.warn(cost)


def _without_own_name(
    olds: Mapping[str, Any], news: Mapping[str, Any], declaration: Declaration
) -> Mapping[str, Any]:
    """Return the inputs without the name that an earlier check derived, and without its mark.

    The engine copies old inputs into the new ones: with `ignore_changes=["*"]` all of them, with
    `ignore_changes=["task_name"]` the name alone. A lone copied name looks like the program's; only
    `explicit_name=False` shows that it is not. A refresh removes the mark.
    """
    old_name, has_mark = olds.get("task_name"), DERIVED_NAME in olds
    is_copied = declaration.explicit_name is False and news.get("task_name") == old_name
    was_derived = has_mark or (
        isinstance(old_name, str) and naming.belongs_to(declaration.scope, old_name)
    )
    if not (has_mark and DERIVED_NAME in news) and not (is_copied and was_derived):
        return news
    return {key: value for key, value in news.items() if key not in {DERIVED_NAME, "task_name"}}


def _is_unchanged(old: DeliveryTaskSpec | None, new: DeliveryTaskDraft) -> bool:
    if old is None or not same_content(old, new):
        return False
    return is_unknown(new.task_name) or new.task_name in {"", old.task_name}


def _warn(warnings: list[Violation], report: Reporter) -> None:
    for warning in warnings:
        report.warn(warning.full_message)
