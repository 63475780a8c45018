"""Rules that compare the columns with the columns that the table declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.event_times import table_type_of
from pulumi_tablestore_delivery.spec.parts import (
    columns_of,
    known_event_time_of,
)
from pulumi_tablestore_delivery.spec.rule import Needs, Problem, Source, error
from pulumi_tablestore_delivery.spec.rules.columns import (
    DOCUMENTED_TYPES,
    TYPE_OF_TABLE_TYPE,
    USE_FITTING_TYPE,
)
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown


def _table_types(
    draft: DeliveryTaskDraft, declared: Mapping[str, str], kind: str
) -> Iterator[Problem]:
    for path, column in columns_of(draft):
        if is_unknown(column.source) or is_unknown(column.type):
            continue
        table_type = declared.get(column.source)
        if table_type is None or column.type not in DOCUMENTED_TYPES:
            continue
        wanted = TYPE_OF_TABLE_TYPE.get(table_type)
        if wanted is None:
            binary = f"{column.source!r} is a {table_type} {kind} of the table"
            yield f"{path}.source", f"{binary}, which cannot be delivered."
        elif column.type != wanted:
            declared_as = f"{kind} {column.source!r}, whose type is {table_type}"
            yield f"{path}.type", f"{column.type} does not fit {declared_as}; {wanted} fits."


@error(
    "table-key-type",
    Source.DOCUMENTED,
    says=(
        "A primary key is delivered as INT64 (Integer) or UTF8 (String). A Binary key cannot be "
        "delivered."
    ),
    remedy=USE_FITTING_TYPE,
    needs=Needs.TABLE,
)
def table_keys(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    yield from _table_types(draft, around.table.keys, "primary key")


@error(
    "table-column-type",
    Source.DOCUMENTED,
    says=(
        "A defined column is delivered as INT64 (Integer), UTF8 (String), DOUBLE (Double) or BOOL "
        "(Boolean). A Binary column cannot be delivered."
    ),
    remedy=USE_FITTING_TYPE,
    needs=Needs.TABLE,
)
def table_defined(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    yield from _table_types(draft, around.table.defined, "defined column")


@error(
    "table-event-time",
    Source.ASSUMED,
    says=(
        "An event time in Unix format is in an Integer column; in another format it is in a "
        "String column."
    ),
    remedy="Use the format of the column's values, or another column.",
    needs=Needs.TABLE,
)
def table_event_time(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    event = known_event_time_of(draft)
    if event is None:
        return
    declared, wanted = around.table.types.get(event.column), table_type_of(event.format)
    if wanted is not None and declared not in {None, wanted}:
        problem = f"{event.format!r} needs a {wanted}, but {event.column!r} is a {declared}."
        yield "event_time_column.format", problem
