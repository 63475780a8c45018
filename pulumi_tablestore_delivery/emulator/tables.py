"""A table as row operations see it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.emulator import rules
from pulumi_tablestore_delivery.emulator.errors import PARAMETER_INVALID, ServiceError, invalid
from pulumi_tablestore_delivery.emulator.plainbuffer import Cell, Key, Marker, Value
from pulumi_tablestore_delivery.emulator.row_store import Cells
from pulumi_tablestore_delivery.wire.enums import PrimaryKeyType
from pulumi_tablestore_delivery.wire.table_pb2 import CreateTableRequest

_TYPES: Final[dict[int, type]] = {
    PrimaryKeyType.INTEGER: int,
    PrimaryKeyType.STRING: str,
    PrimaryKeyType.BINARY: bytes,
}
_KEY_BYTES: Final = 1024
_VALUE_BYTES: Final = 2 * 1024 * 1024
_MILLISECONDS: Final = 1000
_DEVIATION: Final = 86400


@dataclass(frozen=True)
class Shape:
    """What a table demands of its rows.

    Attributes:
        key: Name, type and whether it is made by the service, of each key column.
        max_versions: How many versions of a cell are kept (documented default: 1).
        time_to_live: How long a version lives, in seconds; -1 for ever.
        deviation: How many seconds a given version may be away from the clock.
        allow_update: Whether UpdateRow is allowed.
    """

    key: tuple[tuple[str, type, bool], ...]
    max_versions: int
    time_to_live: int
    deviation: int
    allow_update: bool

    def check_key(self, key: Key, *, markers: tuple[Marker, ...] = ()) -> None:
        """Check the key of a request (documented; the wording is assumed).

        Raises:
            ServiceError: It is not of this table.
        """
        if [name for name, _ in key] != [name for name, _, _ in self.key]:
            raise invalid("primary_key", f"is not {', '.join(name for name, _, _ in self.key)}")
        for (name, value), (_, kind, made) in zip(key, self.key, strict=True):
            if isinstance(value, Marker):
                if value not in markers or (value is Marker.AUTO_INCREMENT and not made):
                    raise invalid(f"primary_key.{name}", f"{value.name} is not allowed here")
            elif type(value) is not kind:
                raise invalid(f"primary_key.{name}", "has another type than the table says")
            elif _size(value) > _KEY_BYTES:
                raise invalid(f"primary_key.{name}", f"is longer than {_KEY_BYTES} bytes")

    def check_cells(self, cells: list[Cell], now: int) -> None:
        """Check the cells of a write (documented); `now` in milliseconds."""
        own = {name for name, _, _ in self.key}
        for cell in cells:
            _check_name(cell.name)
            if cell.name in own:
                raise invalid(cell.name, "is a primary key column")
            if cell.value is not None and _size(cell.value) > _VALUE_BYTES:
                raise invalid(cell.name, f"is longer than {_VALUE_BYTES} bytes")
            if (
                cell.value is not None
                and cell.timestamp is not None
                and abs(cell.timestamp - now) > self.deviation * _MILLISECONDS
            ):
                raise ServiceError(
                    PARAMETER_INVALID,
                    f"The version {cell.timestamp} of {cell.name!r} is further from the clock than "
                    f"the table's max_time_deviation, {self.deviation} s.",
                )

    def alive(self, cells: Cells, now: int) -> Cells | None:
        """The versions whose time has not run out; None if that leaves nothing of the row.

        A row that has only ever had its key stays (assumed). `now` in milliseconds.
        """
        if self.time_to_live < 0 or not cells:
            return cells
        oldest = now - self.time_to_live * _MILLISECONDS
        left = {}
        for name, versions in cells.items():
            kept = [
                part
                for place in range(0, len(versions), 2)
                if versions[place] >= oldest
                for part in versions[place : place + 2]
            ]
            if kept:
                left[name] = kept
        return left or None


@lru_cache(maxsize=256)
def shape(request: bytes) -> Shape:
    """The shape of a table, from the bytes of its CreateTableRequest."""
    given = CreateTableRequest.FromString(request)
    options = given.table_options
    return Shape(
        key=tuple(
            (key.name, _TYPES[key.type], key.HasField("option"))
            for key in given.table_meta.primary_key
        ),
        max_versions=options.max_versions if options.HasField("max_versions") else 1,
        time_to_live=options.time_to_live if options.HasField("time_to_live") else -1,
        deviation=(
            options.deviation_cell_version_in_sec
            if options.HasField("deviation_cell_version_in_sec")
            else _DEVIATION
        ),
        allow_update=options.allow_update if options.HasField("allow_update") else True,
    )


@lru_cache(maxsize=4096)
def _check_name(name: str) -> None:
    rules.table_name("attribute_columns", name)


def _size(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    return len(value) if isinstance(value, bytes) else 0
