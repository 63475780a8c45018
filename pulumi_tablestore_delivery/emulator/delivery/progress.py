"""The progress of the delivery tasks, for operations and people."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from pulumi_tablestore_delivery.emulator.delivery.worker import Worker
from pulumi_tablestore_delivery.emulator.storage.checkpoints import CheckpointStore, Delivery
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType, TaskSyncPhase


@dataclass(frozen=True)
class Progress:
    """A task's phase, and the time until which its rows are delivered.

    Attributes:
        phase: The phase.
        delivered_until: Nanoseconds since 1970, UTC; 0 before the phase INCR (assumed).
        failure: Why the last attempt to write to its bucket failed; empty if it did not fail.
    """

    phase: TaskSyncPhase
    delivered_until: int
    failure: str


class ProgressReport:
    """The progress of an instance's tasks. One caller at a time."""

    def __init__(
        self, store: CheckpointStore, instance: str, worker: Worker, now: Callable[[], int]
    ) -> None:
        """Read checkpoints on an own connection, at the same time as the worker."""
        self._store = store
        self._instance = instance
        self._worker = worker
        self._now = now
        self._last: dict[int, Progress] = {}

    def of(self, table_name: str, name: str) -> Progress:
        """Return the progress of a task that exists."""
        self._worker.settle(table_name, name)
        delivery = self._store.one(self._instance, table_name, name)
        if delivery is None:  # deleted since the caller saw it
            return Progress(TaskSyncPhase.INCR, 0, "")
        return self._of(delivery)

    def all(self) -> list[dict[str, Any]]:
        """Describe the progress of every task, as JSON."""
        found = self._store.all(self._instance)
        for number in self._last.keys() - {delivery.id for delivery in found}:
            del self._last[number]
        return [self._described(delivery) for delivery in found]

    def _described(self, delivery: Delivery) -> dict[str, Any]:
        progress = self._of(delivery)
        return {
            "table": delivery.table_name,
            "task": delivery.name,
            "mode": DeliveryTaskType(delivery.type).name,
            "phase": progress.phase.name,
            "delivered_until": progress.delivered_until,
            "files": delivery.files,
            "rows": delivery.rows,
            "dirty": delivery.dirty,
            "rewrites": delivery.rewrites,
            "failure": progress.failure,
            "discarded": [asdict(discard) for discard in self._store.discards(delivery)],
        }

    def _of(self, delivery: Delivery) -> Progress:
        now, phase = self._now(), TaskSyncPhase(delivery.phase)
        is_inc = delivery.type == DeliveryTaskType.INC
        failure = self._worker.failure(delivery.id)
        if self._store.moves(delivery):  # the checkpoint's files are not all in the bucket yet
            unknown = Progress(TaskSyncPhase.INCR if is_inc else TaskSyncPhase.FULL, 0, "")
            return replace(self._last.get(delivery.id, unknown), failure=failure)
        if phase == TaskSyncPhase.INIT and now >= delivery.initialized:
            # Only its bucket or a requested fault can stop its delivery.
            phase = TaskSyncPhase.INCR if is_inc else TaskSyncPhase.FULL
        progress = Progress(phase, self._store.delivered_until(delivery, now), failure)
        self._last[delivery.id] = progress
        return progress
