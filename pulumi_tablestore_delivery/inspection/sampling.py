"""Read rows from both ends of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pulumi_tablestore_delivery.client.client import CallIds, TablestoreClient
from pulumi_tablestore_delivery.client.operations import GET_RANGE
from pulumi_tablestore_delivery.errors import UntrustedResponseError, printable
from pulumi_tablestore_delivery.wire import plainbuffer, row_pb2
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
        rows: How many rows to read at most.

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
            inclusive_start_primary_key=_encoded(start),
            exclusive_end_primary_key=_encoded(end),
        )
        self.is_exhausted = False

    def rows(self, count: int) -> Iterator[Row]:
        """Yield the rows, up to that number."""
        while count > 0 and not self.is_exhausted:
            self._request.limit = min(count, _PAGE)
            answer, ids = self._client.call(GET_RANGE, self._request)
            try:
                page = _decoded(answer.rows)
            except plainbuffer.PlainBufferError as error:
                raise _unreadable(str(error), ids) from None
            yield from page
            count -= len(page)
            following = answer.next_start_primary_key
            if following and following == self._request.inclusive_start_primary_key:
                raise _unreadable("the next page begins where this one did", ids)
            self._request.inclusive_start_primary_key = following
            self.is_exhausted = not following


def _unreadable(problem: str, ids: CallIds) -> UntrustedResponseError:
    return UntrustedResponseError(
        f"{GET_RANGE.name}: the rows in the answer cannot be read: {problem} "
        f"[request id {printable(ids.request_id)}, trace id {ids.trace_id}]",
        operation=GET_RANGE.name,
        trace_id=ids.trace_id,
        status=200,
        is_signed=True,
    )


def _encoded(key: Key) -> bytes:
    return plainbuffer.write_rows([plainbuffer.Row(key)])


def _decoded(data: bytes) -> list[Row]:
    return [
        [*row.key, *((cell.name, cell.value) for cell in row.cells)]
        for row in plainbuffer.read_rows(data)
    ]
