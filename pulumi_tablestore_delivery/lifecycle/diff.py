"""Diff: which values differ, whether they need a replacement, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_tablestore_delivery.errors import CallError, TaskConflictError
from pulumi_tablestore_delivery.lifecycle.call import Call
from pulumi_tablestore_delivery.lifecycle.connections import describe
from pulumi_tablestore_delivery.lifecycle.cost import order_of, replacement_cost
from pulumi_tablestore_delivery.lifecycle.read import replacing_differences
from pulumi_tablestore_delivery.lifecycle.types import DERIVED_NAME, UNCONFIRMED, Diff, TaskId
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.changes import differences
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.properties import draft_of, spec_of


def diff(call: Call, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diff:
    """See `Lifecycle.diff`."""
    old, new = spec_of(olds), draft_of(news)
    found = differences(old, new)
    replaces = list(dict.fromkeys(item.input_name for item in found if item.replaces))
    # A derived name is not used twice: the check that follows a replacement derives another.
    keeps_name = TaskId.of(old) == TaskId.of_draft(new) and not news.get(DERIVED_NAME)
    must_confirm = bool(olds.get(UNCONFIRMED))
    if not replaces:
        # The engine may still replace (replace_on_changes); it then keeps this order.
        return Diff(found, [], keeps_name, cost="", must_confirm=must_confirm)
    if keeps_name:
        _insist_on_known_task(call, old, known(new), must_confirm=must_confirm)
    declaration = call.registry.declaration_of(call.scope) if call.scope else None
    cost = replacement_cost(old, new, replaces, order_of(declaration, is_same_name=keeps_name))
    if call.scope is not None and declaration is not None:
        call.registry.record_cost(call.scope, cost)
    if declaration is not None and declaration.preview:
        call.report.warn(cost)
    return Diff(found, replaces, keeps_name, cost, must_confirm=must_confirm)


def _insist_on_known_task(
    call: Call, old: DeliveryTaskSpec, new: DeliveryTaskSpec | None, *, must_confirm: bool
) -> None:
    """Refuse to replace a task that somebody created again under the same name.

    The delete would leave this task on the service, and the create after it would fail, because
    the name is taken.

    Raises:
        TaskConflictError: The task on the service is neither the old one nor the new one.
    """
    if new is None:
        return  # a value is not known yet
    client, task = call.connections.client_of(old), TaskId.of(old)
    try:
        answer = describe(client, task)
    except CallError:
        return  # delete sends this request again, and reports the failure
    if answer is None:
        return
    if not must_confirm and not replacing_differences(new, answer):
        return  # an interrupted run has replaced it already
    if found := replacing_differences(old, answer):
        raise TaskConflictError(
            Message(
                "{task}: the task on the service is not the one in this stack's state ({listed}). "
                "Run `pulumi up --refresh` to take it into the state and replace it, give the "
                "resource another {.task_name}, or delete the task on the service.",
                task=task,
                listed=Message.joined("; ", (item.message for item in found)),
            )
        )
