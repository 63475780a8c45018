"""What names and fields have to look like.

The rules of names are documented. That the service itself answers OTSParameterInvalid for each
of the others is assumed; the SDKs check little, so a mistake gets as far as this.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.emulator.api.errors import (
    PARAMETER_INVALID,
    UNSUPPORTED,
    ServiceError,
    invalid,
)
from pulumi_tablestore_delivery.emulator.delivery import parquet
from pulumi_tablestore_delivery.emulator.storage.buckets import is_bucket_name
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
from pulumi_tablestore_delivery.wire.table_pb2 import (
    CreateTableRequest,
    TableMeta,
    TableOptions,
    UpdateTableRequest,
)

_TASK: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,14}[a-z0-9]")
_TABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_UNKNOWN_VARIABLE: Final = re.compile(r"\$(?!yyyy|MM|dd|HH|mm)[A-Za-z]*")
_OBJECT_BYTES: Final = 1023
_NAME_BYTES: Final = 200  # it is part of a file's name, of which systems allow 255
_PRIMARY_KEYS: Final = 4
_COLUMN_BYTES: Final = 255
_SHOWN_LENGTH: Final = 512
_AUTO_INCREMENT: Final = 1
_SHORTEST_TIME_TO_LIVE: Final = 86400


def task_name(name: str) -> None:
    """Check the name of a new task (documented)."""
    if not _TASK.fullmatch(name):
        raise invalid(
            "taskName",
            f"{name!r} is not 3 to 16 lowercase letters, digits and hyphens that start and end "
            "with a letter or digit",
        )


def table_name(name: str) -> None:
    """Check the name of a table or of an index (documented)."""
    if not _TABLE.fullmatch(name):
        raise ServiceError(PARAMETER_INVALID, f"Invalid table name: '{shown(name)}'.")


def key_name(name: str) -> None:
    """Check the name of a key column or of a declared column (documented)."""
    if not _TABLE.fullmatch(name):
        raise ServiceError(PARAMETER_INVALID, f"Invalid column name: '{shown(name)}'.")


@lru_cache(maxsize=4096)
def column_name(name: str) -> None:
    """Check the name of a column that a row has (seen in an SDK: its tests write such names)."""
    if not name or name.startswith("#") or len(name.encode()) > _COLUMN_BYTES:
        raise ServiceError(PARAMETER_INVALID, f"Invalid column name: '{shown(name)}'.")


def unique_tables(names: Sequence[str]) -> None:
    """Check that a batch has each table once (documented)."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ServiceError(PARAMETER_INVALID, f"Duplicated table name: '{shown(name)}'.")


def shown(name: str) -> str:
    """Return a name as an error shows it: whole, unless it is much too long."""
    return name if len(name) <= _SHOWN_LENGTH else f"{name[:_SHOWN_LENGTH]}…"


def bucket_name(field: str, name: str) -> None:
    """Check the name of an OSS bucket (the rule is documented, the refusal assumed)."""
    if not is_bucket_name(name):
        raise invalid(
            field,
            f"{name!r} is not 3 to 63 lowercase letters, digits and hyphens that start and end "
            "with a letter or digit",
        )


def task_type(given: bool, number: int) -> None:  # noqa: FBT001 - protobuf's two halves of one value
    """Check a new task's mode; a missing one is refused, for the SDKs always send it."""
    if not given:
        raise invalid("taskType", "is required")
    _one_of("taskType", number, DeliveryTaskType)


def task_config(config: OSSTaskConfig, table: TableMeta) -> None:
    """Check a new task's configuration against the rules and against its table.

    Numbers of `encode`, `format`, `formatter` and `timeFormat` are not checked: those of a
    newer service are kept as they are given.
    """
    for field in ("ossPrefix", "ossBucket", "ossEndpoint", "ossStsRole"):
        if not getattr(config, field):
            raise invalid(f"taskConfig.{field}", "is required and must not be empty")
    _prefix("taskConfig.ossPrefix", config.ossPrefix)
    if config.ossDirtyPrefix:
        _prefix("taskConfig.ossDirtyPrefix", config.ossDirtyPrefix)
        if config.ossDirtyPrefix.rstrip("/") == config.ossPrefix.rstrip("/"):
            raise invalid("taskConfig.ossDirtyPrefix", "is the prefix of the data")
    bucket_name("taskConfig.ossBucket", config.ossBucket)
    if config.HasField("eventTimeColumn"):
        _event_time_column(config.eventTimeColumn)
    if not config.schema:
        raise invalid("taskConfig.schema", "needs at least one column")
    _unique("taskConfig.schema", [column.ossColumnName for column in config.schema])
    binary = _binary_columns(table)
    for position, column in enumerate(config.schema):
        _schema_column(f"taskConfig.schema[{position}]", column, binary)


