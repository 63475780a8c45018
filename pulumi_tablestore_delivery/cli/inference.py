"""From a table's declarations and some of its rows to a schema, and to what stays open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.delivery.event_times import event_minute
from pulumi_tablestore_delivery.spec.rule import TableColumns
from pulumi_tablestore_delivery.spec.rules.columns import TYPE_OF_TABLE_TYPE
from pulumi_tablestore_delivery.wire.enums import EventTimeFormat

_KINDS: Final = {
    bool: "BOOLEAN",
    int: "INTEGER",
    float: "DOUBLE",
    str: "STRING",
    bytes: "BINARY",
}
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
    """What a column's values have in common so far."""

    counts: Counter[str] = field(default_factory=Counter)
    formats: set[EventTimeFormat] = field(default_factory=lambda: set(_TEXTS))
    units: set[int] = field(default_factory=lambda: set(_UNITS))

    def add(self, value: Any) -> None:
        self.counts[_KINDS[type(value)]] += 1
        self.formats = {form for form in self.formats if _is_time(form, value)}
        self.units = {unit for unit in self.units if _is_plausible(value, unit)}

    def event_time(self) -> EventTimeFormat | None:
        """The format that all of them have; None if there is none."""
        if not self.counts:
            return None
        if self.units:
            return EventTimeFormat.Unix
        return next((form for form in _TEXTS if form in self.formats), None)


@dataclass(frozen=True)
class Column:
    """A column of a table, and what it could be in the files.

    Attributes:
        source: Its name in the table.
        name: Its name in the files.
        type: Its Parquet type; for one that is undecided the likeliest, for BINARY none.
        origin: What the table declares it as, in words; empty if it does not.
        counts: How many of its sampled values have which type of Tablestore's.
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
    """What is known of a table's columns.

    Attributes:
        columns: The schema.
        undecided: Columns whose values have several types.
        binary: Columns that cannot be delivered.
        event_times: What the input `event_time_column` could be: columns that hold a time of one
            format in every sampled value.
    """

    columns: list[Column]
    undecided: list[Column]
    binary: list[Column]
    event_times: list[dict[str, str]]


def proposed(table: TableColumns, rows: Iterable[Iterable[tuple[str, Any]]]) -> Proposal:
    """Proposes a schema.

    A column has its declared type, or else that of all its sampled values. Where sampled values
    have another type it is undecided, for the service discards a value that does not match.

    Args:
        table: What the table declares.
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
    """The most frequent type that can be delivered; BINARY if there is no other."""
    kinds = [kind for kind, _ in counts.most_common()]
    return next((kind for kind in kinds if kind in TYPE_OF_TABLE_TYPE), kinds[0])


def _free(source: str, taken: set[str]) -> str:
    """A name in the files that differs from the others by more than case."""
    name, number = source, 1
    while name.lower() in taken:
        number += 1
        name = f"{source}_{number}"
    taken.add(name.lower())
    return name


def _is_time(form: EventTimeFormat, value: Any) -> bool:
    return isinstance(value, str) and event_minute(form, value) is not None


def _is_plausible(value: Any, unit: int) -> bool:
    first, end = _PLAUSIBLE
    return type(value) is int and first * unit <= value < end * unit
