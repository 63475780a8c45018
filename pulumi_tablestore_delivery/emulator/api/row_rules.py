"""What the keys and cells of a request have to look like."""

from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.errors import PARAMETER_INVALID, ServiceError, invalid
from pulumi_tablestore_delivery.emulator.api.plainbuffer import Cell, Key, Marker, Value
from pulumi_tablestore_delivery.emulator.storage.shapes import Shape

_KEY_BYTES: Final = 1024
_VALUE_BYTES: Final = 2 * 1024 * 1024
_MILLISECONDS: Final = 1000


def check_key(table: Shape, key: Key, *, markers: tuple[Marker, ...] = ()) -> None:
    """Check the key of a request (documented; the wording is assumed).

    Raises:
        ServiceError: It is not of this table.
    """
    if [name for name, _ in key] != [name for name, _, _ in table.key]:
        raise invalid("primary_key", f"is not {', '.join(name for name, _, _ in table.key)}")
    for (name, value), (_, kind, made) in zip(key, table.key, strict=True):
        if isinstance(value, Marker):
            if value not in markers or (value is Marker.AUTO_INCREMENT and not made):
                raise invalid(f"primary_key.{name}", f"{value.name} is not allowed here")
        elif type(value) is not kind:
            raise invalid(f"primary_key.{name}", "has another type than the table says")
        elif _size(value) > _KEY_BYTES:
            raise invalid(f"primary_key.{name}", f"is longer than {_KEY_BYTES} bytes")


def check_cells(table: Shape, cells: list[Cell], now: int) -> None:
    """Check the cells of a write (documented); `now` in milliseconds."""
    own = {name for name, _, _ in table.key}
    for cell in cells:
        _check_name(cell.name)
        if cell.name in own:
            raise invalid(cell.name, "is a primary key column")
        if cell.value is not None and _size(cell.value) > _VALUE_BYTES:
            raise invalid(cell.name, f"is longer than {_VALUE_BYTES} bytes")
        if (
            cell.value is not None
            and cell.timestamp is not None
            and abs(cell.timestamp - now) > table.deviation * _MILLISECONDS
        ):
            raise ServiceError(
                PARAMETER_INVALID,
                f"The version {cell.timestamp} of {cell.name!r} is further from the clock than "
                f"the table's max_time_deviation, {table.deviation} s.",
            )


@lru_cache(maxsize=4096)
def _check_name(name: str) -> None:
    rules.table_name("attribute_columns", name)


def _size(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    return len(value) if isinstance(value, bytes) else 0
