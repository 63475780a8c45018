"""Convert a range of rows to a request, and an answer to rows."""

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
        is_last: Whether the range has no further rows.
    """

    rows: list[plainbuffer.Row] = field(repr=False)
    is_last: bool


def range_request(
    table_name: str,
    keys: Sequence[str],
    limit: int,
    columns: Sequence[str],
    *,
    is_backward: bool,
) -> row_pb2.GetRangeRequest:
    """Build the request for rows from one end of a table (see `TablestoreClient.get_range`)."""
    smallest = _bound(keys, plainbuffer.Marker.SMALLEST)
    largest = _bound(keys, plainbuffer.Marker.LARGEST)
    return row_pb2.GetRangeRequest(
        table_name=table_name,
        direction=_BACKWARD if is_backward else _FORWARD,
        columns_to_get=columns,
        max_versions=1,
        limit=limit,
        inclusive_start_primary_key=largest if is_backward else smallest,
        exclusive_end_primary_key=smallest if is_backward else largest,
    )


def row_page(answer: row_pb2.GetRangeResponse) -> RowPage:
    """Read the rows of an answer.

    Raises:
        PlainBufferError: They cannot be read.
    """
    return RowPage(plainbuffer.read_rows(answer.rows), is_last=not answer.next_start_primary_key)


def _bound(keys: Sequence[str], marker: plainbuffer.Marker) -> bytes:
    return plainbuffer.write_rows([plainbuffer.Row([(key, marker) for key in keys])])
