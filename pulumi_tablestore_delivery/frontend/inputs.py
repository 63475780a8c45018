"""The types of a delivery task's inputs and of its nested outputs.

Generated from spec/model.py by `make generate`; do not edit.
"""

from collections.abc import Awaitable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Literal, Optional, TypeAlias, TypedDict, Union

import pulumi
from pulumi import Input, Output
from typing_extensions import Required

# Optional[…] and Union[…] rather than `|` throughout: Pulumi reads these types at run time.


class Mode(str, Enum):
    """What a task delivers (documented)."""

    BASE_INC = "BASE_INC"
    """All existing rows, then every change."""
    INC = "INC"
    """Changes from now on."""
    BASE = "BASE"
    """All existing rows, once."""


class WaitFor(str, Enum):
    """The state that the creation of a task waits for."""

    NONE = "none"
    """Create does not wait."""
    INITIALIZED = "initialized"
    """The task has left phase INIT: it can deliver, and it can be deleted."""
    SYNCHRONIZED = "synchronized"
    """All existing rows are delivered."""


class ParquetType(str, Enum):
    """The documented Parquet types, one for each Tablestore type except Binary."""

    BOOL = "BOOL"
    """For Boolean."""
    INT64 = "INT64"
    """For Integer."""
    UTF8 = "UTF8"
    """For String."""
    DOUBLE = "DOUBLE"
    """For Double."""


class ParquetEncoding(str, Enum):
    """The Parquet encodings that the protocol knows."""

    PLAIN = "PLAIN"
    PLAIN_DICTIONARY = "PLAIN_DICTIONARY"
    DELTA_BINARY_PACKED = "DELTA_BINARY_PACKED"
    DELTA_BYTE_ARRAY = "DELTA_BYTE_ARRAY"
    DELTA_LENGTH_BYTE_ARRAY = "DELTA_LENGTH_BYTE_ARRAY"


class EventTimeFormat(str, Enum):
    """The format of an event time (documented)."""

    RFC822 = "RFC822"
    RFC850 = "RFC850"
    RFC1123 = "RFC1123"
    RFC3339 = "RFC3339"
    UNIX = "Unix"


if TYPE_CHECKING:  # Pulumi does not read a Literal at run time
    ModeInput: TypeAlias = Union[
        Literal["BASE_INC", "INC", "BASE"], Mode, Awaitable[str], "Output[str]"
    ]
    WaitForInput: TypeAlias = Union[
        Literal["none", "initialized", "synchronized"], WaitFor, Awaitable[str], "Output[str]"
    ]
    ParquetTypeInput: TypeAlias = Union[
        Literal[
            "BOOL",
            "INT64",
            "UTF8",
            "DOUBLE",
            "DATE",
            "DECIMAL",
            "TIME_MILLIS",
            "TIME_MICROS",
            "TIMESTAMP_MILLIS",
            "TIMESTAMP_MICROS",
            "LIST",
            "MAP",
            "INTERVAL",
            "FLOAT",
            "INT32",
            "INT96",
        ],
        ParquetType,
        Awaitable[str],
        "Output[str]",
    ]
    ParquetEncodingInput: TypeAlias = Union[
        Literal[
            "PLAIN",
            "PLAIN_DICTIONARY",
            "DELTA_BINARY_PACKED",
            "DELTA_BYTE_ARRAY",
            "DELTA_LENGTH_BYTE_ARRAY",
        ],
        ParquetEncoding,
        Awaitable[str],
        "Output[str]",
    ]
    EventTimeFormatInput: TypeAlias = Union[
        Literal["RFC822", "RFC850", "RFC1123", "RFC3339", "Unix"],
        EventTimeFormat,
        Awaitable[str],
        "Output[str]",
    ]
else:
    ModeInput: TypeAlias = Input[Union[str, Mode]]
    WaitForInput: TypeAlias = Input[Union[str, WaitFor]]
    ParquetTypeInput: TypeAlias = Input[Union[str, ParquetType]]
    ParquetEncodingInput: TypeAlias = Input[Union[str, ParquetEncoding]]
    EventTimeFormatInput: TypeAlias = Input[Union[str, EventTimeFormat]]


@pulumi.input_type
class EventTimeColumnArgs:
    """The column that holds the time of a row's partition.

    Args:
        column: Name of the column that holds the event time.
        format: Format of the time: RFC822, RFC850, RFC1123, RFC3339 or Unix.
    """

    column: Input[str]
    format: EventTimeFormatInput

    def __init__(
        self,
        *,
        column: Input[str],
        format: EventTimeFormatInput,
    ) -> None:
        pulumi.set(self, "column", column)
        pulumi.set(self, "format", format)


@pulumi.input_type
class ParquetColumnArgs:
    """One column of the Parquet files.

    Args:
        source: Name of the table's column.
        type: Parquet type: BOOL, INT64, UTF8 or DOUBLE (documented).
        name: Name in the Parquet files; the table column's name by default.
        encoding: Parquet encoding. Default: PLAIN.
        type_extend: Extension of the type; undocumented.
    """

    source: Input[str]
    type: ParquetTypeInput
    name: Optional[Input[str]]
    encoding: Optional[ParquetEncodingInput]
    type_extend: Optional[Input[str]]

    def __init__(
        self,
        *,
        source: Input[str],
        type: ParquetTypeInput,
        name: Optional[Input[str]] = None,
        encoding: Optional[ParquetEncodingInput] = None,
        type_extend: Optional[Input[str]] = None,
    ) -> None:
        pulumi.set(self, "source", source)
        pulumi.set(self, "type", type)
        pulumi.set(self, "name", name)
        pulumi.set(self, "encoding", encoding)
        pulumi.set(self, "type_extend", type_extend)


