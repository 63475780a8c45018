"""Create exactly one task, even if an answer is lost.

A task of this name that exists already counts as the resource's own only if

- check derived the name for this resource, and an earlier run created the task and ended before
  the state was saved; or
- the program gives the name and `adopt_existing`; or
- this create, or one of an earlier run, was sent and its answer was lost. If the task could be
  described before the first attempt, it did not exist then; or
- the resource replaces its own task of this name, and that one had other content or was deleted
  first: an earlier run created this one and ended before the state was saved.

In each case its content must match the inputs.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import CallIds, TablestoreClient
from pulumi_tablestore_delivery.errors import (
    CallError,
    DeliveryError,
    ServiceError,
    TaskConflictError,
)
from pulumi_tablestore_delivery.lifecycle.connections import Connections, describe
from pulumi_tablestore_delivery.lifecycle.engine_call import EngineCall
from pulumi_tablestore_delivery.lifecycle.order import Order, order_of
from pulumi_tablestore_delivery.lifecycle.outputs import outputs_of, unconfirmed_outputs
from pulumi_tablestore_delivery.lifecycle.read import replacing_differences
from pulumi_tablestore_delivery.lifecycle.types import (
    DERIVED_NAME,
    Found,
    InitializationError,
    Reporter,
    TaskId,
)
from pulumi_tablestore_delivery.lifecycle.waiting import awaited
from pulumi_tablestore_delivery.message import Message, Name
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import same_content
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.properties import properties_of, spec_of
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

_ATTEMPTS: Final = 3
_FIRST_LOOK_SECONDS: Final = 5.0
_NO_IDS: Final = CallIds("", "")


def create(call: EngineCall, inputs: Mapping[str, Any], sent: CallIds | None = None) -> Found:
    """See `Lifecycle.create`.

    Args:
        call: The engine's call.
        inputs: The checked inputs.
        sent: The ids of a create whose outcome an earlier run did not learn; None without one.
    """
    spec = spec_of(inputs)
    grace = call.connections.settings.health_grace  # read first: a wrong value is an error
    creation = _Creation(
        connections=call.connections,
        spec=spec,
        report=call.report,
        sent=sent,
        is_named_for_us=_is_named_for(call.scope, spec, inputs),
        is_replacement=_replaces_own_task(call, spec),
    )
    made = _make(call, creation)
    return _awaited(call, spec, made, grace if made.is_new else 0.0)


def _make(call: EngineCall, creation: _Creation) -> _Made:
    """Create or adopt the task, unless another resource of this run has it."""
    task = creation.task
    if not call.registry.record_made(task, call.scope):
        raise TaskConflictError(
            Message(
                "{task}: another resource of this stack has this task. Two resources cannot share "
                "a task. Give each its own {.task_name}, or leave it out.",
                task=task,
            )
        )
    try:
        return creation.run()
    except InitializationError:
        raise
    except BaseException:
        call.registry.forget_made(task)
        raise


def _awaited(call: EngineCall, spec: DeliveryTaskSpec, made: _Made, grace: float) -> Found:
    """Wait for the task. After any failure, the resource stays in the state."""
    outputs = outputs_of(spec, made.state, made.ids)
    try:
        return awaited(call.connections, spec, outputs, call.timeout, call.report, grace=grace)
    except InitializationError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug must not lose the resource
        task = TaskId.of(spec)
        reason = error.message if isinstance(error, DeliveryError) else traceback.format_exc()
        raise InitializationError(
            Found(str(task), properties_of(spec), outputs),
            Message(
                "{task}: the task was created, and the wait for it failed: {reason}",
                task=task,
                reason=reason,
            ),
        ) from None


def _is_named_for(scope: Scope | None, spec: DeliveryTaskSpec, inputs: Mapping[str, Any]) -> bool:
    """Return whether check derived the task's name for this resource."""
    if not inputs.get(DERIVED_NAME):
        return False
    return scope is None or naming.belongs_to(scope, spec.task_name)


def _replaces_own_task(call: EngineCall, spec: DeliveryTaskSpec) -> bool:
    """Return whether a task with this name counts as the resource's own unfinished replacement.

    The state has a task of this name, and the engine has replaced it: the service has the new
    content, or the engine certainly deletes the old task before it creates the new one.
    """
    declaration = call.registry.declaration_of(call.scope) if call.scope else None
    if call.scope is None or declaration is None:
        return False
    task, old = TaskId.of(spec), call.registry.old_of(call.scope)
    is_in_olds = old is not None and TaskId.of(old) == task
    if is_in_olds and old is not None and not same_content(old, spec):
        return True
    # Only a front end that knows the options sets the order.
    order = order_of(declaration, keeps_name=True, is_diffed=is_in_olds)
    deletes_first = declaration.knows_options and order is Order.DELETE_FIRST
    return deletes_first and (is_in_olds or declaration.own_entry == task)


def _ids_of(error: CallError) -> CallIds:
    return CallIds(getattr(error, "request_id", ""), error.trace_id)


@dataclass(frozen=True)
class _Made:
    """A task that was created or adopted.

    Attributes:
        ids: The ids of the create call; empty for an adopted task.
        state: The task's state, as far as it is known.
        is_new: Whether this call created it.
    """

    ids: CallIds
    state: codec.TaskState
    is_new: bool


