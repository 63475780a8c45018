"""Delivery: from rows and changes to files in buckets, step by step, each from a checkpoint.

A checkpoint and the list of the files that belong to it are one transaction, made when the files
are complete but not yet in the bucket; then they are put there. After a crash before the
checkpoint its files are unknown and removed; after it, the rest of them is put at their places.
So every row is written once. Only a bucket that was missing makes the emulator write all rows
again (documented).
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.buckets import Buckets, MissingBucketError
from pulumi_tablestore_delivery.emulator.buffer import Buffer, Plan
from pulumi_tablestore_delivery.emulator.delivery_store import (
    Delivery,
    DeliveryStore,
    begun_again,
)
from pulumi_tablestore_delivery.emulator.faults import Faults, TaskError
from pulumi_tablestore_delivery.emulator.partitions import object_name
from pulumi_tablestore_delivery.emulator.row_store import loads_all
from pulumi_tablestore_delivery.emulator.tables import shape
from pulumi_tablestore_delivery.wire.delivery_pb2 import OSSTaskConfig
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType, TaskSyncPhase

FLUSH_BYTES: Final = 32 * 1024 * 1024
"""How much is kept before it is written, whatever its age."""

_BATCH_ROWS: Final = 2000
_BATCH_BYTES: Final = 4 * 1024 * 1024
_SETTLE_ROWS: Final = 500
_SETTLE_STEPS: Final = 4
_SETTLE_WAIT_SECONDS: Final = 0.1
_IDLE_SECONDS: Final = 0.05
_FAILED_SECONDS: Final = 1.0
_MILLISECOND: Final = 1_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """A task's phase, and until when its rows count as delivered.

    Attributes:
        phase: The phase.
        delivered_until: Nanoseconds since 1970, UTC; 0 before the phase INCR (assumed).
        failure: Why its bucket could not be written to at the last try; empty if it could.
    """

    phase: TaskSyncPhase
    delivered_until: int
    failure: str


@dataclass
class _Task:
    """What is known of a task beyond its checkpoint.

    Attributes:
        plan: What its configuration makes of rows.
        bucket: Where it delivers to.
        scanned: The last key that was read.
        position: The last change that was read.
        buffer: What was read and is in no file yet; None if there is nothing.
    """

    plan: Plan
    bucket: str
    scanned: bytes
    position: int
    buffer: Buffer | None = field(default=None)


class _StoppedError(Exception):
    """The emulator stops, and the files so far are given up."""


class Deliveries:
    """The deliveries of an instance. Safe to use from threads: one step at a time."""

    def __init__(  # noqa: PLR0913 - one a part
        self,
        store: DeliveryStore,
        seen: DeliveryStore,
        instance: str,
        buckets: Buckets,
        faults: Faults,
        *,
        now: Callable[[], int],
        flush: int,
    ) -> None:
        """Go on from the checkpoints.

        Args:
            store: The checkpoints, rows and changes.
            seen: The same for those who ask meanwhile: on a connection of theirs.
            instance: The instance.
            buckets: Where to.
            faults: What goes wrong on request.
            now: The time in nanoseconds since 1970.
            flush: How old rows get before they are written, in nanoseconds.
        """
        self._store = store
        self._seen = seen
        self._instance = instance
        self._buckets = buckets
        self._faults = faults
        self._now = now
        self._flush = flush
        self._tasks: dict[int, _Task] = {}
        self._failures: dict[int, str] = {}
        self._last: dict[int, Progress] = {}
        self._stop = Event()
        self._lock = Lock()
        if buckets.staging.exists():
            known = store.sources()
            for path in buckets.staging.iterdir():
                if path.name not in known:
                    path.unlink()

    def stop(self) -> None:
        """Let `run` end soon. What has no checkpoint yet is done again by the next emulator."""
        self._stop.set()

    def run(self) -> None:
        """Deliver until told to stop."""
        while not self._stop.is_set():
            try:
                pause = self._round()
            except _StoppedError:
                return
            except sqlite3.Error:
                _log.exception("Cannot look for delivery tasks")
                pause = _FAILED_SECONDS
            self._stop.wait(pause)

    def _round(self) -> float:
        """Do a step of every task; return how many seconds to wait before the next."""
        worked = failed = False
        for delivery in self._all():
            if self._stop.is_set():
                raise _StoppedError
            try:
                worked |= self._locked_step(delivery)
            except _StoppedError:
                raise
            except OSError:
                failed = True  # `_step` has kept it for those who ask
            except Exception:  # noqa: BLE001 - the other tasks go on, and this one is tried again
                _log.exception("Cannot deliver %s/%s", delivery.table_name, delivery.name)
                failed = True
        if failed:
            return _FAILED_SECONDS
        return 0.0 if worked else _IDLE_SECONDS

    def progress(self, table_name: str, name: str) -> Progress:
        """How far a task is that exists.

        What a task has to do by now and is done quickly is done first, so that its phase follows
        the clock even where `run` is not running.
        """
        if self._lock.acquire(timeout=_SETTLE_WAIT_SECONDS):
            try:
                self._settle(table_name, name)
            finally:
                self._lock.release()
        delivery = self._seen.one(self._instance, table_name, name)
        if delivery is None:  # deleted since the caller saw it
            return Progress(TaskSyncPhase.INCR, 0, "")
        return self._progress(delivery)

    def report(self) -> list[dict[str, Any]]:
        """How far all tasks are."""
        found = []
        for each in self._seen.all(self._instance):
            progress = self._progress(each)
            found.append(
                {
                    "table": each.table_name,
                    "task": each.name,
                    "mode": DeliveryTaskType(each.type).name,
                    "phase": progress.phase.name,
                    "delivered_until": progress.delivered_until,
                    "files": each.files,
                    "rows": each.rows,
                    "dirty": each.dirty,
                    "rewrites": each.rewrites,
                }
            )
        return found

    def _progress(self, delivery: Delivery) -> Progress:
        now, phase = self._now(), TaskSyncPhase(delivery.phase)
        inc = delivery.type == DeliveryTaskType.INC
        failure = self._failures.get(delivery.id, "")
        if self._seen.moves(delivery):  # the checkpoint's files are not all in the bucket yet
            unknown = Progress(TaskSyncPhase.INCR if inc else TaskSyncPhase.FULL, 0, "")
            return replace(self._last.get(delivery.id, unknown), failure=failure)
        if phase == TaskSyncPhase.INIT and now >= delivery.initialized:
            # Only its bucket, or an error on request, keeps it from delivering.
            phase = TaskSyncPhase.INCR if inc else TaskSyncPhase.FULL
        progress = Progress(phase, self._seen.delivered_until(delivery, now), failure)
        self._last[delivery.id] = progress
        return progress

    def _all(self) -> list[Delivery]:
        with self._lock:
            found = self._store.all(self._instance)
            known = {delivery.id for delivery in found}
            for kept in (self._tasks, self._failures, self._last):
                for number in kept.keys() - known:
                    kept.pop(number, None)
        return found

    def _locked_step(self, stale: Delivery) -> bool:
        with self._lock:
            delivery = self._store.one(self._instance, stale.table_name, stale.name)
            return delivery is not None and self._step(delivery, _BATCH_ROWS)

    def _settle(self, table_name: str, name: str) -> None:
        for _ in range(_SETTLE_STEPS):
            delivery = self._store.one(self._instance, table_name, name)
            if delivery is None:
                return
            task = self._tasks.get(delivery.id)
            if task and task.buffer and task.buffer.count > _SETTLE_ROWS:
                return
            try:
                if not self._step(delivery, _SETTLE_ROWS):
                    return
            except (OSError, _StoppedError):
                return  # `run` meets it too, and tells

    def _step(self, delivery: Delivery, batch: int) -> bool:
        """Do a bounded piece of work; return whether there was any."""
        try:
            worked = self._work(delivery, self._task(delivery), batch)
        except MissingBucketError:
            self._lose_bucket(delivery)
            worked = False
        except BaseException as error:
            self._tasks.pop(delivery.id, None)  # goes on from the checkpoint
            if isinstance(error, OSError):
                self._failures[delivery.id] = f"Cannot write: {error}"
            raise
        self._failures.pop(delivery.id, None)
        return worked

    def _work(self, delivery: Delivery, task: _Task, batch: int) -> bool:
        if not self._buckets.exists(task.bucket):
            raise MissingBucketError(task.bucket)
        if delivery.lost_bucket:
            self._begin_again(delivery)
            return True
        self._place(delivery, task)
        now = self._now()
        if now < delivery.initialized or self._faults.pending(TaskError):
            return False
        return self._deliver(delivery, task, now, batch)

    def _deliver(self, delivery: Delivery, task: _Task, now: int, batch: int) -> bool:
        if delivery.phase == TaskSyncPhase.INIT:
            self._begin(delivery, now)
            return True
        if delivery.phase == TaskSyncPhase.FULL:
            return self._scan(delivery, task, batch)
        if delivery.type == DeliveryTaskType.BASE:
            return False
        return self._follow(delivery, task, batch)

    def _task(self, delivery: Delivery) -> _Task:
        task = self._tasks.get(delivery.id)
        if task is None:
            config = OSSTaskConfig.FromString(delivery.config)
            key = [name for name, _, _ in shape(delivery.request).key]
            plan = Plan(config, key)
            task = _Task(plan, config.ossBucket, delivery.scanned, delivery.position)
            self._tasks[delivery.id] = task
        return task

    def _begin(self, delivery: Delivery, now: int) -> None:
        """Leave INIT: from now on all writes are later than what a scan includes."""
        if delivery.type == DeliveryTaskType.INC:
            begun = replace(delivery, phase=int(TaskSyncPhase.INCR), started=now)
        else:
            begun = replace(
                delivery,
                phase=int(TaskSyncPhase.FULL),
                started=now,
                position=self._store.last_position(),
            )
        self._checkpoint(begun)

    def _scan(self, delivery: Delivery, task: _Task, batch: int) -> bool:
        limits = shape(delivery.request)
        now = self._now() // _MILLISECOND
        keys, written, contents, size = _read(self._store.scan(delivery, task.scanned), batch)
        if keys:
            rows = loads_all(contents)
            if limits.time_to_live >= 0:
                kept = [
                    ([key, alive], time)
                    for (key, cells), time in zip(rows, written, strict=True)
                    if (alive := limits.alive(cells, now)) is not None
                ]
                rows, written = [row for row, _ in kept], [time for _, time in kept]
            self._collect(task, rows, written, size)
            task.scanned = keys[-1]
        after = replace(delivery, scanned=task.scanned)
        if not keys and self._now() - delivery.started >= self._flush:
            self._write(replace(after, phase=int(TaskSyncPhase.INCR)), task)
            return True
        return self._write_if_due(after, task) or bool(keys)

    def _follow(self, delivery: Delivery, task: _Task, batch: int) -> bool:
        changes = self._store.changes(delivery, task.position)
        positions, written, contents, size = _read(changes, batch)
        if positions:
            self._collect(task, loads_all(contents), written, size)
            task.position = positions[-1]
        return self._write_if_due(replace(delivery, position=task.position), task) or bool(
            positions
        )

    def _collect(self, task: _Task, rows: list[list[Any]], written: list[int], size: int) -> None:
        if task.buffer is None:
            task.buffer = Buffer(task.plan, self._now())
        task.buffer.add(rows, written, size)

    def _write_if_due(self, after: Delivery, task: _Task) -> bool:
        buffer = task.buffer
        if buffer is None or (
            buffer.size < FLUSH_BYTES and self._now() - buffer.since < self._flush
        ):
            return False
        self._write(after, task)
        return True

    def _write(self, after: Delivery, task: _Task) -> None:
        """Write what is buffered, and let the checkpoint that follows be valid."""
        buffer = task.buffer
        if buffer is None:
            self._checkpoint(after)
            return
        files = list(buffer.files())
        sequence = after.sequence + 1
        while any(
            self._buckets.has(task.bucket, f"{folder}/{object_name(after.name, folder, sequence)}")
            for folder in [*(folder for folder, _ in files), *buffer.dirty_lines]
        ):
            sequence += 1  # an earlier task of the same name wrote it
        moves: list[tuple[str, str]] = []
        staging = self._buckets.staging
        staging.mkdir(parents=True, exist_ok=True)
        for folder, table in files:
            if self._stop.is_set():
                raise _StoppedError
            path, key = self._new_file(after, folder, sequence, len(moves))
            task.plan.layout.write(table, path)
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
            dirty=after.dirty + buffer.dirty,
        )
        if not self._store.save(after, moves):
            for name, _ in moves:
                (staging / name).unlink()
        del self._tasks[after.id]  # goes on from the checkpoint
        self._place(after, task)

    def _new_file(
        self, after: Delivery, folder: str, sequence: int, number: int
    ) -> tuple[Path, str]:
        path = self._buckets.staging / f"{after.id}-{sequence}-{number}"
        return path, f"{folder}/{object_name(after.name, folder, sequence)}"

    def _place(self, delivery: Delivery, task: _Task) -> None:
        """Put files that belong to a checkpoint into the bucket."""
        moves = self._store.moves(delivery)
        for source, key in moves:
            path = self._buckets.staging / source
            if path.exists():
                self._buckets.put(path, task.bucket, key)
        if moves:
            self._store.moved(delivery)

    def _lose_bucket(self, delivery: Delivery) -> None:
        self._tasks.pop(delivery.id, None)
        if not delivery.lost_bucket:
            self._checkpoint(replace(delivery, lost_bucket=1))

    def _begin_again(self, delivery: Delivery) -> None:
        """Give up what waits for a bucket that was missing, and deliver everything (documented)."""
        for source, _ in self._store.moves(delivery):
            (self._buckets.staging / source).unlink(missing_ok=True)
        self._store.moved(delivery)
        self._checkpoint(begun_again(delivery))

    def _checkpoint(self, delivery: Delivery) -> None:
        self._store.save(delivery)
        self._tasks.pop(delivery.id, None)


def _read(found: sqlite3.Cursor, most: int) -> tuple[list[Any], list[int], list[str], int]:
    """Take rows until they are many or long: places, times, contents, and the contents' size."""
    places, times, contents, size = [], [], [], 0
    for place, time, content in found:
        places.append(place)
        times.append(time)
        contents.append(content)
        size += len(content)
        if len(places) >= most or size >= _BATCH_BYTES:
            break
    found.close()  # or the connection would go on to see the past
    return places, times, contents, size
