"""Convert rows and values to PlainBuffer and back.

The format is seen in the official SDKs. A buffer is a header and rows. A row is its key cells, its
attribute cells, a marker if the row is deleted, and a checksum over the checksums of its cells.
The reader validates every length, tag and checksum. For any bytes, it returns rows or raises
PlainBufferError, in time proportional to their number.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

Value: TypeAlias = int | float | bool | str | bytes
"""The value of a cell. BINARY is bytes."""

TYPE_NAMES: Final[Mapping[type, str]] = {
    bool: "BOOLEAN",
    int: "INTEGER",
    float: "DOUBLE",
    str: "STRING",
    bytes: "BINARY",
}
"""The service's name for the type of a value."""

MOST_CELLS: Final = 65_536
"""The most cells of a row that the reader accepts. The service accepts 1,024 columns in a write."""

_HEADER: Final = b"\x75\0\0\0"
_ROW_KEY: Final = 0x1
_ROW_DATA: Final = 0x2
_CELL: Final = 0x3
_CELL_NAME: Final = 0x4
_CELL_VALUE: Final = 0x5
_CELL_ACTION: Final = 0x6
_CELL_TIMESTAMP: Final = 0x7
_DELETE_MARKER: Final = 0x8
_ROW_CHECKSUM: Final = 0x9
_CELL_CHECKSUM: Final = 0xA

_INTEGER: Final = 0x0
_DOUBLE: Final = 0x1
_BOOLEAN: Final = 0x2
_STRING: Final = 0x3
_BINARY: Final = 0x7

_MOST_KEYS: Final = 32  # a table has 4
_LENGTH: Final = struct.Struct("<I")
_TIMESTAMP: Final = struct.Struct("<q")
_INTEGER_VALUE: Final = struct.Struct("<Bq")
_DOUBLE_VALUE: Final = struct.Struct("<Bd")
_TEXT_VALUE: Final = struct.Struct("<BI")


class PlainBufferError(ValueError):
    """The bytes are not PlainBuffer. The message has the position and the reason."""


class Marker(Enum):
    """A marker in a key, instead of a value."""

    SMALLEST = 0x9
    LARGEST = 0xA
    AUTO_INCREMENT = 0xB


class Action(Enum):
    """The effect of a write on a cell."""

    PUT = 0x0
    DELETE_ALL = 0x1
    DELETE_ONE = 0x3
    INCREMENT = 0x4


Key: TypeAlias = Sequence[tuple[str, Value | Marker]]
"""Names and values of key columns, in order."""


class Cell(NamedTuple):
    """A cell of an attribute column.

    Attributes:
        name: The column.
        value: Its value; None for a cell to delete.
        timestamp: The version in milliseconds since 1970; None lets the service choose.
        action: The effect of the write.
    """

    name: str
    value: Value | None
    timestamp: int | None = None
    action: Action = Action.PUT


class Row(NamedTuple):
    """A row.

    Attributes:
        key: Its key.
        cells: Its attribute cells.
        is_deleted: Whether it has the marker of a deleted row.
    """

    key: Key
    cells: Sequence[Cell] = ()
    is_deleted: bool = False


def read_rows(data: bytes) -> list[Row]:
    """Read the rows of an answer. Without bytes, there are no rows.

    Raises:
        PlainBufferError: The bytes are not PlainBuffer.
    """
    if not data:
        return []
    reader = _Reader(data)
    rows = []
    while not reader.is_at_end:
        rows.append(reader.row())
    return rows


def read_row(data: bytes) -> Row:
    """Read the row of a request.

    Zeros may follow it: in the official Node SDK, the buffer of a range's bound is too long.

    Raises:
        PlainBufferError: The bytes are not one row.
    """
    reader = _Reader(data)
    row = reader.row()
    if data[reader.position :].strip(b"\0"):
        raise PlainBufferError(f"byte {reader.position}: unexpected bytes follow the row")
    return row


def read_value(data: bytes) -> Value:
    """Read a value without a cell, as in conditions on columns.

    Raises:
        PlainBufferError: The bytes are not a value.
    """
    value = _value_of(data, 0)
    if isinstance(value, Marker):
        raise PlainBufferError(f"byte 0: {value.name} is not a value")
    return value


def write_rows(rows: Iterable[Row]) -> bytes:
    """Write rows one after the other. Without rows, the result is empty.

    Raises:
        ValueError: A value cannot be written: an integer of more than 64 bits, text with
            surrogates.
    """
    parts = [_HEADER]
    for row in rows:
        checksums = bytearray()
        parts.append(b"\x01")
        for name, value in row.key:
            parts.append(_cell(name, _payload(value), None, Action.PUT))
            checksums.append(parts[-1][-1])
        if row.cells:
            parts.append(b"\x02")
        for cell in row.cells:
            payload = None if cell.value is None else _payload(cell.value)
            parts.append(_cell(cell.name, payload, cell.timestamp, cell.action))
            checksums.append(parts[-1][-1])
        if row.is_deleted:
            parts.append(b"\x08")
        checksums.append(row.is_deleted)
        parts.append(bytes((_ROW_CHECKSUM, crc8(checksums))))
    return b"".join(parts) if len(parts) > 1 else b""


