"""Rows of 10 columns to bytes and back: this codec and that of the official Python SDK."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from emulator import quiet_sdk

from pulumi_tablestore_delivery.wire.plainbuffer import Cell, Row, read_rows, write_rows

TITLE: Final = "Rows of 10 columns as PlainBuffer and back, rows a second"
COLUMNS: Final = ("what", "ours", "official Python SDK", "times as fast")
_ROWS: Final = 200
_ROUNDS: Final = 9
_VALUES: Final[dict[str, Any]] = {
    "i1": 7919, "i2": -1, "d1": 0.5, "d2": 1e9, "s1": "text of the row", "s2": "杭州",
    "s3": "x" * 40, "t": True, "f": False,
}  # fmt: skip


def rows() -> Iterator[tuple[str, ...]]:
    """Measure both in turns; a row for each direction."""
    quiet_sdk()
    from tablestore.plainbuffer.plain_buffer_builder import (  # noqa: PLC0415 - made quiet above
        PlainBufferBuilder,
    )
    from tablestore.plainbuffer.plain_buffer_coded_stream import (  # noqa: PLC0415
        PlainBufferCodedInputStream,
    )
    from tablestore.plainbuffer.plain_buffer_stream import (  # noqa: PLC0415
        PlainBufferInputStream,
    )

    key = [("id", "row-000000001")]
    row = Row(key, [Cell(name, value, 1_700_000_000_000) for name, value in _VALUES.items()])
    columns = [(name.encode(), value, 1_700_000_000_000) for name, value in _VALUES.items()]
    data = write_rows([row] * _ROWS)
    named = [(b"id", "row-000000001")]

    def sdk_write() -> None:
        for _ in range(_ROWS):
            PlainBufferBuilder.serialize_for_put_row(named, columns)

    def sdk_read() -> None:
        PlainBufferCodedInputStream(PlainBufferInputStream(data)).read_rows()

    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "written": (lambda: [write_rows([row]) for _ in range(_ROWS)], sdk_write),
        "read": (lambda: read_rows(data), sdk_read),
    }
    for what, (ours, sdk) in pairs.items():
        ours_rate, sdk_rate = _rates(ours, sdk)
        yield what, f"{ours_rate:,.0f}", f"{sdk_rate:,.0f}", f"{ours_rate / sdk_rate:.1f}"


def _rates(*works: Callable[[], object]) -> list[float]:
    """Return the rows per second of each: the median of rounds in turns."""
    rates: list[list[float]] = [[] for _ in works]
    for _ in range(_ROUNDS):
        for work, found in zip(works, rates, strict=True):
            started = time.perf_counter()
            work()
            found.append(_ROWS / (time.perf_counter() - started))
    return [statistics.median(found) for found in rates]
