"""The typed model of a delivery task: every input, its default, the effect of a change.

Field types are those that Pulumi can carry. The allowed values are in `contract.py`: an
existing task may violate today's rules and must still be readable.

In a preview a value may not be known yet. `UNKNOWN` stands for it, at any depth. The field
keeps its type, so code asks `is_known` before it uses a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final, TypeGuard, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    StrictBool,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

T = TypeVar("T")


class Unknown(Enum):
    """A value that a preview does not know yet."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


def is_unknown(value: object) -> bool:
    """Whether a value itself is not known; a value inside it may be unknown too."""
    return value is UNKNOWN


def is_known(value: T | Unknown) -> TypeGuard[T]:
    """Whether a value is known, with everything inside it."""
    if value is UNKNOWN:
        return False
    if isinstance(value, BaseModel):
        return all(is_known(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, (list, tuple)):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    return True


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


def _encodable(value: Any) -> Any:
    """Refuse text with half of a surrogate pair, which UTF-8 and so no message can carry."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise PydanticCustomError("string_unicode", "is not valid Unicode") from None
    return value


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


_OptionalText = Annotated[str | None, BeforeValidator(_none_if_empty)]
"""A string that may be missing. Empty is the same, as the service does not keep an empty one."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _pass_unknown(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return value if value is UNKNOWN else handler(_encodable(value))

    @model_validator(mode="wrap")
    @classmethod
    def _pass_unknown_model(cls, value: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        return value if value is UNKNOWN else handler(value)


def _pass_unknown_item(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return value if value is UNKNOWN else handler(_encodable(value))


_Text = Annotated[str, WrapValidator(_pass_unknown_item)]
"""A string in a list; a field's own validator does not see the items."""


class EventTimeColumn(_Model):
    """The column that holds the time of a row's partition."""

    column: Annotated[str, _replace("Name of the column that holds the event time.", "columnName")]
    format: Annotated[
        str,
        _replace("Format of the time: RFC822, RFC850, RFC1123, RFC3339 or Unix.", "timeFormat"),
    ]


class ParquetColumn(_Model):
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
        _OptionalText, _replace("Extension of the type; undocumented.", "typeExtend")
    ] = None

    @model_validator(mode="wrap")
    @classmethod
    def _name_defaults_to_source(cls, value: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        if isinstance(value, dict) and not value.get("name"):
            source = value.get("source")
            if isinstance(source, str) or is_unknown(source):
                value = {**value, "name": source}
        return handler(value)


class DeliveryTaskSpec(_Model):
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
        _OptionalText,
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
        list[ParquetColumn], _replace("The files' columns, in order.", "schema")
    ]
    format: Annotated[str, _replace("The files' format.", "format")] = "Parquet"
    tablestore_endpoint: Annotated[
        _OptionalText,
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
        list[_Text] | None, _update("Ids of rules that this task ignores (docs/rules.md).")
    ] = None


def inputs_of(model: type[BaseModel]) -> Iterator[tuple[str, Input]]:
    """Yield a model's fields with the description of each."""
    for name, field in model.model_fields.items():
        yield name, next(item for item in field.metadata if isinstance(item, Input))
