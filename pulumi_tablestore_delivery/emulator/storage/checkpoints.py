"""The checkpoints of delivery tasks, and the rows and changes after a checkpoint."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.storage.database import Database
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType, TaskSyncPhase


@dataclass(frozen=True)
class Checkpoint:
    """A task at its last checkpoint. Times are nanoseconds since 1970.

    Attributes:
        id: Its id. A task that is created again with the same name has another one.
        instance: The instance.
        table_name: The table.
        name: The task's name.
        table_id: The table's id.
        needs_log: Whether it delivers changes, so they must be logged.
        initialized: The end of its initialization.
        phase: Its phase.
        started: The start of the scan, or the time when an INC task became ready.
        origin: The position of the last write before the task was created.
        position: Changes up to here are delivered, or are part of the scan.
        scanned: The key of the last row that the full scan delivered.
        files: The number of files written.
        sequence: The number of the last flush. It is part of file names.
        rows: The number of rows written.
        dirty: The number of values discarded.
        rewrites: The number of times that all rows were written again because of a missing bucket.
        lost_bucket: Whether the bucket was missing in the last step.
        type: The number of its mode.
        config: The bytes of its OSSTaskConfig.
        request: The bytes of its table's CreateTableRequest.
    """

    id: int
    instance: str
    table_name: str
    name: str
    table_id: int
    needs_log: bool
    initialized: int
    phase: int
    started: int
    origin: int
    position: int
    scanned: bytes
    files: int
    sequence: int
    rows: int
    dirty: int
    rewrites: int
    lost_bucket: bool
    type: int
    config: bytes
    request: bytes


_OF_TASK: Final = ("type", "config")
_OF_TABLE: Final = ("request",)
_COLUMNS: Final = ", ".join(
    f"{'k' if field.name in _OF_TASK else 't' if field.name in _OF_TABLE else 'd'}.{field.name}"
    for field in fields(Checkpoint)
)
_SELECT: Final = (
    f"SELECT {_COLUMNS} FROM deliveries d"  # noqa: S608 - the names above
    " JOIN delivery_tasks k USING (instance, table_name, name)"
    " JOIN tables t ON t.instance = d.instance AND t.name = d.table_name"
)
_BATCH_BYTES: Final = 4 * 1024 * 1024
_PRUNED_AT_ONCE: Final = 500  # changes to delete at once; a write has to wait for it
_SAVED: Final = (
    *("phase", "started", "position", "scanned", "files", "sequence", "rows", "dirty"),
    *("rewrites", "lost_bucket"),
)


@dataclass(frozen=True)
class Batch:
    """Rows or changes, in order.

    Attributes:
        cursors: The key of each row, or the position of each change.
        times: The time of each write, in nanoseconds since 1970.
        contents: The stored form of each, for `rows.loads_all`.
        size: The length of the contents.
    """

    cursors: list[Any]
    times: list[int]
    contents: list[str]
    size: int


@dataclass(frozen=True)
class Discard:
    """Values that a task discarded for one reason.

    Attributes:
        column: The source column.
        reason: The reason, such as "is not INT64".
        count: The number of values.
    """

    column: str
    reason: str
    count: int


class CheckpointStore:
    """Read rows and changes, and save checkpoints. One caller at a time."""

    def __init__(self, db: Database) -> None:
        """Use a connection."""
        self._db = db

    def all(self, instance: str) -> list[Checkpoint]:
        """List all tasks of an instance."""
        rows = self._db.execute(f"{_SELECT} WHERE d.instance = ? ORDER BY d.id", (instance,))
        return [_checkpoint(row) for row in rows]

    def one(self, instance: str, table_name: str, name: str) -> Checkpoint | None:
        """Find a task."""
        row = self._db.execute(
            f"{_SELECT} WHERE d.instance = ? AND d.table_name = ? AND d.name = ?",
            (instance, table_name, name),
        ).fetchone()
        return _checkpoint(row) if row else None

    def last_position(self) -> int:
        """Return the position of the last write."""
        (position,) = self._db.execute("SELECT last FROM positions").fetchone()
        return int(position)

    def scan(self, checkpoint: Checkpoint, after: bytes, limit: int) -> Batch:
        """Read rows that follow a key.

        A BASE_INC task skips rows that were written after its scan started. They are in the log.
        """
        newest = checkpoint.position if checkpoint.type == DeliveryTaskType.BASE_INC else 1 << 62
        found = self._db.execute(
            "SELECT key, time, content FROM rows WHERE table_id = ? AND key > ? AND position <= ?"
            " ORDER BY key",
            (checkpoint.table_id, after, newest),
        )
        return _batch(found, limit)

    def changes(self, checkpoint: Checkpoint, after: int, limit: int) -> Batch:
        """Read changes after a position."""
        found = self._db.execute(
            "SELECT position, time, content FROM changes WHERE table_id = ? AND position > ?"
            " ORDER BY position",
            (checkpoint.table_id, after),
        )
        return _batch(found, limit)

    def save(
        self,
        checkpoint: Checkpoint,
        moves: Iterable[tuple[str, str]] = (),
        discards: Mapping[tuple[str, str], int] | None = None,
    ) -> bool:
        """Save a checkpoint.

        Args:
            checkpoint: The checkpoint.
            moves: Its files that are not in the bucket yet: source, target.
            discards: The number of discarded values by column and reason.

        Returns:
            False if the task was deleted meanwhile. Then nothing is saved.
        """
        values = [getattr(checkpoint, name) for name in _SAVED]
        with self._db.transaction():
            done = self._db.execute(
                f"UPDATE deliveries SET {', '.join(f'{name} = ?' for name in _SAVED)} WHERE id = ?",  # noqa: S608 - the names above
                (*values, checkpoint.id),
            )
            if not done.rowcount:
                return False
            self._db.executemany(
                "INSERT INTO moves VALUES (?, ?, ?)", [(checkpoint.id, *move) for move in moves]
            )
            self._db.executemany(
                "INSERT INTO discards VALUES (?, ?, ?, ?) ON CONFLICT (delivery_id, column_name,"
                " reason) DO UPDATE SET count = count + excluded.count",
                [(checkpoint.id, *kind, count) for kind, count in (discards or {}).items()],
            )
        return True

    def prune(self, checkpoint: Checkpoint) -> bool:
        """Delete some changes that all tasks have delivered. Return whether there are more.

        The changes of INC tasks stay, because these tasks write all again after a missing bucket.
        """
        with self._db.transaction():
            done = self._db.execute(
                "DELETE FROM changes WHERE position IN"
                " (SELECT position FROM changes WHERE table_id = :table AND position <="
                "  (SELECT min(CASE k.type WHEN :inc THEN d.origin ELSE d.position END)"
                "   FROM deliveries d JOIN delivery_tasks k USING (instance, table_name, name)"
                "   WHERE d.table_id = :table AND d.needs_log)"
                "  ORDER BY position LIMIT :most)",
                {
                    "table": checkpoint.table_id,
                    "inc": DeliveryTaskType.INC,
                    "most": _PRUNED_AT_ONCE,
                },
            )
        return done.rowcount == _PRUNED_AT_ONCE

    def moves(self, checkpoint: Checkpoint) -> list[tuple[str, str]]:
        """List the files of a task that are not in the bucket yet: source, target."""
        return self._db.execute(
            "SELECT source, target FROM moves WHERE delivery_id = ? ORDER BY rowid",
            (checkpoint.id,),
        ).fetchall()

    def moved(self, checkpoint: Checkpoint) -> None:
        """Record that all files of a task are in the bucket or abandoned."""
        with self._db.transaction():
            self._db.execute("DELETE FROM moves WHERE delivery_id = ?", (checkpoint.id,))

    def discards(self, checkpoint: Checkpoint) -> list[Discard]:
        """List the values that a task discarded, sorted by column and reason."""
        found = self._db.execute(
            "SELECT column_name, reason, count FROM discards WHERE delivery_id = ?"
            " ORDER BY column_name, reason",
            (checkpoint.id,),
        )
        return [Discard(*row) for row in found]

    def sources(self) -> set[str]:
        """Return the files that are not in a bucket yet."""
        return {source for (source,) in self._db.execute("SELECT source FROM moves")}

    def targets(self) -> frozenset[str]:
        """Return the keys of all files that are not in a bucket yet, whatever the bucket."""
        return frozenset(target for (target,) in self._db.execute("SELECT target FROM moves"))

    def delivered_until(self, checkpoint: Checkpoint, now: int) -> int:
        """Return the time until which every write is delivered; 0 before INCR (assumed).

        For a BASE task it is the start of its scan.
        """
        if checkpoint.phase != TaskSyncPhase.INCR:
            return 0
        if checkpoint.type == DeliveryTaskType.BASE:
            return checkpoint.started
        waiting = self.changes(checkpoint, checkpoint.position, 1).times
        return waiting[0] - 1 if waiting else now


def restarted(checkpoint: Checkpoint) -> Checkpoint:
    """Return the checkpoint of a task that starts again because its bucket was missing."""
    return replace(
        checkpoint,
        phase=int(TaskSyncPhase.INIT),
        position=checkpoint.origin,
        scanned=b"",
        lost_bucket=False,
        rewrites=checkpoint.rewrites + (1 if checkpoint.files else 0),
    )


def _checkpoint(row: tuple[Any, ...]) -> Checkpoint:
    found = Checkpoint(*row)
    return replace(  # SQLite does not have booleans
        found, needs_log=bool(found.needs_log), lost_bucket=bool(found.lost_bucket)
    )


def _batch(found: sqlite3.Cursor, limit: int) -> Batch:
    """Collect rows up to the limits of count and size."""
    batch, size = Batch([], [], [], 0), 0
    for cursor, time, content in found:
        batch.cursors.append(cursor)
        batch.times.append(time)
        batch.contents.append(content)
        size += len(content)
        if len(batch.cursors) >= limit or size >= _BATCH_BYTES:
            break
    found.close()  # otherwise the connection keeps its old snapshot
    return replace(batch, size=size)
