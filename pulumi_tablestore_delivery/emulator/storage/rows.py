"""Rows in SQLite, in the order of their keys. Each has a position in the order of writes.

If a task needs it, each write also appends the whole row to the change log, in the same
transaction. A row is stored as JSON: `[key values, {column: [version, value, version, value …]}]`,
the newest version first; BINARY is `{"b": base64}`.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.storage.database import Database
from pulumi_tablestore_delivery.wire.plainbuffer import Key, Marker, Value

_LOWEST: Final = b"\x00"
_VALUE: Final = b"\x01"
_HIGHEST: Final = b"\xff"
_INT64: Final = 1 << 63
_FORWARD: Final = (
    "SELECT content FROM rows WHERE table_id = ? AND key >= ? AND key < ? ORDER BY key"
)
_BACKWARD: Final = (
    "SELECT content FROM rows WHERE table_id = ? AND key <= ? AND key > ? ORDER BY key DESC"
)

Cells = dict[str, list[Any]]
"""For each column: version, value, version, value …, the newest version first."""


@dataclass(frozen=True)
class StoredRow:
    """A stored row.

    Attributes:
        key: The key's values.
        cells: The columns.
    """

    key: list[Value]
    cells: Cells


class RowStore:
    """The rows of all tables. A table is identified by the result of `table_id`."""

    def __init__(self, db: Database) -> None:
        """Use a connection."""
        self._db = db
        self._last = 0  # the position of the last write of the transaction
        self._logged: dict[int, bool] = {}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes together, or none if the block raises."""
        with self._db.transaction():
            (before,) = self._db.execute("SELECT last FROM positions").fetchone()
            self._last = before
            self._logged.clear()
            yield
            if self._last != before:
                self._db.execute("UPDATE positions SET last = ?", (self._last,))

    def table_id(self, instance: str, table: str) -> int:
        """Return the id of an existing table."""
        (found,) = self._db.execute(
            "SELECT id FROM table_ids WHERE instance = ? AND name = ?", (instance, table)
        ).fetchone()
        return int(found)

    def row(self, table: int, key: bytes) -> StoredRow | None:
        """Find a row by its whole key."""
        found = self._db.execute(
            "SELECT content FROM rows WHERE table_id = ? AND key = ?", (table, key)
        ).fetchone()
        return loads(found[0]) if found else None

    def next_position(self) -> int:
        """Return the next position in the order of writes. Call it in a transaction."""
        self._last += 1
        return self._last

    def put(self, table: int, key: bytes, row: StoredRow, time: int) -> None:
        """Store a row. It replaces a row with the same key. Call it in a transaction.

        Args:
            table: The table's id.
            key: The key in the form of `encode_key`.
            row: The row.
            time: The time of the write, in nanoseconds since 1970.
        """
        position, content = self.next_position(), dumps(row)
        self._db.execute(
            "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)",
            (table, key, position, time, content),
        )
        if self._needs_log(table):
            self._db.execute(
                "INSERT INTO changes VALUES (?, ?, ?, ?)", (position, table, time, content)
            )

    def remove(self, table: int, key: bytes) -> None:
        """Remove a row. Deletes are not delivered (documented), so the change log omits them."""
        self._db.execute("DELETE FROM rows WHERE table_id = ? AND key = ?", (table, key))

    def _needs_log(self, table: int) -> bool:
        """Return whether a task delivers the changes of a table."""
        if table not in self._logged:
            found = self._db.execute(
                "SELECT 1 FROM deliveries WHERE table_id = ? AND needs_log LIMIT 1", (table,)
            )
            self._logged[table] = found.fetchone() is not None
        return self._logged[table]

    def range(self, table: int, start: bytes, end: bytes, *, backward: bool) -> Iterator[StoredRow]:
        """Yield rows from `start` (inclusive) to `end` (exclusive), forward or backward."""
        rows = self._db.execute(_BACKWARD if backward else _FORWARD, (table, start, end))
        return (loads(content) for (content,) in rows)


def encode_key(key: Key) -> bytes:
    """Encode a key as bytes that sort as keys do: numbers by value, text by its bytes.

    A marker sorts before or after all values. The key columns after it are ignored.
    """
    parts: list[bytes] = []
    for _, value in key:
        if isinstance(value, Marker):
            return b"".join(parts) + (_LOWEST if value is Marker.SMALLEST else _HIGHEST)
        if isinstance(value, int):
            parts.append(_VALUE + (value + _INT64).to_bytes(8, "big"))
        else:
            if isinstance(value, float):
                raise TypeError("A DOUBLE cannot be part of a key")
            data = value.encode() if isinstance(value, str) else value
            parts.append(_VALUE + data.replace(b"\0", b"\0\xff") + b"\0\0")
    return b"".join(parts)


def dumps(row: StoredRow) -> str:
    """Return the stored form of a row."""
    return json.dumps(
        [row.key, row.cells], default=_binary, ensure_ascii=False, separators=(",", ":")
    )


def loads(content: str) -> StoredRow:
    """Read a row that `dumps` wrote."""
    return StoredRow(*json.loads(content, object_hook=_unbinary))


def loads_all(contents: list[str]) -> list[list[Any]]:
    """Read many rows, each `[key, cells]`. BINARY stays `{"b": …}`, which is faster."""
    rows: list[list[Any]] = json.loads(f"[{','.join(contents)}]")
    return rows


def _binary(value: bytes) -> dict[str, str]:
    return {"b": b64encode(value).decode()}


def _unbinary(found: dict[str, Any]) -> Any:
    # The values of a row's columns are lists. Only BINARY has a text as value.
    return b64decode(found["b"]) if isinstance(found.get("b"), str) else found
