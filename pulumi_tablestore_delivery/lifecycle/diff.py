"""Diff: which values differ, whether they need a replacement, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_tablestore_delivery.errors import (
    CallError,
    ConfigurationError,
    InvalidInputError,
    TaskConflictError,
)
from pulumi_tablestore_delivery.lifecycle.connections import describe
from pulumi_tablestore_delivery.lifecycle.cost import replacement_cost
from pulumi_tablestore_delivery.lifecycle.engine_call import EngineCall
from pulumi_tablestore_delivery.lifecycle.order import order_of
from pulumi_tablestore_delivery.lifecycle.read import replacing_differences
from pulumi_tablestore_delivery.lifecycle.types import DERIVED_NAME, UNCONFIRMED, Diff, TaskId
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.changes import differences
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.properties import draft_of, spec_of

_CREATED_ANEW: Final = (
    "{task}: the task on the service is not the one in this stack's state ({listed}). Run `pulumi "
    "up --refresh` to take it into the state and replace it, give the resource another "
    "{.task_name}, or delete the task on the service."
)
_NOT_MADE_BY_US: Final = (
    "{task}: our create did not make the task on the service ({listed}). Give the resource another "
    "{.task_name}, or delete the task on the service. If its content is the one that you want, set "
    "{.adopt_existing=True} and run `pulumi up --refresh`."
)
"""A refresh removes an unconfirmed resource from the state if the task is not its own."""


def diff(call: EngineCall, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diff:
    """See `Lifecycle.diff`."""
    old, new = _spec_in_state(olds), draft_of(news)
    found = differences(old, new)
    replaces = list(dict.fromkeys(item.input_name for item in found if item.replaces))
    # A derived name is not used twice: the check that follows a replacement derives another.
    keeps_name = TaskId.of(old) == TaskId.of_draft(new) and not news.get(DERIVED_NAME)
    must_confirm = bool(olds.get(UNCONFIRMED))
    if not replaces:
        # replace_on_changes may still replace it; then this value decides whether delete comes
        # first.
        return Diff(found, [], keeps_name, cost="", must_confirm=must_confirm)
    if keeps_name:
        _insist_on_known_task(call, old, known(new), must_confirm=must_confirm)
    declaration = call.registry.declaration_of(call.scope) if call.scope else None
    order = order_of(declaration, keeps_name=keeps_name, is_diffed=True)
    cost = replacement_cost(old, new, replaces, order)
    if call.scope is not None and declaration is not None:
        call.registry.record_cost(call.scope, cost)
    if declaration is not None and declaration.preview:
        call.report.warn(cost)
    return Diff(found, replaces, keeps_name, cost, must_confirm=must_confirm)


def _spec_in_state(olds: Mapping[str, Any]) -> DeliveryTaskSpec:
    """Read the task in the state.

    Raises:
        ConfigurationError: This version cannot read it.
    """
    try:
        return spec_of(olds)
    except InvalidInputError as error:
        raise ConfigurationError(
            Message(
                "This version of the package cannot read the resource's state: {problems} Another "
                "version wrote it. Run `pulumi refresh`, which reads the task from the service, or "
                "install that version.",
                problems=error.message,
            )
        ) from None


def _insist_on_known_task(
    call: EngineCall, old: DeliveryTaskSpec, new: DeliveryTaskSpec | None, *, must_confirm: bool
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
                _NOT_MADE_BY_US if must_confirm else _CREATED_ANEW,
                task=task,
                listed=Message.joined("; ", (item.message for item in found)),
            )
        )