def create_table(request: CreateTableRequest) -> None:
    """Check a new table (the documented rules; secondary indexes by their names alone)."""
    meta = request.table_meta
    table_name(meta.table_name)
    if not 1 <= len(meta.primary_key) <= _PRIMARY_KEYS:
        raise ServiceError(
            PARAMETER_INVALID,
            f"The number of primary key columns must be in range: [1, {_PRIMARY_KEYS}].",
        )
    for position, key in enumerate(meta.primary_key):
        field = f"table_meta.primary_key[{position}]"
        key_name(key.name)
        _one_of(f"{field}.type", key.type, PrimaryKeyType)
        if not key.HasField("option"):
            continue
        if key.option != _AUTO_INCREMENT:
            raise invalid(f"{field}.option", f"{key.option} is not AUTO_INCREMENT (1)")
        if position == 0 or key.type != PrimaryKeyType.INTEGER:
            raise invalid(
                f"{field}.option",
                "AUTO_INCREMENT is for an INTEGER column that is not the first one",
            )
    for position, column in enumerate(meta.defined_column):
        field = f"table_meta.defined_column[{position}]"
        key_name(column.name)
        _one_of(f"{field}.type", column.type, DefinedColumnType)
    keys = [column.name for column in meta.primary_key]
    _unique("table_meta", keys + [column.name for column in meta.defined_column])
    for index in request.index_metas:
        table_name(index.name)
    _unique("index_metas", [index.name for index in request.index_metas])
    table_options(request.table_options)
    for field, is_given in {
        "partitions": bool(request.partitions),
        "enable_local_txn": request.enable_local_txn,
        "table_meta.index_meta": bool(meta.index_meta),
    }.items():
        if is_given:
            raise ServiceError(UNSUPPORTED, f"The emulator does not have {field}.")


def update_table(request: UpdateTableRequest) -> None:
    """Check a change of a table: its options and throughput, not its stream."""
    options = request.table_options
    if request.HasField("stream_spec"):
        raise ServiceError(
            UNSUPPORTED, "The emulator does not have streams: stream_spec cannot be changed."
        )
    if options.HasField("update_full_row"):
        raise ServiceError(
            PARAMETER_INVALID, "The table options contain updateFullRow, which cannot be changed."
        )
    if not (request.HasField("table_options") or request.HasField("reserved_throughput")):
        raise ServiceError(PARAMETER_INVALID, "No parameter is specified in table options.")
    table_options(options)


def table_options(options: TableOptions) -> None:
    """Check the options of a table (documented)."""
    if options.HasField("max_versions") and options.max_versions < 1:
        raise invalid("table_options.max_versions", f"{options.max_versions} is less than 1")
    lives = options.time_to_live
    if options.HasField("time_to_live") and lives != -1 and lives < _SHORTEST_TIME_TO_LIVE:
        raise invalid(
            "table_options.time_to_live", f"{lives} is neither -1 nor at least 86400 seconds"
        )


def _prefix(field: str, prefix: str) -> None:
    if prefix.startswith(("/", "\\")):
        raise invalid(field, f"{prefix!r} starts with a slash or backslash")
    if len(prefix.encode()) > _OBJECT_BYTES:
        raise invalid(field, f"is longer than {_OBJECT_BYTES} bytes")
    parts = prefix.rstrip("/").split("/")
    if not all(parts) or {".", ".."} & set(parts) or "\0" in prefix:
        raise invalid(field, f"{prefix!r} is no path of folders, which the emulator needs")
    if len(prefix.encode()) > _NAME_BYTES:
        raise invalid(field, f"is longer than {_NAME_BYTES} bytes, which the emulator cannot store")
    if unknown := _UNKNOWN_VARIABLE.search(prefix):
        raise invalid(field, f"{unknown[0]!r} is not one of $yyyy, $MM, $dd, $HH, $mm")


def _event_time_column(column: EventColumn) -> None:
    if not column.columnName:
        raise invalid("taskConfig.eventTimeColumn.columnName", "is required")
    if not column.HasField("timeFormat"):
        raise invalid("taskConfig.eventTimeColumn.timeFormat", "is required")


def _schema_column(field: str, column: ParquetSchema, binary: frozenset[str]) -> None:
    for part in ("columnName", "ossColumnName"):
        if not getattr(column, part):
            raise invalid(f"{field}.{part}", "is required and must not be empty")
    if not column.HasField("type"):
        raise invalid(f"{field}.type", "is required")
    _one_of(f"{field}.type", column.type, ParquetDataType)
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
        raise ServiceError(
            PARAMETER_INVALID,
            f"{field}.encode: Parquet has no {ParquetEncoding(column.encode).name} for "
            f"{ParquetDataType(column.type).name}",
        )
    if column.columnName in binary:
        raise invalid(
            f"{field}.columnName",
            f"the table's column {column.columnName!r} is BINARY, which cannot be delivered",
        )


def _binary_columns(table: TableMeta) -> frozenset[str]:
    """The columns of which the table itself says that they are BINARY."""
    keys = [c.name for c in table.primary_key if c.type == PrimaryKeyType.BINARY]
    defined = [c.name for c in table.defined_column if c.type == DefinedColumnType.BINARY]
    return frozenset(keys + defined)


def _one_of(
    field: str,
    number: int,
    known: type[DeliveryTaskType]
    | type[ParquetDataType]
    | type[PrimaryKeyType]
    | type[DefinedColumnType],
) -> None:
    if number not in known._value2member_map_:
        names = ", ".join(f"{member.name} ({member.value})" for member in known)
        raise invalid(field, f"{number} is not one of {names}")


def _unique(field: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise invalid(field, f"the name {name!r} is given twice")
        seen.add(name)
