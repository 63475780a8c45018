"""The result of a comparison: counts, and sentences that explain them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

MOST_EXAMPLES: Final = 5
"""The most examples of a column and a verdict."""


@dataclass
class ColumnCounts:
    """The values of a declared column.

    Attributes:
        name: The column in the files.
        source: The column in the table.
        type: The declared type.
        equal: Values that the files hold.
        absent: Rows without a value, in the table and in the files.
        dirty: Values that were dropped because they have another type, by that type.
        empty: Values that fit, and that the files do not hold.
        different: Values that differ.
        extra: Values in the files, of rows that do not have one in the table.
        missing: Values of rows that no file holds.
        not_due: Values of rows that are not due yet.
        unjudged: Values of rows that cannot be judged.
    """

    name: str
    source: str
    type: str
    equal: int = 0
    absent: int = 0
    dirty: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    different: int = 0
    extra: int = 0
    missing: int = 0
    not_due: int = 0
    unjudged: int = 0

    @property
    def wrong(self) -> int:
        """The number of values that are lost or differ."""
        return self.dirty.total() + self.empty + self.different + self.extra + self.missing


@dataclass
class RowCounts:
    """The numbers of rows.

    Attributes:
        compared: Rows of the table that were compared.
        equal: Rows that a file of the task holds.
        other_task: Rows that only files of another task hold.
        different: Rows of which the files hold only other values.
        missing: Rows that no file holds.
        not_due: Rows written after `synced_until`, whose current values no file holds.
        before_task: Rows that no file holds and that may be older than a task of mode INC.
        undated: Rows whose current values no file holds and whose time of writing is not known.
        not_looked_for: Rows of a sample that no file holds and whose folder is not known.
        doubled: Rows that are in the files of the task more than once, with the same values.
        copies: The further copies of these rows.
        updated: Rows of which the files hold other values too, such as those before an update.
        elsewhere: Rows that are in the folder of UTC+8, not in that of UTC.
        only_in_files: Rows of the files that the table does not have; None if that is not known.
    """

    compared: int = 0
    equal: int = 0
    other_task: int = 0
    different: int = 0
    missing: int = 0
    not_due: int = 0
    before_task: int = 0
    undated: int = 0
    not_looked_for: int = 0
    doubled: int = 0
    copies: int = 0
    updated: int = 0
    elsewhere: int = 0
    only_in_files: int | None = None


@dataclass
class FileCounts:
    """The numbers of files.

    Attributes:
        read: Files that were read.
        bytes: Their bytes.
        rows: Their rows that were read.
        not_read: Files of the task in folders that no compared row belongs to.
        of_other_tasks: Files of other tasks in the folders that were read, by task.
        unknown: Objects whose name is not that of a delivered file.
        unreadable: Files that are not Parquet, each with the reason.
        gone: Files that were deleted while they were read.
        other_types: Files that have a column of another type than declared, by column and type.
            The type is empty for files that do not have the column.
    """

    read: int = 0
    bytes: int = 0
    rows: int = 0
    not_read: int = 0
    of_other_tasks: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)
    gone: int = 0
    other_types: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Example:
    """One value that is lost or differs. It holds values of rows.

    Attributes:
        column: The column in the files.
        verdict: `dirty`, `empty`, `different`, `extra` or `missing`.
        key: The row's primary key, as JSON.
        table: The value in the table.
        files: The value in the files.
    """

    column: str
    verdict: str
    key: str
    table: Any
    files: Any


@dataclass
class Verification:
    """The result of the comparison of a task.

    Attributes:
        id: The task.
        mode: Its mode.
        phase: Its phase.
        synced_until: ISO 8601, UTC; empty before the first delivery.
        error_code: The error that it reports.
        is_sample: Whether only some rows were compared.
        has_keys: Whether the whole primary key is in the files.
        expires: Whether the table's rows have a time to live.
        rows: The rows.
        columns: The declared columns that were compared.
        not_compared: Declared columns whose type has an unknown form in a file.
        files: The files.
        event_column: The event-time column; empty without one.
        event_missing: Rows without an event time.
        event_unparsable: Rows whose event time is not of its format.
        examples: Values that are lost or differ; empty unless examples are wanted.
    """

    id: str
    mode: str
    phase: str
    synced_until: str
    error_code: str
    is_sample: bool
    has_keys: bool
    expires: bool
    columns: list[ColumnCounts]
    not_compared: list[str]
    event_column: str
    rows: RowCounts = field(default_factory=RowCounts)
    files: FileCounts = field(default_factory=FileCounts)
    event_missing: int = 0
    event_unparsable: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the files hold all that is due, as declared."""
        return not (
            self.rows.different
            or self.rows.missing
            or self.event_unparsable
            or self.files.unreadable
            or any(self._wrong(column) for column in self.columns)
        )

    def _wrong(self, column: ColumnCounts) -> int:
        return column.wrong - (column.extra if self.expires else 0)

    def document(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        files = vars(self.files) | {
            "of_other_tasks": dict(self.files.of_other_tasks),
            "other_types": [
                {"column": column, "type": kind, "files": count}
                for (column, kind), count in sorted(self.files.other_types.items())
            ],
        }
        return vars(self) | {
            "complete": self.is_complete,
            "rows": vars(self.rows),
            "files": files,
            "columns": [vars(each) | {"dirty": dict(each.dirty)} for each in self.columns],
            "examples": [
                vars(each) | {"table": _for_json(each.table), "files": _for_json(each.files)}
                for each in self.examples
            ],
            "notes": list(self.notes()),
        }

    def summary(self) -> str:
        """Return a sentence about the compared rows and files."""
        which = "a sample of" if self.is_sample else "all"
        rows = f"{_of(self.rows.compared, 'row')} with {_of(self.files.rows, 'row')}"
        return f"Compared {which} {rows} of {_of(self.files.read, 'file')}."

    def notes(self) -> Iterator[str]:
        """Yield sentences about the findings. They do not contain values of rows."""
        yield from self._lost()
        yield from self._not_judged()
        yield from self._about_files()
        yield from self._about_rows()

    def _lost(self) -> Iterator[str]:
        for column in self.columns:
            for kind, count in sorted(column.dirty.items()):
                yield (
                    f"{column.source}: {_values(count)} dropped: {kind} in the table, and "
                    f"{column.type} is declared."
                )
        if self.event_unparsable:
            yield (
                f"{self.event_column}: {_of(self.event_unparsable, 'row')} with a value that is "
                "not an event time of the declared format. Such a row is looked for in the folder "
                "of the time it was written (assumed)."
            )
        if self.event_missing:
            yield (
                f"{self.event_column}: {_of(self.event_missing, 'row')} without an event time. "
                "Such a row is looked for in the folder of the time it was written (assumed)."
            )
        rows = self.rows
        if rows.missing:
            yield (
                f"{_of(rows.missing, 'row')} in no file, although written before "
                f"{self.synced_until}. If an application sets the versions of a row, the row may "
                "be in the folder of another time."
            )
        if rows.different:
            yield (
                f"{_of(rows.different, 'row')} with other values in the files, although written "
                f"before {self.synced_until}."
            )
        if any(column.extra for column in self.columns):
            yield (
                "Values that only the files hold are not counted as wrong: this table's rows have "
                "a time to live, and files outlive it."
                if self.expires
                else "Values that only the files hold may be of columns that were deleted from "
                "their rows. The time of such a deletion is not known, so it may not be delivered "
                "yet."
            )

    def _not_judged(self) -> Iterator[str]:
        rows = self.rows
        if rows.not_due:
            since = self.synced_until
            if not since:
                yield f"{_of(rows.not_due, 'row')} not due yet: the task is in phase {self.phase}."
            elif self.mode == "BASE":
                yield f"{_of(rows.not_due, 'row')} not due: written after the scan ({since})."
            else:
                yield f"{_of(rows.not_due, 'row')} not due yet: written after {since}."
        if rows.before_task:
            yield (
                f"{_of(rows.before_task, 'row')} in no file, and the task does not have a file "
                "that is older. Mode INC delivers only new rows, so whether they are due is not "
                "known."
            )
        if rows.undated:
            yield (
                f"{_of(rows.undated, 'row')} whose current values are in no file. Whether they are "
                "due is not known: they do not have a declared column that shows when they were "
                "written."
            )
        if rows.not_looked_for:
            yield (
                f"{_of(rows.not_looked_for, 'row')} not looked for: the folder depends on the "
                "time of the write, and a row without columns does not have this time. Use --all, "
                "which reads every folder of the task."
            )
        if self.not_compared:
            yield (
                f"Not compared: {', '.join(self.not_compared)}. The form of such a type in a file "
                "is not known."
            )
        if not self.has_keys:
            yield (
                "The files do not hold the whole primary key, so rows are compared by all declared "
                "values. An updated row looks like a missing one, and a doubled row like two rows "
                "with the same values."
            )
        if self.error_code != "OK":
            yield f"The task reports {self.error_code}."

    def _about_files(self) -> Iterator[str]:
        files = self.files
        if files.unreadable:
            key, reason = next(iter(files.unreadable.items()))
            yield (
                f"{_of(len(files.unreadable), 'file')} that cannot be read as Parquet, such as "
                f"{key}: {reason}."
            )
        for task, count in sorted(files.of_other_tasks.items()):
            yield (
                f"{_of(count, 'file')} of another task, {task}, in the same folders. Readers of "
                "these folders get its rows too."
            )
        for (column, kind), count in sorted(files.other_types.items()):
            which = (
                f"with the column {column} of type {kind}, which is not the declared one"
                if kind
                else f"without the column {column}"
            )
            yield f"{_of(count, 'file')} {which}. Its values there count as not delivered."
        if files.gone:
            yield f"{_of(files.gone, 'file')} deleted while files were read."
        if files.not_read:
            yield f"{_of(files.not_read, 'file')} in other folders of the task, not read."
        if files.unknown:
            yield f"{_of(files.unknown, 'object')} with a name that delivery does not give."

    def _about_rows(self) -> Iterator[str]:
        rows = self.rows
        if rows.other_task:
            yield f"{_of(rows.other_task, 'row')} only in files of another task."
        if rows.doubled:
            yield (
                f"{_of(rows.doubled, 'row')} more than once in the files, with the same values "
                f"({_of(rows.copies, 'copy', 'copies')}). Readers have to remove them."
            )
        if rows.updated:
            yield (
                f"{_of(rows.updated, 'row')} with other values in the files too, such as those "
                "before an update. Each write is a row in a file."
            )
        if rows.elsewhere:
            yield (
                f"{_of(rows.elsewhere, 'row')} in the folder of UTC+8, not in the folder of UTC: "
                "the time zone of the folders is not UTC."
            )
        if rows.only_in_files:
            yield (
                f"{_of(rows.only_in_files, 'row')} only in the files: deleted from the table, or "
                "expired. Delivery ignores deletes."
            )


def _for_json(value: Any) -> Any:
    """Return a value for JSON. NaN and infinities become text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _of(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _values(count: int) -> str:
    return "1 value was" if count == 1 else f"{count} values were"
