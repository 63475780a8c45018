"""Parquet columns: declared types, declared encodings, and dirty values.

BOOL, INT64, UTF8 and DOUBLE are documented. The other types are assumed to be the Parquet types of
the same names. docs/delivery.md has the table.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pulumi_tablestore_delivery.wire.delivery_pb2 import OSSTaskConfig
from pulumi_tablestore_delivery.wire.enums import ParquetDataType, ParquetEncoding

_INT32: Final = (-(1 << 31), (1 << 31) - 1)
_DAY_MILLIS: Final = 24 * 60 * 60 * 1000
# The years 1 to 9999. Spark, DuckDB and Python do not have others.
_DAYS: Final = (-719_162, 2_932_896)
_MILLIS: Final = (_DAYS[0] * _DAY_MILLIS, (_DAYS[1] + 1) * _DAY_MILLIS - 1)
_MICROS: Final = (_MILLIS[0] * 1000, _MILLIS[1] * 1000 + 999)


@dataclass(frozen=True)
class Kind:
    """The Parquet form of a declared type.

    Attributes:
        source: The exact Python type of a value. A bool is not an int here.
        arrow: The type of the column.
        limits: The smallest and the largest integer, if there are limits.
        encodings: The encodings that the column may have.
    """

    source: type[Any]
    arrow: pa.DataType
    limits: tuple[int, int] | None
    encodings: frozenset[ParquetEncoding]

    def fits(self, value: Any) -> bool:
        """Return whether a value can be written."""
        if type(value) is not self.source:
            return False
        return self.limits is None or bool(self.limits[0] <= value <= self.limits[1])


_ANY: Final = frozenset({ParquetEncoding.PLAIN, ParquetEncoding.PLAIN_DICTIONARY})
_NUMBERS: Final = _ANY | {ParquetEncoding.DELTA_BINARY_PACKED}
_TEXTS: Final = _ANY | {
    ParquetEncoding.DELTA_BYTE_ARRAY,
    ParquetEncoding.DELTA_LENGTH_BYTE_ARRAY,
}

KINDS: Final[dict[int, Kind]] = {
    ParquetDataType.BOOL: Kind(bool, pa.bool_(), None, frozenset({ParquetEncoding.PLAIN})),
    ParquetDataType.INT64: Kind(int, pa.int64(), None, _NUMBERS),
    ParquetDataType.UTF8: Kind(str, pa.string(), None, _TEXTS),
    ParquetDataType.DOUBLE: Kind(float, pa.float64(), None, _ANY),
    ParquetDataType.INT32: Kind(int, pa.int32(), _INT32, _NUMBERS),
    ParquetDataType.FLOAT: Kind(float, pa.float32(), None, _ANY),
    ParquetDataType.DATE: Kind(int, pa.date32(), _DAYS, _NUMBERS),
    ParquetDataType.TIME_MILLIS: Kind(int, pa.time32("ms"), (0, _DAY_MILLIS - 1), _NUMBERS),
    ParquetDataType.TIME_MICROS: Kind(int, pa.time64("us"), (0, _DAY_MILLIS * 1000 - 1), _NUMBERS),
    ParquetDataType.TIMESTAMP_MILLIS: Kind(int, pa.timestamp("ms", "UTC"), _MILLIS, _NUMBERS),
    ParquetDataType.TIMESTAMP_MICROS: Kind(int, pa.timestamp("us", "UTC"), _MICROS, _NUMBERS),
}
"""The types that are written. DECIMAL, LIST, MAP, INTERVAL and INT96 are not."""


@dataclass(frozen=True)
class Dirty:
    """A value that was discarded.

    Attributes:
        key: The row's key.
        column: The source column.
        value: The value.
        reason: The reason.
    """

    key: Sequence[Any]
    column: str
    value: Any
    reason: str

    def line(self) -> str:
        """Return the value as a line of JSON. NaN and infinities become text."""
        value = self.value
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        return json.dumps(
            {"primary_key": self.key, "column": self.column, "value": value, "reason": self.reason},
            ensure_ascii=False,
        )


class Layout:
    """The columns of a task's files, in the order of its schema."""

    def __init__(self, config: OSSTaskConfig, key: Sequence[str]) -> None:
        """Read a task's schema.

        Args:
            config: The task's configuration.
            key: The names of the table's key columns.
        """
        self._columns: list[tuple[str, Callable[[list[Any]], Any], Kind, str]] = [
            (
                column.columnName,
                reader(column.columnName, key),
                KINDS[column.type],
                ParquetDataType(column.type).name,
            )
            for column in config.schema
        ]
        self.schema = pa.schema(
            [(column.ossColumnName, KINDS[column.type].arrow) for column in config.schema]
        )
        known = ParquetEncoding._value2member_map_
        encodings = {
            column.ossColumnName: ParquetEncoding(column.encode).name
            if column.encode in known
            else ParquetEncoding.PLAIN.name  # an encoding of a newer service (assumed)
            for column in config.schema
        }
        dictionary = ParquetEncoding.PLAIN_DICTIONARY.name
        self._dictionaries = [name for name, coded in encodings.items() if coded == dictionary]
        self._encodings = {name: coded for name, coded in encodings.items() if coded != dictionary}

    def batch(self, rows: list[list[Any]], dirty: Callable[[int, Dirty], None]) -> pa.RecordBatch:
        """Convert rows to columns.

        Args:
            rows: Rows in the form that `rows.loads_all` returns.
            dirty: Called for each value that is discarded, with the row's index in `rows`.
        """
        arrays = []
        for name, read, kind, type_name in self._columns:
            values = [read(row) for row in rows]
            found = set(map(type, values)) - {type(None)}
            if found - {kind.source} or (kind.limits and found):
                for index, value in enumerate(values):
                    if value is not None and not kind.fits(value):
                        values[index] = None
                        reason = f"is not {type_name}"
                        dirty(index, Dirty(rows[index][0], name, value, reason))
            arrays.append(pa.array(values, kind.arrow))
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def write(self, table: pa.Table, path: Path) -> None:
        """Write a file."""
        pq.write_table(
            table,
            path,
            version="1.0",  # this version has PLAIN_DICTIONARY, and every reader supports it
            use_dictionary=self._dictionaries,
            column_encoding=self._encodings,
        )


def reader(name: str, key: Sequence[str]) -> Callable[[list[Any]], Any]:
    """Return a function from a row `[key, cells]` to a column's newest value, or None."""
    if name in key:
        index = list(key).index(name)
        return lambda row: row[0][index]

    def read(row: list[Any]) -> Any:
        versions = row[1].get(name)
        return versions[1] if versions else None

    return read
