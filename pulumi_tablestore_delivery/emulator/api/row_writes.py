"""Operations that write rows: PutRow, UpdateRow, DeleteRow, BatchWriteRow.

Local transactions are refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pulumi_tablestore_delivery.emulator.api import row_rules, rules
from pulumi_tablestore_delivery.emulator.api.conditions import Test, parse_condition
from pulumi_tablestore_delivery.emulator.api.context import Context, milliseconds
from pulumi_tablestore_delivery.emulator.api.errors import (
    CONDITION_FAILED,
    UNSUPPORTED,
    ServiceError,
    invalid_field,
    invalid_parameter,
)
from pulumi_tablestore_delivery.emulator.api.open_tables import (
    OpenTable,
    consumed,
    open_table,
    refuse_transaction,
)
from pulumi_tablestore_delivery.emulator.storage.rows import Cells, StoredRow, encode_key
from pulumi_tablestore_delivery.wire import row_pb2 as pb
from pulumi_tablestore_delivery.wire.plainbuffer import (
    Action,
    Cell,
    Marker,
    Row,
    Value,
    write_rows,
)

_IGNORE, _EXPECT_EXIST, _EXPECT_NOT_EXIST = 0, 1, 2
_PUT, _UPDATE, _DELETE = 1, 2, 3
_RETURN_NONE, _RETURN_KEY, _RETURN_MODIFIED = 0, 1, 2
_MOST_ROWS: Final = 200
_INT64: Final = 1 << 63

_Request: TypeAlias = pb.PutRowRequest | pb.UpdateRowRequest | pb.DeleteRowRequest
_Item: TypeAlias = _Request | pb.RowInBatchWriteRowRequest

_READERS: Final[dict[int, Callable[[bytes], Row]]] = {
    _PUT: row_rules.read_put,
    _UPDATE: row_rules.read_update,
    _DELETE: row_rules.read_delete,
}


@dataclass(frozen=True)
class _Change:
    """A write whose parameters are valid.

    Attributes:
        table: The table.
        kind: Put, update or delete.
        row: The row.
        expectation: Whether the row must exist.
        condition: The condition on its columns, if there is one.
        returned: The columns to return.
    """

    table: OpenTable
    kind: int
    row: Row
    expectation: int
    condition: Test | None
    returned: pb.ReturnContent


class _BatchFailedError(Exception):
    """An atomic batch fails because of one row."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(str(error))
        self.error = error


def put_row(context: Context, request: pb.PutRowRequest) -> pb.PutRowResponse:
    """Write a whole row."""
    row = _write_one(context, "PutRow", request, _PUT, request.row)
    return pb.PutRowResponse(consumed=consumed(write=1), row=row)


def update_row(context: Context, request: pb.UpdateRowRequest) -> pb.UpdateRowResponse:
    """Change cells of a row. Create the row if it does not exist (documented)."""
    row = _write_one(context, "UpdateRow", request, _UPDATE, request.row_change)
    return pb.UpdateRowResponse(consumed=consumed(write=1), row=row)


def delete_row(context: Context, request: pb.DeleteRowRequest) -> pb.DeleteRowResponse:
    """Delete a row. It is not an error if the row does not exist (documented)."""
    row = _write_one(context, "DeleteRow", request, _DELETE, request.primary_key)
    return pb.DeleteRowResponse(consumed=consumed(write=1), row=row)


