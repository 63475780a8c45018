"""Row operations: PutRow, UpdateRow, DeleteRow, BatchWriteRow, GetRow, BatchGetRow, GetRange.

The messages are those of the official Python SDK's package. What a message can ask for and the
emulator does not have (transactions, tokens, pagination of columns) is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.api import conditions, plainbuffer, row_rules
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.api.errors import (
    CONDITION_FAILED,
    PARAMETER_INVALID,
    UNSUPPORTED,
    ServiceError,
    invalid,
)
from pulumi_tablestore_delivery.emulator.api.plainbuffer import Action, Cell, Key, Marker, Value
from pulumi_tablestore_delivery.emulator.sdk import row_messages as pb
from pulumi_tablestore_delivery.emulator.storage.rows import Cells, RowStore, StoredRow, encode_key
from pulumi_tablestore_delivery.emulator.storage.shapes import Shape, shape

_IGNORE, _EXPECT_EXIST, _EXPECT_NOT_EXIST = 0, 1, 2
_PUT, _UPDATE, _DELETE = 1, 2, 3
_RETURN_KEY, _RETURN_MODIFIED = 1, 2
_BACKWARD: Final = 1
_BATCH_WRITE_ROWS: Final = 200
_BATCH_GET_ROWS: Final = 100
_RANGE_ROWS: Final = 5000
_RANGE_BYTES: Final = 4 * 1024 * 1024
_COLUMNS: Final = 1024
_MILLISECOND: Final = 1_000_000
_RANGE_MARKERS: Final = (Marker.SMALLEST, Marker.LARGEST)


@dataclass(frozen=True)
class _Table:
    """A table that is worked on: its number, its shape and the rows of all tables."""

    number: int
    shape: Shape
    rows: RowStore

    def named(self, key: list[Value]) -> list[tuple[str, Value]]:
        return [(name, value) for (name, _, _), value in zip(self.shape.key, key, strict=True)]

    def find(self, key: Key, now: int) -> StoredRow | None:
        row = self.rows.row(self.number, encode_key(key))
        alive = self.shape.alive(row.cells, now) if row else None
        return StoredRow(row.key, alive) if row and alive is not None else None


def put_row(context: Context, request: Any) -> Any:
    """Write a whole row."""
    row = _write_one(context, request, _PUT, request.row)
    return pb.PutRowResponse(consumed=_consumed(write=1), row=row)


def update_row(context: Context, request: Any) -> Any:
    """Change cells of a row; make the row where there is none (documented)."""
    row = _write_one(context, request, _UPDATE, request.row_change)
    return pb.UpdateRowResponse(consumed=_consumed(write=1), row=row)


def delete_row(context: Context, request: Any) -> Any:
    """Delete a row; one that is not there is no error (documented)."""
    row = _write_one(context, request, _DELETE, request.primary_key)
    return pb.DeleteRowResponse(consumed=_consumed(write=1), row=row)


def batch_write_row(context: Context, request: Any) -> Any:
    """Write up to 200 rows (documented), each as if alone, in one transaction."""
    _no_transaction(request)
    if not 1 <= sum(len(table.rows) for table in request.tables) <= _BATCH_WRITE_ROWS:
        raise ServiceError(PARAMETER_INVALID, f"A batch writes 1 to {_BATCH_WRITE_ROWS} rows.")
    answer = pb.BatchWriteRowResponse()
    with context.store.rows.transaction():
        for asked in request.tables:
            answered = answer.tables.add(table_name=asked.table_name)
            for item in asked.rows:
                result = answered.rows.add(is_ok=True)
                try:
                    table = _table(context, asked.table_name)
                    result.row = _write(context, table, item, item.type, item.row_change)
                    result.consumed.CopyFrom(_consumed(write=1))
                except ServiceError as error:
                    _failed(result, error)
    return answer


def get_row(context: Context, request: Any) -> Any:
    """Read a row; an empty answer where there is none."""
    _no_transaction(request)
    row = _read(context, _table(context, request.table_name), request, request.primary_key)
    return pb.GetRowResponse(consumed=_consumed(read=1), row=row)


def batch_get_row(context: Context, request: Any) -> Any:
    """Read up to 100 rows (documented), each as if alone."""
    if not 1 <= sum(len(table.primary_key) for table in request.tables) <= _BATCH_GET_ROWS:
        raise ServiceError(PARAMETER_INVALID, f"A batch reads 1 to {_BATCH_GET_ROWS} rows.")
    answer = pb.BatchGetRowResponse()
    for asked in request.tables:
        answered = answer.tables.add(table_name=asked.table_name)
        for key in asked.primary_key:
            result = answered.rows.add(is_ok=True)
            try:
                result.row = _read(context, _table(context, asked.table_name), asked, key)
                result.consumed.CopyFrom(_consumed(read=1))
            except ServiceError as error:
                _failed(result, error)
    return answer


def get_range(context: Context, request: Any) -> Any:
    """Read rows between two keys: at most 5000 or 4 MB of them at once (documented)."""
    _no_transaction(request)
    if request.HasField("limit") and request.limit <= 0:
        raise invalid("limit", f"{request.limit} is not greater than 0")
    table = _table(context, request.table_name)
    backward = request.direction == _BACKWARD
    start, end = (
        _bound(table, bound)
        for bound in (request.inclusive_start_primary_key, request.exclusive_end_primary_key)
    )
    if (start < end) if backward else (start > end):
        raise ServiceError(
            PARAMETER_INVALID, "The range's start does not come before its end in its direction."
        )
    view = _View(request, table, _milliseconds(context))
    limit = request.limit if request.HasField("limit") else _RANGE_ROWS
    found: list[bytes] = []
    size = 0
    following: StoredRow | None = None
    rows = table.rows.range(table.number, start, end, backward=backward)
    for scanned, row in enumerate(rows):
        if len(found) == limit or scanned == _RANGE_ROWS or size > _RANGE_BYTES:
            following = row
            break
        if shown := view.of(row):
            found.append(shown)
            size += len(shown)
    answer = pb.GetRangeResponse(consumed=_consumed(read=1), rows=_joined(found))
    if following:
        answer.next_start_primary_key = plainbuffer.write_rows([(table.named(following.key), [])])
    return answer


class _View:
    """What a read shows of a row: its columns, versions, times and filter."""

    def __init__(self, request: Any, table: _Table, now: int) -> None:
        if request.token:
            raise ServiceError(UNSUPPORTED, "The emulator has no pagination of columns.")
        if not (request.HasField("max_versions") or request.HasField("time_range")):
            raise ServiceError(  # documented
                PARAMETER_INVALID, "No version condition is specified while querying row."
            )
        if request.HasField("max_versions") and request.max_versions <= 0:
            raise invalid("max_versions", f"{request.max_versions} is not greater than 0")
        self._request = request
        self._table = table
        self._now = now
        self._wanted = frozenset(request.columns_to_get)
        self._passes = conditions.parse(request.filter) if request.filter else None

    def of(self, row: StoredRow) -> bytes:
        """The row as an answer has it; nothing if it is not shown.

        A row is not shown if it has none of the columns that are asked for (documented); where
        it is shown, it has its whole key (assumed).
        """
        alive = self._table.shape.alive(row.cells, self._now)
        if alive is None or (self._passes and not self._passes(alive)):
            return b""
        cells = [
            (name, value, version)
            for name in sorted(alive)
            if self._shows(name)
            for version, value in self._versions(alive[name])
        ]
        keys = {name for name, _, _ in self._table.shape.key}
        if self._wanted and not cells and not keys & self._wanted:
            return b""
        return plainbuffer.write_rows([(self._table.named(row.key), cells)])

    def _shows(self, name: str) -> bool:
        request = self._request
        return (
            (not self._wanted or name in self._wanted)
            and (not request.start_column or name >= request.start_column)
            and (not request.end_column or name < request.end_column)
        )

    def _versions(self, versions: list[Any]) -> Iterable[tuple[int, Value]]:
        pairs = list(zip(versions[::2], versions[1::2], strict=True))
        if self._request.HasField("time_range"):
            times = self._request.time_range
            if times.HasField("specific_time"):
                start, end = times.specific_time, times.specific_time + 1
            else:
                start, end = times.start_time, times.end_time
            pairs = [pair for pair in pairs if start <= pair[0] < end]
        if self._request.HasField("max_versions"):
            pairs = pairs[: self._request.max_versions]
        return pairs


def _write_one(context: Context, request: Any, kind: int, data: bytes) -> bytes:
    _no_transaction(request)
    table = _table(context, request.table_name)
    with table.rows.transaction():
        return _write(context, table, request, kind, data)


def _write(context: Context, table: _Table, item: Any, kind: int, data: bytes) -> bytes:
    """Write one row, in a transaction; return what is to be answered of it."""
    key, cells = plainbuffer.read_row(data)
    now = _milliseconds(context)
    markers = (Marker.AUTO_INCREMENT,) if kind == _PUT else ()
    row_rules.check_key(table.shape, key, markers=markers)
    row_rules.check_cells(table.shape, cells, now)
    old = table.find(key, now)
    _check_condition(item.condition, old)
    key = [
        (name, table.rows.next_position() if value is Marker.AUTO_INCREMENT else value)
        for name, value in key
    ]
    values: list[Any] = [value for _, value in key]
    if kind == _DELETE:
        table.rows.remove(table.number, encode_key(key))
        row = StoredRow(values, {})
    else:
        row = StoredRow(values, _changed(table, kind, cells, old, now))
        if kind == _PUT or row.cells or old:
            table.rows.put(table.number, encode_key(key), row, context.now())
    wanted = item.return_content
    if wanted.return_type == _RETURN_KEY:
        return plainbuffer.write_rows([(table.named(values), [])])
    if wanted.return_type == _RETURN_MODIFIED:
        shown = [
            (name, row.cells[name][1], row.cells[name][0])
            for name in wanted.return_column_names
            if name in row.cells
        ]
        return plainbuffer.write_rows([(table.named(values), shown)])
    return b""


def _changed(table: _Table, kind: int, cells: list[Cell], old: StoredRow | None, now: int) -> Cells:
    """The cells that a row has after a write."""
    if kind == _UPDATE and not table.shape.allow_update:
        raise ServiceError(PARAMETER_INVALID, "The table does not allow updates.")
    if kind == _UPDATE and not cells:
        raise ServiceError(PARAMETER_INVALID, "No attribute column is specified to update the row.")
    if len({cell.name for cell in cells}) > _COLUMNS:
        raise ServiceError(PARAMETER_INVALID, f"A write has at most {_COLUMNS} columns.")
    result: Cells = dict(old.cells) if old and kind == _UPDATE else {}
    for cell in cells:
        versions = dict(zip(*[iter(result.pop(cell.name, []))] * 2, strict=True))
        version = now if cell.timestamp is None else cell.timestamp
        if cell.action is Action.DELETE_ALL:
            versions = {}
        elif cell.action is Action.DELETE_ONE:
            versions.pop(version, None)
        elif cell.value is None:
            raise invalid(cell.name, "has no value")
        elif cell.action is Action.INCREMENT:
            versions[version] = _incremented(cell, versions)
        else:
            versions[version] = cell.value
        newest = sorted(versions.items(), key=lambda pair: -pair[0])[: table.shape.max_versions]
        if newest:
            result[cell.name] = [part for pair in newest for part in pair]
    return result


def _incremented(cell: Cell, versions: dict[int, Any]) -> int:
    before = versions[max(versions)] if versions else 0
    if type(before) is not int or type(cell.value) is not int:
        raise invalid(cell.name, "is not an INTEGER, and cannot be incremented")
    return (before + cell.value + (1 << 63)) % (1 << 64) - (1 << 63)  # wraps (assumed)


def _check_condition(condition: Any, old: StoredRow | None) -> None:
    wrong = {_EXPECT_EXIST: old is None, _EXPECT_NOT_EXIST: old is not None}
    if wrong.get(condition.row_existence):
        raise ServiceError(CONDITION_FAILED, "Condition check failed.")
    if condition.column_condition:
        # A row that is not there has no column (assumed).
        cells = old.cells if old else {}
        if not conditions.parse(condition.column_condition)(cells):
            raise ServiceError(CONDITION_FAILED, "Condition check failed.")


def _read(context: Context, table: _Table, request: Any, data: bytes) -> bytes:
    key, _ = plainbuffer.read_row(data)
    row_rules.check_key(table.shape, key)
    view = _View(request, table, _milliseconds(context))
    row = table.rows.row(table.number, encode_key(key))
    return view.of(row) if row else b""


def _bound(table: _Table, data: bytes) -> bytes:
    key, _ = plainbuffer.read_row(data)
    row_rules.check_key(table.shape, key, markers=_RANGE_MARKERS)
    return encode_key(key)


def _joined(rows: list[bytes]) -> bytes:
    """Rows in one buffer: its header is that of the first."""
    return b"".join(row if place == 0 else row[4:] for place, row in enumerate(rows))


def _table(context: Context, name: str) -> _Table:
    table = context.table(name)
    rows = context.store.rows
    return _Table(rows.number(context.instance, name), shape(table.request), rows)


def _no_transaction(request: Any) -> None:
    if request.transaction_id:
        raise ServiceError(UNSUPPORTED, "The emulator has no local transactions.")


def _milliseconds(context: Context) -> int:
    return context.now() // _MILLISECOND


def _failed(result: Any, error: ServiceError) -> None:
    result.is_ok = False
    result.error.code = error.code
    result.error.message = error.message


def _consumed(*, read: int = 0, write: int = 0) -> Any:
    """A rough approximation: one unit an answer or a row."""
    unit = pb.CapacityUnit(read=read, write=write)
    return pb.ConsumedCapacity(capacity_unit=unit)
