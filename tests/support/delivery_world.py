"""An emulator that delivers quickly, its client (the official SDK), and its files."""

import contextlib
import json
import time
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import requests
from support.emulator_process import EmulatorProcess
from support.sdk import sdk_client, tablestore

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator
from pulumi_tablestore_delivery.wire import delivery_pb2
from pulumi_tablestore_delivery.wire.enums import (
    DeliveryTaskType,
    EventTimeFormat,
    ParquetDataType,
    ParquetEncoding,
)

BUCKET = "my-lake"
PREFIX = "data/"


def task_request(name="task1", table="t", mode="BASE_INC", columns=(), **config):
    """Return a create request. A column is (source, type) or (source, type, name, encoding)."""
    request = delivery_pb2.CreateDeliveryTaskRequest(
        tableName=table, taskName=name, taskType=DeliveryTaskType[mode]
    )
    event = config.pop("event", None)
    defaults = {
        "ossPrefix": PREFIX,
        "ossBucket": BUCKET,
        "ossEndpoint": "oss-cn-hangzhou.aliyuncs.com",
        "ossStsRole": "acs:ram::1:role/r",
    }
    for field, value in {**defaults, **config}.items():
        setattr(request.taskConfig, field, value)
    if event:
        request.taskConfig.eventTimeColumn.columnName = event[0]
        request.taskConfig.eventTimeColumn.timeFormat = EventTimeFormat[event[1]]
    for source, kind, *rest in columns or [("id", "UTF8"), ("n", "INT64")]:
        request.taskConfig.schema.add(
            columnName=source,
            ossColumnName=rest[0] if rest else source,
            type=ParquetDataType[kind],
            encode=ParquetEncoding[rest[1] if len(rest) > 1 else "PLAIN"],
        )
    return request


class World:
    """One emulator: its SDK client, its tasks, its bucket."""

    access_key_id = "local"
    access_key_secret = "local-secret"
    security_token = ""
    instance = "local"

    def __init__(self, url, folder):
        self.url = url
        self.bucket = Path(folder) / "oss" / BUCKET
        self.sdk = sdk_client(self, retry_policy=tablestore.NoRetryPolicy())
        self._process = EmulatorProcess(folder)  # for its client of the control plane
        self._process.url = url

    def table(self, name="t", keys=(("id", "STRING"),), **options):
        self.sdk.create_table(
            tablestore.TableMeta(name, list(keys)),
            tablestore.TableOptions(**options),
            tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
        )

    def put(self, key, table="t", **columns):
        key = key if isinstance(key, list) else [("id", key)]
        self.sdk.put_row(table, tablestore.Row(key, list(columns.items())))

    def put_many(self, rows, table="t"):
        """Rows (id, columns) in batches."""
        rows = list(rows)
        for start in range(0, len(rows), 200):
            items = [
                tablestore.PutRowItem(
                    tablestore.Row([("id", key)], list(columns.items())),
                    tablestore.Condition("IGNORE"),
                )
                for key, columns in rows[start : start + 200]
            ]
            request = tablestore.BatchWriteRowRequest()
            request.add(tablestore.TableInBatchWriteRowItem(table, items))
            assert self.sdk.batch_write_row(request).is_all_succeed()

    def task(self, *args, **options):
        self._process.client.create_delivery_task(task_request(*args, **options))

    def delete_task(self, name="task1", table="t"):
        self._process.client.delete_delivery_task(table, name)

    def state(self, name="task1", table="t"):
        return self._process.client.describe_delivery_task(table, name).task_sync_stat

    def report(self, name="task1"):
        found = requests.get(f"{self.url}/_emulator/deliveries", timeout=5).json()["deliveries"]
        return next(each for each in found if each["task"] == name)

    def fault(self, **script):
        requests.post(f"{self.url}/_emulator/faults", json=script, timeout=5).raise_for_status()

    def clear_faults(self):
        requests.delete(f"{self.url}/_emulator/faults", timeout=5).raise_for_status()

    def wait(self, condition, seconds=15):
        give_up = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < give_up, self.report()
            time.sleep(0.02)

    def wait_delivered(self, name="task1"):
        """Wait until all rows that were written before this call are in files."""
        now = time.time_ns()
        self.wait(lambda: self.report(name)["delivered_until"] > now)

    def wait_scanned(self, name="task1"):
        self.wait(lambda: self.report(name)["phase"] == "INCR")

    def files(self, prefix=PREFIX):
        return sorted(path for path in (self.bucket / prefix).rglob("*") if path.is_file())

    def rows(self, prefix=PREFIX):
        """Every row of every file, read by pyarrow; DuckDB has to agree."""
        files = self.files(prefix)
        tables = [pq.ParquetFile(path).read() for path in files]
        by_pyarrow = [row for table in tables for row in table.to_pylist()]
        found = []
        with duckdb.connect() as database:
            for path in files:
                database.execute("SELECT * FROM read_parquet(?)", [str(path)])
                names = [column[0] for column in database.description]
                found += [dict(zip(names, row, strict=True)) for row in database.fetchall()]
        assert _comparable(found) == _comparable(by_pyarrow)
        return by_pyarrow

    def dirty(self, prefix="dirty/"):
        lines = [line for path in self.files(prefix) for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]

    def dataset(self, prefix=PREFIX):
        """The same with Hive partitions discovered by pyarrow and by DuckDB: the rows."""
        discovered = ds.dataset(self.bucket / prefix, format="parquet", partitioning="hive")
        rows = discovered.to_table().to_pylist()
        with duckdb.connect() as database:
            database.execute(
                "SELECT * FROM read_parquet(?, hive_partitioning = true)",
                [str(self.bucket / prefix / "**" / "task*")],
            )
            names = [column[0] for column in database.description]
            found = [
                # pyarrow takes 02 for a number, DuckDB for text
                {
                    name: int(value) if isinstance(value, str) and value.isdigit() else value
                    for name, value in zip(names, row, strict=True)
                }
                for row in database.fetchall()
            ]
        assert sorted(_comparable(found)) == sorted(_comparable(rows))
        return rows


@contextlib.contextmanager
def starter(default_folder):
    """Give a function that starts emulators in this process; stop them at the end."""
    running = []

    def begin(folder=default_folder, **options):
        options = {"create_buckets": True, "flush_seconds": 0.1, **options}
        emulator = Emulator(Options(port=0, data_dir=folder, **options)).start()
        running.append(emulator)
        world = World(emulator.url, folder)
        world.oss_url = emulator.oss_url
        world.stop = emulator.stop
        return world

    yield begin
    for emulator in running:
        emulator.stop()


def _comparable(rows):
    """NaN equals NaN, and -0.0 is not 0.0."""
    return [
        tuple(sorted((name, type(value).__name__, str(value)) for name, value in row.items()))
        for row in rows
    ]
