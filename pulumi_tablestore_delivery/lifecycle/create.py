"""Create exactly one task, even if an answer is lost.

A task of this name that exists already counts as the resource's own only if

- check derived the name for this resource, and an earlier run made the task and ended before
  the state was saved; or
- the program gives the name and `adopt_existing`; or
- an attempt of this create was sent and its answer got lost, and the task did not exist before; or
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
from pulumi_tablestore_delivery.lifecycle.call import Call
from pulumi_tablestore_delivery.lifecycle.connections import Connections, describe
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
_LOOK_SECONDS: Final = 5.0
_NO_IDS: Final = CallIds("", "")


def create(call: Call, inputs: Mapping[str, Any], sent: CallIds | None = None) -> Found:
    """See `Lifecycle.create`.

    Args:
        call: The engine's call.
        inputs: The checked inputs.
        sent: The ids of a create whose outcome an earlier run did not learn; None without one.
    """
    spec = spec_of(inputs)
    task = TaskId.of(spec)
    registry = call.registry
    if registry.is_made_by_another(task, call.scope):
        raise TaskConflictError(
            Message(
                "{task}: another resource of this stack has this task. Two resources cannot share "
                "a task. Give each its own {.task_name}, or leave it out.",
                task=task,
            )
        )
    grace = call.connections.settings.health_grace  # read first: a wrong value is an error
    creation = _Creation(
        connections=call.connections,
        spec=spec,
        report=call.report,
        sent=sent,
        is_named_for_us=_is_named_for(call.scope, spec, inputs),
        is_replacement=_replaces_own_task(call, spec),
    )
    registry.record_made(task, call.scope)
    try:
        made = creation.run()
    except InitializationError:
        raise
    except BaseException:
        registry.forget_made(task)
        raise
    # From here on, the resource stays in the state whatever fails.
    outputs = outputs_of(spec, made.state, made.ids)
    try:
        return awaited(
            call.connections,
            spec,
            outputs,
            call.timeout,
            call.report,
            grace=grace if made.is_new else 0.0,
        )
    except InitializationError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug must not lose the resource
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


def _replaces_own_task(call: Call, spec: DeliveryTaskSpec) -> bool:
    """Return whether an earlier run may have created the existing task as the replacement.

    The state has a task of this name, and that task is not the one on the service: it has other
    content, or the run deleted it first.
    """
    if call.scope is None:
        return False
    task = TaskId.of(spec)
    old = call.registry.old_of(call.scope)
    declaration = call.registry.declaration_of(call.scope)
    if old is not None and TaskId.of(old) == task and not same_content(old, spec):
        return True
    holds_it = (old is not None and TaskId.of(old) == task) or (
        declaration is not None and declaration.own_entry == task
    )
    # A front end that knows the options deletes first unless the program says otherwise.
    deletes_first = declaration is not None and (
        declaration.knows_options and declaration.delete_before_replace is not False
    )
    return holds_it and deletes_first


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
            existing = self._existing_before()
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

    def _existing_before(self) -> pb.DescribeDeliveryTaskResponse | None:
        """Return the task if it exists before the first attempt.

        After a lost answer, this shows whether the task was there before. If the request fails,
        creation continues: the service refuses a name that exists.
        """
        try:
            return describe(self.client, self.task, within=_LOOK_SECONDS)
        except CallError:
            return None

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
        except CallError as look:
            raise self._unconfirmed(look) if self.lost else look from None
        if existing is None:
            return None
        if self.lost is None:
            return self._adopted(existing)
        self._insist_on_content(existing)
        return _Made(_ids_of(self.lost), codec.described_state(existing), is_new=True)

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
