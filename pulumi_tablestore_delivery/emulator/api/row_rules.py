"""Rules about the keys and cells of a request.

Unless a comment says otherwise, a text is documented, or the tests of the official SDKs compare it.
OTSParameterInvalid does not depend on the table. OTSInvalidPK does.
"""

import math
from collections.abc import Sequence
from typing import Final

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.errors import (
    INVALID_KEY,
    PARAMETER_INVALID,
    ServiceError,
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
"""The most columns of a write, and the most that a read may request (documented)."""

LARGEST_REQUEST: Final = 4 * 1024 * 1024
"""The most bytes of names and values in a write (documented)."""

_KEY_BYTES: Final = 1024
_VALUE_BYTES: Final = 2 * 1024 * 1024
_TIMESTAMPS_END: Final = (2**63 - 1) // 1000
_MILLISECONDS: Final = 1000
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
        raise _invalid("Attribute column cannot be given while reading data.")
    if row.is_deleted:
        raise _invalid("Delete marker cannot be given.")
    if any(value is Marker.AUTO_INCREMENT for _, value in row.key):
        raise _invalid("PKAutoIncr can't be used for read operations.")
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
            raise _invalid(f"OpType cannot be given for column name: '{cell.name}' in PutRow.")
        if cell.value is None:
            raise _invalid("Invalid request of put row: find cells without values.")
    return row


def read_update(data: bytes) -> Row:
    """Read and check the row of an UpdateRow.

    Raises:
        ServiceError: It breaks a rule.
    """
    row = _read_change(data)
    if not row.cells:
        raise _invalid("Invalid update row request: missing cells in request.")
    for name, value, timestamp, action in row.cells:
        if action in _DELETES and value is not None:
            raise _invalid(
                "Column value cannot be given when type is DELETE_ONE_VERSION,DELETE_ALL_VERSION."
            )
        if action is Action.DELETE_ONE and timestamp is None:
            raise _invalid("Timestamp must be given when type is DELETE_ONE_VERSION.")
        if action is Action.DELETE_ALL and timestamp is not None:
            raise _invalid("Timestamp cannot be given when type is DELETE_ALL_VERSION.")
        if action not in _DELETES and value is None:
            raise _invalid(f"Invalid cell: '{name}'. Reason: missing value.")
        if action is Action.INCREMENT and type(value) is not int:  # assumed
            raise _invalid(
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
        raise _invalid("Invalid delete row request: unexpected cells in request.")
    if not row.is_deleted:
        raise _invalid("Invalid request of delete row: missing RowDeleteMarker in request.")
    if any(value is Marker.AUTO_INCREMENT for _, value in row.key):
        raise _invalid("Invalid row to delete which with pk auto increment.")
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
        is_right = (
            value is not Marker.AUTO_INCREMENT or is_made
            if isinstance(value, Marker)
            else type(value) is kind
        )
        if not is_right:
            raise ServiceError(
                INVALID_KEY,
                f"Validate PK type fail. Input: {_type_name(value)}, Meta: {_TYPE_NAMES[kind]}.",
            )


def check_versions(table: Shape, cells: Sequence[Cell], now: int) -> None:
    """Check that the versions of a write are near the clock. `now` is in milliseconds.

    Raises:
        ServiceError: The table does not allow such a distance (documented; the text is assumed).
    """
    furthest = table.deviation * _MILLISECONDS
    for cell in cells:
        if (
            cell.value is not None
            and cell.timestamp is not None
            and abs(cell.timestamp - now) > furthest
        ):
            raise _invalid(
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
        raise _invalid(
            f"The total data size of {operation} request exceeds the limit, "
            f"limit size: {LARGEST_REQUEST}, data size: {size}."
        )


def _read_change(data: bytes) -> Row:
    row = _read(data)
    if row.is_deleted:
        raise _invalid("Invalid request of put/update row: unexpected RowDeleteMarker in request.")
    _check_key(row.key, frozenset({Marker.AUTO_INCREMENT}))
    _check_cells(row)
    return row


def _read(data: bytes) -> Row:
    try:
        return read_row(data)
    except PlainBufferError as error:
        raise _invalid(f"A row is not valid PlainBuffer: {error}.") from None


def _check_key(key: Key, markers: frozenset[Marker]) -> None:
    if not key:
        raise _invalid("Cell data broken, PK is empty.")
    for name, value in key:
        is_wrong = (
            value not in markers if isinstance(value, Marker) else isinstance(value, float | bool)
        )
        if is_wrong:
            raise _invalid(f"{_type_name(value)} is an invalid type for the primary key.")
        if (size := _size(value)) > _KEY_BYTES:
            raise _invalid(
                f"The length of primary key column: '{rules.shortened(name)}' exceeds the "
                f"MaxLength:{_KEY_BYTES} with CurrentLength:{size}."
            )


def _check_cells(row: Row) -> None:
    own = {name for name, _ in row.key}
    if len({cell.name for cell in row.cells}) > MOST_COLUMNS:
        raise _invalid(
            "The number of attribute columns exceeds the limit, "
            f"limit count: {MOST_COLUMNS}, column count: {len({c.name for c in row.cells})}."
        )
    for name, value, timestamp, _ in row.cells:
        rules.column_name(name)
        if name in own:
            raise _invalid(f"Duplicated attribute column name with primary key column: '{name}'.")
        if timestamp is not None and not 0 <= timestamp < _TIMESTAMPS_END:
            raise _invalid("Timestamp must be in range [0, INT64_MAX/1000).")
        if isinstance(value, float) and not math.isfinite(value):
            what = "NaN" if math.isnan(value) else "Infinity"
            raise _invalid(f"{what} can't be set to double value.")
        if (size := _size(value)) > _VALUE_BYTES:
            raise _invalid(
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


def _invalid(message: str) -> ServiceError:
    return ServiceError(PARAMETER_INVALID, message)
