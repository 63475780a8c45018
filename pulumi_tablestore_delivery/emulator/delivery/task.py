"""The delivery of one task: from rows and changes to files in a bucket, step by step.

One transaction saves a checkpoint and the list of its files. At that time the files are complete,
but not in the bucket. Then they are moved there. After a crash before the checkpoint, the files
are unknown and removed. After a crash that follows the checkpoint, the remaining files are moved to
the bucket. An error is handled like a crash. So every row is written once. Only if the bucket was
missing, all rows are written again (documented).
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.delivery.buffer import Buffer, Plan
from pulumi_tablestore_delivery.emulator.delivery.partitions import object_name
from pulumi_tablestore_delivery.emulator.storage.checkpoints import (
    Checkpoint,
    CheckpointStore,
    restarted,
)
from pulumi_tablestore_delivery.emulator.storage.database import DatabaseError
from pulumi_tablestore_delivery.emulator.storage.object_files import exists, remove_files
from pulumi_tablestore_delivery.emulator.storage.objects import NoSuchBucketError, ObjectStore
from pulumi_tablestore_delivery.emulator.storage.rows import loads_all
from pulumi_tablestore_delivery.emulator.storage.shapes import shape
from pulumi_tablestore_delivery.wire.delivery_pb2 import OSSTaskConfig
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType, TaskSyncPhase

FLUSH_BYTES: Final = 32 * 1024 * 1024
"""A buffer of this size is written at once."""

_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000


class StoppedError(Exception):
    """The emulator is stopping. Files that are newer than the last checkpoint are abandoned."""


@dataclass(frozen=True)
class Setting:
    """The settings of all deliveries.

    Attributes:
        store: The checkpoints, rows and changes.
        objects: The buckets and their objects.
        flush: The age at which rows are written, in nanoseconds.
        now: Returns nanoseconds since 1970.
        is_held: Returns whether a fault stops all deliveries.
        is_stopping: Returns whether the emulator stops.
    """

    store: CheckpointStore
    objects: ObjectStore
    flush: int
    now: Callable[[], int]
    is_held: Callable[[], bool]
    is_stopping: Callable[[], bool]


class TaskDelivery:
    """The delivery of one task. One caller at a time.

    Attributes:
        failure: The reason why the last step failed; empty if it succeeded.
    """

    def __init__(self, setting: Setting, checkpoint: Checkpoint) -> None:
        """Start at the task's checkpoint."""
        config = OSSTaskConfig.FromString(checkpoint.config)
        self._setting = setting
        self._store = setting.store
        self._objects = setting.objects
        self._plan = Plan(config, [name for name, _, _ in shape(checkpoint.request).key])
        self._bucket = config.ossBucket
        self._checkpoint = checkpoint
        self._scanned = checkpoint.scanned
        self._position = checkpoint.position
        self._buffer: Buffer | None = None
        self._has_failed = False
        self.failure = ""

    @property
    def buffered_rows(self) -> int:
        """Return the number of rows that were read and are not in a file yet."""
        return self._buffer.count if self._buffer else 0

    def step(self, checkpoint: Checkpoint, limit: int) -> bool:
        """Do one bounded step.

        Args:
            checkpoint: The task's checkpoint.
            limit: The most rows to read.

        Returns:
            Whether there was work to do.

        Raises:
            StoppedError: The emulator stops.
            OSError: The bucket cannot be written to.
            DatabaseError: The database cannot be read or written.
        """
        try:
            worked = self._step(checkpoint, limit)
        except BaseException as error:
            self._has_failed = True
            self.failure = _reason(error)
            raise
        self.failure = ""
        return worked

    def abandon(self) -> None:
        """Remove the files of a deleted task that are not in the bucket, as far as possible."""
        with suppress(OSError):  # the next start removes the rest
            self._remove_files_except(())

    def _step(self, checkpoint: Checkpoint, limit: int) -> bool:
        if self._has_failed:
            self._recover(checkpoint)
        self._checkpoint = checkpoint
        try:
            return self._work(checkpoint, limit)
        except NoSuchBucketError:
            if not self._checkpoint.lost_bucket:
                self._save(replace(self._checkpoint, lost_bucket=True))
            else:
                self._continue_from(self._checkpoint)
            return False

    def _work(self, checkpoint: Checkpoint, limit: int) -> bool:
        if not self._objects.has_bucket(self._bucket):
            raise NoSuchBucketError(self._bucket)
        if checkpoint.lost_bucket:
            self._restart(checkpoint)
            return True
        self._move_files(checkpoint)
        now = self._setting.now()
        if now < checkpoint.initialized or self._setting.is_held():
            return False
        if checkpoint.phase == TaskSyncPhase.INIT:
            self._begin(checkpoint, now)
            return True
        if checkpoint.phase == TaskSyncPhase.FULL:
            return self._scan(checkpoint, limit)
        if checkpoint.type == DeliveryTaskType.BASE:
            return False
        return self._follow(checkpoint, limit)

    def _begin(self, checkpoint: Checkpoint, now: int) -> None:
        """Leave INIT. The scan does not include later writes."""
        if checkpoint.type == DeliveryTaskType.INC:
            begun = replace(checkpoint, phase=int(TaskSyncPhase.INCR), started=now)
        else:
            begun = replace(
                checkpoint,
                phase=int(TaskSyncPhase.FULL),
                started=now,
                position=self._store.last_position(),
            )
        self._save(begun)

    def _scan(self, checkpoint: Checkpoint, limit: int) -> bool:
        table = shape(checkpoint.request)
        now = self._setting.now() // _NANOSECONDS_PER_MILLISECOND
        batch = self._store.scan(checkpoint, self._scanned, limit)
        if batch.cursors:
            rows, times = loads_all(batch.contents), batch.times
            if table.time_to_live >= 0:
                kept = [
                    ([key, alive], time)
                    for (key, cells), time in zip(rows, times, strict=True)
                    if (alive := table.alive(cells, now)) is not None
                ]
                rows, times = [row for row, _ in kept], [time for _, time in kept]
            self._collect(rows, times, batch.size)
            self._scanned = batch.cursors[-1]
        after = replace(checkpoint, scanned=self._scanned)
        if not batch.cursors and self._setting.now() - checkpoint.started >= self._setting.flush:
            self._write(replace(after, phase=int(TaskSyncPhase.INCR)))
            return True
        return self._write_if_due(after) or bool(batch.cursors)

    def _follow(self, checkpoint: Checkpoint, limit: int) -> bool:
        batch = self._store.changes(checkpoint, self._position, limit)
        if batch.cursors:
            self._collect(loads_all(batch.contents), batch.times, batch.size)
            self._position = batch.cursors[-1]
        after = replace(checkpoint, position=self._position)
        return self._write_if_due(after) or bool(batch.cursors)

    def _collect(self, rows: list[list[Any]], times: list[int], size: int) -> None:
        if self._buffer is None:
            self._buffer = Buffer(self._plan, self._setting.now())
        self._buffer.add(rows, times, size)

    def _write_if_due(self, after: Checkpoint) -> bool:
        buffer = self._buffer
        if buffer is None or (
            buffer.size < FLUSH_BYTES and self._setting.now() - buffer.since < self._setting.flush
        ):
            return False
        self._write(after)
        return True

    def _write(self, after: Checkpoint) -> None:
        """Write the buffer to files, save the checkpoint, and move the files to the bucket."""
        buffer = self._buffer
        if buffer is None:
            self._save(after)
            return
        tables = dict(buffer.files())
        sequence, dirty_sequence = self._free_sequences(after, tables, buffer.dirty_lines)
        moves: list[tuple[str, str]] = []
        self._objects.staging.mkdir(parents=True, exist_ok=True)
        for folder, table in tables.items():
            if self._setting.is_stopping():
                raise StoppedError
            path, key = self._new_file(after, folder, sequence, len(moves))
            self._plan.layout.write(table, path)
            moves.append((path.name, key))
        for folder, lines in buffer.dirty_lines.items():
            path, key = self._new_file(after, folder, dirty_sequence, len(moves))
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            moves.append((path.name, key))
        after = replace(
            after,
            sequence=dirty_sequence,
            files=after.files + len(tables),
            rows=after.rows + buffer.count,
            dirty=after.dirty + buffer.discards.total(),
        )
        if not self._store.save(after, moves, buffer.discards):
            for name, _ in moves:
                (self._objects.staging / name).unlink()
        self._continue_from(after)
        self._move_files(after)

    def _free_sequences(
        self, after: Checkpoint, tables: Collection[str], dirty: Collection[str]
    ) -> tuple[int, int]:
        """Return the next sequence numbers for the folders of data, and for those of dirty values.

        The two are equal, unless a folder is both: two prefixes may give one folder on some days.
        """
        sequence = self._free_sequence(after.name, tables, after.sequence + 1)
        is_shared = any(folder in dirty for folder in tables)
        return sequence, self._free_sequence(after.name, dirty, sequence + is_shared)

    def _free_sequence(self, task: str, folders: Collection[str], first: int) -> int:
        """Return the first sequence number from `first` on that is free in all folders.

        An earlier task of the same name, or a task of another table, may have used some. Its file
        is in the bucket, or waits for its move.
        """
        waiting = self._store.targets() if folders else frozenset()
        sequence = first
        while any(
            key in waiting or self._objects.has(self._bucket, key)
            for folder in folders
            for key in [f"{folder}/{object_name(task, folder, sequence)}"]
        ):
            sequence += 1
        return sequence

    def _new_file(
        self, after: Checkpoint, folder: str, sequence: int, number: int
    ) -> tuple[Path, str]:
        path = self._objects.staging / f"{after.id}-{sequence}-{number}"
        return path, f"{folder}/{object_name(after.name, folder, sequence)}"

    def _move_files(self, checkpoint: Checkpoint) -> None:
        """Move the files of the checkpoint to the bucket."""
        moves = self._store.moves(checkpoint)
        for source, key in moves:
            path = self._objects.staging / source
            if exists(path):  # else it was moved before a crash or an error
                self._objects.put_delivered(path, self._bucket, key)
        if moves:
            self._store.moved(checkpoint)

    def _restart(self, checkpoint: Checkpoint) -> None:
        """Abandon the files for a missing bucket. Deliver all rows again (documented)."""
        for source, _ in self._store.moves(checkpoint):
            (self._objects.staging / source).unlink(missing_ok=True)
        self._store.moved(checkpoint)
        self._save(restarted(checkpoint))

    def _save(self, after: Checkpoint) -> None:
        self._store.save(after)
        self._continue_from(after)

    def _recover(self, checkpoint: Checkpoint) -> None:
        """Forget what a failed step left in memory and in `staging`: only the checkpoint counts.

        The step may have saved a checkpoint before it failed, or even while it failed.
        """
        self._continue_from(checkpoint)
        self._remove_files_except({source for source, _ in self._store.moves(checkpoint)})
        self._has_failed = False

    def _remove_files_except(self, known: Collection[str]) -> None:
        prefix = f"{self._checkpoint.id}-"
        remove_files(
            self._objects.staging, lambda name: name.startswith(prefix) and name not in known
        )

    def _continue_from(self, checkpoint: Checkpoint) -> None:
        """Continue from a checkpoint. Drop the rows that were read after it."""
        self._checkpoint = checkpoint
        self._scanned = checkpoint.scanned
        self._position = checkpoint.position
        self._buffer = None


def _reason(error: BaseException) -> str:
    """Return why a step failed, for people."""
    if isinstance(error, StoppedError):
        return ""
    if isinstance(error, OSError):
        return f"Cannot write: {error}"
    if isinstance(error, DatabaseError):
        return f"Cannot use the database: {error}"
    return "The emulator has a bug. Its log has the traceback."
