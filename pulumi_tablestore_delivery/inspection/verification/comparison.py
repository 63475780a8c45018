"""Join one partition of both sides, and count."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pulumi_tablestore_delivery.inspection.verification.columns import Plain
from pulumi_tablestore_delivery.inspection.verification.result import (
    MOST_EXAMPLES,
    ColumnCounts,
    Example,
    Verification,
)

Values = tuple[Plain, ...]


class ExpectedRow(NamedTuple):
    """A row of the table, as its delivery should be.

    Attributes:
        values: The values of the compared columns; None where there is none, or a dirty one.
        dirty: JSON: by the column's place, the type and the value that does not fit; empty if all
            fit.
        key: The primary key as JSON; empty unless examples are wanted.
        written: When it was written, in milliseconds since 1970; -1 if that is not known.
        folder: The number of its folder; -1 if that is not known.
    """

    values: Values
    dirty: str
    key: str
    written: int
    folder: int


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
    """What the comparison of all partitions goes by.

    Attributes:
        key_places: The places of the primary key among them; empty if it is not all there.
        synced_until: Milliseconds since 1970; 0 before the first delivery.
        counts_deleted: Whether to count rows that only files have.
        shows_values: Whether examples are wanted.
    """

    key_places: tuple[int, ...]
    synced_until: int
    counts_deleted: bool
    shows_values: bool

    def match_key(self, values: Values) -> tuple[Any, ...]:
        """Return what a row is found by: its key, or all values if the key is not delivered."""
        if not self.key_places:
            return values
        return tuple(values[place] for place in self.key_places)

    def is_due(self, row: ExpectedRow) -> bool:
        """Return whether a row was written before the time until which all is delivered."""
        return self.synced_until > 0 and row.written < self.synced_until


class _Match:
    """A row of the table, and what the files hold of it."""

    __slots__ = ("copies", "foreign", "is_elsewhere", "others", "row", "stale")

    def __init__(self, row: ExpectedRow) -> None:
        self.row = row
        self.copies = 0
        self.foreign = 0
        self.others = 0
        self.stale: Values | None = None
        self.is_elsewhere = False

    def add(self, found: FileRow) -> None:
        """Count a row of a file; later calls are of later deliveries."""
        if found.values == self.row.values:
            if found.is_own:
                self.copies += 1
                self.is_elsewhere = self.row.folder not in {-1, found.folder}
            else:
                self.foreign += 1
        elif found.is_own:
            self.others += 1
            self.stale = found.values


class _Group:
    """Rows of the table that are found by the same values: one, if the key is in the files.

    Without the key, such rows are equal, so each row of a file stands for the next of them.
    """

    __slots__ = ("_foreign", "_own", "matches")

    def __init__(self) -> None:
        self.matches: list[_Match] = []
        self._own = 0
        self._foreign = 0

    def add(self, found: FileRow) -> None:
        """Count a row of a file."""
        if found.is_own:
            turn, self._own = self._own, self._own + 1
        else:
            turn, self._foreign = self._foreign, self._foreign + 1
        self.matches[turn % len(self.matches)].add(found)


class Comparison:
    """Counts what a verification finds.

    Args:
        terms: What the comparison goes by.
        result: Where to count.
        begun: For mode INC, when the first file of the task was written, in milliseconds since
            1970, or None if there is no file. 0 for the other modes.
    """

    def __init__(self, terms: Terms, result: Verification, begun: int | None) -> None:
        self._terms = terms
        self._begun = begun
        self._result = result
        self._examples: dict[tuple[str, str], int] = {}

    def compare(self, table: Iterable[ExpectedRow], files: Iterable[FileRow]) -> None:
        """Compare the rows of one partition."""
        groups: defaultdict[tuple[Any, ...], _Group] = defaultdict(_Group)
        for row in table:
            groups[self._terms.match_key(row.values)].matches.append(_Match(row))
        only_in_files: set[tuple[Any, ...]] = set()
        for found in files:
            key = self._terms.match_key(found.values)
            group = groups.get(key)
            if group is not None:
                group.add(found)
            elif self._terms.counts_deleted and found.is_own:
                only_in_files.add(key)
        for group in groups.values():
            for match in group.matches:
                self._count(match)
        if self._terms.counts_deleted:
            counted = self._result.rows.only_in_files or 0
            self._result.rows.only_in_files = counted + len(only_in_files)

    def _count(self, match: _Match) -> None:
        rows = self._result.rows
        rows.compared += 1
        if match.copies or match.foreign:
            self._count_found(match)
        elif match.stale is not None and (
            self._is_same(match.row, match.stale) or self._has_expired(match.row, match.stale)
        ):
            rows.equal += 1
            self._count_columns(match.row, match.stale)
        elif not self._terms.is_due(match.row) and (
            match.row.written >= 0 or not self._terms.synced_until
        ):
            rows.not_due += 1
            self._count_all(match.row, "not_due")
        elif match.stale is not None:
            rows.different += 1
            self._count_columns(match.row, match.stale)
        else:
            self._count_missing(match.row)

    def _count_found(self, match: _Match) -> None:
        rows = self._result.rows
        if match.copies:
            rows.equal += 1
        else:
            rows.other_task += 1
        if match.copies > 1 and self._terms.key_places:
            rows.doubled += 1
            rows.copies += match.copies - 1
        rows.updated += match.others > 0
        rows.elsewhere += match.is_elsewhere
        self._count_columns(match.row, match.row.values)

    def _count_missing(self, row: ExpectedRow) -> None:
        rows, begun = self._result.rows, self._begun
        if row.folder < 0 and self._result.is_sample:
            rows.not_looked_for += 1
            self._count_all(row, "unjudged")
        elif begun is None or (row.written >= 0 and row.written < begun):
            rows.before_task += 1
            self._count_all(row, "unjudged")
        elif row.written < 0:
            rows.undated += 1
            self._count_all(row, "unjudged")
        else:
            rows.missing += 1
            dirty = _dirty(row)
            for place, counts in enumerate(self._result.columns):
                if row.values[place] is None and place not in dirty:
                    counts.absent += 1
                else:
                    counts.missing += 1
                    self._keep(counts, "missing", row, place, None)

    def _count_all(self, row: ExpectedRow, verdict: str) -> None:
        dirty = _dirty(row)
        for place, counts in enumerate(self._result.columns):
            if row.values[place] is None and place not in dirty:
                counts.absent += 1
            else:
                setattr(counts, verdict, getattr(counts, verdict) + 1)

    def _is_same(self, row: ExpectedRow, found: Values) -> bool:
        """Return whether a row of a file differs only in values that were converted."""
        dirty = _dirty(row)
        return bool(dirty) and all(
            wanted == value or (place in dirty and value == dirty[place][1])
            for place, (wanted, value) in enumerate(zip(row.values, found, strict=True))
        )

    def _has_expired(self, row: ExpectedRow, found: Values) -> bool:
        """Return whether a row of a file differs only in values that the table may have expired."""
        dirty = _dirty(row)
        return self._result.expires and all(
            wanted == value or (wanted is None and place not in dirty)
            for place, (wanted, value) in enumerate(zip(row.values, found, strict=True))
        )

    def _count_columns(self, row: ExpectedRow, found: Values) -> None:
        dirty = _dirty(row)
        for place, counts in enumerate(self._result.columns):
            wanted, value = row.values[place], found[place]
            if place in dirty and value is None:
                counts.dirty[dirty[place][0]] += 1
                verdict = "dirty"
            elif place in dirty and value == dirty[place][1]:
                counts.equal += 1  # it was converted after all
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
            elif wanted is None and place not in dirty:
                counts.extra += 1
                verdict = "extra"
            else:
                counts.different += 1
                verdict = "different"
            self._keep(counts, verdict, row, place, value)

    def _keep(
        self, counts: ColumnCounts, verdict: str, row: ExpectedRow, place: int, value: Plain
    ) -> None:
        if not self._terms.shows_values:
            return
        kept = self._examples.get((counts.name, verdict), 0)
        if kept < MOST_EXAMPLES:
            self._examples[counts.name, verdict] = kept + 1
            dirty = _dirty(row)
            wanted = dirty[place][1] if place in dirty else row.values[place]
            self._result.examples.append(Example(counts.name, verdict, row.key, wanted, value))


def _dirty(row: ExpectedRow) -> dict[int, tuple[str, Plain]]:
    if not row.dirty:
        return {}
    return {int(place): (kind, value) for place, (kind, value) in json.loads(row.dirty).items()}
