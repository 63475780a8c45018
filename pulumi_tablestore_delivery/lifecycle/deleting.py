"""Delete: the task is gone, for sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.errors import CallError, ServiceError, WaitTimeoutError
from pulumi_tablestore_delivery.lifecycle.connections import Connections, describe
from pulumi_tablestore_delivery.lifecycle.ledger import Ledger
from pulumi_tablestore_delivery.lifecycle.polling import Backoff
from pulumi_tablestore_delivery.lifecycle.types import Reporter, TaskId

_DEFAULT_TIMEOUT: Final = 180


def delete(  # noqa: PLR0913, PLR0917 - what the engine gives, and what it works on
    connections: Connections,
    ledger: Ledger,
    task_id: str,
    state: Mapping[str, Any],
    timeout: float | None,
    report: Reporter,
) -> None:
    """See `Lifecycle.delete`."""
    task = TaskId.parse(task_id)
    if ledger.is_needed(task):
        report.warn(
            f"{task} is not deleted: this stack goes on with it, under this name or another. A "
            "forced replacement (--replace) of an unchanged task takes "
            "delete_before_replace=True in the resource's options."
        )
        return
    client = connections.client(task.instance_name, state.get("tablestore_endpoint"))
    if timeout is None:
        timeout = float(state.get("timeout_seconds") or _DEFAULT_TIMEOUT)
    backoff = Backoff(connections.clock, timeout, connections.stop)
    while obstacle := _obstacle(connections, client, task, state):
        if backoff.is_over:
            raise WaitTimeoutError(
                f"{task}: not deleted after {backoff.waited:.0f} s: {obstacle} It is still in "
                "the state; try again later."
            )
        report.status(f"waiting until the task can be deleted ({backoff.waited:.0f} s)")
        backoff.sleep()
    ledger.deleted(task)


def _obstacle(
    connections: Connections, client: TablestoreClient, task: TaskId, state: Mapping[str, Any]
) -> str:
    """Deletes the task once; says why that is to be tried again, or nothing if it is gone."""
    try:
        client.delete_delivery_task(task.table_name, task.task_name)
    except CallError as error:
        if isinstance(error, ServiceError):
            if error.is_not_found:
                connections.insist_on_region(client, task, state.get("oss_endpoint"))
                return ""
            if error.is_denied:
                raise
        elif not error.outcome_unknown:
            raise
        answer = describe(client, task)
        if answer is None:
            return ""
        if codec.described_state(answer).phase == "INIT":
            return "it still initialises, and cannot be deleted before that is over."
        if error.outcome_unknown:
            return str(error)
        raise
    return ""
