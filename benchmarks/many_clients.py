"""64 clients of the official Python SDK put and get rows for a minute while a task delivers them.

The clients are threads of eight processes. Afterwards their rows are counted in the table and in
the files. `TABLESTORE_BENCH_SECONDS` sets another time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pyarrow.parquet as pq
from emulator import Emulator, quiet_sdk

TITLE: Final = "64 official clients that put and get rows while they are delivered"
COLUMNS: Final = ("what", "count", "errors", "p50 ms", "p99 ms", "longest ms")
_SECONDS: Final = float(os.environ.get("TABLESTORE_BENCH_SECONDS", "60"))
_PROCESSES: Final = 8
_CLIENTS: Final = 8  # a process
_TABLE: Final = "clients"


def rows() -> Iterator[tuple[str, ...]]:
    """Run the clients; yield a row for each operation, then the lost rows."""
    with tempfile.TemporaryDirectory() as folder, Emulator(Path(folder)) as emulator:
        emulator.create_table(_TABLE)
        emulator.create_task(_TABLE, "task1")
        workers = [
            subprocess.Popen(
                [sys.executable, __file__, emulator.url, str(number)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(_PROCESSES)
        ]
        found = [json.loads(worker.communicate()[0]) for worker in workers]
        acknowledged = sum(len(each["put"]) for each in found)
        for name in ("put", "get"):
            times = sorted(seconds for each in found for seconds in each[name])
            yield (
                name,
                f"{len(times):,}",
                str(sum(each["errors"] for each in found)),
                *(f"{times[int(len(times) * part)] * 1000:.1f}" for part in (0.5, 0.99)),
                f"{times[-1] * 1000:.0f}",
            )
        yield "lost in the table", str(acknowledged - _stored(emulator)), "", "", "", ""
        yield "lost in the files", str(acknowledged - _delivered(emulator, Path(folder))), *[""] * 4


def _stored(emulator: Emulator) -> int:
    sdk, tablestore = emulator.sdk(), quiet_sdk()
    following, count = [("order_id", tablestore.INF_MIN)], 0
    while following:
        _, following, found, _ = sdk.get_range(
            _TABLE, "FORWARD", following, [("order_id", tablestore.INF_MAX)], max_version=1
        )
        count += len(found)
    return count


def _delivered(emulator: Emulator, folder: Path) -> int:
    now = time.time_ns()
    while True:
        with urlopen(f"{emulator.url}/_emulator/deliveries") as answer:  # noqa: S310 - the emulator's
            (task,) = json.load(answer)["deliveries"]
        if task["delivered_until"] > now:
            break
        time.sleep(0.2)
    files = [path for path in (folder / "oss").rglob("task1_*") if path.is_file()]
    return sum(pq.ParquetFile(path).metadata.num_rows for path in files)


def _work(url: str, process: str) -> None:
    """Run the clients of one process. Write the times of each operation to stdout."""
    tablestore = quiet_sdk()
    end = time.monotonic() + _SECONDS
    found: dict[str, Any] = {"put": [], "get": [], "errors": 0}

    def run(number: int) -> None:
        client = tablestore.OTSClient(url, "local", "local-secret", "local")
        ignore, turn = tablestore.Condition("IGNORE"), 0
        while time.monotonic() < end:
            key = [("order_id", f"{process}-{number}-{turn}")]
            try:
                started = time.perf_counter()
                client.put_row(_TABLE, tablestore.Row(key, [("note", f"n{turn}")]), ignore)
                found["put"].append(time.perf_counter() - started)
                started = time.perf_counter()
                _, row, _ = client.get_row(_TABLE, key, max_version=1)
                found["get"].append(time.perf_counter() - started)
                found["errors"] += row is None
            except tablestore.OTSServiceError:
                found["errors"] += 1
            turn += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _work(*sys.argv[1:])
