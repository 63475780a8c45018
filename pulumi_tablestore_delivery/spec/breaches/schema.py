"""Violations in the columns, alone and compared with the table's columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_tablestore_delivery.spec.breaches.choices import one_of
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import columns_of, event_time_of, known_event_time_of
from pulumi_tablestore_delivery.spec.rule import Finding, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown
from pulumi_tablestore_delivery.wire import enums

_COLUMN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
DOCUMENTED_TYPES: Final = ("BOOL", "INT64", "UTF8", "DOUBLE")
_TYPES_OF_ENCODING: Final = {
    "DELTA_BINARY_PACKED": ("INT64", "INT32", "TIME_MILLIS", "TIME_MICROS", "TIMESTAMP_MILLIS",
                            "TIMESTAMP_MICROS", "DATE"),
    "DELTA_BYTE_ARRAY": ("UTF8", "DECIMAL", "INTERVAL"),
    "DELTA_LENGTH_BYTE_ARRAY": ("UTF8", "DECIMAL"),
}  # fmt: skip
_NO_DICTIONARY: Final = "BOOL"
TYPE_OF_TABLE_TYPE: Final = {
    "INTEGER": "INT64",
    "STRING": "UTF8",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOL",
}


def schema_not_empty(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    if not is_unknown(spec.parquet_schema) and not spec.parquet_schema:
        yield "parquet_schema", "is empty."


def column_names(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, column in columns_of(spec):
        for key in ("source", "name"):
            if getattr(column, key) == "":
                yield f"{path}.{key}", "is empty."
    event = event_time_of(spec)
    if event is not None and event.column == "":
        yield "event_time_column.column", "is empty."


def column_characters(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, column in columns_of(spec):
        keys = ("source",) if column.name == column.source else ("source", "name")
        for key in keys:
            name = getattr(column, key)
            if not is_unknown(name) and name and not _COLUMN_NAME.fullmatch(name):
                yield (
                    f"{path}.{key}",
                    f"{name!r} is not a column name that the documentation allows.",
                )


def unique_destinations(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    seen: dict[str, tuple[str, str]] = {}
    for path, column in columns_of(spec):
        if is_unknown(column.name):
            continue
        first = seen.setdefault(column.name.lower(), (path, column.name))
        if first[0] != path:
            how = (
                "is taken" if first[1] == column.name else f"differs from {first[1]!r} by case only"
            )
            yield f"{path}.name", f"{column.name!r} {how}: see {first[0]}."


def known_types(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, column in columns_of(spec):
        names = [item.name for item in enums.ParquetDataType]
        offered = [item for item in names if item in DOCUMENTED_TYPES]
        yield from one_of(f"{path}.type", column.type, names, offered)


def documented_types(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    if spec.allow_undocumented_types:  # unknown counts as allowed: nothing is guessed
        return
    for path, column in columns_of(spec):
        if column.type in enums.ParquetDataType.__members__ and column.type not in DOCUMENTED_TYPES:
            yield (
                f"{path}.type",
                f"{column.type!r} is in the protocol, but the documentation does not name it.",
            )


def type_extend(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    if spec.allow_undocumented_types:
        return
    for path, column in columns_of(spec):
        if not is_unknown(column.type_extend) and column.type_extend is not None:
            yield f"{path}.type_extend", "is in the protocol, but not in the documentation."


def known_encodings(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, column in columns_of(spec):
        names = [item.name for item in enums.ParquetEncoding]
        yield from one_of(f"{path}.encoding", column.encoding, names)


def encoding_fits(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, column in columns_of(spec):
        if is_unknown(column.type) or is_unknown(column.encoding):
            continue
        types = _TYPES_OF_ENCODING.get(column.encoding)
        if types is not None and column.type not in types:
            yield f"{path}.encoding", f"{column.encoding} cannot hold {column.type}."
        if column.encoding == "PLAIN_DICTIONARY" and column.type == _NO_DICTIONARY:
            yield f"{path}.encoding", f"{column.encoding} cannot hold {column.type}."


def event_time_format(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    event = event_time_of(spec)
    if event is not None:
        names = [item.name for item in enums.EventTimeFormat]
        yield from one_of("event_time_column.format", event.format, names)


def event_time_type(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    event = known_event_time_of(spec)
    if event is None:
        return
    wanted = "INT64" if event.format == "Unix" else "UTF8"
    for path, column in columns_of(spec):
        if column.source == event.column and column.type in set(DOCUMENTED_TYPES) - {wanted}:
            declared = f"{path} declares {event.column!r} as {column.type}"
            yield "event_time_column.format", f"{event.format!r} needs {wanted}, but {declared}."


def _table_types(
    spec: DeliveryTaskDraft, declared: Mapping[str, str], kind: str
) -> Iterator[Finding]:
    for path, column in columns_of(spec):
        if is_unknown(column.source) or is_unknown(column.type):
            continue
        table_type = declared.get(column.source)
        if table_type is None or column.type not in DOCUMENTED_TYPES:
            continue
        wanted = TYPE_OF_TABLE_TYPE.get(table_type)
        if wanted is None:
            what = f"{column.source!r} is a {table_type} {kind} of the table"
            yield f"{path}.source", f"{what}, which cannot be delivered."
        elif column.type != wanted:
            what = f"{kind} {column.source!r}, whose type is {table_type}"
            yield f"{path}.type", f"{column.type} does not fit {what}; {wanted} fits."


def table_keys(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    yield from _table_types(spec, around.table.keys, "primary key")


def table_defined(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    yield from _table_types(spec, around.table.defined, "defined column")


def table_event_time(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    event = known_event_time_of(spec)
    if event is None:
        return
    declared = {**around.table.keys, **around.table.defined}.get(event.column)
    wanted = "INTEGER" if event.format == "Unix" else "STRING"
    if declared is not None and declared != wanted:
        problem = f"{event.format!r} needs a {wanted}, but {event.column!r} is a {declared}."
        yield "event_time_column.format", problem
