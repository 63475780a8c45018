"""Show the delivered files: folders, the first rows, and the values that were dropped."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pyarrow.dataset as ds
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

_WAIT_SECONDS: Final = 30.0
_FOLDERS: Final = 6
_ROWS: Final = 2
_NARROWEST: Final = 80
_EVENT_TIMES: Final = {
    "is not an event time": "values are not event times",
    "the row has no event time": "rows do not have a value",
}
"""Reasons of the emulator's report that are not about dropped values, and their texts."""


class NotDeliveredError(Exception):
    """The emulator did not deliver in time. The message has its report."""


def wait(endpoint: str, since: int) -> dict[str, dict[str, Any]]:
    """Wait until all rows that were written before a time are delivered. Return each table's task.

    Args:
        endpoint: The emulator.
        since: The time in nanoseconds since 1970.

    Raises:
        NotDeliveredError: The timeout is over.
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
        console.print(f"\n[bold]{table}[/bold]: {task['rows']} rows in {task['files']} files")
        for finding in findings(task["discarded"]):
            console.print(f"- {finding}")
        console.print(_folders(bucket, table))
    if (bucket / "orders").exists():
        console.print(_rows(bucket / "orders"))


def findings(discarded: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Describe the values that do not fit.

    Args:
        discarded: The emulator's counts by column and reason. They include event times that cannot
            be read. Such a value is in the files, but it does not decide the row's folder.
    """
    for each in sorted(discarded, key=lambda each: (-each["count"], each["column"])):
        column, reason, count = each["column"], each["reason"], each["count"]
        if reason in _EVENT_TIMES:
            yield f"{column}: {count} {_EVENT_TIMES[reason]}. The time of the write counts."
        else:
            yield f"{column}: {count} values were dropped ({reason})."


def _folders(bucket: Path, table: str) -> Table:
    """Return the first folders, each with its files and rows."""
    files: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for path in sorted(path for path in (bucket / table).rglob("*") if path.is_file()):
        folder = path.parent.relative_to(bucket).as_posix()
        files[folder] += 1
        rows[folder] += pq.read_metadata(path).num_rows
    shown = Table("folder", title=f"Files of {table}", title_justify="left")
    for name in ("files", "rows"):
        shown.add_column(name, justify="right")
    for folder in list(files)[:_FOLDERS]:
        shown.add_row(f"{folder}/", str(files[folder]), str(rows[folder]))
    rest = list(files)[_FOLDERS:]
    if rest:
        shown.add_row(
            f"… and {len(rest)} more folders",
            str(sum(files[folder] for folder in rest)),
            str(sum(rows[folder] for folder in rest)),
        )
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
