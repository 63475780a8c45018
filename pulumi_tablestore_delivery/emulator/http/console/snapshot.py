"""Snapshots of an instance and its files, formatted for the page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import islice
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.http.console.files import (
    FilePreview,
    Previews,
    printable,
)
from pulumi_tablestore_delivery.emulator.http.service import Overview
from pulumi_tablestore_delivery.emulator.storage.objects import NoSuchBucketError, ObjectStore
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask, Table
from pulumi_tablestore_delivery.wire.delivery_pb2 import OSSTaskConfig
from pulumi_tablestore_delivery.wire.enums import (
    EventTimeFormat,
    ParquetDataType,
    PrimaryKeyType,
)
from pulumi_tablestore_delivery.wire.table_pb2 import CreateTableRequest

_VARIABLE: Final = re.compile(r"\$(?:yyyy|MM|dd|HH|mm)")
_MOST_FILES: Final = 60
_MOST_PREVIEWS: Final = 12
_MOST_COUNTED: Final = 100_000
_UNIT: Final = 1024  # bytes in a KiB, and so on
_SECOND: Final = 1_000_000_000
_MINUTE: Final = 60
_HOUR: Final = 3600


@dataclass(frozen=True)
class FileView:
    """A delivered file."""

    name: str
    size: str
    written: str
    preview: FilePreview | None


@dataclass(frozen=True)
class FolderView:
    """A folder of a task, with its files."""

    path: str
    files: list[FileView]


@dataclass(frozen=True)
class TaskView:
    """A delivery task."""

    name: str
    mode: str
    phase: str
    lag: str
    synced_until: str
    error: str
    location: str
    dirty_location: str
    event_time: str
    columns: list[tuple[str, str, str]]
    files: int
    rows: int
    rewrites: int
    dirty: int
    discarded: list[Mapping[str, Any]]
    folders: list[FolderView]
    hidden_files: int


@dataclass(frozen=True)
class TableView:
    """A table."""

    name: str
    keys: list[tuple[str, str]]
    tasks: list[TaskView] = field(default_factory=list)


@dataclass(frozen=True)
class Snapshot:
    """The contents of the page."""

    taken: str
    tables: list[TableView]
    faults: list[str]


class Snapshots:
    """Takes snapshots, which blocks. One caller at a time."""

    def __init__(self, objects: ObjectStore) -> None:
        """Read files from the buckets that the tasks deliver to."""
        self._objects = objects
        self._previews = Previews(objects)

    def take(self, overview: Overview) -> Snapshot:
        """Describe an instance and the files of its tasks."""
        reports = {(each["table"], each["task"]): each for each in overview.deliveries}
        tasks: dict[str, list[TaskView]] = {}
        for task in overview.tasks:
            report = reports.get((task.table_name, task.name))
            if report is not None:  # otherwise it was created or deleted meanwhile
                view = self._task(task, report, overview.now)
                tasks.setdefault(task.table_name, []).append(view)
        return Snapshot(
            _time(overview.now),
            [_table(table, tasks.get(table.name, [])) for table in overview.tables],
            [_fault(each) for each in overview.faults if not each["over"]],
        )

    def _task(self, task: DeliveryTask, report: Mapping[str, Any], now: int) -> TaskView:
        config = OSSTaskConfig.FromString(task.config)
        folders, hidden, has_bucket = self._folders(task.name, config)
        error = report["failure"]
        if not has_bucket:
            error = f"INVALID_OSS_BUCKET: the bucket {config.ossBucket} does not exist."
        elif error:
            error = f"UNAUTHORIZED: {error}"
        synced = report["delivered_until"]
        return TaskView(
            name=printable(task.name),
            mode=report["mode"],
            phase=report["phase"],
            lag=_lag(report, now),
            synced_until=_time(synced) if synced else "not yet",
            error=printable(error),
            location=printable(f"oss://{config.ossBucket}/{config.ossPrefix}"),
            dirty_location=printable(
                f"oss://{config.ossBucket}/{config.ossDirtyPrefix}" if config.ossDirtyPrefix else ""
            ),
            event_time=_event_time(config),
            columns=_columns(config),
            files=report["files"],
            rows=report["rows"],
            rewrites=report["rewrites"],
            dirty=report["dirty"],
            discarded=_discarded(report),
            folders=folders,
            hidden_files=hidden,
        )

    def _folders(self, task: str, config: OSSTaskConfig) -> tuple[list[FolderView], int, bool]:
        """Return the newest files by folder, the number of others, whether the bucket exists."""
        start = _VARIABLE.split(config.ossPrefix.rstrip("/"), maxsplit=1)[0]
        try:
            keys = [
                key
                for key in islice(self._objects.keys(config.ossBucket, start), _MOST_COUNTED)
                if key.rpartition("/")[2].startswith(f"{task}_0_")
            ]
        except NoSuchBucketError:
            return [], 0, False
        chosen = self._objects.newest(config.ossBucket, keys, _MOST_FILES)
        folders: dict[str, list[FileView]] = {}
        for index, key in enumerate(chosen):
            found = self._objects.find(config.ossBucket, key)
            if found is None:
                continue
            preview = self._previews.of(config.ossBucket, found) if index < _MOST_PREVIEWS else None
            path, _, name = key.rpartition("/")
            view = FileView(printable(name), _size(found.size), _time(found.modified), preview)
            folders.setdefault(path, []).append(view)
        newest_first = sorted(folders.items(), reverse=True)
        views = [FolderView(printable(f"{path}/"), files) for path, files in newest_first]
        return views, len(keys) - len(chosen), True


def _table(table: Table, tasks: list[TaskView]) -> TableView:
    meta = CreateTableRequest.FromString(table.request).table_meta
    keys = [(printable(key.name), _name(PrimaryKeyType, key.type)) for key in meta.primary_key]
    return TableView(printable(table.name), keys, tasks)


def _columns(config: OSSTaskConfig) -> list[tuple[str, str, str]]:
    return [
        (
            printable(each.columnName),
            printable(each.ossColumnName),
            _name(ParquetDataType, each.type),
        )
        for each in config.schema
    ]


def _discarded(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the discarded values of a report, the most frequent first."""
    return sorted(
        (
            {**each, "column": printable(each["column"]), "reason": printable(each["reason"])}
            for each in report["discarded"]
        ),
        key=lambda each: (-each["count"], each["column"], each["reason"]),
    )


def _event_time(config: OSSTaskConfig) -> str:
    if not _VARIABLE.search(config.ossPrefix):
        return "nothing: all rows go to one folder"
    if not config.HasField("eventTimeColumn"):
        return "the time of the write"
    column = config.eventTimeColumn
    return f"{printable(column.columnName)} ({_name(EventTimeFormat, column.timeFormat)})"


def _lag(report: Mapping[str, Any], now: int) -> str:
    synced = report["delivered_until"]
    if report["phase"] != "INCR" or not synced:
        return "not delivered yet"
    if report["mode"] == "BASE":
        return "complete"
    return _duration(max(now - synced, 0) / _SECOND)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "0 s"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < _UNIT:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _UNIT
    return f"{size:.1f} GiB"


def _time(nanoseconds: int) -> str:
    moment = datetime.fromtimestamp(nanoseconds // _SECOND, timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _fault(report: Mapping[str, Any]) -> str:
    left = report["times"]
    often = "until cleared" if left is None else f"{left - report['met']} more"
    return printable(f"{report['operation']}: {report['fault']} ({often})")


def _name(kinds: Iterable[Any], number: int) -> str:
    """Return the name of an enum's number, or the number if the enum does not have it."""
    return next((kind.name for kind in kinds if kind.value == number), str(number))
