"""What the emulator keeps, by instance, in one SQLite file: tables, their rows, delivery tasks.

Every method of `Store` is one transaction, done before it returns: what was acknowledged outlives
`kill -9`. One caller at a time: the service runs its operations one after the other. Delivery has
a connection of its own.
"""

import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from pulumi_tablestore_delivery.emulator.delivery_store import DeliveryStore
from pulumi_tablestore_delivery.emulator.row_store import RowStore
from pulumi_tablestore_delivery.wire.enums import DeliveryTaskType

SCHEMA_VERSION: Final = 2
_WAIT_SECONDS: Final = 60.0  # one connection for another's write; each is short

_TABLES_AND_TASKS: Final = """
BEGIN;
CREATE TABLE tables (
    instance TEXT NOT NULL,
    name TEXT NOT NULL,
    request BLOB NOT NULL,      -- CreateTableRequest, as it came
    created INTEGER NOT NULL,   -- nanoseconds since 1970
    PRIMARY KEY (instance, name)
) WITHOUT ROWID;
CREATE TABLE delivery_tasks (
    instance TEXT NOT NULL,
    table_name TEXT NOT NULL,
    name TEXT NOT NULL,
    type INTEGER NOT NULL,
    config BLOB NOT NULL,       -- OSSTaskConfig, with what this version does not know
    created INTEGER NOT NULL,
    PRIMARY KEY (instance, table_name, name),
    FOREIGN KEY (instance, table_name) REFERENCES tables (instance, name) ON DELETE CASCADE
) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
"""

_ROWS_AND_DELIVERY: Final = """
BEGIN;
CREATE TABLE table_ids (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (instance, name),
    FOREIGN KEY (instance, name) REFERENCES tables (instance, name) ON DELETE CASCADE
);
CREATE TRIGGER number_table AFTER INSERT ON tables BEGIN
    INSERT INTO table_ids (instance, name) VALUES (NEW.instance, NEW.name);
END;
INSERT INTO table_ids (instance, name) SELECT instance, name FROM tables;
CREATE TABLE positions (last INTEGER NOT NULL);  -- one row: the place of the last write
INSERT INTO positions VALUES (0);
CREATE TABLE rows (
    table_id INTEGER NOT NULL REFERENCES table_ids (id) ON DELETE CASCADE,
    key BLOB NOT NULL,          -- sorts as the service sorts keys
    position INTEGER NOT NULL,  -- of the last write
    time INTEGER NOT NULL,      -- of the last write, nanoseconds since 1970
    content TEXT NOT NULL,
    PRIMARY KEY (table_id, key)
) WITHOUT ROWID;
CREATE TABLE changes (          -- whole rows, as the write left them
    position INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL REFERENCES table_ids (id) ON DELETE CASCADE,
    time INTEGER NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX changes_of_table ON changes (table_id, position);
CREATE TABLE deliveries (       -- how far each task is
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance TEXT NOT NULL,
    table_name TEXT NOT NULL,
    name TEXT NOT NULL,
    table_id INTEGER NOT NULL REFERENCES table_ids (id) ON DELETE CASCADE,
    needs_log INTEGER NOT NULL,
    initialized INTEGER NOT NULL,
    phase INTEGER NOT NULL DEFAULT 0,
    started INTEGER NOT NULL DEFAULT 0,
    origin INTEGER NOT NULL,
    position INTEGER NOT NULL,
    scanned BLOB NOT NULL DEFAULT x'',
    files INTEGER NOT NULL DEFAULT 0,
    sequence INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    dirty INTEGER NOT NULL DEFAULT 0,
    rewrites INTEGER NOT NULL DEFAULT 0,
    lost_bucket INTEGER NOT NULL DEFAULT 0,
    UNIQUE (instance, table_name, name),
    FOREIGN KEY (instance, table_name, name)
        REFERENCES delivery_tasks (instance, table_name, name) ON DELETE CASCADE
);
INSERT INTO deliveries (instance, table_name, name, table_id, needs_log, initialized, origin,
        position)
    SELECT t.instance, t.table_name, t.name, i.id, t.type != 0, t.created, 0, 0
    FROM delivery_tasks t JOIN table_ids i ON i.instance = t.instance AND i.name = t.table_name;
CREATE TABLE moves (            -- files that are written and not at their place yet
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    target TEXT NOT NULL
);
CREATE INDEX moves_of_delivery ON moves (delivery_id);
PRAGMA user_version = 2;
COMMIT;
"""

