"""Deliver 1,000,000 rows of 10 columns, against pyarrow writing the same table from memory.

The rows are put directly into the emulator's store. Then an emulator in a separate process delivers
them for a BASE task. `TABLESTORE_BENCH_ROWS` sets another number.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pyarrow as pa
import pyarrow.parquet as pq

from pulumi_tablestore_delivery.emulator.storage.rows import StoredRow, encode_key
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask, Store, Table
from pulumi_tablestore_delivery.wire.delivery_pb2 import OSSTaskConfig
from pulumi_tablestore_delivery.wire.enums import (
    DeliveryTaskType,
    ParquetDataType,
    PrimaryKeyType,
)
from pulumi_tablestore_delivery.wire.table_pb2 import CreateTableRequest

TITLE: Final = "Delivery of a table of 10 columns; resident memory is to stay under 500 MB"
COLUMNS: Final = ("what", "seconds", "rows/s", "MB at most")
ROWS: Final = int(os.environ.get("TABLESTORE_BENCH_ROWS", "1000000"))
_BUCKET: Final = "bench"
_BATCH: Final = 10_000

# The key and nine columns: name, declared type, value of a row.
_COLUMNS: Final[dict[str, tuple[ParquetDataType, Any]]] = {
    "id": (ParquetDataType.UTF8, lambda n: f"row-{n:09}"),
    "i1": (ParquetDataType.INT64, lambda n: n * 7919),
    "i2": (ParquetDataType.INT64, lambda n: n % 97),
    "i3": (ParquetDataType.INT64, lambda n: -n),
    "d1": (ParquetDataType.DOUBLE, lambda n: n / 3),
    "d2": (ParquetDataType.DOUBLE, lambda n: n * 1e-9),
    "s1": (ParquetDataType.UTF8, lambda n: f"text of the row number {n}"),
    "s2": (ParquetDataType.UTF8, lambda n: "杭州" if n % 2 else "上海"),
    "s3": (ParquetDataType.UTF8, lambda n: str(n * 31)),
    "b": (ParquetDataType.BOOL, lambda n: n % 3 == 0),
}


def rows() -> Iterator[tuple[str, ...]]:
    """Store, deliver, and write with pyarrow alone; yield a row for each."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        yield _row("stored, without the wire", _timed(lambda: store(data)))
        seconds, memory = _deliver(data)
        yield _row("delivered by the emulator", seconds, f"{memory:.0f}")
        written = pq.ParquetDataset(data / "oss" / _BUCKET / "bench").read().num_rows
        assert written == ROWS, f"{written} rows are in the files"  # noqa: S101
        table = pa.table({name: [of(n) for n in range(ROWS)] for name, (_, of) in _COLUMNS.items()})
        path = data / "plain.parquet"
        plain = _timed(lambda: pq.write_table(table, path, use_dictionary=False))
        yield _row("written by pyarrow from memory", plain)


def _row(what: str, seconds: float, memory: str = "") -> tuple[str, ...]:
    return what, f"{seconds:.2f}", f"{ROWS / seconds:,.0f}", memory


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def store(data: Path) -> None:
    """Store the table and a task of mode BASE in an emulator's folder."""
    create = CreateTableRequest()
    create.table_meta.table_name = "t"
    create.table_meta.primary_key.add(name="id", type=PrimaryKeyType.STRING)
    config = OSSTaskConfig(ossPrefix="bench/", ossBucket=_BUCKET, ossEndpoint="e", ossStsRole="r")
    for name, (kind, _) in _COLUMNS.items():
        config.schema.add(columnName=name, ossColumnName=name, type=kind, encode=0)
    now = time.time_ns()
    cells = {name: of for name, (_, of) in _COLUMNS.items() if name != "id"}
    with closing(Store(data)) as store:
        store.add_table("local", Table("t", create.SerializeToString(), now))
        number = store.rows.table_id("local", "t")
        for start in range(0, ROWS, _BATCH):
            with store.rows.transaction():
                for n in range(start, min(start + _BATCH, ROWS)):
                    key = _COLUMNS["id"][1](n)
                    row = StoredRow([key], {name: [now, of(n)] for name, of in cells.items()})
                    store.rows.put(number, encode_key([("id", key)]), row, now)
        task = DeliveryTask("t", "bench", DeliveryTaskType.BASE, config.SerializeToString(), now)
        store.add_task("local", task, initialized=now)
    (data / "oss" / _BUCKET).mkdir(parents=True)


def _deliver(data: Path) -> tuple[float, float]:
    """Seconds, and megabytes of resident memory at most (0 where the system does not tell)."""
    started = time.perf_counter()
    with _emulator(data) as (_, process):
        return time.perf_counter() - started, _most_memory(process.pid)


@contextmanager
def emulated(data: Path) -> Iterator[str]:
    """Run an emulator that has delivered the table; the value is its endpoint."""
    with _emulator(data) as (url, _):
        yield url


@contextmanager
def _emulator(data: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [str(Path(sys.executable).parent / "tablestore-delivery"), "emulator"]
    command += ["--port", "0", "--data-dir", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            url = process.stdout.readline().split()[-1]
            while _phase(url) != "INCR":
                time.sleep(0.2)
            yield url, process
        finally:
            process.terminate()


def _phase(url: str) -> str:
    with urlopen(f"{url}/_emulator/deliveries") as answer:  # noqa: S310 - the emulator's
        (task,) = json.load(answer)["deliveries"]
    return str(task["phase"])


def _most_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0
