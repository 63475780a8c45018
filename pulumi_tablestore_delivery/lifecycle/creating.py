"""Create: exactly one task, whatever becomes of the answers."""

from __future__ import annotations

from typing import Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import CallIds
from pulumi_tablestore_delivery.errors import CallError, ServiceError, TaskConflictError
from pulumi_tablestore_delivery.lifecycle.connections import Connections, describe
from pulumi_tablestore_delivery.lifecycle.ledger import Ledger
from pulumi_tablestore_delivery.lifecycle.reading import described_spec
from pulumi_tablestore_delivery.lifecycle.types import Reporter, TaskId
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import differences
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

_ATTEMPTS: Final = 3


def create(
    connections: Connections, ledger: Ledger, spec: DeliveryTaskSpec, report: Reporter
) -> tuple[CallIds, codec.TaskState]:
    """Creates the task, or takes over its own from a run that did not end.

    Returns:
        The ids of the call, empty for a task that was adopted; and the task's state.

    Raises:
        TaskConflictError: A task of that name exists and is not ours to use.
        CallError: The service could not be called, or refused.
    """
    task = TaskId.of(spec)
    if not ledger.claim(task):
        raise TaskConflictError(
            f"{task}: this stack already has this task. A replacement under the same name has to "
            "delete first: set delete_before_replace=True in the resource's options, or leave "
            "task_name out to have names derived. Two resources cannot share a task."
        )
    try:
        return _created_or_found(connections, spec, report)
    except BaseException:
        ledger.release(task)
        raise


def _created_or_found(
    connections: Connections, spec: DeliveryTaskSpec, report: Reporter
) -> tuple[CallIds, codec.TaskState]:
    client, task = connections.client_of(spec), TaskId.of(spec)
    if spec.adopt_existing:
        existing = describe(client, task)
        if existing is not None:
            _insist_on_ours(spec, existing, ours=True)
            return CallIds("", ""), codec.described_state(existing)
    request = codec.create_request(spec)
    ours = spec.adopt_existing or naming.is_derived(spec)
    attempt = 0
    while True:
        attempt += 1
        try:
            return client.create_delivery_task(request), codec.NEW_TASK
        except CallError as error:
            exists = isinstance(error, ServiceError) and error.is_already_exists
            if not (exists or error.outcome_unknown):
                raise
            ours = ours or error.outcome_unknown
            report.status("looking whether the task exists")
            existing = describe(client, task)
            if existing is not None:
                _insist_on_ours(spec, existing, ours=ours)
                ids = CallIds(getattr(error, "request_id", ""), error.trace_id)
                return ids, codec.described_state(existing)
            if attempt == _ATTEMPTS:
                raise


def _insist_on_ours(
    spec: DeliveryTaskSpec, existing: pb.DescribeDeliveryTaskResponse, *, ours: bool
) -> None:
    """Lets a task that exists pass as the one wanted, or says why it cannot be."""
    task = TaskId.of(spec)
    found = [item for item in differences(spec, described_spec(existing, spec)) if item.replaces]
    if found:
        listed = "\n".join(
            f"  {item.path}: the program has {item.old!r}, the task {item.new!r}" for item in found
        )
        raise TaskConflictError(
            f"{task}: a task of this name exists and differs:\n{listed}\n"
            "Give the resource another task_name, make its inputs match, or delete the task."
        )
    if not ours:
        raise TaskConflictError(
            f"{task}: a task of this name exists already, with the same content. Set "
            "adopt_existing=True to take it over as it is, or give another task_name. To replace "
            "this resource's own task (--replace), set delete_before_replace=True in its options."
        )