_UPGRADES: Final = (_TABLES_AND_TASKS, _ROWS_AND_DELIVERY)


class StoreError(Exception):
    """The data folder cannot be used; the text says why."""


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
    """The contents of a data folder, which no other emulator may use meanwhile.

    Attributes:
        rows: The rows of the tables.
        deliveries: How far the tasks are, for the worker.
        progress: The same, for operations to look at.
    """

    def __init__(self, data_dir: Path) -> None:
        """Open the folder, making what is missing.

        Raises:
            StoreError: Another emulator uses the folder, it cannot be written, or what is in
                it is broken or of a newer version.
        """
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(data_dir)
        except OSError as error:
            raise StoreError(f"Cannot use the data folder {data_dir}: {error.strerror}") from None
        try:
            self._db = _open(data_dir / "tablestore.sqlite3")
            try:
                self._delivery_db = _open(data_dir / "tablestore.sqlite3")
            except BaseException:
                self._db.close()
                raise
        except BaseException:
            self._lock.close()
            raise
        self.rows = RowStore(self._db)
        self.deliveries = DeliveryStore(self._delivery_db)
        self.progress = DeliveryStore(self._db)

    def close(self) -> None:
        """Close the files, and let other emulators have the folder."""
        self._delivery_db.close()
        self._db.close()
        self._lock.close()

    def add_table(self, instance: str, table: Table) -> bool:
        """Keep a new table; False if there is one of that name."""
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

    def table_names(self, instance: str) -> list[str]:
        """List an instance's tables, sorted."""
        rows = self._db.execute(
            "SELECT name FROM tables WHERE instance = ? ORDER BY name", (instance,)
        )
        return [name for (name,) in rows]

    def remove_table(self, instance: str, name: str) -> bool:
        """Forget a table and its tasks; False if there was none."""
        done = self._db.execute(
            "DELETE FROM tables WHERE instance = ? AND name = ?", (instance, name)
        )
        return done.rowcount == 1

    def add_task(self, instance: str, task: DeliveryTask, initialized: int) -> bool:
        """Keep a new task of a table that exists; False if there is one of that name.

        Args:
            instance: The instance.
            task: The task.
            initialized: When its initialisation ends, in nanoseconds since 1970.
        """
        with self.rows.transaction():
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
                        self.rows.number(instance, task.table_name),
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
        """Forget a task, and the changes that no other task needs."""
        with self.rows.transaction():
            self._db.execute(
                "DELETE FROM delivery_tasks WHERE instance = ? AND table_name = ? AND name = ?",
                (instance, table_name, name),
            )
            self._db.execute(
                "DELETE FROM changes WHERE table_id NOT IN"
                " (SELECT table_id FROM deliveries WHERE needs_log)"
            )


def _open(path: Path) -> sqlite3.Connection:
    # Statements commit by themselves; the thread that serves is not the one that opens.
    db = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # outlives the process; the machine need not
        db.execute("PRAGMA foreign_keys = ON")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        for upgrade in _UPGRADES[version:]:
            db.executescript(upgrade)
    except sqlite3.Error as error:
        db.close()
        raise StoreError(f"Cannot use {path}: {error}") from None
    if version > SCHEMA_VERSION:
        db.close()
        raise StoreError(
            f"Cannot use {path}: its version is {version}, and this emulator reads "
            f"{SCHEMA_VERSION}; a newer version of the emulator made it"
        )
    return db


def _lock(data_dir: Path) -> TextIO:
    """Lock the folder for as long as the file stays open; the system unlocks after a crash."""
    file = (data_dir / "tablestore.lock").open("w", encoding="utf-8")
    if sys.platform != "win32":  # Windows has no fcntl: there the folder is not guarded
        import fcntl  # noqa: PLC0415

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise StoreError(
                f"The data folder {data_dir} is in use by another emulator: stop that one, or "
                "give another --data-dir"
            ) from None
    return file
