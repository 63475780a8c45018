"""The first rows of delivered files."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore, StoredObject

_ROWS: Final = 5
_LONGEST: Final = 80
_MOST_COLUMNS: Final = 40
_LARGEST: Final = 128 * 1024 * 1024
_KEPT: Final = 500


@dataclass(frozen=True)
class FilePreview:
    """The beginning of a Parquet file.

    Attributes:
        count: The number of rows in the file.
        columns: The names of its columns.
        rows: The cells of its first rows; None where a cell is NULL.
        problem: The reason why there is no preview; empty if there is one.
    """

    count: int = 0
    columns: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    problem: str = ""


class Previews:
    """Reads the first rows of files, and caches them until a file changes."""

    def __init__(self, objects: ObjectStore) -> None:
        """Read objects from these buckets."""
        self._objects = objects
        self._kept: OrderedDict[tuple[str, str, int, int], FilePreview] = OrderedDict()

    def of(self, bucket: str, found: StoredObject) -> FilePreview:
        """Return the beginning of a file."""
        key = (bucket, found.key, found.size, found.modified)
        if key not in self._kept:
            self._kept[key] = self._read(bucket, found)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _read(self, bucket: str, found: StoredObject) -> FilePreview:
        if found.size > _LARGEST:
            return FilePreview(problem="The file is too large for a preview.")
        opened = self._objects.open(bucket, found.key)
        if opened is None:
            return FilePreview(problem="The file does not exist anymore.")
        with opened[0] as file:
            try:
                return _first_rows(pq.ParquetFile(file))
            except (pa.ArrowException, OSError, ValueError) as error:
                reason = printable(str(error).partition("\n")[0])
                return FilePreview(problem=f"The file cannot be read: {reason}")


def _first_rows(file: pq.ParquetFile) -> FilePreview:
    count = file.metadata.num_rows
    names = file.schema_arrow.names
    chosen = names[:_MOST_COLUMNS]
    batch = next(file.iter_batches(batch_size=_ROWS, columns=chosen), None)
    rows = [] if batch is None else [list(row.values()) for row in batch.to_pylist()]
    return FilePreview(
        count,
        [printable(name) for name in chosen]
        + ([f"… {len(names) - len(chosen)} more"] if len(chosen) < len(names) else []),
        [[_cell(value) for value in row] for row in rows],
    )


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return printable(cut)


def printable(text: str) -> str:
    """Escape control and invisible characters, so they cannot disguise a text."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "replace").decode()
        for each in text
    )
