"""Delete a task if it is this resource's own, and make sure that it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.errors import CallError, ServiceError, WaitTimeoutError
from pulumi_tablestore_delivery.lifecycle.call import Call
from pulumi_tablestore_delivery.lifecycle.connections import describe
from pulumi_tablestore_delivery.lifecycle.polling import Backoff
from pulumi_tablestore_delivery.lifecycle.read import content_differences
from pulumi_tablestore_delivery.lifecycle.types import UNCONFIRMED, TaskId
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import Difference
from pulumi_tablestore_delivery.spec.properties import readable_spec_of

_DEFAULT_TIMEOUT: Final = 180


def delete(call: Call, task_id: str, state: Mapping[str, Any]) -> None:
    """See `Lifecycle.delete`."""
    task = TaskId.parse(task_id)
    if call.registry.is_made(task) or call.registry.is_kept(task):
        call.report.warn(
            Message(
                "{task} is not deleted: this stack continues with it. Only an old entry of the "
                "state is removed. To create a task again under the same name (--replace), set "
                "{.delete_before_replace=True} in the resource's options.",
                task=task,
            )
        )
        return
    _Deletion(call, task, state).run()
    call.registry.record_deleted(task)


class _Deletion:
    """One deletion.

    Args:
        call: The engine's call.
        task: The task.
        state: The outputs that the stack has of it.
    """

    def __init__(self, call: Call, task: TaskId, state: Mapping[str, Any]) -> None:
        self._call = call
        self._task = task
        self._state = state
        self._client: TablestoreClient = call.connections.client(
            task.instance_name, state.get("tablestore_endpoint")
        )

    def run(self) -> None:
        """Delete the task, unless it is gone or belongs to somebody else."""
        if self._may_be_foreign() and not self._is_ours():
            return
        timeout = self._call.timeout
        if timeout is None:
            timeout = float(self._state.get("timeout_seconds") or _DEFAULT_TIMEOUT)
        backoff = Backoff(self._call.connections.clock, timeout, self._call.connections.stop)
        while obstacle := self._attempt():
            if backoff.is_over:
                raise WaitTimeoutError(
                    f"{self._task}: not deleted after {backoff.waited:.0f} s: {obstacle} The task "
                    "is still in the state. Try again later."
                )
            self._call.report.status(
                f"waiting until the task can be deleted ({backoff.waited:.0f} s)"
            )
            backoff.sleep()

    def _may_be_foreign(self) -> bool:
        """Return whether a task of this name may belong to somebody else.

        A name that was derived for this content proves that the task is the stack's own.
        """
        spec = readable_spec_of(self._state)
        return bool(self._state.get(UNCONFIRMED)) or spec is None or not naming.is_derived(spec)

    def _is_ours(self) -> bool:
        """Return whether the task exists and is the one in the state; report it if it is not."""
        answer = describe(self._client, self._task)
        if answer is None:
            self._insist_on_region()
            return False
        found = content_differences(self._state, answer)
        if found:
            self._report_foreign(found)
        return not found

    def _report_foreign(self, found: list[Difference]) -> None:
        self._call.report.warn(
            Message(
                "{task} is not deleted: the task on the service is not the one in this stack's "
                "state ({listed}). Somebody created it anew under the same name. It stays on the "
                "service, and the stack no longer has it. If it is yours, delete it with an SDK, "
                "or adopt it with {.adopt_existing=True} and destroy it then.",
                task=self._task,
                listed=Message.joined("; ", (item.message for item in found)),
            )
        )

    def _attempt(self) -> str:
        """Try to delete the task. Return why a retry is needed; empty if the task is gone."""
        try:
            self._client.delete_delivery_task(self._task.table_name, self._task.task_name)
        except CallError as error:
            if isinstance(error, ServiceError):
                if error.is_not_found:
                    self._insist_on_region()
                    return ""
                if error.is_denied:
                    raise
            elif not error.outcome_unknown:
                raise
            answer = describe(self._client, self._task)
            if answer is None:
                self._insist_on_region()
                return ""
            if found := content_differences(self._state, answer):
                self._report_foreign(found)  # ours is gone, and another task has its name
                return ""
            if codec.described_state(answer).phase == "INIT":
                return "it is still initializing and cannot be deleted before that is over."
            if error.outcome_unknown:
                return str(error)
            raise
        return ""

    def _insist_on_region(self) -> None:
        self._call.connections.insist_on_region(
            self._client, self._task, self._state.get("oss_endpoint")
        )
