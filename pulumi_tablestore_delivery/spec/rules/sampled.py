"""Rules about sampled rows: values that the service drops, and columns that no row has.

A preview samples old rows. Mode INC delivers new rows only, so each violation is then a warning. It
is a warning too while the mode is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_tablestore_delivery.spec import event_times
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import EventTimeColumn
from pulumi_tablestore_delivery.spec.parts import (
    columns_of,
    known_event_time_of,
)
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.rule import (
    Needs,
    Problem,
    Severity,
    Source,
    error,
    warning,
)
from pulumi_tablestore_delivery.spec.rules.columns import (
    DOCUMENTED_TYPES,
    TYPE_OF_TABLE_TYPE,
    USE_FITTING_TYPE,
    VALUES_ARE_DROPPED,
)
from pulumi_tablestore_delivery.spec.surroundings import ColumnSample, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_ENOUGH: Final = 5
"""The fewest values that prove a wrong type. Fewer values may be exceptions."""
_MOST_LISTED: Final = 5
"""The most missing columns that are reported one by one. More of them are one warning."""

_MODES_THAT_READ_OLD_ROWS: Final = ("BASE", "BASE_INC")


@error(
    "sampled-type",
    Source.DOCUMENTED,
    says=(
        "The values of sampled rows have the type that the schema declares. If all of at least 5 "
        "values would be dropped, this is an error. If there are fewer values, or if the mode is "
        "INC, it is a warning."
    ),
    remedy=USE_FITTING_TYPE,
    needs=Needs.ROWS,
)
def sampled_type(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    for column in _typed_columns(draft, around):
        dropped, count = column.dropped, column.sample.count
        if not dropped or sum(dropped.values()) < count:
            continue
        problem = f"{_share(count, count)} of {column.describe_dropped()}{_fitting(dropped)}"
        severity = _severity(draft) if count >= _ENOUGH else Severity.WARNING
        yield f"{column.path}.type", problem, severity


@warning(
    "sampled-type-mixed",
    Source.DOCUMENTED,
    says="The sampled values of a column all have the same type.",
    remedy=f"Write values of one type, or deliver another column. {VALUES_ARE_DROPPED}",
    needs=Needs.ROWS,
)
def sampled_type_mixed(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    for column in _typed_columns(draft, around):
        count = sum(column.dropped.values())
        if 0 < count < column.sample.count:
            share = _share(count, column.sample.count)
            yield f"{column.path}.type", f"{share} of {column.describe_dropped()}"


@warning(
    "sampled-column",
    Source.ASSUMED,
    says=(
        "A column of the schema, and the column of the event time, is in at least one sampled row."
    ),
    remedy="Check the column's name, upper and lower case too.",
    needs=Needs.ROWS,
)
def sampled_column(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    if not around.rows.count:
        return
    missing = [
        (path, column.source)
        for path, column in columns_of(draft)
        if not is_unknown(column.source) and _is_in_no_row(column.source, around)
    ]
    if len(missing) > _MOST_LISTED:
        examples = (_in_no_row(name, around) for _, name in missing[:_MOST_LISTED])
        count = f"{len(missing)} columns are in no sampled row."
        yield "parquet_schema", " ".join([count, *examples])
    else:
        for path, name in missing:
            yield f"{path}.source", _in_no_row(name, around)
    event = known_event_time_of(draft)
    if event and _is_in_no_row(event.column, around):
        yield "event_time_column.column", _in_no_row(event.column, around)


@error(
    "sampled-event-time",
    Source.ASSUMED,
    says=(
        "The sampled values of the event-time column have its format. If none has, this is an "
        "error. If some do not, if the mode is INC, or if Unix times are too large for seconds, it "
        "is a warning."
    ),
    remedy="Use the format of the column's values, or another column.",
    needs=Needs.ROWS,
)
def sampled_event_time(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    event = known_event_time_of(draft)
    sample = around.rows.columns.get(event.column) if event else None
    if event is None or sample is None:
        return
    table_type = event_times.table_type_of(event.format)
    if table_type is None or around.table.types.get(event.column) not in {None, table_type}:
        return  # rules event-time-format and table-event-time report it
    path = "event_time_column.format"
    wrong = sample.count - sample.event_times.get(event.format, 0)
    if wrong:
        problem = _without_format(wrong, sample, event)
        yield path, problem, _severity(draft) if wrong == sample.count else Severity.WARNING
    if event.format == event_times.UNIX and sample.milliseconds:
        yield path, _too_large_for_seconds(sample, event), Severity.WARNING


@dataclass(frozen=True)
class _TypedColumn:
    """A sampled column with a declared type."""

    path: str
    source: str
    type: str
    sample: ColumnSample

    @property
    def dropped(self) -> dict[str, int]:
        """The values that do not match the declared type, by their type."""
        return {
            kind: count
            for kind, count in self.sample.types.items()
            if TYPE_OF_TABLE_TYPE.get(kind) != self.type
        }

    def describe_dropped(self) -> str:
        listed = _listed(self.dropped)
        return f"{self.source!r} would be dropped: {listed}, and {self.type} is declared."


def _typed_columns(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[_TypedColumn]:
    """Yield the sampled columns whose declared type no other rule reports."""
    for path, column in columns_of(draft):
        if is_unknown(column.source) or is_unknown(column.type):
            continue
        sample = around.rows.columns.get(column.source)
        if sample is None or column.type not in DOCUMENTED_TYPES:
            continue
        table_type = around.table.types.get(column.source)
        if table_type is None or TYPE_OF_TABLE_TYPE.get(table_type) == column.type:
            yield _TypedColumn(path, column.source, column.type, sample)


def _severity(draft: DeliveryTaskDraft) -> Severity:
    return Severity.ERROR if draft.mode in _MODES_THAT_READ_OLD_ROWS else Severity.WARNING


def _share(part: int, count: int) -> str:
    if part < count:
        return f"{part} of {count} sampled values"
    return f"all {count} sampled values" if count > 1 else "the only sampled value"


def _without_format(wrong: int, sample: ColumnSample, event: EventTimeColumn) -> str:
    if wrong == sample.count > 1:
        values = f"none of the {wrong} sampled values of {event.column!r} is"
    else:
        verb = "is" if wrong == 1 else "are"
        values = f"{_share(wrong, sample.count)} of {event.column!r} {verb} not"
    return f"{values} in the format {event.format!r}.{_better_format(event.format, sample)}"


def _too_large_for_seconds(sample: ColumnSample, event: EventTimeColumn) -> str:
    verb = "is" if sample.milliseconds == 1 else "are"
    return (
        f"{_share(sample.milliseconds, sample.count)} of {event.column!r} {verb} too large for "
        "seconds and may be milliseconds. The documentation does not name the unit, so check the "
        "folders of the first files."
    )


def _listed(types: Mapping[str, int]) -> str:
    ordered = sorted(types.items(), key=lambda item: -item[1])
    listed = " and ".join(f"{count} {kind}" for kind, count in ordered)
    return f"{listed} {'value' if sum(types.values()) == 1 else 'values'}"


def _fitting(dropped: Mapping[str, int]) -> str:
    if len(dropped) > 1:
        return ""
    (kind,) = dropped
    fits = TYPE_OF_TABLE_TYPE.get(kind)
    return f" {fits} fits." if fits else f" A {kind} column cannot be delivered."


def _better_format(declared: str, sample: ColumnSample) -> str:
    """Name the most frequent format, if more values have it than the declared format."""
    counts = dict(sample.event_times)
    most = max(counts, key=lambda name: counts[name], default=declared)
    if counts.get(most, 0) <= counts.get(declared, 0):
        return f" The sample has {_listed(sample.types)}."
    return f" {counts[most]} of them are in the format {most!r}."


def _is_in_no_row(column: str, around: Surroundings) -> bool:
    sample = around.rows.columns.get(column)
    return sample is not None and not sample.count


def _in_no_row(name: str, around: Surroundings) -> str:
    rows = around.rows
    seen = [column for column, sample in rows.columns.items() if sample.count]
    others = list(dict.fromkeys([*seen, *rows.names]))
    where = (
        f"is in none of the {rows.count} sampled rows"
        if rows.count > 1
        else "is not in the only sampled row"
    )
    return f"{name!r} {where}.{suggestion(name, others)}"
