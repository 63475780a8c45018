"""Rules about the columns of the schema and of the event time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.event_times import table_type_of
from pulumi_tablestore_delivery.spec.model import EVENT_TIME_FORMAT, PARQUET_TYPE
from pulumi_tablestore_delivery.spec.parts import (
    columns_of,
    event_time_of,
    known_event_time_of,
)
from pulumi_tablestore_delivery.spec.rule import Problem, Source, error, warning
from pulumi_tablestore_delivery.spec.rules.choices import one_of
from pulumi_tablestore_delivery.spec.rules.names import is_documented_name
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown
from pulumi_tablestore_delivery.wire import enums

DOCUMENTED_TYPES: Final = tuple(PARQUET_TYPE.values)
_TYPES_OF_ENCODING: Final = {
    "DELTA_BINARY_PACKED": ("INT64", "INT32", "TIME_MILLIS", "TIME_MICROS", "TIMESTAMP_MILLIS",
                            "TIMESTAMP_MICROS", "DATE"),
    "DELTA_BYTE_ARRAY": ("UTF8", "DECIMAL", "INTERVAL"),
    "DELTA_LENGTH_BYTE_ARRAY": ("UTF8", "DECIMAL"),
}  # fmt: skip
_TYPE_WITHOUT_DICTIONARY: Final = "BOOL"
TYPE_OF_TABLE_TYPE: Final = {
    "INTEGER": "INT64",
    "STRING": "UTF8",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOL",
}
"""The Parquet type for each type of a table's column. BINARY does not have one."""

VALUES_ARE_DROPPED: Final = "The service drops a value that does not match."
USE_FITTING_TYPE: Final = f"Use the type that fits, or leave the column out. {VALUES_ARE_DROPPED}"


@error(
    "schema-empty",
    Source.DOCUMENTED,
    says="The Parquet schema has at least one column.",
    remedy="Declare at least one column.",
)
def schema_not_empty(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if not is_unknown(draft.parquet_schema) and not draft.parquet_schema:
        yield "parquet_schema", "is empty."


@error(
    "column-empty",
    Source.SDK,
    says="A column has a name, in the table and in the files.",
    remedy="Set the column's name.",
)
def column_names(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, column in columns_of(draft):
        if column.source == "":
            yield f"{path}.source", "is empty."
        elif column.name == "":
            yield f"{path}.name", "is empty."
    event = event_time_of(draft)
    if event is not None and event.column == "":
        yield "event_time_column.column", "is empty."


@warning(
    "column-name",
    Source.DOCUMENTED,
    says=(
        "A column's name has letters, digits and underscores and does not start with a digit. "
        "The SDKs accept other names too."
    ),
    remedy="Check that the service accepts it.",
)
def column_characters(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, column in columns_of(draft):
        keys = ("source",) if column.name == column.source else ("source", "name")
        for key in keys:
            name = getattr(column, key)
            if not is_unknown(name) and name and not is_documented_name(name):
                yield (
                    f"{path}.{key}",
                    f"{name!r} is not a column name that the documentation allows.",
                )


@error(
    "column-unique",
    Source.ASSUMED,
    says="Two columns of the files do not have the same name. Many readers ignore the case.",
    remedy="Use another name for each column.",
)
def unique_destinations(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    seen: dict[str, tuple[str, str]] = {}
    for path, column in columns_of(draft):
        if is_unknown(column.name):
            continue
        first = seen.setdefault(column.name.lower(), (path, column.name))
        if first[0] != path:
            how = (
                "is taken" if first[1] == column.name else f"differs from {first[1]!r} by case only"
            )
            yield f"{path}.name", f"{column.name!r} {how}: see {first[0]}."


@error(
    "type",
    Source.SDK,
    says="A column's type is in the protocol.",
    remedy=(
        "Use BOOL for Boolean, INT64 for Integer, DOUBLE for Double, UTF8 for String; Binary "
        "columns cannot be delivered."
    ),
)
def known_types(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, column in columns_of(draft):
        names = [item.name for item in enums.ParquetDataType]
        offered = [item for item in names if item in DOCUMENTED_TYPES]
        yield from one_of(f"{path}.type", column.type, names, offered)


@error(
    "type-undocumented",
    Source.DOCUMENTED,
    says="The documentation names only BOOL, INT64, UTF8 and DOUBLE.",
    remedy=Message("Use a documented type, or set {.allow_undocumented_types=True}."),
)
def documented_types(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if draft.allow_undocumented_types:  # an unknown value may allow them
        return
    for path, column in columns_of(draft):
        if column.type in enums.ParquetDataType.__members__ and column.type not in DOCUMENTED_TYPES:
            yield (
                f"{path}.type",
                f"{column.type!r} is in the protocol, but the documentation does not name it.",
            )


@error(
    "type-extend-undocumented",
    Source.SDK,
    says="type_extend is in the protocol, but not in the documentation.",
    remedy=Message("Leave it out, or set {.allow_undocumented_types=True}."),
)
def type_extend(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if draft.allow_undocumented_types:
        return
    for path, column in columns_of(draft):
        if not is_unknown(column.type_extend) and column.type_extend is not None:
            yield f"{path}.type_extend", "is in the protocol, but not in the documentation."


@error(
    "encoding",
    Source.SDK,
    says="A column's encoding is in the protocol.",
    remedy="Leave it out to use PLAIN.",
)
def known_encodings(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, column in columns_of(draft):
        names = [item.name for item in enums.ParquetEncoding]
        yield from one_of(f"{path}.encoding", column.encoding, names)


@error(
    "encoding-type",
    Source.PARQUET,
    says=(
        "An encoding fits the column's type: DELTA_BINARY_PACKED holds integers, "
        "DELTA_BYTE_ARRAY and DELTA_LENGTH_BYTE_ARRAY hold strings, PLAIN_DICTIONARY holds any "
        "type except BOOL."
    ),
    remedy="Use PLAIN, or an encoding for this type.",
)
def encoding_fits(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, column in columns_of(draft):
        if is_unknown(column.type) or is_unknown(column.encoding):
            continue
        types = _TYPES_OF_ENCODING.get(column.encoding)
        if types is not None and column.type not in types:
            yield f"{path}.encoding", f"{column.encoding} cannot hold {column.type}."
        if column.encoding == "PLAIN_DICTIONARY" and column.type == _TYPE_WITHOUT_DICTIONARY:
            yield f"{path}.encoding", f"{column.encoding} cannot hold {column.type}."


@error(
    "event-time-format",
    Source.DOCUMENTED,
    says=f"An event time has the format {EVENT_TIME_FORMAT.listed}.",
    remedy="Use the format of the column's values.",
)
def event_time_format(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    event = event_time_of(draft)
    if event is not None:
        names = [item.name for item in enums.EventTimeFormat]
        yield from one_of("event_time_column.format", event.format, names)


@error(
    "event-time-type",
    Source.ASSUMED,
    says="An event time in Unix format is an INT64; in another format it is a UTF8.",
    remedy="Change the format, or the column's type.",
)
def event_time_type(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    event = known_event_time_of(draft)
    if event is None:
        return
    table_type = table_type_of(event.format)
    if table_type is None:
        return  # rule event-time-format reports it
    wanted = TYPE_OF_TABLE_TYPE[table_type]
    for path, column in columns_of(draft):
        if column.source == event.column and column.type in set(DOCUMENTED_TYPES) - {wanted}:
            declared = f"{path} declares {event.column!r} as {column.type}"
            yield "event_time_column.format", f"{event.format!r} needs {wanted}, but {declared}."
