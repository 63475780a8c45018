"""Check: fill in defaults, derive the name, judge everything; in a preview, look at the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.cost import forced_cost, order_of
from pulumi_tablestore_delivery.lifecycle.defaults import (
    allowed_buckets,
    unusable_settings,
    with_defaults,
)
from pulumi_tablestore_delivery.lifecycle.existing import ExistingTasks
from pulumi_tablestore_delivery.lifecycle.looks import Looks
from pulumi_tablestore_delivery.lifecycle.notices import Notices
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
from pulumi_tablestore_delivery.spec.changes import differences, same_content
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.parts import place_of
from pulumi_tablestore_delivery.spec.properties import (
    draft_of,
    properties_of,
    read_properties,
    readable_spec_of,
)
from pulumi_tablestore_delivery.spec.rules import INPUT_RULES, judge
from pulumi_tablestore_delivery.spec.surroundings import Place
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, Unknown, is_unknown


class Checker:
    """Checks inputs; in a preview, also against their table.

    Args:
        connections: Clients of instances.
        registry: The tasks that this process has seen in this run.
    """

    def __init__(self, connections: Connections, registry: Registry) -> None:
        self._connections = connections
        self._registry = registry
        looks, notices = Looks(connections), Notices()
        self._existing = ExistingTasks(looks, notices, registry)
        self._preview = Preview(connections.settings, looks, self._existing, notices, registry)

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        declaration: Declaration,
        report: Reporter,
    ) -> Checked:
        """See `Lifecycle.check`."""
        old = readable_spec_of(olds)
        news = _without_own_name(olds, news, declaration)
        is_readable = old is not None or not olds  # else nobody knows what a change means
        self._registry.record_check(declaration, old)
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
        )
        judgment = judge(parsed.draft, around, INPUT_RULES)
        _warn(judgment.warnings, report)
        violations += parsed.violations + judgment.errors
        if violations:
            return Checked(dict(news), violations)
        draft = parsed.draft
        is_derived = not draft.task_name
        if is_derived:
            name = self._automatic_name(old, draft, declaration)
            draft = draft.model_copy(update={"task_name": name})
        claim = Claim(draft, old, declaration, is_derived=is_derived)
        if claim.task is not None:
            violations = judge_claim(claim, self._registry)
            self._registry.record_wanted(declaration.scope, claim.task)
            if is_readable and not violations:
                violations = self._existing.judge_gap(claim, around, report)
        if (
            is_readable
            and declaration.preview
            and (old is None or any(item.replaces for item in differences(old, draft)))
        ):
            violations += self._preview.judge(claim, around, report)
        if old is None:
            self._report_forced_cost(claim, report)
            if declaration.knows_options and declaration.entries is None and not is_derived:
                report.warn(
                    "The stack's state could not be read, so check does not know whether another "
                    "resource of this stack holds the task."
                )
        mark = {DERIVED_NAME: True} if is_derived else {}
        return Checked({**properties_of(draft), **mark}, violations)

    def _neighbors(self, draft: DeliveryTaskDraft, scope: naming.Scope) -> tuple[Place, ...]:
        place = place_of(draft, scope.resource)
        if place is None:
            return ()
        self._registry.record_place(scope, place)
        return self._registry.places_of_others(scope)

    def check_create(
        self, news: Mapping[str, Any], scope: naming.Scope | None, report: Reporter
    ) -> list[Violation]:
        """Judge the checked inputs of a new task by what the service has.

        This is for a check that did not know that it was part of a preview.
        """
        seen = self._registry.declaration_of(scope) if scope else None
        declaration = seen or Declaration(scope or naming.Scope("", "", "", ""))
        if declaration.preview:
            return []
        data, around, _ = with_defaults(self._connections.settings, news)
        claim = Claim(draft_of(data), None, declaration, is_derived=bool(news.get(DERIVED_NAME)))
        return self._preview.judge(claim, around, report)

    def _automatic_name(
        self, old: DeliveryTaskSpec | None, draft: DeliveryTaskDraft, declaration: Declaration
    ) -> str | Unknown:
        """Return the name of a task whose program gives none.

        An unchanged task keeps its name. So does one whose name is what would be derived for
        the program's inputs: a policy may have rewritten the inputs after the last check. A name
        that the stack's state holds is not used again, because the engine may create a
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

    def _report_forced_cost(self, claim: Claim, report: Reporter) -> None:
        """Report the cost of a replacement that the engine decided: diff does not see it."""
        declaration = claim.declaration
        before = self._registry.old_of(declaration.scope)
        replaced = TaskId.of(before) if before is not None else declaration.own_entry
        if replaced is None or self._registry.cost_of(declaration.scope):
            return
        order = order_of(
            declaration,
            is_same_name=claim.task == replaced,
            is_cascade=before is None,  # the engine then passes over the check with old inputs
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
    `ignore_changes=["task_name"]` the name alone. In the latter case, only a program that says
    that it gives no name shows that the name is not its own. A refresh removes the mark.
    """
    name, has_mark = olds.get("task_name"), DERIVED_NAME in olds
    is_copied = declaration.explicit_name is False and news.get("task_name") == name
    was_derived = has_mark or (isinstance(name, str) and naming.belongs_to(declaration.scope, name))
    if not (has_mark and DERIVED_NAME in news) and not (is_copied and was_derived):
        return news
    return {name: value for name, value in news.items() if name not in {DERIVED_NAME, "task_name"}}


def _is_unchanged(old: DeliveryTaskSpec | None, new: DeliveryTaskDraft) -> bool:
    if old is None or not same_content(old, new):
        return False
    return is_unknown(new.task_name) or new.task_name in {"", old.task_name}


def _warn(warnings: list[Violation], report: Reporter) -> None:
    for warning in warnings:
        report.warn(warning.full_message)
