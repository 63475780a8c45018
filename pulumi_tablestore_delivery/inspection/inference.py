"""Propose a Parquet schema from a table's declared columns and some of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_tablestore_delivery.spec import event_times
from pulumi_tablestore_delivery.spec.rules.columns import TYPE_OF_TABLE_TYPE
from pulumi_tablestore_delivery.spec.surroundings import TableColumns
from pulumi_tablestore_delivery.wire.enums import EventTimeFormat
from pulumi_tablestore_delivery.wire.plainbuffer import TYPE_NAMES

_TEXTS: Final = (
    EventTimeFormat.RFC3339,
    EventTimeFormat.RFC1123,
    EventTimeFormat.RFC850,
    EventTimeFormat.RFC822,
)
_UNITS: Final = (1, 1000)  # Unix: seconds or milliseconds
_PLAUSIBLE: Final = (946_684_800, 4_102_444_800)  # the years 2000 to 2099, in seconds


@dataclass
class _Values:
    """The types and time formats that a column's values have in common so far."""

    counts: Counter[str] = field(default_factory=Counter)
    formats: set[EventTimeFormat] = field(default_factory=lambda: set(_TEXTS))
    units: set[int] = field(default_factory=lambda: set(_UNITS))

    def add(self, value: Any) -> None:
        kind = TYPE_NAMES.get(type(value))
        if kind is None:
            return  # a deleted cell, or an infinite bound
        self.counts[kind] += 1
        self.formats = {form for form in self.formats if _is_time(form, value)}
        self.units = {unit for unit in self.units if _is_plausible(value, unit)}

    def event_time(self) -> EventTimeFormat | None:
        """Return the format that all values have; None if there is none."""
        if not self.counts:
            return None
        if self.units:
            return EventTimeFormat.Unix
        return next((form for form in _TEXTS if form in self.formats), None)


@dataclass(frozen=True)
class Column:
    """A column of a table, and its column in the files.

    Attributes:
        source: Its name in the table.
        name: Its name in the files.
        type: Its Parquet type; the likeliest one if it is undecided, empty for BINARY.
        origin: `primary key` or `defined column`; empty if the table does not declare it.
        counts: The number of its sampled values by their Tablestore type.
    """

    source: str
    name: str
    type: str
    origin: str
    counts: Mapping[str, int]

    @property
    def entry(self) -> dict[str, str]:
        """The column as the input `parquet_schema` has it."""
        name = {} if self.name == self.source else {"name": self.name}
        return {"source": self.source, **name, "type": self.type}


@dataclass(frozen=True)
class Proposal:
    """A proposed schema, and the columns that it leaves out.

    Attributes:
        columns: The schema.
        undecided: Columns whose values have several types.
        binary: Columns that cannot be delivered.
        event_times: Candidates for the input `event_time_column`: columns that hold a time of one
            format in every sampled value.
    """

    columns: list[Column]
    undecided: list[Column]
    binary: list[Column]
    event_times: list[dict[str, str]]


def propose(table: TableColumns, rows: Iterable[Iterable[tuple[str, Any]]]) -> Proposal:
    """Propose a schema.

    A column has its declared type, or else the type of all its sampled values. A column whose
    sampled values have another type too is undecided, because the service discards a value that
    does not match.

    Args:
        table: The declared columns.
        rows: Names and values of some rows.
    """
    declared = {**table.keys, **table.defined}
    values = {source: _Values() for source in declared}
    for row in rows:
        for source, value in row:
            values.setdefault(source, _Values()).add(value)
    proposal = Proposal([], [], [], [])
    taken: set[str] = set()
    for source, seen in values.items():
        kinds = seen.counts.keys() | ({declared[source]} if source in declared else set())
        if not kinds:
            continue  # none of its cells has a value
        kind = declared.get(source) or _likeliest(seen.counts)
        column = Column(
            source=source,
            name=_free(source, taken) if kind in TYPE_OF_TABLE_TYPE else "",
            type=TYPE_OF_TABLE_TYPE.get(kind, ""),
            origin="primary key" if source in table.keys
            else "defined column" if source in table.defined else "",
            counts=dict(seen.counts.most_common()),
        )  # fmt: skip
        if not column.type:
            proposal.binary.append(column)
        elif len(kinds) > 1:
            proposal.undecided.append(column)
        else:
            proposal.columns.append(column)
        if form := seen.event_time():
            proposal.event_times.append({"column": source, "format": form.name})
    return proposal


def _likeliest(counts: Counter[str]) -> str:
    """Return the most frequent type that can be delivered; BINARY if there is no other."""
    kinds = [kind for kind, _ in counts.most_common()]
    return next((kind for kind in kinds if kind in TYPE_OF_TABLE_TYPE), kinds[0])


def _free(source: str, taken: set[str]) -> str:
    """Return a name in the files that differs from the others by more than case."""
    name, number = source, 1
    while name.lower() in taken:
        number += 1
        name = f"{source}_{number}"
    taken.add(name.lower())
    return name


def _is_time(form: EventTimeFormat, value: Any) -> bool:
    return isinstance(value, str) and event_times.is_event_time(form.name, value)


def _is_plausible(value: Any, unit: int) -> bool:
    first, end = _PLAUSIBLE
    return type(value) is int and first * unit <= value < end * unit
