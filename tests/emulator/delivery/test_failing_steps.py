"""Each file operation and each database call of a delivery fails once. Every row arrives once."""

import errno
import shutil
import sqlite3
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pyarrow.parquet as pq
import pytest
from support.delivery_world import BUCKET, task_request

from pulumi_tablestore_delivery.emulator.delivery.task import Setting
from pulumi_tablestore_delivery.emulator.delivery.worker import Worker
from pulumi_tablestore_delivery.emulator.storage import database
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore
from pulumi_tablestore_delivery.emulator.storage.rows import StoredRow, encode_key
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask, Store, Table
from pulumi_tablestore_delivery.wire import table_pb2
from pulumi_tablestore_delivery.wire.enums import TaskSyncPhase

DAY = 24 * 3600 * 1_000_000_000
FILE_OPERATIONS = ("iterdir", "mkdir", "replace", "stat", "unlink", "write_text")
SCANNED = {"a": 1, "b": "dirty", "c": 3}
CHANGED = {"a": 10, "d": 4}
DELIVERED = Counter({("a", 1): 1, ("b", None): 1, ("c", 3): 1, ("a", 10): 1, ("d", 4): 1})


class KilledError(BaseException):
    """The process ends here: no operation after this one has an effect."""


class Operations:
    """Counts operations. One of them fails, or it and all later ones are those of a dead process.

    Attributes:
        failing: The number of the failing operation.
        is_done: Whether the failing operation takes effect before it fails.
        is_kill: Whether the process ends there.
        names: The operations so far.
    """

    def __init__(self, failing=-1, *, is_done=False, is_kill=False):
        self.failing, self.is_done, self.is_kill = failing, is_done, is_kill
        self.is_armed = self.is_dead = False
        self.names = []

    def perform(self, name, work, error, tear=lambda: None):
        if self.is_dead:
            raise KilledError
        if not self.is_armed:
            return work()
        self.names.append(name)
        if len(self.names) - 1 != self.failing:
            return work()
        self.is_armed = False  # an operation that another one consists of does not fail again
        if self.is_done:
            work()
            tear()
        self.is_armed = True
        if self.is_kill:
            self.is_dead = True
            raise KilledError
        raise error


class Connection:
    """A connection to the database whose statements are operations."""

    def __init__(self, connection, operations):
        self._connection, self._operations = connection, operations
        self.close = connection.close

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def execute(self, sql, *parameters):
        return self._statement(self._connection.execute, sql, *parameters)

    def executemany(self, sql, *parameters):
        return self._statement(self._connection.executemany, sql, *parameters)

    def _statement(self, run, sql, *parameters):
        error = sqlite3.OperationalError("disk I/O error")
        return self._operations.perform(sql, lambda: run(sql, *parameters), error)


@contextmanager
def operations_of(operations):
    """Count the operations on files and on databases that are opened now."""
    with pytest.MonkeyPatch.context() as patch:
        for name in FILE_OPERATIONS:
            patch.setattr(Path, name, _counted(operations, getattr(Path, name)))
        write_table, connect = pq.write_table, database.open_database

        def write(table, path, **options):
            return operations.perform(
                "write_table",
                lambda: write_table(table, path, **options),
                OSError(errno.ENOSPC, "No space left on device"),
                lambda: path.write_bytes(path.read_bytes()[:100]),  # a torn file
            )

        def opened(*given, **options):
            connection = connect(*given, **options)
            connection.execute("PRAGMA synchronous = OFF")  # hundreds of folders
            return Connection(connection, operations)

        patch.setattr(pq, "write_table", write)
        patch.setattr(database, "open_database", opened)
        yield


def _counted(operations, method):
    def call(path, *given, **options):
        return operations.perform(
            method.__name__,
            lambda: method(path, *given, **options),
            OSError(errno.EIO, "Input/output error"),
        )

    return call


