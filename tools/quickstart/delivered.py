"""Show what the delivery tasks wrote: files, partitions, a few rows, and discarded values."""

import json
import os
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pyarrow.dataset as ds
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

_WAIT_SECONDS: Final = 30.0
_PARTITIONS: Final = 6
_ROWS: Final = 2
_NARROWEST: Final = 80


class NotDeliveredError(Exception):
    """The emulator did not deliver in time. The message has its report."""


def wait(endpoint: str, since: int) -> dict[str, dict[str, Any]]:
    """Wait until all rows that were written before a time are delivered. Return each table's task.

    Args:
        endpoint: The emulator.
        since: The time in nanoseconds since 1970.

    Raises:
        NotDeliveredError: It takes too long.
    """
    give_up = time.monotonic() + _WAIT_SECONDS
    while True:
        with urlopen(f"{endpoint}/_emulator/deliveries") as answer:  # noqa: S310 - the emulator's
            tasks = {each["table"]: each for each in json.load(answer)["deliveries"]}
        if all(task["delivered_until"] > since for task in tasks.values()):
            return tasks
        if time.monotonic() > give_up:
            raise NotDeliveredError(f"Not everything is delivered: {tasks}")
        time.sleep(0.1)


def show(bucket: Path, tasks: Mapping[str, Mapping[str, Any]]) -> None:
    """Show the contents of the bucket."""
    console = Console(width=max(_NARROWEST, Console().width))
    for table, task in sorted(tasks.items()):
        console.print(
            f"\n[bold]{table}[/bold]: {task['rows']} rows, files: {task['files']}, "
            f"{task['dirty']} values discarded{_dirty(bucket / 'dirty' / table)}"
        )
        console.print(_partitions(bucket, table))
    if (bucket / "orders").exists():
        console.print(_rows(bucket / "orders"))


def _partitions(bucket: Path, table: str) -> Table:
    files = sorted(path for path in (bucket / table).rglob("*") if path.is_file())
    shown = Table(
        "file", "rows", "bytes", title=f"{os.path.relpath(bucket)}/{table}/", title_justify="left"
    )
    rows = 0
    for place, path in enumerate(files):
        count = pq.read_metadata(path).num_rows
        rows += count
        if place < _PARTITIONS:
            name = path.relative_to(bucket / table).as_posix()
            shown.add_row(name, str(count), str(path.stat().st_size))
    if len(files) > _PARTITIONS:
        shown.add_row(f"… {len(files) - _PARTITIONS} more", f"{rows} in all", "")
    return shown


def _rows(folder: Path) -> Table:
    """Return the first rows, with Hive partitions discovered, one row per column."""
    found = ds.dataset(folder, format="parquet", partitioning="hive")
    rows = found.head(_ROWS).to_pylist()
    shown = Table(
        "column",
        *(f"row {number}" for number in range(1, len(rows) + 1)),
        title="The first orders",
        title_justify="left",
    )
    for name in found.schema.names:
        shown.add_row(name, *("" if row[name] is None else str(row[name]) for row in rows))
    return shown


def _dirty(folder: Path) -> str:
    """Return the discarded values by reason."""
    reasons: Counter[str] = Counter()
    for path in folder.rglob("*") if folder.exists() else ():
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                each = json.loads(line)
                reasons[f"{each['column']} {each['reason']}"] += 1
    said = ", ".join(f"{count} times {reason}" for reason, count in reasons.most_common())
    return f": {said}" if said else ""
