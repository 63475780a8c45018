"""Tables that row operations have opened, and helpers that these operations share."""

from dataclasses import dataclass

from pulumi_tablestore_delivery.emulator.api.conditions import Columns
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.api.errors import UNSUPPORTED, ServiceError
from pulumi_tablestore_delivery.emulator.storage.rows import RowStore, StoredRow, encode_key
from pulumi_tablestore_delivery.emulator.storage.shapes import Shape, shape
from pulumi_tablestore_delivery.wire import row_pb2, table_pb2
from pulumi_tablestore_delivery.wire.plainbuffer import Key, Marker, Value


@dataclass(frozen=True)
class OpenTable:
    """An opened table.

    Attributes:
        id: Its id in the store.
        shape: Its rules for rows.
        rows: The rows of all tables.
    """

    id: int
    shape: Shape
    rows: RowStore

    def named(self, key: list[Value]) -> list[tuple[str, Value]]:
        """Pair the names of the key columns with their values."""
        return [(name, value) for (name, _, _), value in zip(self.shape.key, key, strict=True)]

    def columns(self, row: StoredRow) -> Columns:
        """Return a row's columns with the columns of its key (assumed for conditions)."""
        return {**row.cells, **{name: [0, value] for name, value in self.named(row.key)}}

    def find(self, key: Key, now: int) -> StoredRow | None:
        """Find a row that has not expired. `now` is in milliseconds."""
        if any(value is Marker.AUTO_INCREMENT for _, value in key):
            return None
        row = self.rows.row(self.id, encode_key(key))
        alive = self.shape.alive(row.cells, now) if row else None
        return StoredRow(row.key, alive) if row and alive is not None else None


def open_table(context: Context, name: str) -> OpenTable:
    """Find a table.

    Raises:
        ServiceError: It does not exist, or the name breaks a rule.
    """
    table = context.table(name)
    rows = context.store.rows
    return OpenTable(rows.table_id(context.instance, name), shape(table.request), rows)


def refuse_transaction(transaction_id: str) -> None:
    """Refuse a request that is part of a local transaction."""
    if transaction_id:
        raise ServiceError(
            UNSUPPORTED, "The emulator does not have local transactions: transaction_id."
        )


def consumed(*, read: int = 0, write: int = 0) -> row_pb2.ConsumedCapacity:
    """Return the consumed capacity: one unit for each answer or row (an approximation)."""
    return row_pb2.ConsumedCapacity(capacity_unit=table_pb2.CapacityUnit(read=read, write=write))
