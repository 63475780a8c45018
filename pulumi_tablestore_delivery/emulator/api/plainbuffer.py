"""Rows as bytes and back: PlainBuffer, by the classes of the official Python SDK.

The SDK reads what a service answers. What a service is asked also has markers (of the smallest
and the largest key, of a key to be made, of what an update does), which are read here.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

from pulumi_tablestore_delivery.emulator.api.errors import PARAMETER_INVALID, ServiceError
from pulumi_tablestore_delivery.emulator.sdk import (
    OTSClientError,
    PlainBufferCodedInputStream,
    PlainBufferCodedOutputStream,
    PlainBufferCrc8,
    PlainBufferInputStream,
    PlainBufferOutputStream,
)
from pulumi_tablestore_delivery.emulator.sdk import const as _CODES  # noqa: N812 - a constant

Value: TypeAlias = int | float | bool | str | bytes
"""What a cell holds; bytes stand for BINARY."""

_CAPACITY: Final = 64 * 1024 * 1024


class Marker(Enum):
    """What stands in a key where no value does."""

    SMALLEST = _CODES.VT_INF_MIN
    LARGEST = _CODES.VT_INF_MAX
    AUTO_INCREMENT = _CODES.VT_AUTO_INCREMENT


class Action(Enum):
    """What an update does with a cell."""

    PUT = 0
    DELETE_ALL = _CODES.DELETE_ALL_VERSION
    DELETE_ONE = _CODES.DELETE_ONE_VERSION
    INCREMENT = _CODES.INCREMENT


@dataclass(frozen=True)
class Cell:
    """A cell of a row that is written.

    Attributes:
        name: The column.
        value: Its value; None where a cell is deleted.
        timestamp: The version in milliseconds since 1970; None lets the service choose.
        action: What to do with it.
    """

    name: str
    value: Value | None
    timestamp: int | None
    action: Action


Key: TypeAlias = list[tuple[str, Value | Marker]]


def read_row(data: bytes) -> tuple[Key, list[Cell]]:
    """Read the row of a request.

    Raises:
        ServiceError: The bytes are not a row.
    """
    try:
        key, cells = _Reader(PlainBufferInputStream(data)).read_row()
    except (OTSClientError, struct.error, UnicodeDecodeError, IndexError, TypeError, ValueError):
        raise ServiceError(PARAMETER_INVALID, "A row is not valid PlainBuffer.") from None
    return (
        [(name, _plain(value)) for name, value in key],
        [
            Cell(name, None if value is None else _plain(value), timestamp, action)
            for name, (value, action), timestamp in cells
        ],
    )


def read_value(data: bytes) -> Value:
    """Read a bare value, as column conditions carry it.

    Raises:
        ServiceError: The bytes are not a value.
    """
    try:
        kind, rest = data[0], data[1:]
        if kind == _CODES.VT_INTEGER:
            return int(struct.unpack("<q", rest)[0])
        if kind == _CODES.VT_DOUBLE:
            return float(struct.unpack("<d", rest)[0])
        if kind == _CODES.VT_BOOLEAN:
            return bool(rest[0])
        (length,) = struct.unpack("<i", rest[:4])
        text = rest[4 : 4 + length]
        if kind == _CODES.VT_STRING and len(text) == length:
            return text.decode()
        if kind == _CODES.VT_BLOB and len(text) == length:
            return bytes(text)
    except (struct.error, UnicodeDecodeError, IndexError):
        pass
    raise ServiceError(PARAMETER_INVALID, "The value of a column condition is not valid.")


def write_rows(
    rows: Iterable[tuple[list[tuple[str, Value]], list[tuple[str, Value, int]]]],
) -> bytes:
    """Write rows (their keys, and their cells with versions) one after the other."""
    output = PlainBufferOutputStream(_CAPACITY)
    coded = PlainBufferCodedOutputStream(output)
    coded.write_header()
    for key, cells in rows:
        check = coded.write_primary_key([(name.encode(), _sent(value)) for name, value in key], 0)
        check = coded.write_columns(
            [(name.encode(), _sent(value), timestamp) for name, value, timestamp in cells], check
        )
        coded.write_row_checksum(PlainBufferCrc8.crc_int8(check, 0))
    return bytes(output.get_buffer())


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, bytearray) else value


def _sent(value: Value) -> Any:
    return bytearray(value) if isinstance(value, bytes) else value  # the SDK's word for BINARY


class _Reader(PlainBufferCodedInputStream):  # type: ignore[misc]  # the SDK has no types
    """Also reads keys' markers; gives each cell's value together with its action."""

    def read_primary_key_value(self, cell_check_sum: int) -> tuple[Any, int]:
        stream = self.input_stream
        kind = stream.buffer[stream.cur_pos + 4]
        if kind not in Marker._value2member_map_:
            value: tuple[Any, int] = super().read_primary_key_value(cell_check_sum)
            return value
        stream.read_bytes(5)
        stream.read_tag()
        return Marker(kind), PlainBufferCrc8.crc_int8(cell_check_sum, kind)

    def read_column(self, row_check_sum: int) -> tuple[str, tuple[Any, Action], int | None, int]:
        stream = self.input_stream
        stream.read_tag()
        self._expect(_CODES.TAG_CELL_NAME)
        name = stream.read_utf_string(stream.read_raw_little_endian32())
        check = PlainBufferCrc8.crc_string(0, name)
        stream.read_tag()
        value, action, timestamp = None, Action.PUT, None
        if self.get_last_tag() == _CODES.TAG_CELL_VALUE:
            value, check = self.read_column_value(check)
        if self.get_last_tag() == _CODES.TAG_CELL_TYPE:
            action = Action(ord(stream.read_raw_byte()))
            stream.read_tag()
        if self.get_last_tag() == _CODES.TAG_CELL_TIMESTAMP:
            timestamp = stream.read_int64()
            check = PlainBufferCrc8.crc_int64(check, timestamp)
            stream.read_tag()
        if action is not Action.PUT:  # comes before the timestamp, is summed up after it
            check = PlainBufferCrc8.crc_int8(check, action.value)
        self._expect(_CODES.TAG_CELL_CHECKSUM)
        if ord(stream.read_raw_byte()) != check:
            raise OTSClientError("Checksum mismatch")
        stream.read_tag()
        return name, (value, action), timestamp, PlainBufferCrc8.crc_int8(row_check_sum, check)

    def _expect(self, tag: str) -> None:
        if self.get_last_tag() != tag:
            raise OTSClientError("Unexpected tag")
