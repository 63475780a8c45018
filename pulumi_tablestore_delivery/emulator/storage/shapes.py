"""The rules of a table for its rows, and the versions of a row that have not expired."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.emulator.storage.rows import Cells
from pulumi_tablestore_delivery.wire.enums import PrimaryKeyType
from pulumi_tablestore_delivery.wire.table_pb2 import CreateTableRequest

_TYPES: Final[dict[int, type]] = {
    PrimaryKeyType.INTEGER: int,
    PrimaryKeyType.STRING: str,
    PrimaryKeyType.BINARY: bytes,
}
_MILLISECONDS: Final = 1000
_DEVIATION: Final = 86400


@dataclass(frozen=True)
class Shape:
    """The rules of a table for its rows.

    Attributes:
        key: Name and type of each key column, and whether the service generates it.
        max_versions: The number of versions that a cell keeps (documented default: 1).
        time_to_live: The seconds until a version expires; -1 for never.
        deviation: The largest difference between a version and the clock, in seconds.
        allow_update: Whether UpdateRow is allowed.
        update_full_row: Whether UpdateRow must have the whole row.
    """

    key: tuple[tuple[str, type, bool], ...]
    max_versions: int
    time_to_live: int
    deviation: int
    allow_update: bool
    update_full_row: bool

    def alive(self, cells: Cells, now: int) -> Cells | None:
        """Return the versions that have not expired, or None if the whole row has expired.

        A row that never had a cell does not expire (assumed). `now` is in milliseconds.
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
    """Return the shape of a table, from the bytes of its CreateTableRequest."""
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
        update_full_row=options.update_full_row,
    )
