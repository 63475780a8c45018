"""Keep rows in a temporary file, divided into partitions, and read one partition at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import pyarrow as pa
from typing_extensions import Self

PARTITIONS: Final = 256

_MOST_ROWS: Final = 32_768
"""The most rows of all partitions together that wait in memory."""
_BATCH_ROWS: Final = 4096
_OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="lz4")


class Spill:
    """Rows in a file.

    Args:
        path: The file; it must not exist.
        schema: The columns of a row.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = path.open("xb+")
        self._schema = schema
        self._waiting: list[list[tuple[Any, ...]]] = [[] for _ in range(PARTITIONS)]
        self._count = 0
        self._chunks: list[list[tuple[int, int]]] = [[] for _ in range(PARTITIONS)]
        """The offset and the size of each partition's chunks in the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, key: tuple[Any, ...], row: tuple[Any, ...]) -> None:
        """Add a row to the partition of its key."""
        self._waiting[hash(key) % PARTITIONS].append(row)
        self._count += 1
        if self._count >= _MOST_ROWS:
            self._write()

    def rows(self, partition: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a partition in the order in which they were added."""
        for offset, size in self._chunks[partition]:
            self._file.seek(offset)
            with pa.ipc.open_stream(self._file.read(size)) as reader:
                for batch in reader:
                    yield from _rows(batch)
        yield from self._waiting[partition]

    def _write(self) -> None:
        self._file.seek(0, 2)
        for partition, waiting in enumerate(self._waiting):
            if not waiting:
                continue
            batch = pa.RecordBatch.from_arrays(
                [
                    pa.array(column, field.type)
                    for column, field in zip(zip(*waiting, strict=True), self._schema, strict=True)
                ],
                schema=self._schema,
            )
            offset = self._file.tell()
            with pa.ipc.new_stream(self._file, self._schema, options=_OPTIONS) as writer:
                writer.write_batch(batch)
            self._chunks[partition].append((offset, self._file.tell() - offset))
            waiting.clear()
        self._count = 0


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    for start in range(0, batch.num_rows, _BATCH_ROWS):
        part = batch.slice(start, _BATCH_ROWS)
        yield from zip(*(column.to_pylist() for column in part.columns), strict=True)
