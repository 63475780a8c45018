"""The progress of the delivery tasks, for operations and people."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from pulumi_tablestore_delivery.emulator.delivery.worker import Worker
from pulumi_tablestore_delivery.emulator.storage.checkpoints import Checkpoint, CheckpointStore
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType, TaskSyncPhase


@dataclass(frozen=True)
class Progress:
    """A task's phase, and the time until which its rows are delivered.

    Attributes:
        phase: The phase.
        delivered_until: Nanoseconds since 1970, UTC; 0 before the phase INCR (assumed).
        failure: The reason why the last step of its delivery failed; empty if it succeeded.
    """

    phase: TaskSyncPhase
    delivered_until: int
    failure: str


class ProgressReport:
    """The progress of an instance's tasks. One caller at a time."""

    def __init__(
        self, store: CheckpointStore, instance: str, worker: Worker, now: Callable[[], int]
    ) -> None:
        """Read checkpoints on a separate connection, at the same time as the worker."""
        self._store = store
        self._instance = instance
        self._worker = worker
        self._now = now
        self._last: dict[int, Progress] = {}

    def of(self, table_name: str, name: str) -> Progress:
        """Return the progress of a task that exists."""
        self._worker.settle(table_name, name)
        checkpoint = self._store.one(self._instance, table_name, name)
        if checkpoint is None:  # deleted since the caller saw it
            return Progress(TaskSyncPhase.INCR, 0, "")
        return self._of(checkpoint)

    def all(self) -> list[dict[str, Any]]:
        """Describe the progress of every task, as JSON."""
        found = self._store.all(self._instance)
        for task_id in self._last.keys() - {checkpoint.id for checkpoint in found}:
            del self._last[task_id]
        return [self._described(checkpoint) for checkpoint in found]

    def _described(self, checkpoint: Checkpoint) -> dict[str, Any]:
        progress = self._of(checkpoint)
        return {
            "table": checkpoint.table_name,
            "task": checkpoint.name,
            "mode": DeliveryTaskType(checkpoint.type).name,
            "phase": progress.phase.name,
            "delivered_until": progress.delivered_until,
            "files": checkpoint.files,
            "rows": checkpoint.rows,
            "dirty": checkpoint.dirty,
            "rewrites": checkpoint.rewrites,
            "failure": progress.failure,
            "discarded": [asdict(discard) for discard in self._store.discards(checkpoint)],
        }

    def _of(self, checkpoint: Checkpoint) -> Progress:
        now, phase = self._now(), TaskSyncPhase(checkpoint.phase)
        is_inc = checkpoint.type == DeliveryTaskType.INC
        failure = self._worker.failure(checkpoint.id)
        if self._store.moves(checkpoint):  # the checkpoint's files are not all in the bucket yet
            unknown = Progress(TaskSyncPhase.INCR if is_inc else TaskSyncPhase.FULL, 0, "")
            return replace(self._last.get(checkpoint.id, unknown), failure=failure)
        if phase == TaskSyncPhase.INIT and now >= checkpoint.initialized:
            # INIT is over. The task has not begun: its bucket is missing, or a fault holds it.
            phase = TaskSyncPhase.INCR if is_inc else TaskSyncPhase.FULL
        progress = Progress(phase, self._store.delivered_until(checkpoint, now), failure)
        self._last[checkpoint.id] = progress
        return progress
