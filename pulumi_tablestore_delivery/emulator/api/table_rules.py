"""Rules about a new or changed table (documented)."""

from typing import Final

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.errors import (
    UNSUPPORTED,
    ServiceError,
    invalid_field,
    invalid_parameter,
)
from pulumi_tablestore_delivery.wire.enums import DefinedColumnType, PrimaryKeyType
from pulumi_tablestore_delivery.wire.table_pb2 import (
    CreateTableRequest,
    ReservedThroughput,
    TableMeta,
    TableOptions,
    UpdateTableRequest,
)

_PRIMARY_KEYS: Final = 4
_DEFINED_COLUMNS: Final = 32
_AUTO_INCREMENT: Final = 1
_SHORTEST_TIME_TO_LIVE: Final = 86400


def create_table(request: CreateTableRequest) -> None:
    """Check a new table (documented). Of secondary indexes, only the names are checked."""
    meta = request.table_meta
    rules.table_name(meta.table_name)
    _key_columns(meta)
    if len(meta.defined_column) > _DEFINED_COLUMNS:
        raise invalid_parameter(
            f"The number of defined columns must be in range: [0, {_DEFINED_COLUMNS}].",
        )
    for position, column in enumerate(meta.defined_column):
        rules.key_name(column.name)
        rules.one_of(f"table_meta.defined_column[{position}].type", column.type, DefinedColumnType)
    names = [column.name for column in meta.primary_key]
    names += [column.name for column in meta.defined_column]
    rules.unique("table_meta", names)
    for index in request.index_metas:
        rules.table_name(index.name)
    rules.unique("index_metas", [index.name for index in request.index_metas])
    table_options(request.table_options)
    throughput(request.reserved_throughput)
    for field, is_given in {
        "partitions": bool(request.partitions),
        "enable_local_txn": request.enable_local_txn,
        "table_meta.index_meta": bool(meta.index_meta),
    }.items():
        if is_given:
            raise ServiceError(UNSUPPORTED, f"The emulator does not have {field}.")


def _key_columns(meta: TableMeta) -> None:
    if not 1 <= len(meta.primary_key) <= _PRIMARY_KEYS:
        raise invalid_parameter(
            f"The number of primary key columns must be in range: [1, {_PRIMARY_KEYS}].",
        )
    seen: set[str] = set()
    for position, key in enumerate(meta.primary_key):
        field = f"table_meta.primary_key[{position}]"
        rules.key_name(key.name)
        if key.name in seen:
            raise invalid_parameter(f"Duplicated primary key name: '{key.name}'.")
        seen.add(key.name)
        rules.one_of(f"{field}.type", key.type, PrimaryKeyType)
        if not key.HasField("option"):
            continue
        if key.option != _AUTO_INCREMENT:
            raise invalid_field(f"{field}.option", f"{key.option} is not AUTO_INCREMENT (1)")
        if position == 0 or key.type != PrimaryKeyType.INTEGER:
            raise invalid_field(
                f"{field}.option",
                "AUTO_INCREMENT is for an INTEGER column that is not the first one",
            )


def update_table(request: UpdateTableRequest) -> None:
    """Check a change of a table's options and throughput. A stream cannot be changed."""
    options = request.table_options
    if request.HasField("stream_spec"):
        raise ServiceError(
            UNSUPPORTED, "The emulator does not have streams: stream_spec cannot be changed."
        )
    if options.HasField("update_full_row"):
        raise invalid_parameter("The table options contain updateFullRow, which cannot be changed.")
    if not (options.ListFields() or request.HasField("reserved_throughput")):
        raise invalid_parameter("No parameter is specified in table options.")
    table_options(options)
    throughput(request.reserved_throughput)


def table_options(options: TableOptions) -> None:
    """Check the options of a table (documented)."""
    if options.HasField("max_versions") and options.max_versions < 1:
        raise invalid_field("table_options.max_versions", f"{options.max_versions} is less than 1")
    deviation = options.deviation_cell_version_in_sec
    if options.HasField("deviation_cell_version_in_sec") and deviation < 0:  # assumed
        raise invalid_field(
            "table_options.deviation_cell_version_in_sec", f"{deviation} is less than 0"
        )
    lives = options.time_to_live
    if options.HasField("time_to_live") and lives != -1 and lives < _SHORTEST_TIME_TO_LIVE:
        raise invalid_field(
            "table_options.time_to_live",
            f"{lives} is neither -1 nor at least {_SHORTEST_TIME_TO_LIVE} seconds",
        )


def throughput(reserved: ReservedThroughput) -> None:
    """Check the reserved throughput of a table (assumed)."""
    for name in ("read", "write"):
        units = getattr(reserved.capacity_unit, name)
        if units < 0:
            raise invalid_field(
                f"reserved_throughput.capacity_unit.{name}", f"{units} is less than 0"
            )