@dataclass
class _Creation:
    """One creation, and what its attempts have found so far."""

    connections: Connections
    spec: DeliveryTaskSpec
    report: Reporter
    sent: CallIds | None
    is_named_for_us: bool
    is_replacement: bool
    lost: CallError | None = None
    """The error of the last attempt whose outcome is unknown."""
    was_absent: bool = False
    """Whether the task did not exist before the first attempt, according to the service."""

    @property
    def task(self) -> TaskId:
        return TaskId.of(self.spec)

    @cached_property
    def client(self) -> TablestoreClient:
        return self.connections.client_of(self.spec)

    def run(self) -> _Made:
        if self.sent is not None:
            existing = describe(self.client, self.task)
            if existing is not None:
                self._insist_on_content(existing)
                return _Made(self.sent, codec.described_state(existing), is_new=False)
        elif not self.is_named_for_us:
            existing = self._task_before()
            if existing is not None:
                return self._adopted(existing)
        request = codec.create_request(self.spec)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return _Made(self.client.create_delivery_task(request), codec.NEW_TASK, is_new=True)
            except CallError as error:
                made = self._after_failure(error)
                if made is not None:
                    return made
                if attempt == _ATTEMPTS:
                    raise self._unconfirmed(error) from None
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _task_before(self) -> pb.DescribeDeliveryTaskResponse | None:
        """Return the task if it exists before the first attempt. Return None if this lookup fails.

        After a lost answer, the result shows whether the task was there before. A failed lookup
        does not stop the create, because the service refuses a name that exists.
        """
        try:
            existing = describe(self.client, self.task, within=_FIRST_LOOK_SECONDS)
        except CallError:
            return None
        self.was_absent = existing is None
        return existing

    def _after_failure(self, error: CallError) -> _Made | None:
        """Return the task if it exists; None if create must be sent again."""
        exists = isinstance(error, ServiceError) and error.is_already_exists
        if error.outcome_unknown:
            self.lost = error
        elif not exists:
            raise self._unconfirmed(error) if self.lost else error
        self.report.status("checking whether the task exists")
        try:
            existing = describe(self.client, self.task)
        except CallError as not_described:
            raise self._unconfirmed(not_described) if self.lost else not_described from None
        if existing is None:
            return None
        unanswered = self.sent if self.lost is None else _ids_of(self.lost)
        if unanswered is None:
            return self._adopted(existing)
        self._insist_on_content(existing)
        if not (self.was_absent or self.sent or self._may_adopt):
            self.report.warn(
                f"{self.task}: the answer to create was lost, and the service could not be asked "
                "before whether it had the task. The task exists and has the wanted content, so "
                "this run adopts it. It may belong to somebody else. If it does, run `pulumi state "
                "delete` for this resource."
            )
        return _Made(unanswered, codec.described_state(existing), is_new=True)

    @property
    def _may_adopt(self) -> bool:
        """Whether an existing task of the wanted content counts as the resource's own."""
        return self.is_named_for_us or self.is_replacement or self.spec.adopt_existing

    def _adopted(self, existing: pb.DescribeDeliveryTaskResponse) -> _Made:
        """Adopt an existing task.

        Raises:
            TaskConflictError: The task must not be adopted.
        """
        self._insist_on_content(existing)
        if self.is_named_for_us:
            self.report.warn(
                f"{self.task} exists already, under the name that is derived for this resource: "
                "an earlier run of this stack created it and ended before its state was saved, or "
                "Pulumi was asked to replace it. This run continues with it. If another backend "
                "has a stack of the same project and name, both stacks own this task: rename one."
            )
        elif self.is_replacement and not self.spec.adopt_existing:
            self.report.warn(
                f"{self.task} exists already with the wanted content: an earlier run of this stack "
                "was interrupted after it had created the task. This run continues with it."
            )
        elif not self.spec.adopt_existing:
            raise TaskConflictError(
                Message(
                    "{task}: a task of this name exists already, with the same content. Set "
                    "{.adopt_existing=True} to adopt it unchanged, or give another {.task_name}. "
                    "To replace this resource's own task (--replace), set "
                    "{.delete_before_replace=True} in its options.",
                    task=self.task,
                )
            )
        return _Made(_NO_IDS, codec.described_state(existing), is_new=False)

    def _insist_on_content(self, existing: pb.DescribeDeliveryTaskResponse) -> None:
        found = replacing_differences(self.spec, existing)
        if not found:
            return
        listed = (
            Message(
                "  {path}: the program has {old!r}, the task {new!r}",
                path=Name(item.path),
                old=item.old,
                new=item.new,
            )
            for item in found
        )
        raise TaskConflictError(
            Message(
                "{task}: a task of this name exists and differs:\n{listed}\nGive the resource "
                "another {.task_name}, make its inputs match, or delete the task.",
                task=self.task,
                listed=Message.joined("\n", listed),
            )
        )

    def _unconfirmed(self, error: CallError) -> InitializationError | CallError:
        """Return the error that keeps the resource in the state as unconfirmed."""
        if self.lost is None:
            return error
        ids = _ids_of(self.lost)
        outputs = unconfirmed_outputs(self.spec, ids)
        return InitializationError(
            Found(str(self.task), properties_of(self.spec), outputs),
            Message(
                "{task}: the request to create this task was sent, and its outcome is not known: "
                "{reasons} The resource is kept in the state as unconfirmed. Run `pulumi up` "
                "again: it confirms the task, or creates it.",
                task=self.task,
                reasons=Message.joined(" ", dict.fromkeys((self.lost.message, error.message))),
            ),
        )
