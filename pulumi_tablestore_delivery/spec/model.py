"""The model of a delivery task: every input, its default, and the effect of a change.

In a preview a value may not be known yet. A draft, in `draft.py`, has the same fields, each of
which may be `UNKNOWN` at any depth. `known` narrows a draft. Whoever talks to the service takes
a `DeliveryTaskSpec`.

After a change here, run `make generate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final, overload

from pydantic import BaseModel, StrictBool

from pulumi_tablestore_delivery.spec.draft import (
    DeliveryTaskDraft,
    EventTimeColumnDraft,
    ParquetColumnDraft,
)
from pulumi_tablestore_delivery.spec.fields import Items, Model, OptionalText
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, is_unknown


class Change(Enum):
    """The effect of changing an input."""

    REPLACE = "replace"
    UPDATE = "update"


@dataclass(frozen=True)
class Input:
    """The description of an input besides its type.

    Attributes:
        doc: Its meaning.
        change: The effect of a change.
        wire: The service's name for it; empty if it is not sent.
    """

    doc: str
    change: Change
    wire: str = ""


def _replace(doc: str, wire: str) -> Input:
    return Input(doc, Change.REPLACE, wire)


def _update(doc: str) -> Input:
    return Input(doc, Change.UPDATE)


class EventTimeColumn(EventTimeColumnDraft):
    """The column that holds the time of a row's partition."""

    column: Annotated[str, _replace("Name of the column that holds the event time.", "columnName")]
    format: Annotated[
        str,
        _replace("Format of the time: RFC822, RFC850, RFC1123, RFC3339 or Unix.", "timeFormat"),
    ]


class ParquetColumn(ParquetColumnDraft):
    """One column of the Parquet files."""

    source: Annotated[str, _replace("Name of the table's column.", "columnName")]
    name: Annotated[
        str,
        _replace("Name in the Parquet files; the table column's name by default.", "ossColumnName"),
    ] = ""
    type: Annotated[
        str,
        _replace("Parquet type: BOOL, INT64, UTF8 or DOUBLE (documented).", "type"),
    ]
    encoding: Annotated[str, _replace("Parquet encoding.", "encode")] = "PLAIN"
    type_extend: Annotated[
        OptionalText, _replace("Extension of the type; undocumented.", "typeExtend")
    ] = None


class DeliveryTaskSpec(DeliveryTaskDraft):
    """A delivery task, as a program declares it or as the service describes it."""

    instance_name: Annotated[str, _replace("The Tablestore instance.", "x-ots-instancename")]
    table_name: Annotated[str, _replace("The table whose rows are delivered.", "tableName")]
    task_name: Annotated[
        str,
        _replace("The task's name in the table; derived automatically by default.", "taskName"),
    ] = ""
    mode: Annotated[
        str,
        _replace(
            "BASE_INC (all rows, then changes), INC (changes only) or BASE (all rows, once).",
            "taskType",
        ),
    ] = "BASE_INC"
    oss_bucket: Annotated[str, _replace("The OSS bucket.", "ossBucket")]
    oss_endpoint: Annotated[
        str,
        _replace("The OSS endpoint; that of the instance's region by default.", "ossEndpoint"),
    ]
    oss_prefix: Annotated[
        str,
        _replace(
            "Folder in the bucket; may hold $yyyy, $MM, $dd, $HH and $mm.",
            "ossPrefix",
        ),
    ]
    oss_dirty_prefix: Annotated[
        OptionalText,
        _replace("Folder for values that do not match the schema; undocumented.", "ossDirtyPrefix"),
    ] = None
    role_arn: Annotated[str, _replace("ARN of the role that writes to the bucket.", "ossStsRole")]
    event_time_column: Annotated[
        EventTimeColumn | None,
        _replace(
            "The column that holds the time of the partition; the write time by default.",
            "eventTimeColumn",
        ),
    ] = None
    parquet_schema: Annotated[
        Items[ParquetColumn], _replace("The files' columns, in order.", "schema")
    ]
    format: Annotated[str, _replace("The files' format.", "format")] = "Parquet"
    tablestore_endpoint: Annotated[
        OptionalText,
        _update("URL of the instance; from the configuration by default."),
    ] = None
    wait_for: Annotated[
        str,
        _update("The state that create waits for: none, initialized or synchronized."),
    ] = "initialized"
    timeout_seconds: Annotated[int, _update("Timeout of a wait in seconds.")] = 180
    adopt_existing: Annotated[
        StrictBool, _update("Whether an existing task of this name is taken over.")
    ] = False
    allow_undocumented_types: Annotated[
        StrictBool,
        _update("Whether undocumented Parquet types are allowed."),
    ] = False
    ignore_rules: Annotated[
        Items[str] | None, _update("Ids of rules that this task ignores (docs/rules.md).")
    ] = None


def inputs_of(model: type[BaseModel]) -> Iterator[tuple[str, Input]]:
    """Yield a model's fields with the description of each."""
    for name, field in model.model_fields.items():
        yield name, next(item for item in field.metadata if isinstance(item, Input))


@overload
def known(draft: DeliveryTaskDraft) -> DeliveryTaskSpec | None: ...


@overload
def known(draft: ParquetColumnDraft) -> ParquetColumn | None: ...


@overload
def known(draft: EventTimeColumnDraft) -> EventTimeColumn | None: ...


def known(draft: Model) -> Model | None:
    """Return the draft as a known model; None if a value in it is unknown."""
    narrowed = _narrow(draft)
    return None if is_unknown(narrowed) else narrowed


_KNOWN: Final[dict[type[Model], type[Model]]] = {
    DeliveryTaskDraft: DeliveryTaskSpec,
    ParquetColumnDraft: ParquetColumn,
    EventTimeColumnDraft: EventTimeColumn,
}


def _narrow(value: Any) -> Any:
    """Return a value with known models in the place of drafts; `UNKNOWN` if one is not known."""
    if isinstance(value, list):
        items = [_narrow(item) for item in value]
        return UNKNOWN if UNKNOWN in items else items
    model = _KNOWN.get(type(value))
    if model is None:
        return value
    fields = {name: _narrow(getattr(value, name)) for name in model.model_fields}
    return UNKNOWN if UNKNOWN in fields.values() else model.model_construct(**fields)
