"""Rules about the keys and cells of a request.

Texts are documented, or compared by the tests of the official SDKs, unless a comment says
otherwise. OTSInvalidPK: the key does not fit the table. OTSParameterInvalid: the request is wrong
for any table, or its version is too far from the clock for this one.
"""

import math
from collections.abc import Sequence
from typing import Final

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.errors import (
    INVALID_KEY,
    ServiceError,
    invalid_parameter,
)
from pulumi_tablestore_delivery.emulator.storage.shapes import Shape
from pulumi_tablestore_delivery.wire.plainbuffer import (
    Action,
    Cell,
    Key,
    Marker,
    PlainBufferError,
    Row,
    Value,
    read_row,
)

MOST_COLUMNS: Final = 1024
"""The most columns of a write (documented), and the most that a read may request (seen in the
tests of the official SDKs; the documentation of GetRange says 128)."""

LARGEST_REQUEST: Final = 4 * 1024 * 1024
"""The most bytes of names and values in a write (documented)."""

_KEY_BYTES: Final = 1024
_VALUE_BYTES: Final = 2 * 1024 * 1024
_TIMESTAMPS_END: Final = (2**63 - 1) // 1000
_MILLISECONDS_PER_SECOND: Final = 1000
_RANGE_MARKERS: Final = frozenset({Marker.SMALLEST, Marker.LARGEST})
_DELETES: Final = frozenset({Action.DELETE_ALL, Action.DELETE_ONE})
_TYPE_NAMES: Final[dict[type, str]] = {
    int: "VT_INTEGER",
    float: "VT_DOUBLE",
    bool: "VT_BOOLEAN",
    str: "VT_STRING",
    bytes: "VT_BLOB",
}
_MARKER_NAMES: Final = {
    Marker.SMALLEST: "VT_INF_MIN",
    Marker.LARGEST: "VT_INF_MAX",
    Marker.AUTO_INCREMENT: "VT_AUTO_INCREMENT",
}


def read_key(data: bytes, *, is_bound: bool = False) -> Key:
    """Read and check the key of a read.

    Args:
        data: The key's bytes.
        is_bound: Whether it is the bound of a range, which may have INF_MIN and INF_MAX.

    Raises:
        ServiceError: It breaks a rule.
    """
    row = _read(data)
    if row.cells:
        raise invalid_parameter("Attribute column cannot be given while reading data.")
    if row.is_deleted:
        raise invalid_parameter("Delete marker cannot be given.")
    if any(value is Marker.AUTO_INCREMENT for _, value in row.key):
        raise invalid_parameter("PKAutoIncr can't be used for read operations.")
    _check_key(row.key, _RANGE_MARKERS if is_bound else frozenset())
    return row.key


def read_put(data: bytes) -> Row:
    """Read and check the row of a PutRow.

    Raises:
        ServiceError: It breaks a rule.
    """
    row = _read_change(data)
    for cell in row.cells:
        if cell.action is not Action.PUT:
            raise invalid_parameter(
                f"OpType cannot be given for column name: '{cell.name}' in PutRow."
            )
        if cell.value is None:
            raise invalid_parameter("Invalid request of put row: find cells without values.")
    return row


def read_update(data: bytes) -> Row:
    """Read and check the row of an UpdateRow.

    Raises:
        ServiceError: It breaks a rule.
    """
    row = _read_change(data)
    if not row.cells:
        raise invalid_parameter("Invalid update row request: missing cells in request.")
    for name, value, timestamp, action in row.cells:
        if action in _DELETES and value is not None:
            raise invalid_parameter(
                "Column value cannot be given when type is DELETE_ONE_VERSION,DELETE_ALL_VERSION."
            )
        if action is Action.DELETE_ONE and timestamp is None:
            raise invalid_parameter("Timestamp must be given when type is DELETE_ONE_VERSION.")
        if action is Action.DELETE_ALL and timestamp is not None:
            raise invalid_parameter("Timestamp cannot be given when type is DELETE_ALL_VERSION.")
        if action not in _DELETES and value is None:
            raise invalid_parameter(f"Invalid cell: '{name}'. Reason: missing value.")
        if action is Action.INCREMENT and type(value) is not int:  # assumed
            raise invalid_parameter(
                f"{name}: only an INTEGER can be added; the value cannot be incremented otherwise"
            )
    return row


def read_delete(data: bytes) -> Row:
    """Read and check the row of a DeleteRow.

    Raises:
        ServiceError: It breaks a rule.
    """
    row = _read(data)
    if row.cells:
        raise invalid_parameter("Invalid delete row request: unexpected cells in request.")
    if not row.is_deleted:
        raise invalid_parameter(
            "Invalid request of delete row: missing RowDeleteMarker in request."
        )
    if any(value is Marker.AUTO_INCREMENT for _, value in row.key):
        raise invalid_parameter("Invalid row to delete which with pk auto increment.")
    _check_key(row.key, frozenset())
    return row