class Clock:
    """A day passes at each look."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        self.now += DAY
        return self.now


def put(store, rows, clock):
    with store.rows.transaction():
        for key, value in rows.items():
            row = StoredRow([key], {"n": [1, value]})
            store.rows.put(1, encode_key([("id", key)]), row, clock())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A data folder with three rows, and a task that has not begun."""
    folder = tmp_path_factory.mktemp("prepared")
    table = table_pb2.CreateTableRequest()
    table.table_meta.table_name = "t"
    table.table_meta.primary_key.add(name="id", type=2)
    config = task_request(ossPrefix="data/$dd/", ossDirtyPrefix="dirty/").taskConfig
    store, clock = Store(folder), Clock()
    store.add_table("local", Table("t", table.SerializeToString(), 0))
    put(store, SCANNED, clock)
    store.add_task("local", DeliveryTask("t", "task1", 2, config.SerializeToString(), 0), 0)
    store.close()
    (folder / "oss" / BUCKET).mkdir(parents=True)
    return folder


class Rounds(Event):
    """Stops the worker when everything is delivered; writes two more rows after the scan."""

    def __init__(self, store, operations, clock):
        super().__init__()
        self._store, self._operations, self._clock = store, operations, clock
        self._left = 50

    def wait(self, _):
        self._operations.is_armed = False
        self._left -= 1
        if not self._left:
            self.set()
        checkpoint = self._store.progress.one("local", "t", "task1")
        is_settled = not self._store.progress.moves(checkpoint) and checkpoint.position == (
            self._store.progress.last_position()
        )
        if checkpoint.phase == TaskSyncPhase.INCR and is_settled:
            if checkpoint.position == len(SCANNED):
                put(self._store, CHANGED, self._clock)
            else:
                self.set()
        self._operations.is_armed = True


def deliver(folder, operations):
    """Run a worker until everything is delivered. Start another one after a kill."""
    clock = Clock()
    while True:
        with operations_of(operations):
            store = Store(folder)
            stop = Rounds(store, operations, clock)
            setting = Setting(
                store=store.checkpoints,
                objects=ObjectStore(folder / "oss"),
                flush=0,
                now=clock,
                is_held=lambda: False,
                is_stopping=stop.is_set,
            )
            try:
                worker = Worker("local", setting, stop)
                operations.is_armed = True
                worker.run()
                operations.is_armed = False
                return store.progress.one("local", "t", "task1")
            except KilledError:
                operations.failing, operations.is_dead = -1, False
            finally:
                operations.is_armed = False
                store.close()


def problems(folder, checkpoint):
    """Compare what is delivered with the rows."""
    bucket = folder / "oss" / BUCKET
    files = [path for path in (bucket / "data").rglob("*") if path.is_file()]
    try:
        tables = [pq.ParquetFile(path).read() for path in files]
    except Exception as error:  # noqa: BLE001 - a torn file
        return [f"a file cannot be read: {error}"]
    rows = Counter((row["id"], row["n"]) for table in tables for row in table.to_pylist())
    staging = folder / "oss" / ".writing"
    dirty = [line for path in (bucket / "dirty").rglob("*") if path.is_file()
             for line in path.read_text().splitlines()]  # fmt: skip
    found = {
        "rows": (rows, DELIVERED),
        "dirty lines": (len(dirty), 1),
        "counted": ((checkpoint.rows, checkpoint.files, checkpoint.dirty), (5, len(files), 1)),
        "rewrites": (checkpoint.rewrites, 0),
        "left files": (list(staging.iterdir()) if staging.exists() else [], []),
    }
    return [f"{name}: {is_there}" for name, (is_there, wanted) in found.items()
            if is_there != wanted]  # fmt: skip


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("is_kill", [False, True], ids=["error", "kill"])
def test_each_row_arrives_once_whichever_operation_fails(prepared, tmp_path, is_kill, is_done):
    counted = Operations()
    folder = shutil.copytree(prepared, tmp_path / "counted")
    assert problems(folder, deliver(folder, counted)) == []
    kinds = Counter(counted.names)
    assert {"write_table", "replace", "write_text", "BEGIN IMMEDIATE", "COMMIT"} <= set(kinds)
    wrong = {}
    for number, name in enumerate(counted.names):
        folder = shutil.copytree(prepared, tmp_path / str(number))
        operations = Operations(number, is_done=is_done, is_kill=is_kill)
        checkpoint = deliver(folder, operations)
        assert len(operations.names) > number
        if found := problems(folder, checkpoint):
            wrong[f"{number}: {name}"] = found
    assert wrong == {}
