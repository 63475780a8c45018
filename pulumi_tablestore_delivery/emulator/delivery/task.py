"""The delivery of one task: from rows and changes to files in a bucket, step by step.

One transaction saves a checkpoint and the list of its files. At that time the files are complete,
but not in the bucket. Then they are moved there. After a crash before the checkpoint, the files
are unknown and are removed. After a crash that follows the checkpoint, the remaining files are
moved to the bucket. So every row is written once. All rows are written again only if the bucket was
missing (documented).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.delivery.buffer import Buffer, Plan
from pulumi_tablestore_delivery.emulator.delivery.partitions import object_name
from pulumi_tablestore_delivery.emulator.storage.buckets import Buckets, MissingBucketError
from pulumi_tablestore_delivery.emulator.storage.checkpoints import (
    CheckpointStore,
    Delivery,
    restarted,
)
from pulumi_tablestore_delivery.emulator.storage.database import DatabaseError
from pulumi_tablestore_delivery.emulator.storage.rows import loads_all
from pulumi_tablestore_delivery.emulator.storage.shapes import shape
from pulumi_tablestore_delivery.wire.delivery_pb2 import OSSTaskConfig
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType, TaskSyncPhase

FLUSH_BYTES: Final = 32 * 1024 * 1024
"""A buffer of this size is written at once."""

_MILLISECOND: Final = 1_000_000


class StoppedError(Exception):
    """The emulator is stopping. Files that are newer than the last checkpoint are abandoned."""


@dataclass(frozen=True)
class Setting:
    """The settings of all deliveries.

    Attributes:
        store: The checkpoints, rows and changes.
        buckets: The buckets.
        flush: The age at which rows are written, in nanoseconds.
        now: Returns nanoseconds since 1970.
        is_held: Returns whether a fault stops all deliveries.
        is_stopping: Returns whether the emulator stops.
    """

    store: CheckpointStore
    buckets: Buckets
    flush: int
    now: Callable[[], int]
    is_held: Callable[[], bool]
    is_stopping: Callable[[], bool]


class TaskDelivery:
    """The delivery of one task. One caller at a time.

    Attributes:
        failure: The reason why the last step failed; empty if it succeeded.
    """

    def __init__(self, setting: Setting, delivery: Delivery) -> None:
        """Start at the task's checkpoint."""
        config = OSSTaskConfig.FromString(delivery.config)
        self._setting = setting
        self._store = setting.store
        self._buckets = setting.buckets
        self._plan = Plan(config, [name for name, _, _ in shape(delivery.request).key])
        self._bucket = config.ossBucket
        self._scanned = delivery.scanned
        self._position = delivery.position
        self._buffer: Buffer | None = None
        self.failure = ""

    @property
    def buffered_rows(self) -> int:
        """Return the number of rows that were read and are not in a file yet."""
        return self._buffer.count if self._buffer else 0

    def step(self, delivery: Delivery, limit: int) -> bool:
        """Do one bounded step.

        Args:
            delivery: The task's checkpoint.
            limit: The most rows to read.

        Returns:
            Whether there was work to do.

        Raises:
            StoppedError: The emulator stops.
            OSError: The bucket cannot be written to; `failure` says why.
        """
        try:
            worked = self._work(delivery, limit)
        except MissingBucketError:
            self._rewind(delivery)
            if not delivery.lost_bucket:
                self._save(replace(delivery, lost_bucket=1))
            worked = False
        except BaseException as error:
            self._rewind(delivery)
            if isinstance(error, OSError):
                self.failure = f"Cannot write: {error}"
            elif isinstance(error, DatabaseError):
                self.failure = f"Cannot use the database: {error}"
            raise
        self.failure = ""
        return worked

    def _work(self, delivery: Delivery, limit: int) -> bool:
        if not self._buckets.exists(self._bucket):
            raise MissingBucketError(self._bucket)
        if delivery.lost_bucket:
            self._restart(delivery)
            return True
        self._move_files(delivery)
        now = self._setting.now()
        if now < delivery.initialized or self._setting.is_held():
            return False
        if delivery.phase == TaskSyncPhase.INIT:
            self._begin(delivery, now)
            return True
        if delivery.phase == TaskSyncPhase.FULL:
            return self._scan(delivery, limit)
        if delivery.type == DeliveryTaskType.BASE:
            return False
        return self._follow(delivery, limit)

    def _begin(self, delivery: Delivery, now: int) -> None:
        """Leave INIT. The scan does not include later writes."""
        if delivery.type == DeliveryTaskType.INC:
            begun = replace(delivery, phase=int(TaskSyncPhase.INCR), started=now)
        else:
            begun = replace(
                delivery,
                phase=int(TaskSyncPhase.FULL),
                started=now,
                position=self._store.last_position(),
            )
        self._save(begun)

    def _scan(self, delivery: Delivery, limit: int) -> bool:
        table = shape(delivery.request)
        now = self._setting.now() // _MILLISECOND
        batch = self._store.scan(delivery, self._scanned, limit)
        if batch.places:
            rows, times = loads_all(batch.contents), batch.times
            if table.time_to_live >= 0:
                kept = [
                    ([key, alive], time)
                    for (key, cells), time in zip(rows, times, strict=True)
                    if (alive := table.alive(cells, now)) is not None
                ]
                rows, times = [row for row, _ in kept], [time for _, time in kept]
            self._collect(rows, times, batch.size)
            self._scanned = batch.places[-1]
        after = replace(delivery, scanned=self._scanned)
        if not batch.places and self._setting.now() - delivery.started >= self._setting.flush:
            self._write(replace(after, phase=int(TaskSyncPhase.INCR)))
            return True
        return self._write_if_due(after) or bool(batch.places)

    def _follow(self, delivery: Delivery, limit: int) -> bool:
        batch = self._store.changes(delivery, self._position, limit)
        if batch.places:
            self._collect(loads_all(batch.contents), batch.times, batch.size)
            self._position = batch.places[-1]
        after = replace(delivery, position=self._position)
        return self._write_if_due(after) or bool(batch.places)

    def _collect(self, rows: list[list[Any]], times: list[int], size: int) -> None:
        if self._buffer is None:
            self._buffer = Buffer(self._plan, self._setting.now())
        self._buffer.add(rows, times, size)

    def _write_if_due(self, after: Delivery) -> bool:
        buffer = self._buffer
        if buffer is None or (
            buffer.size < FLUSH_BYTES and self._setting.now() - buffer.since < self._setting.flush
        ):
            return False
        self._write(after)
        return True

    def _write(self, after: Delivery) -> None:
        """Write the buffer to files, save the checkpoint, and move the files to the bucket."""
        buffer = self._buffer
        if buffer is None:
            self._save(after)
            return
        files = list(buffer.files())
        sequence = self._next_sequence(
            after, [*(folder for folder, _ in files), *buffer.dirty_lines]
        )
        moves: list[tuple[str, str]] = []
        self._buckets.staging.mkdir(parents=True, exist_ok=True)
        for folder, table in files:
            if self._setting.is_stopping():
                raise StoppedError
            path, key = self._new_file(after, folder, sequence, len(moves))
            self._plan.layout.write(table, path)
            moves.append((path.name, key))
        for folder, lines in buffer.dirty_lines.items():
            path, key = self._new_file(after, folder, sequence, len(moves))
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            moves.append((path.name, key))
        after = replace(
            after,
            sequence=sequence,
            files=after.files + len(files),
            rows=after.rows + buffer.count,
            dirty=after.dirty + buffer.discards.total(),
        )
        if not self._store.save(after, moves, buffer.discards):
            for name, _ in moves:
                (self._buckets.staging / name).unlink()
        self._rewind(after)
        self._move_files(after)

    def _next_sequence(self, after: Delivery, folders: list[str]) -> int:
        """Return the next sequence number that no object in the folders has.

        An earlier task with the same name may have used the first numbers.
        """
        sequence = after.sequence + 1
        while any(
            self._buckets.has(self._bucket, f"{folder}/{object_name(after.name, folder, sequence)}")
            for folder in folders
        ):
            sequence += 1
        return sequence

    def _new_file(
        self, after: Delivery, folder: str, sequence: int, number: int
    ) -> tuple[Path, str]:
        path = self._buckets.staging / f"{after.id}-{sequence}-{number}"
        return path, f"{folder}/{object_name(after.name, folder, sequence)}"

    def _move_files(self, delivery: Delivery) -> None:
        """Move the files of the checkpoint to the bucket."""
        moves = self._store.moves(delivery)
        for source, key in moves:
            path = self._buckets.staging / source
            if path.exists():
                self._buckets.put(path, self._bucket, key)
        if moves:
            self._store.moved(delivery)

    def _restart(self, delivery: Delivery) -> None:
        """Abandon the files for a missing bucket. Deliver all rows again (documented)."""
        for source, _ in self._store.moves(delivery):
            (self._buckets.staging / source).unlink(missing_ok=True)
        self._store.moved(delivery)
        self._save(restarted(delivery))

    def _save(self, after: Delivery) -> None:
        self._store.save(after)
        self._rewind(after)

    def _rewind(self, delivery: Delivery) -> None:
        """Go back to a checkpoint: drop the rows that were read after it."""
        self._scanned = delivery.scanned
        self._position = delivery.position
        self._buffer = None
