"""How far a task is, by the clock alone: no row is delivered by this version.

The phases and their order are documented; how long each takes is the emulator's own choice.
"""

from dataclasses import dataclass

from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType, TaskSyncPhase


@dataclass(frozen=True)
class Progress:
    """A task's phase, and until when its rows count as delivered.

    Attributes:
        phase: The phase.
        synced_until: Nanoseconds since 1970, UTC; 0 before the phase INCR (assumed).
    """

    phase: TaskSyncPhase
    synced_until: int


@dataclass(frozen=True)
class Durations:
    """How long phases take, in nanoseconds."""

    init: int
    scan: int

    def progress(self, task_type: int, created: int, now: int) -> Progress:
        """Tell how far a task is that was created then; times in nanoseconds since 1970.

        BASE and BASE_INC pass through INIT, FULL, INCR; INC has no FULL. In INCR a BASE task is
        finished (seen in an SDK), and its time stays that of the scan's end (assumed); the
        others' time is now (assumed).
        """
        initialized = created + self.init
        scanned = initialized + (0 if task_type == DeliveryTaskType.INC else self.scan)
        if now < initialized:
            return Progress(TaskSyncPhase.INIT, 0)
        if now < scanned:
            return Progress(TaskSyncPhase.FULL, 0)
        return Progress(TaskSyncPhase.INCR, scanned if task_type == DeliveryTaskType.BASE else now)
