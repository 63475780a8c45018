"""The actions of the questions: create tables and tasks, write rows, read the delivered files."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone

from support.sdk import tablestore

from acceptance.recorder import Recorder
from pulumi_tablestore_delivery.errors import CallError, ServiceError
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from pulumi_tablestore_delivery.wire.enums import (
    DeliveryErrorCode,
    DeliveryTaskType,
    EventTimeFormat,
    ParquetDataType,
    TaskSyncPhase,
)


@dataclass(frozen=True)
class Timeouts:
    """Timeouts in seconds, and the pause between two polls.

    Attributes:
        phase: For the initialization of a task.
        error: For the error of a task that cannot deliver.
        files: For rows to be in files.
        pause: Between two polls.
    """

    phase: float = 300
    error: float = 180
    files: float = 900
    pause: float = 5


REAL = Timeouts()
EMULATED = Timeouts(phase=10, error=1, files=20, pause=0.1)


class StoppedError(Exception):
    """The run was stopped."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a call: a code and a message, both empty for a success."""

    code: str = ""
    message: str = ""
    status: int = 200
    signature: str = "valid"

    def __bool__(self):
        return not self.code

    def __str__(self):
        return f"{self.code} (HTTP {self.status})" if self.code else "accepted"


@dataclass(frozen=True)
class DeliveredRow:
    """A row in a file: its folder below the task's, and its values."""

    folder: str
    file: str
    row: dict


class Lab:
    """Creates tables and tasks in an account, with names of the run. Several threads may use it."""

    def __init__(self, account, timeouts):
        self.account = account
        self.timeouts = timeouts
        self.recorder = Recorder(account)
        self.client = account.client_over(self.recorder)
        self.bucket = account.files()
        self.stop = threading.Event()
        self.initializations = []  # seconds of each
        self.deliveries = []  # seconds from a write to its file

    def table(self, name):
        """Create a table with the primary key id STRING, and return its name."""
        table = self.account.run.table(name)
        self.account.create_table(table)
        return table

    def folder(self, name):
        """A folder of the run in the bucket."""
        return f"{self.account.folder}{name}/"

    def create(self, table, task, prefix, **config):
        """Create a task. The config's columns are (source, type) pairs; see `OSSTaskConfig`."""
        columns = config.pop("columns", [("id", "UTF8")])
        event = config.pop("event", None)
        request = pb.CreateDeliveryTaskRequest(
            tableName=table,
            taskName=task,
            taskType=DeliveryTaskType[config.pop("mode", "BASE_INC")],
            taskConfig=pb.OSSTaskConfig(
                **{
                    "ossPrefix": prefix,
                    "ossBucket": self.account.bucket,
                    "ossEndpoint": self.account.oss_endpoint,
                    "ossStsRole": self.account.role_arn,
                    "format": 0,
                    **config,
                }
            ),
        )
        if event:
            request.taskConfig.eventTimeColumn.columnName = event[0]
            request.taskConfig.eventTimeColumn.timeFormat = EventTimeFormat[event[1]]
        for source, kind, *name in columns:
            request.taskConfig.schema.add(
                columnName=source,
                ossColumnName=name[0] if name else source,
                type=ParquetDataType[kind],
                encode=0,
            )
        self.client.create_delivery_task(request)

    def attempt(self, call, *arguments, **options):
        """Call, and return the outcome."""
        try:
            call(*arguments, **options)
        except ServiceError as error:
            last = self.recorder.last
            signature = last.signature if last.code == error.code else "none"
            return Outcome(error.code, error.detail, error.status, signature)
        except CallError as error:
            return Outcome(type(error).__name__, str(error), 0, "none")
        return Outcome()

    def state(self, table, task):
        """A task's phase and error code."""
        found = self.client.describe_delivery_task(table, task).task_sync_stat
        return (
            TaskSyncPhase(found.task_sync_phase).name,
            DeliveryErrorCode(found.error_code).name,
        )

    def ready(self, table, task):
        """Wait until a task has initialized. Return the seconds; None after the timeout."""
        started = time.monotonic()
        if not self.until(lambda: self.state(table, task)[0] != "INIT", "phase"):
            return None
        seconds = round(time.monotonic() - started, 1)
        self.initializations.append(seconds)
        return seconds

    def start(self, table, task, prefix, **config):
        """Create a task and wait until it has initialized."""
        self.create(table, task, prefix, **config)
        self.ready(table, task)

    def put(self, table, key, **columns):
        """Write a row. Return the time after the write."""
        row = tablestore.Row([("id", key)], list(columns.items()))
        self.account.sdk.put_row(table, row, tablestore.Condition("IGNORE"))
        return datetime.now(timezone.utc)

    def update(self, table, key, **columns):
        """Update columns of a row."""
        row = tablestore.Row([("id", key)], {"PUT": list(columns.items())})
        self.account.sdk.update_row(table, row, tablestore.Condition("IGNORE"))

    def rows(self, prefix):
        """The rows of all files below a prefix, by their id."""
        found = {}
        for file in self.bucket.files(prefix):
            folder = f"{file.folder}/".removeprefix(prefix)
            for row in self.bucket.rows(file):
                found.setdefault(row["id"], []).append(DeliveredRow(folder, file.name, row))
        return found

    def delivered(self, prefix, ids, times=1):
        """Wait until each of the rows is in files that many times. Return all rows by their id."""
        started = time.monotonic()
        rows = {}

        def all_are_there():
            nonlocal rows
            rows = self.rows(prefix)
            return all(len(rows.get(key, [])) >= times for key in ids)

        if self.until(all_are_there, "files"):
            self.deliveries.append(round(time.monotonic() - started, 1))
        return rows

    def until(self, condition, kind):
        """Poll until a condition holds or the timeout is over. Return whether it holds."""
        ends = time.monotonic() + getattr(self.timeouts, kind)
        while not condition():
            if time.monotonic() > ends:
                return False
            if self.stop.wait(self.timeouts.pause):
                raise StoppedError("the run was stopped")
        return True