def write_value(value: Value) -> bytes:
    """Write a value without a cell, as in conditions on columns.

    Raises:
        ValueError: The value cannot be written.
    """
    return _payload(value)


def crc8(data: bytes | bytearray, crc: int = 0) -> int:
    """Return the checksum of the format: CRC-8 with the polynomial x^8 + x^2 + x + 1.

    `crc` is the checksum of the preceding bytes.

    x^1016 is 1 modulo that polynomial, so blocks of 127 bytes can be combined by XOR before the
    remainder is taken. This makes long values fast.
    """
    if len(data) > _FOLDED_BYTES:
        folded = int.from_bytes(data, "big") ^ (crc << 8 * (len(data) - 1))
        blocks = -(-len(data) // _FOLD_BYTES)
        while blocks > 1:
            blocks = -(-blocks // 2)
            bits = blocks * _FOLD_BYTES * 8
            folded = (folded >> bits) ^ (folded & ((1 << bits) - 1))
        data, crc = folded.to_bytes(_FOLD_BYTES, "big"), 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc


def _crc8_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = (byte << 1) ^ (0x107 if byte & 0x80 else 0)
    return byte


_CRC8: Final = bytes(map(_crc8_of_byte, range(256)))
_FOLD_BYTES: Final = 127
_FOLDED_BYTES: Final = 512  # shorter data are faster without folding


@lru_cache(maxsize=4096)
def _encoded_name(name: str) -> tuple[bytes, int]:
    """Return a cell's bytes up to the end of its name, and the name's checksum."""
    encoded = name.encode()
    return b"\x03\x04" + _LENGTH.pack(len(encoded)) + encoded, crc8(encoded)


@lru_cache(maxsize=4096)
def _known_name(encoded: bytes) -> tuple[str, int]:
    """Return a name and its checksum."""
    try:
        return encoded.decode(), crc8(encoded)
    except UnicodeDecodeError:
        raise PlainBufferError("a column's name is not UTF-8") from None


def _cell(name: str, payload: bytes | None, timestamp: int | None, action: Action) -> bytes:
    head, checksum = _encoded_name(name)
    parts = [head]
    if payload is not None:
        parts += (b"\x05", _LENGTH.pack(len(payload)), payload)
        checksum = crc8(payload, checksum)
    if action is not Action.PUT:
        parts.append(bytes((_CELL_ACTION, action.value)))
    if timestamp is not None:
        try:
            version = _TIMESTAMP.pack(timestamp)
        except struct.error:
            raise ValueError(f"{timestamp} does not fit 64 bits") from None
        parts += (b"\x07", version)
        checksum = crc8(version, checksum)
    if action is not Action.PUT:  # before the timestamp; its checksum comes after
        checksum = _CRC8[checksum ^ action.value]
    parts.append(bytes((_CELL_CHECKSUM, checksum)))
    return b"".join(parts)


def _payload(value: Value | Marker) -> bytes:
    if isinstance(value, str):
        data = value.encode()
        return _TEXT_VALUE.pack(_STRING, len(data)) + data
    if isinstance(value, bool):
        return bytes((_BOOLEAN, value))
    if isinstance(value, int):
        try:
            return _INTEGER_VALUE.pack(_INTEGER, value)
        except struct.error:
            raise ValueError(f"{value} does not fit 64 bits") from None
    if isinstance(value, float):
        return _DOUBLE_VALUE.pack(_DOUBLE, value)
    if isinstance(value, Marker):
        return bytes((value.value,))
    return _TEXT_VALUE.pack(_BINARY, len(value)) + value


def _value_of(payload: bytes, position: int) -> Value | Marker:
    """Read a value's bytes. `position` is their start, for the error."""
    kind = payload[0] if payload else -1
    size = len(payload)
    if kind in (_STRING, _BINARY):
        head = _TEXT_VALUE.size
        if size < head or _TEXT_VALUE.unpack_from(payload)[1] != size - head:
            raise PlainBufferError(f"byte {position}: a value's length is wrong")
        data = payload[head:]
        if kind == _BINARY:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise PlainBufferError(f"byte {position}: a STRING is not UTF-8") from None
    if kind == _INTEGER and size == _INTEGER_VALUE.size:
        return int(_INTEGER_VALUE.unpack(payload)[1])
    if kind == _DOUBLE and size == _DOUBLE_VALUE.size:
        return float(_DOUBLE_VALUE.unpack(payload)[1])
    if kind == _BOOLEAN and payload[1:] in {b"\0", b"\1"}:
        return payload[1] == 1
    if size == 1 and kind in _MARKERS:
        return _MARKERS[kind]
    raise PlainBufferError(f"byte {position}: this is not a value")


_MARKERS: Final = {marker.value: marker for marker in Marker}
_ACTIONS: Final = {action.value: action for action in Action}


class _Reader:
    """Reads rows one after the other.

    Attributes:
        position: The next byte.
    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(_HEADER):
            raise PlainBufferError("byte 0: the header is missing")
        self._data = data
        self._size = len(data)
        self.position = len(_HEADER)

    @property
    def is_at_end(self) -> bool:
        return self.position == self._size

    def row(self) -> Row:
        checksums = bytearray()
        self._expect(_ROW_KEY, "a row")
        key: list[tuple[str, Value | Marker]] = []
        while self._accept(_CELL):
            if len(key) == _MOST_KEYS:
                raise self._wrong(f"a key has more than {_MOST_KEYS} columns")
            name, value, timestamp, action = self._cell(checksums)
            if value is None or timestamp is not None or action is not Action.PUT:
                raise self._wrong("a key column must have a value, and nothing else")
            key.append((name, value))
        cells: list[Cell] = []
        if self._accept(_ROW_DATA):
            while self._accept(_CELL):
                if len(cells) == MOST_CELLS:
                    raise self._wrong(f"a row has more than {MOST_CELLS} cells")
                name, value, timestamp, action = self._cell(checksums)
                if isinstance(value, Marker):
                    raise self._wrong(f"{value.name} is not the value of an attribute column")
                cells.append(Cell(name, value, timestamp, action))
        is_deleted = self._accept(_DELETE_MARKER)
        checksums.append(is_deleted)
        self._expect(_ROW_CHECKSUM, "the row's checksum")
        if self.is_at_end or self._data[self.position] != crc8(checksums):
            raise self._wrong("the row's checksum is wrong")
        self.position += 1
        return Row(key, cells, is_deleted)

    def _cell(self, checksums: bytearray) -> tuple[str, Value | Marker | None, int | None, Action]:
        """Read a cell after its tag."""
        try:
            return self._fast_cell(checksums)
        except (IndexError, struct.error):
            raise self._wrong("the bytes end within a cell") from None

    def _fast_cell(
        self, checksums: bytearray
    ) -> tuple[str, Value | Marker | None, int | None, Action]:
        """Read a cell with few calls, because rows are mostly cells.

        Raises:
            IndexError, struct.error: The bytes end too early.
        """
        data, at = self._data, self.position
        if data[at] != _CELL_NAME:
            raise self._wrong("a column's name is missing")
        encoded, at = self._slice(at + 1)
        name, checksum = _known_name(encoded)
        value: Value | Marker | None = None
        timestamp, action = None, Action.PUT
        tag = data[at]
        if tag == _CELL_VALUE:
            payload, end = self._slice(at + 1)
            value = _value_of(payload, at)
            checksum = crc8(payload, checksum)
            at, tag = end, data[end]
        if tag == _CELL_ACTION:
            number = data[at + 1]
            if number not in _ACTIONS:
                raise self._wrong(f"{number} is not an action")
            action, at = _ACTIONS[number], at + 2
            tag = data[at]
        if tag == _CELL_TIMESTAMP:
            end = at + 1 + _TIMESTAMP.size
            (timestamp,) = _TIMESTAMP.unpack_from(data, at + 1)
            checksum = crc8(data[at + 1 : end], checksum)
            at, tag = end, data[end]
        if action is not Action.PUT:  # before the timestamp; its checksum comes after
            checksum = _CRC8[checksum ^ action.value]
        if tag != _CELL_CHECKSUM or data[at + 1] != checksum:
            raise self._wrong("a cell's checksum is missing or wrong")
        self.position = at + 2
        checksums.append(checksum)
        return name, value, timestamp, action

    def _slice(self, at: int) -> tuple[bytes, int]:
        """Read a length and as many bytes. Return them and their end."""
        (length,) = _LENGTH.unpack_from(self._data, at)
        start = at + _LENGTH.size
        end = start + length
        if end > self._size:
            raise self._wrong(f"{length} bytes are announced, but {self._size - start} are left")
        return self._data[start:end], end

    def _accept(self, tag: int) -> bool:
        """Skip the next byte if it is this tag."""
        if self.position < self._size and self._data[self.position] == tag:
            self.position += 1
            return True
        return False

    def _expect(self, tag: int, what: str) -> None:
        if not self._accept(tag):
            raise self._wrong(f"{what} is missing")

    def _wrong(self, why: str) -> PlainBufferError:
        return PlainBufferError(f"byte {self.position}: {why}")