def batch_write_row(context: Context, request: pb.BatchWriteRowRequest) -> pb.BatchWriteRowResponse:
    """Write up to 200 rows (documented), in one transaction.

    A wrong parameter fails the whole request, and nothing is written (documented). A wrong key or
    a failed condition fails its row (documented). In an atomic batch, such a row fails all rows.
    """
    refuse_transaction(request.transaction_id)
    changes = _parameters_of(context, request)
    answer = pb.BatchWriteRowResponse()
    results: list[pb.RowInBatchWriteRowResponse] = []
    for asked in request.tables:
        answered = answer.tables.add(table_name=asked.table_name)
        results += [answered.rows.add(is_ok=True) for _ in asked.rows]
    try:
        if request.is_atomic:
            _check_partition(changes)
        with context.store.rows.transaction():
            for change, result in zip(changes, results, strict=True):
                try:
                    result.row = _write(context, change)
                    result.consumed.CopyFrom(consumed(write=1))
                except ServiceError as error:
                    if request.is_atomic:
                        raise _BatchFailedError(error) from error
                    _fail(result, error)
    except _BatchFailedError as failed:
        for result in results:  # all rows get the same error (assumed)
            _fail(result, failed.error)
    return answer


def _parameters_of(context: Context, request: pb.BatchWriteRowRequest) -> list[_Change]:
    """Check everything that fails a whole batch."""
    if not request.tables:
        raise invalid_parameter("No row is specified in BatchWriteRow.")
    rules.unique_tables([asked.table_name for asked in request.tables])
    count = sum(len(asked.rows) for asked in request.tables)
    if count > _MOST_ROWS:
        raise invalid_parameter(f"Rows count exceeds the upper limit: {_MOST_ROWS}.")
    changes: list[_Change] = []
    for asked in request.tables:
        if not asked.rows:
            raise invalid_parameter(f"No operation is specified for table: '{asked.table_name}'.")
        table = open_table(context, asked.table_name)
        own = [_change(context, table, item, item.type, item.row_change) for item in asked.rows]
        _check_repeated(own)
        changes += own
    row_rules.check_size("BatchWriteRow", sum(row_rules.size_of(each.row) for each in changes))
    return changes


def _check_repeated(changes: Sequence[_Change]) -> None:
    """Refuse expectations and conditions of rows that occur twice (documented)."""
    seen: dict[tuple[tuple[type, Any], ...], _Change] = {}
    for change in changes:
        key = tuple((type(value), value) for _, value in change.row.key)
        other = seen.setdefault(key, change)
        if other is change or any(value is Marker.AUTO_INCREMENT for _, value in change.row.key):
            continue
        for each in (other, change):
            if each.expectation != _IGNORE:
                raise invalid_parameter(
                    "Repeated rows do not support row exist expectation check in BatchModify."
                )
            if each.condition:
                raise invalid_parameter(
                    "Repeated rows do not support row condition check in BatchModify."
                )


def _check_partition(changes: Sequence[_Change]) -> None:
    """Check that the rows of an atomic batch share table and partition (the text is assumed)."""
    first = changes[0]
    for change in changes:
        if change.table.id != first.table.id or change.row.key[:1] != first.row.key[:1]:
            raise _BatchFailedError(
                invalid_parameter(
                    "The rows of an atomic batch must have one table and one partition key."
                )
            )


def _write_one(
    context: Context, operation: str, request: _Request, kind: int, data: bytes
) -> bytes:
    refuse_transaction(request.transaction_id)
    table = open_table(context, request.table_name)
    change = _change(context, table, request, kind, data)
    row_rules.check_size(operation, row_rules.size_of(change.row))
    with context.store.rows.transaction():
        return _write(context, change)


def _change(context: Context, table: OpenTable, item: _Item, kind: int, data: bytes) -> _Change:
    """Check the parameters of a write."""
    if kind not in _READERS:
        raise invalid_parameter("The type of row in batch write operation is invalid.")
    row = _READERS[kind](data)
    row_rules.check_versions(table.shape, row.cells, context.milliseconds())
    given, returned = item.condition, item.return_content
    if given.row_existence not in {_IGNORE, _EXPECT_EXIST, _EXPECT_NOT_EXIST}:
        raise invalid_parameter(f"Invalid row-existence expectation: {given.row_existence}.")
    condition = parse_condition(given.column_condition) if given.column_condition else None
    if returned.return_type not in {_RETURN_NONE, _RETURN_KEY, _RETURN_MODIFIED}:
        raise invalid_parameter(f"Invalid return type: {returned.return_type}.")
    if any(value is Marker.AUTO_INCREMENT for _, value in row.key):
        if given.row_existence != _IGNORE:
            raise invalid_parameter(
                f"Invalid expect: {given.row_existence} when modify row with pk auto increment."
            )
        if condition:
            raise invalid_parameter("Can't set condition when modify row with pk auto increment.")
    if kind == _UPDATE and not table.shape.allow_update:
        raise invalid_parameter("The table does not allow updates.")  # assumed
    if kind == _UPDATE and table.shape.update_full_row:
        raise ServiceError(
            UNSUPPORTED, "The emulator does not update rows of a table with update_full_row."
        )
    return _Change(table, kind, row, given.row_existence, condition, returned)


