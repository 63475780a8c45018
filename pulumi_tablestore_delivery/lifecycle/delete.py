"""Delete: remove the task, but only if it is this resource's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.errors import CallError, ServiceError, WaitTimeoutError
from pulumi_tablestore_delivery.lifecycle.connections import describe
from pulumi_tablestore_delivery.lifecycle.engine_call import EngineCall
from pulumi_tablestore_delivery.lifecycle.polling import Backoff, is_transient, summary_of
from pulumi_tablestore_delivery.lifecycle.read import content_differences, readable_inputs
from pulumi_tablestore_delivery.lifecycle.types import UNCONFIRMED, TaskId
from pulumi_tablestore_delivery.message import Message, Name
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import Difference
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.properties import readable_spec_of
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

_DEFAULT_TIMEOUT: Final = DeliveryTaskSpec.model_fields["timeout_seconds"].default


def delete(call: EngineCall, task_id: str, state: Mapping[str, Any]) -> None:
    """See `Lifecycle.delete`."""
    task = TaskId.parse(task_id)
    if call.registry.is_continued(task):
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


@dataclass(frozen=True)
class _Obstacle:
    """Why a task could not be deleted, and deleting it may work later.

    Attributes:
        reason: A sentence for the error at the deadline.
        progress: A few words for the resource's row.
    """

    reason: str
    progress: str = "waiting until the task can be deleted"


_INITIALIZING: Final = _Obstacle(
    "it is still initializing and cannot be deleted before that is over."
)


class _Deletion:
    """One deletion.

    Args:
        call: The engine's call.
        task: The task.
        state: The outputs that the stack has of it.
    """

    def __init__(self, call: EngineCall, task: TaskId, state: Mapping[str, Any]) -> None:
        self._call = call
        self._task = task
        self._state = state
        self._inputs = readable_inputs(state)
        self._client: TablestoreClient = call.connections.client(
            task.instance_name, self._inputs.get("tablestore_endpoint")
        )

    def run(self) -> None:
        """Delete the task, unless it is gone or belongs to somebody else."""
        if self._may_be_foreign() and not self._is_ours():
            return
        timeout = self._call.timeout
        if timeout is None:
            timeout = float(self._inputs.get("timeout_seconds") or _DEFAULT_TIMEOUT)
        backoff = Backoff(self._call.connections.clock, timeout, self._call.connections.stop)
        obstacle = self._attempt()
        while obstacle:
            if backoff.is_over:
                raise WaitTimeoutError(self._why_over(backoff, obstacle))
            self._call.report.status(f"{obstacle.progress} ({backoff.waited:.0f} s)")
            backoff.sleep()
            obstacle = self._poll(backoff.poll_timeout)

    def _why_over(self, backoff: Backoff, obstacle: _Obstacle) -> str:
        if backoff.is_cancelled:
            return (
                f"{self._task}: not deleted: {obstacle.reason} The wait was cancelled after "
                f"{backoff.waited:.0f} s. The task is still in the state."
            )
        return (
            f"{self._task}: not deleted after {backoff.waited:.0f} s: {obstacle.reason} The task "
            "is still in the state. Try again later."
        )

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
            self._require_own_region()
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
                listed=Message.joined("; ", map(_in_words, found)),
            )
        )

    def _poll(self, within: float) -> _Obstacle | None:
        """Delete the task once more. A failure that may pass does not end the wait."""
        try:
            return self._attempt(within)
        except CallError as error:
            if not is_transient(error):
                raise
            return _Obstacle(error.message, f"{summary_of(error)}, retrying")

    def _attempt(self, within: float | None = None) -> _Obstacle | None:
        """Delete the task once. Return why it is to be tried again; None if it is gone."""
        try:
            self._client.delete_delivery_task(self._task.table_name, self._task.task_name, within)
        except CallError as error:
            if isinstance(error, ServiceError):
                if error.is_not_found:
                    self._require_own_region()
                    return None
                if error.is_denied:
                    raise
            elif not error.outcome_unknown:
                raise
            answer = describe(self._client, self._task, within)
            if answer is None:
                self._require_own_region()
                return None
            if found := content_differences(self._state, answer):
                self._report_foreign(found)  # ours is gone, and another task has its name
                return None
            if codec.described_state(answer).phase == "INIT":
                return _INITIALIZING
            if error.outcome_unknown:
                return _Obstacle(error.message)
            raise
        return None

    def _require_own_region(self) -> None:
        self._call.connections.require_own_region(
            self._client, self._task, self._inputs.get("oss_endpoint")
        )


def _in_words(item: Difference) -> str:
    if item.old is not UNKNOWN:
        return item.message
    return Message("{path}: this version cannot read the value in the state", path=Name(item.path))
