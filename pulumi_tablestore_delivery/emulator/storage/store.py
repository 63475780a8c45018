"""The store: tables, rows and delivery tasks by instance, in one SQLite file.

Every method of `Store` commits one transaction before it returns, so acknowledged changes survive
`kill -9`. One caller at a time: the service runs its operations one after the other. Delivery has
its own connection.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TextIO

from pulumi_tablestore_delivery.emulator.storage.checkpoints import CheckpointStore
from pulumi_tablestore_delivery.emulator.storage.database import Database, StoreError
from pulumi_tablestore_delivery.emulator.storage.rows import RowStore
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True)
class Table:
    """A table as it was created.

    Attributes:
        name: Its name.
        request: The bytes of the CreateTableRequest.
        created: Nanoseconds since 1970, UTC.
    """

    name: str
    request: bytes
    created: int


@dataclass(frozen=True)
class DeliveryTask:
    """A delivery task as it was created.

    Attributes:
        table_name: Its table.
        name: Its name, unique in the table.
        type: The number of its mode.
        config: The bytes of its OSSTaskConfig.
        created: Nanoseconds since 1970, UTC.
    """

    table_name: str
    name: str
    type: int
    config: bytes
    created: int


class Store:
    """The contents of a data folder, locked against other emulators.

    Attributes:
        rows: The rows of the tables.
        checkpoints: The checkpoints of the tasks, for the worker.
        progress: The same checkpoints, read through the operations' connection.
    """

    def __init__(self, data_dir: Path) -> None:
        """Open the folder. Create missing files.

        Raises:
            StoreError: Another emulator uses the folder, it cannot be written, or its database is
                damaged or has a newer version.
        """
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(data_dir)
        except FileExistsError:
            raise StoreError(
                f"Cannot use the data folder {data_dir}: it is not a folder; "
                "give another --data-dir"
            ) from None
        except OSError as error:
            raise StoreError(
                f"Cannot use the data folder {data_dir}: {error.strerror}; give another --data-dir"
            ) from None
        try:
            lock, path = Lock(), data_dir / "tablestore.sqlite3"
            self._db = Database(path, lock)
            try:
                self._delivery_db = Database(path, lock, is_prepared=True)
            except BaseException:
                self._db.close()
                raise
        except BaseException:
            self._lock.close()
            raise
        self.rows = RowStore(self._db)
        self.checkpoints = CheckpointStore(self._delivery_db)
        self.progress = CheckpointStore(self._db)

    def close(self) -> None:
        """Close the files and unlock the folder."""
        self._delivery_db.close()
        self._db.close()
        self._lock.close()

    def add_table(self, instance: str, table: Table) -> bool:
        """Add a table. Return False if the name is taken."""
        with self._db.transaction():
            done = self._db.execute(
                "INSERT INTO tables VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (instance, table.name, table.request, table.created),
            )
        return done.rowcount == 1

    def table(self, instance: str, name: str) -> Table | None:
        """Find a table."""
        row = self._db.execute(
            "SELECT name, request, created FROM tables WHERE instance = ? AND name = ?",
            (instance, name),
        ).fetchone()
        return Table(*row) if row else None

    def update_table(self, instance: str, name: str, request: bytes) -> None:
        """Replace the request of a table with one that has the new options."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE tables SET request = ? WHERE instance = ? AND name = ?",
                (request, instance, name),
            )

    def table_names(self, instance: str) -> list[str]:
        """List an instance's tables, sorted."""
        rows = self._db.execute(
            "SELECT name FROM tables WHERE instance = ? ORDER BY name", (instance,)
        )
        return [name for (name,) in rows]

    def remove_table(self, instance: str, name: str) -> bool:
        """Remove a table and its tasks. Return False if it does not exist."""
        with self._db.transaction():
            done = self._db.execute(
                "DELETE FROM tables WHERE instance = ? AND name = ?", (instance, name)
            )
        return done.rowcount == 1

    def add_task(self, instance: str, task: DeliveryTask, initialized: int) -> bool:
        """Add a task to an existing table. Return False if the name is taken.

        Args:
            instance: The instance.
            task: The task.
            initialized: The end of its initialization, in nanoseconds since 1970.
        """
        with self._db.transaction():
            done = self._db.execute(
                "INSERT INTO delivery_tasks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (instance, task.table_name, task.name, task.type, task.config, task.created),
            )
            if done.rowcount == 1:
                self._db.execute(
                    "INSERT INTO deliveries (instance, table_name, name, table_id, needs_log,"
                    " initialized, origin, position) SELECT ?, ?, ?, ?, ?, ?, last, last"
                    " FROM positions",
                    (
                        *(instance, task.table_name, task.name),
                        self.rows.table_id(instance, task.table_name),
                        task.type != DeliveryTaskType.BASE,
                        initialized,
                    ),
                )
        return done.rowcount == 1

    def task(self, instance: str, table_name: str, name: str) -> DeliveryTask | None:
        """Find a task."""
        row = self._db.execute(
            "SELECT table_name, name, type, config, created FROM delivery_tasks"
            " WHERE instance = ? AND table_name = ? AND name = ?",
            (instance, table_name, name),
        ).fetchone()
        return DeliveryTask(*row) if row else None

    def tasks(self, instance: str, table_name: str) -> list[DeliveryTask]:
        """List a table's tasks, sorted by name."""
        rows = self._db.execute(
            "SELECT table_name, name, type, config, created FROM delivery_tasks"
            " WHERE instance = ? AND table_name = ? ORDER BY name",
            (instance, table_name),
        )
        return [DeliveryTask(*row) for row in rows]

    def remove_task(self, instance: str, table_name: str, name: str) -> None:
        """Remove a task, and the changes that only it needed."""
        with self._db.transaction():
            self._db.execute(
                "DELETE FROM delivery_tasks WHERE instance = ? AND table_name = ? AND name = ?",
                (instance, table_name, name),
            )
            self._db.execute(
                "DELETE FROM changes WHERE table_id NOT IN"
                " (SELECT table_id FROM deliveries WHERE needs_log)"
            )


def _lock(data_dir: Path) -> TextIO:
    """Lock the folder while the returned file is open. The system unlocks it after a crash."""
    file = (data_dir / "tablestore.lock").open("w", encoding="utf-8")
    if sys.platform != "win32":  # Windows does not have fcntl: there, the folder is not locked
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise StoreError(
                f"The data folder {data_dir} is in use by another emulator: stop that one, or "
                "give another --data-dir"
            ) from None
    return file