def check_schema(table: Shape, key: Key) -> None:
    """Check that a key has the columns of this table.

    Raises:
        ServiceError: It does not.
    """
    if len(key) != len(table.key):
        raise ServiceError(
            INVALID_KEY, f"Validate PK size fail. Input: {len(key)}, Meta: {len(table.key)}."
        )
    for (name, value), (expected, kind, is_made) in zip(key, table.key, strict=True):
        if name != expected:
            raise ServiceError(
                INVALID_KEY,
                f"Validate PK name fail. Input: {rules.shortened(name)}, Meta: {expected}.",
            )
        if not _is_of_kind(value, kind, is_made=is_made):
            raise ServiceError(
                INVALID_KEY,
                f"Validate PK type fail. Input: {_type_name(value)}, Meta: {_TYPE_NAMES[kind]}.",
            )


def _is_of_kind(value: Value | Marker, kind: type, *, is_made: bool) -> bool:
    """Return whether a value can be that of a key column, which the service may make."""
    if value is Marker.AUTO_INCREMENT:
        return is_made
    return isinstance(value, Marker) or type(value) is kind


def check_versions(table: Shape, cells: Sequence[Cell], now: int) -> None:
    """Check that the versions of a write are near the clock. `now` is in milliseconds.

    Raises:
        ServiceError: The table does not allow such a distance (documented; the text is assumed).
    """
    furthest = table.deviation * _MILLISECONDS_PER_SECOND
    for cell in cells:
        if (
            cell.value is not None
            and cell.timestamp is not None
            and abs(cell.timestamp - now) > furthest
        ):
            raise invalid_parameter(
                f"Invalid timestamp. Cell: '{rules.shortened(cell.name)}'. The version "
                f"{cell.timestamp} is further from the clock than the table's "
                f"max_time_deviation, {table.deviation} s."
            )


def size_of(row: Row) -> int:
    """Return the bytes of a row's names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in row.key) + sum(
        len(cell.name.encode()) + _size(cell.value) for cell in row.cells
    )


def check_size(operation: str, size: int) -> None:
    """Check the size of a write.

    Raises:
        ServiceError: It is over the limit.
    """
    if size > LARGEST_REQUEST:
        raise invalid_parameter(
            f"The total data size of {operation} request exceeds the limit, "
            f"limit size: {LARGEST_REQUEST}, data size: {size}."
        )


def _read_change(data: bytes) -> Row:
    row = _read(data)
    if row.is_deleted:
        raise invalid_parameter(
            "Invalid request of put/update row: unexpected RowDeleteMarker in request."
        )
    _check_key(row.key, frozenset({Marker.AUTO_INCREMENT}))
    _check_cells(row)
    return row


def _read(data: bytes) -> Row:
    try:
        return read_row(data)
    except PlainBufferError as error:
        raise invalid_parameter(f"A row is not valid PlainBuffer: {error}.") from None


def _check_key(key: Key, markers: frozenset[Marker]) -> None:
    if not key:
        raise invalid_parameter("Cell data broken, PK is empty.")
    for name, value in key:
        is_wrong = (
            value not in markers if isinstance(value, Marker) else isinstance(value, float | bool)
        )
        if is_wrong:
            raise invalid_parameter(f"{_type_name(value)} is an invalid type for the primary key.")
        if (size := _size(value)) > _KEY_BYTES:
            raise invalid_parameter(
                f"The length of primary key column: '{rules.shortened(name)}' exceeds the "
                f"MaxLength:{_KEY_BYTES} with CurrentLength:{size}."
            )


def _check_cells(row: Row) -> None:
    own = {name for name, _ in row.key}
    if len({cell.name for cell in row.cells}) > MOST_COLUMNS:
        raise invalid_parameter(
            "The number of attribute columns exceeds the limit, "
            f"limit count: {MOST_COLUMNS}, column count: {len({c.name for c in row.cells})}."
        )
    for name, value, timestamp, _ in row.cells:
        rules.column_name(name)
        if name in own:
            raise invalid_parameter(
                f"Duplicated attribute column name with primary key column: '{name}'."
            )
        if timestamp is not None and not 0 <= timestamp < _TIMESTAMPS_END:
            raise invalid_parameter("Timestamp must be in range [0, INT64_MAX/1000).")
        if isinstance(value, float) and not math.isfinite(value):
            what = "NaN" if math.isnan(value) else "Infinity"
            raise invalid_parameter(f"{what} can't be set to double value.")
        if (size := _size(value)) > _VALUE_BYTES:
            raise invalid_parameter(
                f"The length of attribute column: '{name}' exceeds the "
                f"MaxLength:{_VALUE_BYTES} with CurrentLength:{size}."
            )


def _size(value: Value | Marker | None) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, bool):
        return 1
    return 0 if value is None or isinstance(value, Marker) else 8


def _type_name(value: Value | Marker) -> str:
    return _MARKER_NAMES[value] if isinstance(value, Marker) else _TYPE_NAMES[type(value)]
