"""Join one partition of both sides, and count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from pulumi_tablestore_delivery.inspection.verification.columns import Plain
from pulumi_tablestore_delivery.inspection.verification.result import (
    MOST_EXAMPLES,
    ColumnCounts,
    Example,
    Verification,
)

Values = tuple[Plain, ...]

UNKNOWN: Final = -1
"""A time or the number of a folder, if it is not known."""


class ExpectedRow(NamedTuple):
    """A row of the table, as its delivery should be.

    Attributes:
        values: The values of the compared columns; None for a missing value and for a dirty one.
        dirty: JSON: by the column's index, the type and the value that does not fit; empty if all
            values fit.
        key: The primary key as JSON; empty unless examples are wanted.
        written: When it was written, in milliseconds since 1970, or `UNKNOWN`.
        folder: The number of its folder, or `UNKNOWN`.
        other: The number of its folder in another time zone, or `UNKNOWN`.
    """

    values: Values
    dirty: str
    key: str
    written: int
    folder: int
    other: int


class FileRow(NamedTuple):
    """A row of a file.

    Attributes:
        values: The values of the compared columns.
        folder: The number of its folder.
        is_own: Whether the file is one of the task's.
    """

    values: Values
    folder: int
    is_own: bool


@dataclass(frozen=True)
class Terms:
    """The settings of a comparison, the same for all partitions.

    Attributes:
        key_indices: The indices of the primary key's columns among the compared columns; empty if
            a part of the key is not compared.
        synced_until: Milliseconds since 1970; 0 before the first delivery.
        counts_deleted: Whether to count rows that only files have.
        shows_values: Whether examples are wanted.
    """

    key_indices: tuple[int, ...]
    synced_until: int
    counts_deleted: bool
    shows_values: bool

    def match_key(self, values: Values) -> Values:
        """Return the values that a row is found by: its key, or all values without a key.

        A file does not hold a key whose value does not fit the declared type.
        """
        key = tuple(values[index] for index in self.key_indices)
        return values if not key or None in key else key

    def is_due(self, row: ExpectedRow) -> bool:
        """Return whether a row was written before the time until which all is delivered."""
        return self.synced_until > 0 and row.written < self.synced_until


class _Match:
    """The rows of files that match a row of the table.

    Attributes:
        copies: Rows of the task's files with the same values.
        foreign: Rows of other tasks' files with the same values.
        others: Rows of the task's files with other values.
        stale: The last of these other values; None without any.
        is_in_folder: Whether a copy is in the folder of the row.
        is_in_other: Whether a copy is in its folder of another time zone.
    """

    __slots__ = ("copies", "foreign", "is_in_folder", "is_in_other", "others", "stale")

    def __init__(self, copies: int = 0, foreign: int = 0) -> None:
        self.copies = copies
        self.foreign = foreign
        self.others = 0
        self.stale: Values | None = None
        self.is_in_folder = False
        self.is_in_other = False

    def add(self, row: ExpectedRow, found: FileRow) -> None:
        """Count a row of a file; later calls are of later deliveries."""
        if found.values != row.values:
            if found.is_own:
                self.others += 1
                self.stale = found.values
        elif found.is_own:
            self.copies += 1
            self.is_in_folder |= found.folder == row.folder
            self.is_in_other |= found.folder == row.other
        else:
            self.foreign += 1

    def take_one(self) -> _Match:
        """Remove one copy, of the task itself if there is one, and return it as a match."""
        if self.copies:
            self.copies -= 1
            return _Match(copies=1)
        if self.foreign:
            self.foreign -= 1
            return _Match(foreign=1)
        return _Match()


class _Group:
    """Rows of the table that are found by the same values: one, if they are the key.

    Attributes:
        row: The first of the rows.
        count: The number of rows.
        match: The rows of files.
    """

    __slots__ = ("count", "match", "row")

    def __init__(self, row: ExpectedRow) -> None:
        self.row = row
        self.count = 0
        self.match = _Match()


Excuse = Literal["", "not_due", "not_looked_for", "before_task", "undated"]
"""Why files need not hold a row, as the name of its count in `RowCounts`; empty if they must."""


class Comparison:
    """Counts the findings of a verification.

    Args:
        terms: The settings.
        result: Receives the counts.
        begun: For mode INC, when the first file of the task was written, in milliseconds since
            1970, or None if there is no file. 0 for the other modes.
    """

    def __init__(self, terms: Terms, result: Verification, begun: int | None) -> None:
        self._terms = terms
        self._begun = begun
        self._result = result
        self._examples: dict[tuple[str, str], int] = {}

    def compare(self, table: Iterable[ExpectedRow], files: Iterable[FileRow]) -> None:
        """Compare the rows of one partition.

        Args:
            table: The rows of the table. They are read again if some are found by the same
                values, because these rows are not kept.
            files: The rows of files, in the order of delivery.
        """
        groups: dict[Values, _Group] = {}
        for row in table:
            key = self._terms.match_key(row.values)
            group = groups.get(key)
            if group is None:
                group = groups[key] = _Group(row)
            group.count += 1
        only_in_files: set[Values] = set()
        for found in files:
            key = self._terms.match_key(found.values)
            group = groups.get(key)
            if group is not None:
                group.match.add(group.row, found)
            elif self._terms.counts_deleted and found.is_own:
                only_in_files.add(key)
        shared = {}
        for key, group in groups.items():
            if group.count == 1:
                self._count(group.row, group.match)
            else:
                shared[key] = group.match
        if shared:
            self._count_shared(table, shared)
        if self._terms.counts_deleted:
            counted = self._result.rows.only_in_files or 0
            self._result.rows.only_in_files = counted + len(only_in_files)

    def _count_shared(self, table: Iterable[ExpectedRow], shared: dict[Values, _Match]) -> None:
        """Count rows that are found by the same values. Each row of a file is for one of them.

        Rows that files must hold come first, so that no other row takes their copy.
        """
        for is_excused in (False, True):
            for row in table:
                match = shared.get(self._terms.match_key(row.values))
                if match is not None and bool(self._excuse(row)) is is_excused:
                    self._count(row, match.take_one())

    def _count(self, row: ExpectedRow, match: _Match) -> None:
        rows = self._result.rows
        rows.compared += 1
        if match.copies or match.foreign:
            self._count_found(row, match)
        elif match.stale is not None and (
            self._is_converted(row, match.stale) or self._has_expired(row, match.stale)
        ):
            rows.equal += 1
            self._count_columns(row, match.stale)
        elif excuse := self._excuse(row, is_stale=match.stale is not None):
            setattr(rows, excuse, getattr(rows, excuse) + 1)
            self._count_all(row, "not_due" if excuse == "not_due" else "unjudged")
        elif match.stale is not None:
            rows.different += 1
            self._count_columns(row, match.stale)
        else:
            self._count_missing(row)

    def _count_found(self, row: ExpectedRow, match: _Match) -> None:
        rows = self._result.rows
        if match.copies:
            rows.equal += 1
        else:
            rows.other_task += 1
        if match.copies > 1 and self._terms.key_indices:
            rows.doubled += 1
            rows.copies += match.copies - 1
        rows.updated += match.others > 0
        rows.elsewhere += match.is_in_other and not match.is_in_folder
        self._count_columns(row, row.values)

    def _excuse(self, row: ExpectedRow, *, is_stale: bool = False) -> Excuse:
        """Return why the files need not hold a row.

        Args:
            row: The row, whose current values are in no file.
            is_stale: Whether a file of the task holds other values of the row.
        """
        if not self._terms.is_due(row):
            return "not_due"
        if not is_stale:
            if row.folder == UNKNOWN and self._result.is_sample:
                return "not_looked_for"
            if self._begun is None or UNKNOWN < row.written < self._begun:
                return "before_task"
        return "undated" if row.written == UNKNOWN else ""

    def _count_missing(self, row: ExpectedRow) -> None:
        self._result.rows.missing += 1
        dirty = _dirty(row)
        for index, counts in enumerate(self._result.columns):
            if row.values[index] is None and index not in dirty:
                counts.absent += 1
            else:
                counts.missing += 1
                self._keep(counts, "missing", row, index, None)

    def _count_all(self, row: ExpectedRow, verdict: Literal["not_due", "unjudged"]) -> None:
        dirty = _dirty(row)
        for index, counts in enumerate(self._result.columns):
            if row.values[index] is None and index not in dirty:
                counts.absent += 1
            else:
                setattr(counts, verdict, getattr(counts, verdict) + 1)

    def _is_converted(self, row: ExpectedRow, found: Values) -> bool:
        """Return whether a row of a file differs only in values that were converted."""
        dirty = _dirty(row)
        return bool(dirty) and all(
            wanted == value or (index in dirty and value == dirty[index][1])
            for index, (wanted, value) in enumerate(zip(row.values, found, strict=True))
        )

    def _has_expired(self, row: ExpectedRow, found: Values) -> bool:
        """Return whether a row of a file differs only in values that the table may have expired."""
        dirty = _dirty(row)
        return self._result.expires and all(
            wanted == value or (wanted is None and index not in dirty)
            for index, (wanted, value) in enumerate(zip(row.values, found, strict=True))
        )

    def _count_columns(self, row: ExpectedRow, found: Values) -> None:
        dirty = _dirty(row)
        for index, counts in enumerate(self._result.columns):
            wanted, value = row.values[index], found[index]
            if index in dirty and value is None:
                counts.dirty[dirty[index][0]] += 1
                verdict = "dirty"
            elif index in dirty and value == dirty[index][1]:
                counts.equal += 1  # the service converted it
                continue
            elif wanted is None and value is None:
                counts.absent += 1
                continue
            elif wanted == value:
                counts.equal += 1
                continue
            elif value is None:
                counts.empty += 1
                verdict = "empty"
            elif wanted is None and index not in dirty:
                counts.extra += 1
                verdict = "extra"
            else:
                counts.different += 1
                verdict = "different"
            self._keep(counts, verdict, row, index, value)

    def _keep(
        self, counts: ColumnCounts, verdict: str, row: ExpectedRow, index: int, value: Plain
    ) -> None:
        """Keep an example, if examples are wanted and there are not enough of this kind."""
        if not self._terms.shows_values:
            return
        kept = self._examples.get((counts.name, verdict), 0)
        if kept < MOST_EXAMPLES:
            self._examples[counts.name, verdict] = kept + 1
            dirty = _dirty(row)
            wanted = dirty[index][1] if index in dirty else row.values[index]
            self._result.examples.append(Example(counts.name, verdict, row.key, wanted, value))


def _dirty(row: ExpectedRow) -> dict[int, tuple[str, Any]]:
    if not row.dirty:
        return {}
    return {int(index): (kind, value) for index, (kind, value) in json.loads(row.dirty).items()}
