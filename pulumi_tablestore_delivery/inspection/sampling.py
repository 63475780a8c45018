"""Read rows from both ends of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pulumi_tablestore_delivery.client.client import TablestoreClient, read_page
from pulumi_tablestore_delivery.client.rows import start_at
from pulumi_tablestore_delivery.wire import row_pb2
from pulumi_tablestore_delivery.wire.plainbuffer import Key, Marker

Row: TypeAlias = list[tuple[str, Any]]
"""Names and values of a row: first its key, then its columns."""

_FORWARD, _BACKWARD = 0, 1
_PAGE: Final = 1000  # rows; the service answers with 5,000 at most


@dataclass(frozen=True)
class Sample:
    """A sample of a table's rows.

    Attributes:
        first: Rows from its beginning.
        last: Rows from its end, none of them among the first.
        is_whole: Whether these are all rows of the table.
    """

    first: list[Row]
    last: list[Row]
    is_whole: bool


def sample_rows(client: TablestoreClient, table: str, keys: Sequence[str], rows: int) -> Sample:
    """Read some rows from each end of a table.

    Args:
        client: The instance's client.
        table: The table.
        keys: The columns of its primary key.
        rows: The most rows to read.

    Raises:
        CallError: The service could not be called, or refused, or its rows cannot be read.
    """
    smallest = [(key, Marker.SMALLEST) for key in keys]
    largest = [(key, Marker.LARGEST) for key in keys]
    forward = _Range(client, table, _FORWARD, smallest, largest)
    first = list(forward.rows(rows - rows // 2))
    if forward.is_exhausted or not first:
        return Sample(first, [], is_whole=True)
    stop = first[-1][: len(keys)]
    backward = _Range(client, table, _BACKWARD, largest, stop)
    last = list(backward.rows(rows // 2))
    return Sample(first, last, is_whole=rows > 1 and backward.is_exhausted)


class _Range:
    """The rows between two keys, page by page."""

    def __init__(
        self, client: TablestoreClient, table: str, direction: int, start: Key, end: Key
    ) -> None:
        self._client = client
        self._request = row_pb2.GetRangeRequest(
            table_name=table,
            direction=direction,
            max_versions=1,
            inclusive_start_primary_key=start_at(start),
            exclusive_end_primary_key=start_at(end),
        )
        self.is_exhausted = False

    def rows(self, count: int) -> Iterator[Row]:
        """Yield the rows, up to that number."""
        while count > 0 and not self.is_exhausted:
            self._request.limit = min(count, _PAGE)
            page = read_page(self._client, self._request)
            for row in page.rows:
                yield [*row.key, *((cell.name, cell.value) for cell in row.cells)]
            count -= len(page.rows)
            self._request.inclusive_start_primary_key = page.next_start
            self.is_exhausted = page.is_last