def _write(context: Context, change: _Change) -> bytes:
    """Write one row in a transaction. Return the row for the answer."""
    table, rows = change.table, context.store.rows
    # One instant for the log and for the versions: delivery reports which versions are delivered.
    written = context.now()
    now = milliseconds(written)
    row_rules.check_schema(table.shape, change.row.key)
    old = table.find(change.row.key, now)
    _check_condition(change, old)
    key: list[tuple[str, Value]] = [
        (name, rows.next_position() if isinstance(value, Marker) else value)
        for name, value in change.row.key
    ]
    values = [value for _, value in key]
    if change.kind == _DELETE:
        rows.remove(table.id, encode_key(key))
        new = StoredRow(values, {})
    else:
        new = StoredRow(values, _changed(change, old, now))
        if change.kind == _PUT or new.cells or old:
            rows.put(table.id, encode_key(key), new, written)
    return _returned(change, key, new)


def _returned(change: _Change, key: list[tuple[str, Value]], row: StoredRow) -> bytes:
    wanted = change.returned
    if wanted.return_type == _RETURN_KEY:
        return write_rows([Row(key)])
    if wanted.return_type == _RETURN_MODIFIED:
        cells = [
            Cell(name, row.cells[name][1], row.cells[name][0])
            for name in wanted.return_column_names
            if name in row.cells
        ]
        return write_rows([Row(key, cells)])
    return b""


def _changed(change: _Change, old: StoredRow | None, now: int) -> Cells:
    """Return the cells that a row has after a write."""
    result: Cells = dict(old.cells) if old and change.kind == _UPDATE else {}
    for cell in change.row.cells:
        before = result.pop(cell.name, [])
        versions = dict(zip(before[::2], before[1::2], strict=True))
        version = now if cell.timestamp is None else cell.timestamp
        if cell.action is Action.DELETE_ALL:
            versions = {}
        elif cell.action is Action.DELETE_ONE:
            versions.pop(version, None)
        elif cell.action is Action.INCREMENT:
            versions[version] = _incremented(cell, versions)
        else:
            versions[version] = cell.value
        most = change.table.shape.max_versions
        newest = sorted(versions.items(), key=lambda pair: -pair[0])[:most]
        if newest:
            result[cell.name] = [part for pair in newest for part in pair]
    return result


def _incremented(cell: Cell, versions: dict[int, Any]) -> int:
    before = versions[max(versions)] if versions else 0
    if type(before) is not int or type(cell.value) is not int:
        raise invalid_field(cell.name, "is not an INTEGER, and cannot be incremented")
    return (before + cell.value + _INT64) % (2 * _INT64) - _INT64  # wraps (assumed)


def _check_condition(change: _Change, old: StoredRow | None) -> None:
    wrong = {_EXPECT_EXIST: old is None, _EXPECT_NOT_EXIST: old is not None}
    # A missing row does not have columns (assumed).
    columns = change.table.columns(old) if old else {}
    if wrong.get(change.expectation) or (change.condition and not change.condition(columns)):
        raise ServiceError(CONDITION_FAILED, "Condition check failed.")


def _fail(result: pb.RowInBatchWriteRowResponse, error: ServiceError) -> None:
    result.Clear()
    result.is_ok = False
    result.error.code = error.code
    result.error.message = error.message
