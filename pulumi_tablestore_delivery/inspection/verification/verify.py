"""Compare a task's table with its files. The package's docstring describes the steps."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import pyarrow as pa

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.codec import moment_of, table_columns
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.verification.columns import (
    Column,
    compared_columns,
)
from pulumi_tablestore_delivery.inspection.verification.comparison import (
    Comparison,
    ExpectedRow,
    FileRow,
    Terms,
)
from pulumi_tablestore_delivery.inspection.verification.expected import Expectations
from pulumi_tablestore_delivery.inspection.verification.folders import EventTime
from pulumi_tablestore_delivery.inspection.verification.objects import (
    Bucket,
    DeliveredFile,
    FileRows,
    MissingObjectError,
    UnreadableFileError,
    read_file,
)
from pulumi_tablestore_delivery.inspection.verification.result import ColumnCounts, Verification
from pulumi_tablestore_delivery.inspection.verification.rows import Range, all_rows, spread_rows
from pulumi_tablestore_delivery.inspection.verification.spill import PARTITIONS, Spill
from pulumi_tablestore_delivery.lifecycle import Found
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.wire.plainbuffer import Row

_MOST_LISTINGS: Final = 100
"""The most folders that are listed one by one. If there are more, their common root is listed."""
_ROWS_PER_REPORT: Final = 1000

Progress = Callable[[str, int], None]
"""Reports progress. The arguments are such as `rows read from the table` and their number."""


@dataclass(frozen=True)
class Options:
    """The options of a comparison.

    Attributes:
        rows: The number of rows to compare, spread over the keys; all if None.
        shows_values: Whether to keep examples, which contain values of rows.
    """

    rows: int | None = None
    shows_values: bool = False


@dataclass(frozen=True)
class Subject:
    """A task, its table and its files.

    Attributes:
        task: The task as the service describes it now.
        client: The client of its instance.
        bucket: Its bucket.
    """

    task: Found
    client: TablestoreClient
    bucket: Bucket


def verify(subject: Subject, options: Options, progress: Progress) -> Verification:
    """Compare the rows of a task's table with its files.

    Args:
        subject: The task.
        options: The options.
        progress: Reports progress.

    Raises:
        CallError: The table could not be read.
        OssError: The files could not be listed or read.
        ConfigurationError: The temporary folder cannot be used.
    """
    try:
        with tempfile.TemporaryDirectory(
            prefix="tablestore-verify-",
            ignore_cleanup_errors=True,  # a download may still be running
        ) as folder:
            return _Run(subject, options, progress, Path(folder)).result()
    except OSError as error:
        raise ConfigurationError(
            f"The temporary folder cannot be used: {error.strerror or error}. It needs about as "
            "much space as the declared columns of the rows and of the files. Set TMPDIR to "
            "another one, or compare fewer rows with --rows."
        ) from None


class _Run:
    """One comparison."""

    def __init__(
        self, subject: Subject, options: Options, progress: Progress, folder: Path
    ) -> None:
        self._spec = spec_of(subject.task.outputs)
        self._client, self._bucket = subject.client, subject.bucket
        self._options = options
        self._progress = progress
        self._folder = folder
        described = subject.client.describe_table(self._spec.table_name)
        keys = table_columns(described).keys
        self._keys = list(keys)
        self._columns, rest = compared_columns(self._spec.parquet_schema)
        self._rows = Expectations(self._spec, self._columns, with_keys=options.shows_values)
        self._wanted: set[tuple[Any, ...]] | None = None if options.rows is None else set()
        self._first_keys: set[Any] = set()
        state = subject.task.outputs
        key_indices = _key_indices(self._columns, keys)
        self._found = Verification(
            id=subject.task.id,
            mode=self._spec.mode,
            phase=state["phase"],
            synced_until=state["synced_until"],
            error_code=state["error_code"],
            is_sample=options.rows is not None,
            has_keys=bool(key_indices),
            expires=described.table_options.time_to_live > 0,
            columns=[
                ColumnCounts(column.name, column.source, column.type) for column in self._columns
            ],
            not_compared=[f"{column.name} ({column.type})" for column in rest],
            event_column=self._spec.event_time_column.column
            if self._spec.event_time_column
            else "",
        )
        self._terms = Terms(
            key_indices=key_indices,
            synced_until=_milliseconds(state["synced_until"]),
            counts_deleted=options.rows is None and bool(key_indices),
            shows_values=options.shows_values,
        )

    def result(self) -> Verification:
        values = [(f"c{index}", column.spilled) for index, column in enumerate(self._columns)]
        expected = pa.schema(
            [
                *values, ("dirty", pa.string()), ("key", pa.string()),
                ("written", pa.int64()), ("folder", pa.int64()), ("other", pa.int64()),
            ]
        )  # fmt: skip
        delivered = pa.schema([*values, ("folder", pa.int64()), ("own", pa.bool_())])
        with (
            Spill(self._folder / "table", expected) as table,
            Spill(self._folder / "files", delivered) as files,
        ):
            self._read_table(table)
            listed, begun = self._list_files()
            self._read_files(listed, files)
            self._compare(table, files, begun)
        return self._found

    def _read_table(self, spill: Spill) -> None:
        rows = Range(
            self._client,
            self._spec.table_name,
            self._keys,
            self._rows.columns_to_read(self._keys),
            self._rows.needs_all_columns,
        )
        count = self._options.rows
        number = 0
        for number, row in enumerate(
            all_rows(rows) if count is None else spread_rows(rows, count), start=1
        ):
            self._add(row, spill)
            if number % _ROWS_PER_REPORT == 0:
                self._progress("rows read from the table", number)
        self._progress("rows read from the table", number)
        self._found.event_missing = self._rows.event_times[EventTime.MISSING]
        self._found.event_unparsable = self._rows.event_times[EventTime.UNPARSABLE]

    def _add(self, row: Row, spill: Spill) -> None:
        expected = self._rows.of(row)
        key = self._terms.match_key(expected.values)
        spill.add(key, (*expected.values, *expected[1:]))
        if self._wanted is not None:
            self._wanted.add(key)
            self._first_keys.add(row.key[0][1])

    def _list_files(self) -> tuple[list[DeliveredFile], int | None]:
        """Return the files to read, in the order of delivery, and `begun` for the comparison."""
        folders, task_folders = self._rows.folders, self._rows.task_folders
        is_inc = self._spec.mode == "INC"
        lists_each = self._wanted is not None and not is_inc and len(folders) <= _MOST_LISTINGS
        reads_every = self._wanted is None and self._rows.has_unknown_folders
        counts = self._found.files
        files: list[DeliveredFile] = []
        first: float | None = None
        for prefix in sorted(folders) if lists_each else [task_folders.root]:
            for file in self._bucket.files(prefix):
                is_own = file.is_of(self._spec.task_name)
                if file.task and task_folders.is_folder(file.folder):
                    if reads_every:
                        self._rows.number(file.folder)
                    if is_own:
                        first = min(file.modified, file.modified if first is None else first)
                        counts.not_read += file.folder not in folders
                if file.folder not in folders:
                    continue
                if not file.task:
                    counts.unknown += 1
                    continue
                if not is_own:
                    counts.of_other_tasks[file.task] += 1
                files.append(file)
                self._progress("files listed", len(files))
        begun = (None if first is None else int(first * 1000)) if is_inc else 0
        return sorted(files), begun

    def _read_files(self, files: list[DeliveredFile], spill: Spill) -> None:
        counts, wanted = self._found.files, self._filter()
        for number, download in enumerate(self._bucket.download(files, self._folder), start=1):
            try:
                path = download.wait()
            except MissingObjectError:
                counts.gone += 1
                continue
            try:
                self._read_file(download.file, read_file(path, self._columns, wanted), spill)
            except UnreadableFileError as error:
                counts.unreadable[download.file.key] = str(error)
            path.unlink()
            counts.read += 1
            counts.bytes += download.file.size
            self._progress("files read", number)

    def _read_file(self, file: DeliveredFile, batches: Iterable[FileRows], spill: Spill) -> None:
        folder = self._rows.folders[file.folder]
        is_own = file.is_of(self._spec.task_name)
        other_types: set[tuple[str, str]] = set()
        for rows in batches:
            other_types.update(rows.other_types.items())
            self._found.files.rows += rows.count
            for values in rows:
                key = self._terms.match_key(values)
                if self._wanted is None or key in self._wanted:
                    spill.add(key, (*values, folder, is_own))
        self._found.files.other_types.update(other_types)

    def _filter(self) -> tuple[Column, pa.Array] | None:
        """Return a key column and its values in the sample; None to read all rows."""
        if self._wanted is None or not self._terms.key_indices:
            return None
        column = self._columns[self._terms.key_indices[0]]
        return column, pa.array(list(self._first_keys), column.spilled)

    def _compare(self, table: Spill, files: Spill, begun: int | None) -> None:
        comparison = Comparison(self._terms, self._found, begun)
        width = len(self._columns)
        for partition in range(PARTITIONS):
            comparison.compare(
                _Rows(table, partition, width, ExpectedRow),
                _Rows(files, partition, width, FileRow),
            )
            self._progress("partitions compared", partition + 1)


RowT = TypeVar("RowT", ExpectedRow, FileRow)


@dataclass(frozen=True)
class _Rows(Generic[RowT]):
    """The rows of a partition. They can be read more than once.

    Attributes:
        spill: The rows of all partitions.
        partition: The partition.
        width: The number of compared columns.
        kind: The type of the rows.
    """

    spill: Spill
    partition: int
    width: int
    kind: type[RowT]

    def __iter__(self) -> Iterator[RowT]:
        for row in self.spill.rows(self.partition):
            yield self.kind(row[: self.width], *row[self.width :])


def _key_indices(columns: list[Column], keys: Mapping[str, str]) -> tuple[int, ...]:
    """Return the indices of the primary key among the columns; empty if a part is missing."""
    indices = {
        column.source: index
        for index, column in reversed(list(enumerate(columns)))
        if keys.get(column.source) == column.source_type
    }
    return tuple(indices[key] for key in keys) if indices.keys() == keys.keys() else ()


def _milliseconds(time: str) -> int:
    moment = moment_of(time)
    return int(moment.timestamp() * 1000) if moment else 0
