"""Remove the leftovers of runs: delivery tasks, tables and objects, by their names."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from acceptance.runs import ROOT, RunId
from pulumi_tablestore_delivery.errors import CallError, ServiceError

OLD = timedelta(days=1)
_AT_ONCE = 8
_TIMEOUT = 300  # seconds in which a task must finish to initialize
_PAUSE = 2


@dataclass
class Swept:
    """The result of a sweep. `left` names each thing that could not be removed, with the reason."""

    tasks: int = 0
    tables: int = 0
    objects: int = 0
    left: list = field(default_factory=list)

    def __str__(self):
        text = f"{self.tasks} tasks, {self.tables} tables and {self.objects} objects removed"
        return f"{text}; {len(self.left)} things are left" if self.left else text


def of_run(run):
    """Choose the leftovers of one run."""
    return lambda found: found == run


def old(found):
    """Choose the leftovers of runs that started more than a day ago."""
    return datetime.now(timezone.utc) - found.started > OLD


def sweep(account, is_chosen, timeout=_TIMEOUT):
    """Remove the leftovers of the chosen runs from an account. Remove nothing else.

    Args:
        account: The account.
        is_chosen: Returns whether the leftovers of a run are removed.
        timeout: Seconds to wait for tasks that initialize.
    """
    swept = Swept()
    try:
        tables = [
            name
            for name in account.client.list_tables()
            if (run := RunId.of_table(name)) and is_chosen(run)
        ]
    except CallError as error:
        swept.left.append(f"tables: {error}")
        tables = []
    ends = time.monotonic() + timeout
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for table in pool.map(lambda name: _sweep_table(account, name, ends), tables):
            swept.tasks += table.tasks
            swept.tables += table.tables
            swept.left += table.left
    _sweep_bucket(account, is_chosen, swept)
    return swept


def _sweep_table(account, table, ends):
    swept = Swept()
    try:
        for task in account.tasks(table):
            _delete_task(account, table, task, ends)
            swept.tasks += 1
        account.delete_table(table)
        swept.tables += 1
    except Exception as error:  # noqa: BLE001 - the SDK raises its own; the sweep continues
        swept.left.append(f"{table}: {error}")
    return swept


def _delete_task(account, table, task, ends):
    while True:
        try:
            account.client.delete_delivery_task(table, task)
        except ServiceError as error:
            if error.is_not_found:
                return
            if time.monotonic() > ends:
                raise
            time.sleep(_PAUSE)  # the task initializes
        else:
            return


def _sweep_bucket(account, is_chosen, swept):
    try:
        bucket = account.files()
        files = [
            file
            for file in bucket.files(ROOT)
            if (run := RunId.of_key(file.key)) and is_chosen(run)
        ]
        kept = bucket.delete(files)
        swept.objects = len(files) - len(kept)
        swept.left += [f"{key}: the service did not delete the object" for key in kept]
    except Exception as error:  # noqa: BLE001 - the SDK raises its own; the sweep continues
        if "NoSuchBucket" not in str(error):
            swept.left.append(f"{ROOT}: {error}")
