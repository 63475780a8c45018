"""The SQLite file: its tables, its upgrades, and transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

SCHEMA_VERSION: Final = 3
_CHECKED_BYTES: Final = 64 * 1024 * 1024  # checking a larger file takes too long
ADVICE: Final = "move it away, or give another --data-dir"
_WAIT_SECONDS: Final = 60.0  # for a write of another program; our own connections share a lock

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
CREATE TABLE positions (last INTEGER NOT NULL);  -- one row: the position of the last write
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
CREATE TABLE moves (            -- files that are written and not moved yet
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    target TEXT NOT NULL
);
CREATE INDEX moves_of_delivery ON moves (delivery_id);
PRAGMA user_version = 2;
COMMIT;
"""

_DISCARDS: Final = """
BEGIN;
CREATE TABLE discards (         -- values that a task discarded, counted
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    column_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, column_name, reason)
) WITHOUT ROWID;
PRAGMA user_version = 3;
COMMIT;
"""

_UPGRADES: Final = (_TABLES_AND_TASKS, _ROWS_AND_DELIVERY, _DISCARDS)


DatabaseError: Final = sqlite3.Error
"""The database cannot be read or written."""


class StoreError(Exception):
    """The data folder cannot be used. The message has the reason."""


def open_database(path: Path, *, is_prepared: bool = False) -> sqlite3.Connection:
    """Open the file. Check it, and create or upgrade its tables.

    Args:
        path: The file.
        is_prepared: Whether another connection has just checked and upgraded it.

    Raises:
        StoreError: The file is damaged or has a newer version.
    """
    if path.is_dir():
        raise StoreError(f"Cannot use {path}: it is a folder, not a database; {ADVICE}")
    db: sqlite3.Connection | None = None
    try:
        # Each statement commits by itself. The connection is used in another thread.
        db = sqlite3.connect(
            path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        _configure(db)
        problem = "" if is_prepared else _prepare(db, path)
    except (sqlite3.Error, OSError) as error:
        problem = str(error)
    if db is None or problem:
        if db is not None:
            db.close()
        raise StoreError(f"Cannot use {path}: {problem}; {ADVICE}")
    return db


def _configure(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    # Commits survive a crash of the process, but not always a crash of the machine.
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")


def _prepare(db: sqlite3.Connection, path: Path) -> str:
    """Upgrade and check a database. Return the reason why it cannot be used, if there is one."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        return (
            f"its version is {version}, and this emulator reads {SCHEMA_VERSION}; a newer version "
            "of the emulator made it"
        )
    for upgrade in _UPGRADES[version:]:
        db.executescript(upgrade)
    if path.stat().st_size <= _CHECKED_BYTES:
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            return f"it is damaged ({' '.join(verdict.split())})"
    return ""


class Database:
    """A connection that commits by itself outside `transaction`. One caller at a time.

    Connections to one file share a lock, because SQLite's own wait sleeps for up to 0.1 s.
    """

    def __init__(self, path: Path, lock: Lock, *, is_prepared: bool = False) -> None:
        """Open the file. Check it, and create or upgrade its tables.

        Args:
            path: The file.
            lock: The lock that all connections to the file share.
            is_prepared: Whether another connection has just checked and upgraded the file.

        Raises:
            StoreError: The file is damaged or has a newer version.
        """
        self._db = open_database(path, is_prepared=is_prepared)
        self._lock = lock
        self.execute = self._db.execute
        self.executemany = self._db.executemany

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements together, or none if the block raises."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have rolled back, or have committed
                    self._db.execute("ROLLBACK")
                raise
