"""Rules about sampled rows: values that the service drops, and columns that no row has.

A preview samples old rows. Mode INC delivers new rows only, so each violation is then a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_tablestore_delivery.spec import event_times
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import EventTimeColumn, ParquetColumn, known
from pulumi_tablestore_delivery.spec.parts import (
    columns_of,
    known_event_time_of,
)
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.rule import (
    ColumnSample,
    Needs,
    Problem,
    Severity,
    Source,
    Surroundings,
    error,
    warning,
)
from pulumi_tablestore_delivery.spec.rules.columns import DOCUMENTED_TYPES, TYPE_OF_TABLE_TYPE

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
    remedy=(
        "Use the type that fits, or leave the column out. The service drops a value that does not "
        "match."
    ),
    needs=Needs.ROWS,
)
def sampled_type(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    for path, column, sample in _sampled_columns(draft, around):
        dropped = _dropped(column, sample)
        if not dropped or sum(dropped.values()) < sample.values:
            continue
        severity = _severity(draft) if sample.values >= _ENOUGH else Severity.WARNING
        yield (
            f"{path}.type",
            (
                f"{_share(sample.values, sample.values)} of {column.source!r} would be dropped: "
                f"{_listed(dropped)}, and {column.type} is declared.{_fitting(dropped)}"
            ),
            severity,
        )


@warning(
    "sampled-type-mixed",
    Source.DOCUMENTED,
    says="The sampled values of a column all have the same type.",
    remedy=(
        "Write values of one type, or deliver another column. The service drops a value that does "
        "not match."
    ),
    needs=Needs.ROWS,
)
def sampled_type_mixed(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    for path, column, sample in _sampled_columns(draft, around):
        dropped = _dropped(column, sample)
        count = sum(dropped.values())
        if 0 < count < sample.values:
            yield (
                f"{path}.type",
                (
                    f"{_share(count, sample.values)} of {column.source!r} would be dropped: "
                    f"{_listed(dropped)}, and {column.type} is declared."
                ),
            )


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
    if not around.rows.rows:
        return
    missing = [
        (path, column.source)
        for path, column, sample in _sampled_columns(draft, around)
        if not sample.values
    ]
    if len(missing) > _MOST_LISTED:
        examples = (_in_no_row(name, around) for _, name in missing[:_MOST_LISTED])
        count = f"{len(missing)} columns are in no sampled row."
        yield "parquet_schema", " ".join([count, *examples])
    else:
        for path, name in missing:
            yield f"{path}.source", _in_no_row(name, around)
    event = known_event_time_of(draft)
    sample_of_event = around.rows.columns.get(event.column) if event else None
    if event and sample_of_event is not None and not sample_of_event.values:
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
    if event is None or sample is None or event.format not in event_times.FORMATS:
        return
    wanted = "INTEGER" if event.format == event_times.UNIX else "STRING"
    if _declared(around).get(event.column, wanted) != wanted:
        return  # rule table-event-time reports it
    path = "event_time_column.format"
    wrong = sample.values - sample.event_times.get(event.format, 0)
    if wrong:
        yield (
            path,
            (
                f"{_without_format(wrong, sample.values, event)}"
                f"{_better_format(event.format, sample)}"
            ),
            _severity(draft) if wrong == sample.values else Severity.WARNING,
        )
    if event.format == event_times.UNIX and sample.milliseconds:
        yield (
            path,
            (
                f"{_share(sample.milliseconds, sample.values)} of {event.column!r} "
                f"{'is' if sample.milliseconds == 1 else 'are'} too large for seconds and may be "
                "milliseconds. The documentation does not name the unit, so check the folders of "
                "the first files."
            ),
            Severity.WARNING,
        )


def _sampled_columns(
    draft: DeliveryTaskDraft, around: Surroundings
) -> Iterator[tuple[str, ParquetColumn, ColumnSample]]:
    """Yield the sampled columns whose declared type is known and allowed by the other rules."""
    declared = _declared(around)
    for path, given in columns_of(draft):
        column = known(given)
        if column is None or column.type not in DOCUMENTED_TYPES:
            continue
        sample = around.rows.columns.get(column.source)
        kind = declared.get(column.source)
        if sample is not None and (kind is None or TYPE_OF_TABLE_TYPE.get(kind) == column.type):
            yield path, column, sample


def _declared(around: Surroundings) -> Mapping[str, str]:
    return {**around.table.keys, **around.table.defined}


def _severity(draft: DeliveryTaskDraft) -> Severity:
    return Severity.ERROR if draft.mode in _MODES_THAT_READ_OLD_ROWS else Severity.WARNING


def _dropped(column: ParquetColumn, sample: ColumnSample) -> dict[str, int]:
    """Return the values that do not match the declared type, by their type."""
    return {
        kind: count
        for kind, count in sample.types.items()
        if TYPE_OF_TABLE_TYPE.get(kind) != column.type
    }


def _share(count: int, values: int) -> str:
    if count < values:
        return f"{count} of {values} sampled values"
    return f"all {values} sampled values" if values > 1 else "the only sampled value"


def _without_format(count: int, values: int, event: EventTimeColumn) -> str:
    if count == values > 1:
        who = f"none of the {values} sampled values of {event.column!r} is"
    else:
        who = f"{_share(count, values)} of {event.column!r} {'is' if count == 1 else 'are'} not"
    return f"{who} in the format {event.format!r}."


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
        return f" They are {_listed(sample.types)}."
    return f" {counts[most]} of them are in the format {most!r}."


def _in_no_row(name: str, around: Surroundings) -> str:
    rows = around.rows
    seen = [column for column, sample in rows.columns.items() if sample.values]
    others = list(dict.fromkeys([*seen, *rows.names]))
    count = f"none of the {rows.rows} sampled rows" if rows.rows > 1 else "the only sampled row"
    says = "is in" if rows.rows > 1 else "is not in"
    return f"{name!r} {says} {count}.{suggestion(name, others)}"
