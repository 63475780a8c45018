"""Build the request for a range of rows, and read the rows of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pulumi_tablestore_delivery.wire import plainbuffer, row_pb2

_FORWARD: Final = 0
_BACKWARD: Final = 1


@dataclass(frozen=True)
class RowPage:
    """One page of rows.

    Attributes:
        rows: The rows. Their values are never printed.
        next_start: The start of the next page; empty if this page is the last.
    """

    rows: list[plainbuffer.Row] = field(repr=False)
    next_start: bytes = field(default=b"", repr=False)

    @property
    def is_last(self) -> bool:
        """Whether this page is the last of the range."""
        return not self.next_start


def range_request(
    table_name: str,
    keys: Sequence[str],
    limit: int,
    columns: Sequence[str],
    *,
    is_backward: bool,
    start: bytes = b"",
) -> row_pb2.GetRangeRequest:
    """Build the request for a page of a table's rows; see `TablestoreClient.get_range`."""
    smallest = _bound(keys, plainbuffer.Marker.SMALLEST)
    largest = _bound(keys, plainbuffer.Marker.LARGEST)
    first = largest if is_backward else smallest
    return row_pb2.GetRangeRequest(
        table_name=table_name,
        direction=_BACKWARD if is_backward else _FORWARD,
        columns_to_get=columns,
        max_versions=1,
        limit=limit,
        inclusive_start_primary_key=start or first,
        exclusive_end_primary_key=smallest if is_backward else largest,
    )


def row_page(answer: row_pb2.GetRangeResponse) -> RowPage:
    """Read the rows of an answer.

    Raises:
        PlainBufferError: They cannot be read.
    """
    return RowPage(plainbuffer.read_rows(answer.rows), answer.next_start_primary_key)


def start_at(key: plainbuffer.Key) -> bytes:
    """Return a start for `range_request`: the first row whose key is this key or a greater one."""
    return plainbuffer.write_rows([plainbuffer.Row(key)])


def _bound(keys: Sequence[str], marker: plainbuffer.Marker) -> bytes:
    return start_at([(key, marker) for key in keys])
