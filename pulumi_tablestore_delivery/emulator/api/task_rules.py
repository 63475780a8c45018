"""Rules about a new delivery task.

The SDKs check little, so most errors reach the service. We assume that it answers
OTSParameterInvalid.
"""

import re
from typing import Final

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.errors import (
    UNSUPPORTED,
    ServiceError,
    invalid_field,
    invalid_parameter,
)
from pulumi_tablestore_delivery.emulator.delivery import parquet
from pulumi_tablestore_delivery.emulator.storage.object_keys import KEY_BYTES, is_bucket_name
from pulumi_tablestore_delivery.wire.delivery_pb2 import (
    EventColumn,
    OSSTaskConfig,
    ParquetSchema,
)
from pulumi_tablestore_delivery.wire.enums import (
    DefinedColumnType,
    DeliveryTaskType,
    ParquetDataType,
    ParquetEncoding,
    PrimaryKeyType,
)
from pulumi_tablestore_delivery.wire.table_pb2 import TableMeta

_TASK: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,14}[a-z0-9]")
_UNKNOWN_VARIABLE: Final = re.compile(r"\$(?!yyyy|MM|dd|HH|mm)[A-Za-z]*")
_NAME_BYTES: Final = 200  # it is part of a file name, which has at most 255 bytes


def task_name(name: str) -> None:
    """Check the name of a new task (documented)."""
    if not _TASK.fullmatch(name):
        raise invalid_field(
            "taskName",
            f"{name!r} is not 3 to 16 lowercase letters, digits and hyphens that start and end "
            "with a letter or digit",
        )


def bucket_name(field: str, name: str) -> None:
    """Check the name of an OSS bucket (the rule is documented, the refusal is assumed)."""
    if not is_bucket_name(name):
        raise invalid_field(
            field,
            f"{name!r} is not 3 to 63 lowercase letters, digits and hyphens that start and end "
            "with a letter or digit",
        )


def task_type(number: int | None) -> None:
    """Check a new task's mode. It is required, because the SDKs always send it."""
    if number is None:
        raise invalid_field("taskType", "is required")
    rules.one_of("taskType", number, DeliveryTaskType)


def task_config(config: OSSTaskConfig, table: TableMeta) -> None:
    """Check a new task's configuration against the rules and against its table.

    Numbers of `encode`, `format`, `formatter` and `timeFormat` are not checked: a newer service may
    have added them.
    """
    for field in ("ossPrefix", "ossBucket", "ossEndpoint", "ossStsRole"):
        if not getattr(config, field):
            raise invalid_field(f"taskConfig.{field}", "is required and must not be empty")
    _prefix("taskConfig.ossPrefix", config.ossPrefix)
    if config.ossDirtyPrefix:
        _prefix("taskConfig.ossDirtyPrefix", config.ossDirtyPrefix)
        if config.ossDirtyPrefix.rstrip("/") == config.ossPrefix.rstrip("/"):
            raise invalid_field("taskConfig.ossDirtyPrefix", "is the prefix of the data")
    bucket_name("taskConfig.ossBucket", config.ossBucket)
    if config.HasField("eventTimeColumn"):
        _event_time_column(config.eventTimeColumn)
    if not config.schema:
        raise invalid_field("taskConfig.schema", "needs at least one column")
    rules.unique("taskConfig.schema", [column.ossColumnName for column in config.schema])
    binary = _binary_columns(table)
    for position, column in enumerate(config.schema):
        _schema_column(f"taskConfig.schema[{position}]", column, binary)


def _prefix(field: str, prefix: str) -> None:
    if prefix.startswith(("/", "\\")):
        raise invalid_field(field, f"{prefix!r} starts with a slash or backslash")
    if len(prefix.encode()) > KEY_BYTES:
        raise invalid_field(field, f"is longer than {KEY_BYTES} bytes")
    parts = prefix.rstrip("/").split("/")
    if not all(parts) or {".", ".."} & set(parts) or "\0" in prefix:
        raise invalid_field(field, f"{prefix!r} is not a path of folders, which the emulator needs")
    if len(prefix.encode()) > _NAME_BYTES:
        raise invalid_field(
            field, f"is longer than {_NAME_BYTES} bytes, which the emulator cannot store"
        )
    if unknown := _UNKNOWN_VARIABLE.search(prefix):
        raise invalid_field(field, f"{unknown[0]!r} is not one of $yyyy, $MM, $dd, $HH, $mm")


def _event_time_column(column: EventColumn) -> None:
    if not column.columnName:
        raise invalid_field("taskConfig.eventTimeColumn.columnName", "is required")
    if not column.HasField("timeFormat"):
        raise invalid_field("taskConfig.eventTimeColumn.timeFormat", "is required")


def _schema_column(field: str, column: ParquetSchema, binary: frozenset[str]) -> None:
    for part in ("columnName", "ossColumnName"):
        if not getattr(column, part):
            raise invalid_field(f"{field}.{part}", "is required and must not be empty")
    if not column.HasField("type"):
        raise invalid_field(f"{field}.type", "is required")
    rules.one_of(f"{field}.type", column.type, ParquetDataType)
    kind = parquet.KINDS.get(column.type)
    if kind is None:
        raise ServiceError(
            UNSUPPORTED,
            f"{field}.type: the emulator does not write {ParquetDataType(column.type).name}, "
            "which is not documented",
        )
    if column.encode in ParquetEncoding._value2member_map_ and (
        ParquetEncoding(column.encode) not in kind.encodings
    ):
        raise invalid_parameter(
            f"{field}.encode: Parquet does not have {ParquetEncoding(column.encode).name} for "
            f"{ParquetDataType(column.type).name}",
        )
    if column.columnName in binary:
        raise invalid_field(
            f"{field}.columnName",
            f"the table's column {column.columnName!r} is BINARY, which cannot be delivered",
        )


def _binary_columns(table: TableMeta) -> frozenset[str]:
    """Return the columns that the table declares as BINARY."""
    keys = [c.name for c in table.primary_key if c.type == PrimaryKeyType.BINARY]
    defined = [c.name for c in table.defined_column if c.type == DefinedColumnType.BINARY]
    return frozenset(keys + defined)