@pulumi.output_type
class EventTimeColumn(dict):  # type: ignore[type-arg]  # as Pulumi's output types are
    """The column that holds the time of a row's partition.

    Attributes:
        column: Name of the column that holds the event time.
        format: Format of the time: RFC822, RFC850, RFC1123, RFC3339 or Unix.
    """

    column: str
    format: str


@pulumi.output_type
class ParquetColumn(dict):  # type: ignore[type-arg]  # as Pulumi's output types are
    """One column of the Parquet files.

    Attributes:
        source: Name of the table's column.
        name: Name in the Parquet files; the table column's name by default.
        type: Parquet type: BOOL, INT64, UTF8 or DOUBLE (documented).
        encoding: Parquet encoding.
        type_extend: Extension of the type; undocumented.
    """

    source: str
    name: str
    type: str
    encoding: str
    type_extend: Optional[str] = None


class EventTimeColumnDict(TypedDict, total=False):
    """`EventTimeColumnArgs` as a plain dict."""

    column: Required[Input[str]]
    """Name of the column that holds the event time."""
    format: Required[EventTimeFormatInput]
    """Format of the time: RFC822, RFC850, RFC1123, RFC3339 or Unix."""


class ParquetColumnDict(TypedDict, total=False):
    """`ParquetColumnArgs` as a plain dict."""

    source: Required[Input[str]]
    """Name of the table's column."""
    name: Optional[Input[str]]
    """Name in the Parquet files; the table column's name by default."""
    type: Required[ParquetTypeInput]
    """Parquet type: BOOL, INT64, UTF8 or DOUBLE (documented)."""
    encoding: Optional[ParquetEncodingInput]
    """Parquet encoding. Default: PLAIN."""
    type_extend: Optional[Input[str]]
    """Extension of the type; undocumented."""


ParquetSchema: TypeAlias = Input[Sequence[Input[Union[ParquetColumnArgs, ParquetColumnDict]]]]


class OptionalInputs(TypedDict, total=False):
    """The inputs of a `DeliveryTask` that may be left out."""

    instance_name: Optional[Input[str]]
    """The Tablestore instance."""
    task_name: Optional[Input[str]]
    """The task's name in the table; derived automatically by default."""
    mode: Optional[ModeInput]
    """BASE_INC (all rows, then changes), INC (changes only) or BASE (all rows, once). Default: BASE_INC."""
    oss_endpoint: Optional[Input[str]]
    """The OSS endpoint; that of the instance's region by default."""
    oss_dirty_prefix: Optional[Input[str]]
    """Folder for values that do not match the schema; undocumented."""
    event_time_column: Optional[Input[Union[EventTimeColumnArgs, EventTimeColumnDict]]]
    """The column that holds the time of the partition; the write time by default."""
    format: Optional[Input[str]]
    """The files' format. Default: Parquet."""
    tablestore_endpoint: Optional[Input[str]]
    """URL of the instance; from the configuration by default."""
    wait_for: Optional[WaitForInput]
    """The state that create waits for: none, initialized or synchronized. Default: initialized."""
    timeout_seconds: Optional[Input[int]]
    """Timeout of a wait in seconds. Default: 180."""
    adopt_existing: Optional[Input[bool]]
    """Whether an existing task of this name is taken over. Default: False."""
    allow_undocumented_types: Optional[Input[bool]]
    """Whether undocumented Parquet types are allowed. Default: False."""
    ignore_rules: Optional[Input[Sequence[Input[str]]]]
    """Ids of rules that this task ignores (docs/rules.md)."""


class DeliveryTaskDict(OptionalInputs, total=False):
    """The inputs of a `DeliveryTask` as a plain dict or as keyword arguments."""

    table_name: Required[Input[str]]
    """The table whose rows are delivered."""
    oss_bucket: Required[Input[str]]
    """The OSS bucket."""
    oss_prefix: Required[Input[str]]
    """Folder in the bucket; may hold $yyyy, $MM, $dd, $HH and $mm."""
    role_arn: Required[Input[str]]
    """ARN of the role that writes to the bucket."""
    parquet_schema: Required[ParquetSchema]
    """The files' columns, in order."""


INPUTS = (
    "instance_name",
    "table_name",
    "task_name",
    "mode",
    "oss_bucket",
    "oss_endpoint",
    "oss_prefix",
    "oss_dirty_prefix",
    "role_arn",
    "event_time_column",
    "parquet_schema",
    "format",
    "tablestore_endpoint",
    "wait_for",
    "timeout_seconds",
    "adopt_existing",
    "allow_undocumented_types",
    "ignore_rules",
)


OUTPUTS = (
    "phase",
    "synced_until",
    "error_code",
    "error_detail",
    "location",
    "request_id",
    "trace_id",
)
