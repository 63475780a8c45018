"""The model of a delivery task: every input and output, declared once.

Everything else that lists them is generated from this module: the drafts, the Python types of both
front ends, the native provider's schema, and tables in the docs. After a change, run
`make generate`.

In a preview a value may not be known yet. A draft, in `draft.py`, has the same fields, each of
which may be `UNKNOWN` at any depth. `known` narrows a draft. Code that calls the service takes a
`DeliveryTaskSpec`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from pulumi_tablestore_delivery.wire import enums


class Change(Enum):
    """The effect of changing an input."""

    REPLACE = "replace"
    UPDATE = "update"


@dataclass(frozen=True)
class Choice:
    """The allowed values of an input.

    Attributes:
        name: The name of the public enum.
        doc: The meaning of the choice.
        values: The values, each with its meaning, which may be empty.
        undocumented: Other values that the protocol knows.
    """

    name: str
    doc: str
    values: Mapping[str, str]
    undocumented: tuple[str, ...] = ()

    @property
    def listed(self) -> str:
        """The values as a sentence lists them: `A, B or C`."""
        *others, last = self.values
        return f"{', '.join(others)} or {last}"


@dataclass(frozen=True)
class Input:
    """The description of an input besides its type.

    Attributes:
        doc: Its meaning.
        wire: The service's name for it; empty if it is not sent. A change of an input that is
            sent replaces the task, because the service has no call to change one.
        choice: Its values, if it takes one of a list.
        default: The default in words, where the field itself cannot show it.
        is_filled_in: Whether check fills the default in, so every task has a value.
    """

    doc: str
    wire: str = ""
    choice: Choice | None = None
    default: str = ""
    is_filled_in: bool = False

    @property
    def change(self) -> Change:
        """The effect of a change."""
        return Change.REPLACE if self.wire else Change.UPDATE


@dataclass(frozen=True)
class Output:
    """The description of an output that is not an input.

    Attributes:
        doc: Its meaning.
        is_of_create: Whether it describes the request that created the task, not the task.
    """

    doc: str
    is_of_create: bool = False


MODE: Final = Choice(
    "Mode",
    "What a task delivers (documented).",
    {
        "BASE_INC": "All existing rows, then every change.",
        "INC": "Changes from now on.",
        "BASE": "All existing rows, once.",
    },
)
EVENT_TIME_FORMAT: Final = Choice(
    "EventTimeFormat",
    "The format of an event time (documented).",
    dict.fromkeys(("RFC822", "RFC850", "RFC1123", "RFC3339", "Unix"), ""),
)
_DOCUMENTED_TYPES: Final = {
    "BOOL": "For Boolean.",
    "INT64": "For Integer.",
    "UTF8": "For String.",
    "DOUBLE": "For Double.",
}
PARQUET_TYPE: Final = Choice(
    "ParquetType",
    "The documented Parquet types, one for each Tablestore type except Binary.",
    _DOCUMENTED_TYPES,
    tuple(name for name in enums.ParquetDataType.__members__ if name not in _DOCUMENTED_TYPES),
)
PARQUET_ENCODING: Final = Choice(
    "ParquetEncoding",
    "The Parquet encodings that the protocol knows.",
    dict.fromkeys(enums.ParquetEncoding.__members__, ""),
)
WAIT_FOR: Final = Choice(
    "WaitFor",
    "The state that the creation of a task waits for.",
    {
        "none": "Create does not wait.",
        "initialized": "The task has left phase INIT: it can deliver, and it can be deleted.",
        "synchronized": "All existing rows are delivered.",
    },
)


class EventTimeColumn(EventTimeColumnDraft):
    """The column that holds the time of a row's partition."""

    column: Annotated[
        str, Input("Name of the column that holds the event time.", wire="columnName")
    ]
    format: Annotated[
        str,
        Input(
            f"Format of the time: {EVENT_TIME_FORMAT.listed}.",
            wire="timeFormat",
            choice=EVENT_TIME_FORMAT,
        ),
    ]


class ParquetColumn(ParquetColumnDraft):
    """One column of the Parquet files."""

    source: Annotated[str, Input("Name of the table's column.", wire="columnName")]
    name: Annotated[
        str,
        Input(
            "Name in the Parquet files; the table column's name by default.",
            wire="ossColumnName",
            default="the source's",
            is_filled_in=True,
        ),
    ] = ""
    type: Annotated[
        str,
        Input(
            f"Parquet type: {PARQUET_TYPE.listed} (documented).",
            wire="type",
            choice=PARQUET_TYPE,
        ),
    ]
    encoding: Annotated[str, Input("Parquet encoding.", wire="encode", choice=PARQUET_ENCODING)] = (
        "PLAIN"
    )
    type_extend: Annotated[
        OptionalText, Input("Extension of the type; undocumented.", wire="typeExtend")
    ] = None


