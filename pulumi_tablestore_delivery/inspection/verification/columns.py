"""Convert values of a table and columns of a file to values that can be compared.

BOOL, INT64, UTF8 and DOUBLE are documented. For the other types, we assume that a file holds the
Parquet type of the same name.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import pyarrow as pa

from pulumi_tablestore_delivery.spec.model import ParquetColumn
from pulumi_tablestore_delivery.wire.plainbuffer import TYPE_NAMES, Value

Plain: TypeAlias = bool | int | float | str | None
"""A value in the form that both sides share."""

LONGEST_TEXT: Final = 200
"""Characters of text that are compared as they are. Longer text is compared by its digest."""
_KEPT_TEXT: Final = 40
_DAY: Final = 24 * 60 * 60 * 1000
_DAYS: Final = (-719_162, 2_932_896)  # the years 1 to 9999, which readers can show (assumed)
_MILLISECONDS: Final = (_DAYS[0] * _DAY, (_DAYS[1] + 1) * _DAY - 1)


@dataclass(frozen=True)
class _Form:
    """The forms of a declared type's values.

    Attributes:
        source: The Python type of a table's value that fits.
        arrow: The type of the column in a file.
        integers: The type to which that column is cast before the comparison; None for no cast.
        limits: The smallest and the largest value that fit; None for no limit.
    """

    source: type[Any]
    arrow: pa.DataType
    integers: pa.DataType | None = None
    limits: tuple[int, int] | None = None


_FORMS: Final = {
    "BOOL": _Form(bool, pa.bool_()),
    "INT64": _Form(int, pa.int64()),
    "UTF8": _Form(str, pa.string()),
    "DOUBLE": _Form(float, pa.float64()),
    "INT32": _Form(int, pa.int32(), None, (-(1 << 31), (1 << 31) - 1)),
    "FLOAT": _Form(float, pa.float32()),
    "DATE": _Form(int, pa.date32(), pa.int32(), _DAYS),
    "TIME_MILLIS": _Form(int, pa.time32("ms"), pa.int32(), (0, _DAY - 1)),
    "TIME_MICROS": _Form(int, pa.time64("us"), pa.int64(), (0, _DAY * 1000 - 1)),
    "TIMESTAMP_MILLIS": _Form(int, pa.timestamp("ms", "UTC"), pa.int64(), _MILLISECONDS),
    "TIMESTAMP_MICROS": _Form(
        int,
        pa.timestamp("us", "UTC"),
        pa.int64(),
        (_MILLISECONDS[0] * 1000, _MILLISECONDS[1] * 1000 + 999),
    ),
}

_SPILLED: Final = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


class OtherTypeError(Exception):
    """A file has a column of another type than is declared; the text is that type."""


@dataclass(frozen=True)
class Column:
    """A declared column.

    Attributes:
        name: Its name in the files.
        source: Its name in the table.
        type: Its declared type.
    """

    name: str
    source: str
    type: str

    @property
    def _form(self) -> _Form:
        return _FORMS[self.type]

    @property
    def spilled(self) -> pa.DataType:
        """The Arrow type that holds its comparable values."""
        return _SPILLED[self._form.source]

    @property
    def source_type(self) -> str:
        """Tablestore's name for the type of the values that fit."""
        return TYPE_NAMES[self._form.source]

    def dirty_type(self, value: Value) -> str:
        """Return the type of a table's value that does not fit; empty if the value fits."""
        form = self._form
        if type(value) is not form.source:
            return TYPE_NAMES[type(value)]
        if form.limits is not None and not form.limits[0] <= value <= form.limits[1]:  # type: ignore[operator] # limits are of integers
            return f"{TYPE_NAMES[type(value)]} out of range"
        return ""

    def expected(self, value: Any) -> Plain:
        """Return the value that a file should hold for a table's value that fits."""
        if self._form.source is str:
            return compact(value)
        if self.type == "FLOAT":
            return ctypes.c_float(value).value  # infinity if it is too large, as in the files
        plain: Plain = value
        return plain

    def delivered(self, array: pa.Array) -> list[Plain]:
        """Return the comparable values of a file's column.

        Raises:
            OtherTypeError: The column has a type that the declared type does not have in a file.
        """
        form = self._form
        if pa.types.is_dictionary(array.type):
            array = array.cast(array.type.value_type)
        if pa.types.is_large_string(array.type):
            array = array.cast(pa.string())
        if array.type != form.arrow:
            if not (form.integers and pa.types.is_temporal(array.type)):
                raise OtherTypeError(str(array.type))
            try:
                array = array.cast(form.arrow)
            except pa.ArrowException:
                raise OtherTypeError(str(array.type)) from None
        if form.integers is not None:
            array = array.cast(form.integers)
        try:
            values: list[Plain] = array.to_pylist()
        except UnicodeDecodeError:
            raise OtherTypeError(f"{array.type} with bytes that are not UTF-8") from None
        if form.source is str:
            return [None if value is None else compact(str(value)) for value in values]
        return values


def compact(text: str) -> str:
    """Return a short text. The short texts of two texts are equal only if the texts are equal."""
    if len(text) <= LONGEST_TEXT:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{text[:_KEPT_TEXT]}… ({len(text)} characters, digest {digest})"


def compared_columns(schema: Sequence[ParquetColumn]) -> tuple[list[Column], list[Column]]:
    """Divide a schema into columns that can be compared, and columns of other types."""
    columns = [Column(column.name, column.source, column.type) for column in schema]
    return (
        [column for column in columns if column.type in _FORMS],
        [column for column in columns if column.type not in _FORMS],
    )
