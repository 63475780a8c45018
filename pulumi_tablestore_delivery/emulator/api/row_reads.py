"""Operations that read rows: GetRow, BatchGetRow, GetRange.

Local transactions and pages of a row's columns (tokens) are refused.
"""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from pulumi_tablestore_delivery.emulator.api import row_rules, rules
from pulumi_tablestore_delivery.emulator.api.conditions import parse_filter
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.api.errors import (
    INVALID_KEY,
    NOT_EXIST,
    UNSUPPORTED,
    ServiceError,
    invalid_parameter,
)
from pulumi_tablestore_delivery.emulator.api.open_tables import (
    OpenTable,
    consumed,
    open_table,
    refuse_transaction,
)
from pulumi_tablestore_delivery.emulator.storage.rows import StoredRow, encode_key
from pulumi_tablestore_delivery.wire import row_pb2 as pb
from pulumi_tablestore_delivery.wire.plainbuffer import Cell, Key, Row, Value, write_rows

_FORWARD, _BACKWARD = 0, 1
_BATCH_ROWS: Final = 100
_RANGE_ROWS: Final = 5000
_RANGE_BYTES: Final = 4 * 1024 * 1024
_PLAIN_BUFFER: Final = 0
_HEADER_BYTES: Final = 4
_ROW_ERRORS: Final = frozenset({INVALID_KEY.code, NOT_EXIST.code})
_NO_VERSIONS: Final = "No version condition is specified"

_Criteria: TypeAlias = pb.GetRowRequest | pb.TableInBatchGetRowRequest | pb.GetRangeRequest


def get_row(context: Context, request: pb.GetRowRequest) -> pb.GetRowResponse:
    """Read a row. The answer is empty if the row does not exist."""
    refuse_transaction(request.transaction_id)
    view = _View(request, request.token, f"{_NO_VERSIONS}.")
    key = row_rules.read_key(request.primary_key)
    table = open_table(context, request.table_name)
    row = _read(context, table, view, key)
    return pb.GetRowResponse(consumed=consumed(read=1), row=row)


def batch_get_row(context: Context, request: pb.BatchGetRowRequest) -> pb.BatchGetRowResponse:
    """Read up to 100 rows (documented).

    A wrong parameter fails the request. A wrong key or a missing table fails its row.
    """
    if not request.tables:
        raise invalid_parameter("No row specified in the request of BatchGetRow.")
    rules.unique_tables([asked.table_name for asked in request.tables])
    count = max(len(request.tables), sum(len(asked.primary_key) for asked in request.tables))
    if count > _BATCH_ROWS:
        raise invalid_parameter(f"Rows count exceeds the upper limit: {_BATCH_ROWS}.")
    checked = [
        (
            asked.table_name,
            _View(asked, b"".join(asked.token), f"{_NO_VERSIONS} while querying row."),
            [row_rules.read_key(key) for key in asked.primary_key],
        )
        for asked in request.tables
    ]
    answer = pb.BatchGetRowResponse()
    for name, view, keys in checked:
        answered = answer.tables.add(table_name=name)
        for key in keys:
            result = answered.rows.add(is_ok=True)
            try:
                result.row = _read(context, open_table(context, name), view, key)
                result.consumed.CopyFrom(consumed(read=1))
            except ServiceError as error:
                if error.code not in _ROW_ERRORS:
                    raise
                result.is_ok = False
                result.error.code = error.code
                result.error.message = error.message
    return answer


def get_range(context: Context, request: pb.GetRangeRequest) -> pb.GetRangeResponse:
    """Read rows between two keys.

    An answer ends after 5000 rows of the table, or when it exceeds 4 MB (documented). Rows that the
    filter leaves out count (assumed).
    """
    refuse_transaction(request.transaction_id)
    if request.HasField("limit") and request.limit <= 0:
        raise invalid_parameter("The limit must be greater than 0.")
    if request.direction not in {_FORWARD, _BACKWARD}:
        raise invalid_parameter(f"Invalid direction: {request.direction}.")  # assumed
    if request.HasField("return_entire_primary_keys") and not request.return_entire_primary_keys:
        raise ServiceError(
            UNSUPPORTED, "The emulator returns whole keys: return_entire_primary_keys must be true."
        )
    view = _View(request, request.token, f"{_NO_VERSIONS}.")
    bounds = [
        row_rules.read_key(key, is_bound=True)
        for key in (request.inclusive_start_primary_key, request.exclusive_end_primary_key)
    ]
    table = open_table(context, request.table_name)
    for bound in bounds:
        row_rules.check_schema(table.shape, bound)
    start, end = map(encode_key, bounds)
    if request.direction == _FORWARD and start >= end:
        raise invalid_parameter("Begin key must less than end key in FORWARD")
    if request.direction == _BACKWARD and start <= end:
        raise invalid_parameter("Begin key must more than end key in BACKWARD")
    return _range(context, request, table, view, (start, end))