class DeliveryTaskSpec(DeliveryTaskDraft):
    """A delivery task, as a program declares it or as the service describes it."""

    instance_name: Annotated[
        str,
        Input(
            "The Tablestore instance.",
            wire="x-ots-instancename",
            default="`tablestore:instance`",
            is_filled_in=True,
        ),
    ]
    table_name: Annotated[str, Input("The table whose rows are delivered.", wire="tableName")]
    task_name: Annotated[
        str,
        Input(
            "The task's name in the table; derived automatically by default.",
            wire="taskName",
            default="derived",
            is_filled_in=True,
        ),
    ] = ""
    mode: Annotated[
        str,
        Input(
            "BASE_INC (all rows, then changes), INC (changes only) or BASE (all rows, once).",
            wire="taskType",
            choice=MODE,
        ),
    ] = "BASE_INC"
    oss_bucket: Annotated[str, Input("The OSS bucket.", wire="ossBucket")]
    oss_endpoint: Annotated[
        str,
        Input(
            "The OSS endpoint; that of the instance's region by default.",
            wire="ossEndpoint",
            default="the region's",
            is_filled_in=True,
        ),
    ]
    oss_prefix: Annotated[
        str,
        Input("Folder in the bucket; may hold $yyyy, $MM, $dd, $HH and $mm.", wire="ossPrefix"),
    ]
    oss_dirty_prefix: Annotated[
        OptionalText,
        Input(
            "Folder for values that do not match the schema; undocumented.", wire="ossDirtyPrefix"
        ),
    ] = None
    role_arn: Annotated[str, Input("ARN of the role that writes to the bucket.", wire="ossStsRole")]
    event_time_column: Annotated[
        EventTimeColumn | None,
        Input(
            "The column that holds the time of the partition; the write time by default.",
            wire="eventTimeColumn",
            default="write time",
        ),
    ] = None
    parquet_schema: Annotated[
        Items[ParquetColumn], Input("The files' columns, in order.", wire="schema")
    ]
    format: Annotated[
        str,
        Input("The files' format.", wire="format"),
    ] = "Parquet"
    tablestore_endpoint: Annotated[
        OptionalText,
        Input(
            "URL of the instance; from the configuration by default.",
            default="`tablestore:endpoint`",
        ),
    ] = None
    wait_for: Annotated[
        str,
        Input(f"The state that create waits for: {WAIT_FOR.listed}.", choice=WAIT_FOR),
    ] = "initialized"
    timeout_seconds: Annotated[int, Input("Timeout of a wait in seconds.")] = 180
    adopt_existing: Annotated[
        StrictBool, Input("Whether an existing task of this name is taken over.")
    ] = False
    allow_undocumented_types: Annotated[
        StrictBool, Input("Whether undocumented Parquet types are allowed.")
    ] = False
    ignore_rules: Annotated[
        Items[str] | None, Input("Ids of rules that this task ignores (docs/rules.md).")
    ] = None


OUTPUTS: Final[Mapping[str, Output]] = {
    "phase": Output("INIT, FULL or INCR, as of the last create, update or refresh."),
    "synced_until": Output(
        "The time (ISO 8601, UTC) up to which rows are delivered; empty if none are yet."
    ),
    "error_code": Output("OK, UNAUTHORIZED or INVALID_OSS_BUCKET."),
    "error_detail": Output("The service's description of the error."),
    "location": Output("`oss://<bucket>/<prefix>`."),
    "request_id": Output(
        "The service's id of the request that created the task.", is_of_create=True
    ),
    "trace_id": Output(
        "The id that this request carried, for the service's support.", is_of_create=True
    ),
}
"""The outputs that are not inputs. They never cause a diff."""


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
    """Replace drafts in a value by known models. Return `UNKNOWN` if one is not known."""
    if isinstance(value, list):
        items = [_narrow(item) for item in value]
        return UNKNOWN if UNKNOWN in items else items
    model = _KNOWN.get(type(value))
    if model is None:
        return value
    fields = {name: _narrow(item) for name, item in vars(value).items()}
    return UNKNOWN if UNKNOWN in fields.values() else model.model_construct(**fields)
