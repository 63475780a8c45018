"""Names of the numbers on the wire (seen in the official Java and Go SDKs).

A number is a plain integer in a message. A number that a newer service adds is preserved:
`name_of` derives a name for it, and `number_of` accepts that name.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

API_VERSION: Final = "2015-12-31"


class DeliveryTaskType(IntEnum):
    BASE = 0
    INC = 1
    BASE_INC = 2


class TaskSyncPhase(IntEnum):
    INIT = 0
    FULL = 1
    INCR = 2


class DeliveryErrorCode(IntEnum):
    OK = 0
    UNAUTHORIZED = 1
    INVALID_OSS_BUCKET = 2


class Format(IntEnum):
    Parquet = 0


class ParquetDataType(IntEnum):
    BOOL = 0
    INT64 = 1
    UTF8 = 2
    DOUBLE = 3
    DATE = 4
    DECIMAL = 5
    TIME_MILLIS = 6
    TIME_MICROS = 7
    TIMESTAMP_MILLIS = 8
    TIMESTAMP_MICROS = 9
    LIST = 10
    MAP = 11
    INTERVAL = 12
    FLOAT = 13
    INT32 = 14
    INT96 = 15


class ParquetEncoding(IntEnum):
    PLAIN = 0
    PLAIN_DICTIONARY = 1
    DELTA_BINARY_PACKED = 2
    DELTA_BYTE_ARRAY = 3
    DELTA_LENGTH_BYTE_ARRAY = 4


class EventTimeFormat(IntEnum):
    RFC822 = 1
    RFC850 = 2
    RFC1123 = 3
    RFC3339 = 4
    Unix = 5


class PrimaryKeyType(IntEnum):
    INTEGER = 1
    STRING = 2
    BINARY = 3


class DefinedColumnType(IntEnum):
    INTEGER = 1
    DOUBLE = 2
    BOOLEAN = 3
    STRING = 4
    BINARY = 7


_UNRECOGNIZED: Final = "UNRECOGNIZED_"
_NUMBER: Final = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_INT32: Final = range(-(2**31), 2**31)  # the range of a message's field


def name_of(enum: type[IntEnum], number: int) -> str:
    """Return the name of a number; `UNRECOGNIZED_<number>` if it is not in the enum."""
    try:
        return enum(number).name
    except ValueError:
        return f"{_UNRECOGNIZED}{number}"


def has_number(enum: type[IntEnum], name: str) -> bool:
    """Return whether `number_of` accepts a name."""
    return name in enum.__members__ or _unrecognized_number(name) is not None


def number_of(enum: type[IntEnum], name: str) -> int:
    """Return the number of a name that `name_of` returned.

    Raises:
        KeyError: The name is neither in the enum nor `UNRECOGNIZED_<number>` with a number that
            fits a message.
    """
    number = _unrecognized_number(name)
    return enum[name].value if number is None else number


def _unrecognized_number(name: str) -> int | None:
    digits = name.removeprefix(_UNRECOGNIZED)
    if digits == name or not _NUMBER.fullmatch(digits) or int(digits) not in _INT32:
        return None
    return int(digits)