def _range(
    context: Context,
    request: pb.GetRangeRequest,
    table: OpenTable,
    view: "_View",
    bounds: tuple[bytes, bytes],
) -> pb.GetRangeResponse:
    now = context.milliseconds()
    limit = request.limit if request.HasField("limit") else _RANGE_ROWS
    found: list[bytes] = []
    size = 0
    following: StoredRow | None = None
    rows = table.rows.range(table.id, *bounds, backward=request.direction == _BACKWARD)
    for scanned, row in enumerate(rows):
        if len(found) == limit or scanned == _RANGE_ROWS or size > _RANGE_BYTES:
            following = row
            break
        if encoded := view.of(table, row, now):
            found.append(encoded)
            size += len(encoded)
    answer = pb.GetRangeResponse(
        consumed=consumed(read=1),
        rows=b"".join(row[_HEADER_BYTES if index else 0 :] for index, row in enumerate(found)),
        data_block_type=_PLAIN_BUFFER,
    )
    if following:
        answer.next_start_primary_key = write_rows([Row(table.named(following.key))])
    return answer


class _View:
    """The columns, versions, times and filter that a read requests."""

    def __init__(self, request: _Criteria, token: bytes, no_versions: str) -> None:
        if token:
            raise ServiceError(
                UNSUPPORTED, "The emulator does not have pages of a row's columns: token."
            )
        _check_criteria(request, no_versions)
        self._request = request
        self._wanted = frozenset(request.columns_to_get)
        self._filter = parse_filter(request.filter) if request.filter else None

    def of(self, table: OpenTable, row: StoredRow, now: int) -> bytes:
        """Return the encoded row; empty if the answer omits the row.

        The answer omits a row that has none of the requested columns (documented). Other rows have
        their whole key (assumed). A filter applies to the requested columns (documented) and to
        the key (assumed).
        """
        alive = table.shape.alive(row.cells, now)
        if alive is None:
            return b""
        columns = {
            name: versions
            for name in sorted(alive)
            if self._is_requested(name) and (versions := self._versions(alive[name]))
        }
        if self._filter and not self._filter.passes(table.columns(StoredRow(row.key, columns))):
            return b""
        names: Iterable[str] = columns
        if self._filter and self._filter.limit is not None:
            first = self._filter.offset
            names = list(columns)[first : first + self._filter.limit]
        cells = [
            Cell(name, value, version)
            for name in names
            for version, value in zip(columns[name][::2], columns[name][1::2], strict=True)
        ]
        has_key = any(name in self._wanted for name, _, _ in table.shape.key)
        if self._wanted and not cells and not has_key:
            return b""
        return write_rows([Row(table.named(row.key), cells)])

    def _is_requested(self, name: str) -> bool:
        request = self._request
        return (
            (not self._wanted or name in self._wanted)
            and (not request.start_column or name >= request.start_column)
            and (not request.end_column or name < request.end_column)
        )

    def _versions(self, versions: list[Any]) -> list[Any]:
        request = self._request
        pairs: list[tuple[int, Value]] = list(zip(versions[::2], versions[1::2], strict=True))
        if request.HasField("time_range"):
            times = request.time_range
            if times.HasField("specific_time"):
                start, end = times.specific_time, times.specific_time + 1
            else:
                start, end = times.start_time, times.end_time
            pairs = [pair for pair in pairs if start <= pair[0] < end]
        if request.HasField("max_versions"):
            pairs = pairs[: request.max_versions]
        return [part for pair in pairs for part in pair]


def _check_criteria(request: _Criteria, no_versions: str) -> None:
    if not (request.HasField("max_versions") or request.HasField("time_range")):
        raise invalid_parameter(no_versions)
    if request.HasField("max_versions") and request.max_versions <= 0:
        raise invalid_parameter(
            f"Invalid max versions: {request.max_versions}. Reason: Max versions must be positive."
        )
    if request.HasField("time_range"):
        _check_times(request.time_range, has_max_versions=request.HasField("max_versions"))
    if len(request.columns_to_get) > row_rules.MOST_COLUMNS:
        raise invalid_parameter(
            "The number of columns from the request exceeds the limit, limit count: "
            f"{row_rules.MOST_COLUMNS}, column count: {len(request.columns_to_get)}."
        )
    for name in request.columns_to_get:
        rules.column_name(name)


def _check_times(times: pb.TimeRange, *, has_max_versions: bool) -> None:
    if not times.ListFields():
        raise invalid_parameter(
            "The time range has neither a start and end time nor a specific time."
        )
    if times.HasField("start_time") != times.HasField("end_time"):
        raise invalid_parameter("Start and end time must be given at the same time.")
    if times.HasField("start_time") and not 0 <= times.start_time < times.end_time:  # assumed
        raise invalid_parameter("Start time must be at least 0 and less than end time.")
    if times.HasField("specific_time"):
        if times.HasField("start_time"):
            raise invalid_parameter(
                "Specific tiemstamp and time range cannot be given at the same time."
            )
        if has_max_versions:
            raise invalid_parameter(
                "Specific tiemstamp and max versions cannot be given at the same time."
            )
        if times.specific_time < 0:
            raise invalid_parameter("Specific timestamp cannot be less than 0.")


def _read(context: Context, table: OpenTable, view: _View, key: Key) -> bytes:
    row_rules.check_schema(table.shape, key)
    row = table.rows.row(table.id, encode_key(key))
    return view.of(table, row, context.milliseconds()) if row else b""
