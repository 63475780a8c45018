"""The rules of a table for its rows, and the versions of a row that have not expired."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.emulator.storage.rows import Cells
from pulumi_tablestore_delivery.wire.enums import PrimaryKeyType
from pulumi_tablestore_delivery.wire.table_pb2 import CreateTableRequest, TableOptions

_TYPES: Final[dict[int, type]] = {
    PrimaryKeyType.INTEGER: int,
    PrimaryKeyType.STRING: str,
    PrimaryKeyType.BINARY: bytes,
}
_MILLISECONDS_PER_SECOND: Final = 1000
_DEVIATION_SECONDS: Final = 86400
_FOR_EVER: Final = -1


@dataclass(frozen=True)
class Shape:
    """The rules of a table for its rows.

    Attributes:
        key: Name and type of each key column, and whether the service generates it.
        max_versions: The number of versions that a cell keeps (documented).
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

        Versions beyond `max_versions` are left out: the table may have kept more before. A row
        without cells does not expire (assumed). `now` is in milliseconds.
        """
        most = 2 * self.max_versions
        if any(len(versions) > most for versions in cells.values()):
            cells = {name: versions[:most] for name, versions in cells.items()}
        if self.time_to_live < 0 or not cells:
            return cells
        oldest = now - self.time_to_live * _MILLISECONDS_PER_SECOND
        left = {}
        for name, versions in cells.items():
            kept = [
                part
                for index in range(0, len(versions), 2)
                if versions[index] >= oldest
                for part in versions[index : index + 2]
            ]
            if kept:
                left[name] = kept
        return left or None


@lru_cache(maxsize=256)
def shape(request: bytes) -> Shape:
    """Return the shape of a table, from the bytes of its CreateTableRequest."""
    given = CreateTableRequest.FromString(request)
    options = options_of(given)
    return Shape(
        key=tuple(
            (key.name, _TYPES[key.type], key.HasField("option"))
            for key in given.table_meta.primary_key
        ),
        max_versions=options.max_versions,
        time_to_live=options.time_to_live,
        deviation=options.deviation_cell_version_in_sec,
        allow_update=options.allow_update,
        update_full_row=options.update_full_row,
    )


def options_of(given: CreateTableRequest) -> TableOptions:
    """Return a table's options, with the documented defaults filled in."""
    options = TableOptions(
        time_to_live=_FOR_EVER,
        max_versions=1,
        deviation_cell_version_in_sec=_DEVIATION_SECONDS,
        allow_update=True,
        update_full_row=False,
    )
    options.MergeFrom(given.table_options)
    return options
