"""The rules of row operations, with a caller that can send any request."""

import time

import pytest

from pulumi_tablestore_delivery.wire import row_pb2 as pb
from pulumi_tablestore_delivery.wire import table_pb2
from pulumi_tablestore_delivery.wire.plainbuffer import (
    Action,
    Cell,
    Marker,
    Row,
    read_rows,
    write_rows,
    write_value,
)

IGNORE, EXIST, NOT_EXIST = 0, 1, 2
PUT, UPDATE, DELETE = 1, 2, 3
EQUAL = 1
NOT, AND = 1, 2
EMPTY_TIMES = pb.TimeRange()
PARAMETER = "400 OTSParameterInvalid: "


class Rows:
    """The rows of a table with the primary key p, n (STRING, INTEGER)."""

    def __init__(self, call):
        self.call = call
        call.create_table("rows", [("p", 2), ("n", 1)])

    def key(self, n, p="a"):
        return [("p", p), ("n", n)]

    def item(self, kind, n, cells=(), *, p="a", expect=IGNORE, condition=None):
        row = Row(self.key(n, p), [Cell(*cell) for cell in cells], is_deleted=kind == DELETE)
        item = pb.RowInBatchWriteRowRequest(type=kind, row_change=write_rows([row]))
        item.condition.row_existence = expect
        if condition is not None:
            item.condition.column_condition = condition.SerializeToString()
        return item

    def put(self, n, **cells):
        self.batch([self.item(PUT, n, cells.items())])

    def batch(self, items, table="rows", **fields):
        request = pb.BatchWriteRowRequest(**fields)
        request.tables.add(table_name=table, rows=items)
        answer = pb.BatchWriteRowResponse.FromString(self.call("BatchWriteRow", request))
        return [row.error.code if not row.is_ok else "" for row in answer.tables[0].rows]

    def get(self, n, p="a", **fields):
        request = pb.GetRowRequest(
            table_name="rows", primary_key=write_rows([Row(self.key(n, p))]), **fields
        )
        if "time_range" not in fields:
            request.max_versions = 1
        answer = pb.GetRowResponse.FromString(self.call("GetRow", request))
        rows = read_rows(answer.row)
        return {cell.name: cell.value for cell in rows[0].cells} if rows else None

    def range(self, start, end, **fields):
        request = pb.GetRangeRequest(
            table_name="rows",
            **{"direction": 0, "max_versions": 1, **fields},
            inclusive_start_primary_key=write_rows([Row(start)]),
            exclusive_end_primary_key=write_rows([Row(end)]),
        )
        answer = pb.GetRangeResponse.FromString(self.call("GetRange", request))
        return [row.key[1][1] for row in read_rows(answer.rows)]


@pytest.fixture
def rows(call):
    return Rows(call)


def single(name, value, comparator=EQUAL, *, missing=False):
    """A condition; `missing` says whether a row without the column passes."""
    inner = pb.SingleColumnValueFilter(
        comparator=comparator,
        column_name=name,
        column_value=write_value(value),
        filter_if_missing=not missing,
        latest_version_only=True,
    )
    return pb.Filter(type=1, filter=inner.SerializeToString())


def composite(combinator, *parts):
    inner = pb.CompositeColumnValueFilter(combinator=combinator, sub_filters=parts)
    return pb.Filter(type=2, filter=inner.SerializeToString())


def page(offset, limit):
    inner = pb.ColumnPaginationFilter(offset=offset, limit=limit)
    return pb.Filter(type=3, filter=inner.SerializeToString())


def test_wrong_parameter_of_one_row_fails_the_whole_batch(rows, refused):
    good = rows.item(PUT, 1, [("x", 1)])
    for bad in (
        rows.item(PUT, 2, [("#x", 1)]),
        rows.item(PUT, 2, [("x", "x" * (2 * 1024 * 1024 + 1))]),
        rows.item(PUT, 2, [("x", 1)], p="x" * 1025),
        rows.item(UPDATE, 2),
        rows.item(9, 2, [("x", 1)]),
        rows.item(PUT, 2, [("x", 1)], expect=9),
    ):
        with pytest.raises(refused, match=PARAMETER):
            rows.batch([good, bad])
    assert rows.get(1) is None


def test_missing_table_fails_the_whole_batch(rows, refused):
    request = pb.BatchWriteRowRequest()
    request.tables.add(table_name="rows", rows=[rows.item(PUT, 1, [("x", 1)])])
    request.tables.add(table_name="missing", rows=[rows.item(PUT, 1, [("x", 1)])])
    with pytest.raises(refused, match=r"404 OTSObjectNotExist: Requested table does not exist\.$"):
        rows.call("BatchWriteRow", request)
    assert rows.get(1) is None


def test_failed_condition_and_wrong_key_fail_their_rows_only(rows):
    wrong = pb.RowInBatchWriteRowRequest(
        type=PUT, row_change=write_rows([Row([("p", "a")], [Cell("x", 1)])])
    )
    wrong.condition.row_existence = IGNORE
    codes = rows.batch(
        [rows.item(PUT, 1, [("x", 1)]), rows.item(PUT, 2, [("x", 1)], expect=EXIST), wrong]
    )
    assert codes == ["", "OTSConditionCheckFail", "OTSInvalidPK"]
    assert (rows.get(1), rows.get(2)) == ({"x": 1}, None)


def test_atomic_batch_writes_all_rows_or_none(rows):
    good = [rows.item(PUT, n, [("x", n)]) for n in (1, 2)]
    failing = [*good, rows.item(PUT, 3, [("x", 3)], expect=EXIST)]
    assert rows.batch(failing, is_atomic=True) == ["OTSConditionCheckFail"] * 3
    assert rows.get(1) is None
    assert rows.batch(good, is_atomic=True) == ["", ""]
    assert rows.get(2) == {"x": 2}


def test_atomic_batch_of_several_partitions_fails_each_row(rows):
    items = [rows.item(PUT, 1, [("x", 1)]), rows.item(PUT, 1, [("x", 1)], p="b")]
    assert rows.batch(items, is_atomic=True) == ["OTSParameterInvalid"] * 2
    assert rows.get(1) is None
    assert rows.batch(items) == ["", ""]


def test_expectation_on_a_repeated_row_of_a_batch_is_refused(rows, refused):
    assert rows.batch([rows.item(PUT, 1, [("x", n)]) for n in (1, 2)]) == ["", ""]
    assert rows.get(1) == {"x": 2}
    for bad in (
        rows.item(UPDATE, 1, [("x", 3)], expect=EXIST),
        rows.item(UPDATE, 1, [("x", 3)], condition=single("x", 2)),
    ):
        with pytest.raises(refused, match="Repeated rows do not support row"):
            rows.batch([rows.item(PUT, 1, [("x", 1)]), bad])


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "No operation is specified for table: 'rows'."),
     (201, "Rows count exceeds the upper limit: 200.")],
)  # fmt: skip
def test_batch_has_one_to_200_rows(rows, refused, count, text):
    with pytest.raises(refused, match=PARAMETER) as error:
        rows.batch([rows.item(PUT, n, [("x", 1)]) for n in range(count)])
    assert error.value.message == text


def test_batches_without_tables_and_with_repeated_tables_are_refused(rows, refused):
    with pytest.raises(refused, match=r"No row is specified in BatchWriteRow\.$"):
        rows.call("BatchWriteRow", pb.BatchWriteRowRequest())
    with pytest.raises(refused, match=r"No row specified in the request of BatchGetRow\.$"):
        rows.call("BatchGetRow", pb.BatchGetRowRequest())
    request = pb.BatchGetRowRequest()
    for _ in range(2):
        request.tables.add(table_name="rows", max_versions=1)
    with pytest.raises(refused, match=r"Duplicated table name: 'rows'\.$"):
        rows.call("BatchGetRow", request)


def test_batch_get_row_without_keys_of_a_table_is_empty(rows):
    request = pb.BatchGetRowRequest()
    request.tables.add(table_name="rows", max_versions=1, token=[b"", b""])
    answer = pb.BatchGetRowResponse.FromString(rows.call("BatchGetRow", request))
    assert [len(table.rows) for table in answer.tables] == [0]


def test_batch_over_four_megabytes_is_a_wrong_parameter(rows, refused):
    items = [rows.item(PUT, n, [("x", "x" * (1024 * 1024))]) for n in range(4)]
    with pytest.raises(refused, match=PARAMETER) as error:
        rows.batch(items)
    assert error.value.message == (
        "The total data size of BatchWriteRow request exceeds the limit, "
        "limit size: 4194304, data size: 4194352."
    )
    assert rows.batch(items[:3]) == ["", "", ""]


def test_filter_applies_to_the_requested_columns_and_the_key(rows):
    rows.put(1, x=1, y=2)

    def passes(condition, *columns):
        found = rows.get(1, filter=condition.SerializeToString(), columns_to_get=columns)
        return found is not None

    assert passes(single("y", 2))
    assert not passes(single("y", 2), "x")
    assert passes(single("y", 9, missing=True), "x")
    assert passes(single("n", 1), "x")
    assert not passes(single("p", "b"), "x")
    assert passes(composite(AND, single("p", "a"), single("n", 1)))


def test_page_of_columns_skips_and_limits(rows):
    rows.put(1, a=1, b=2, c=3, d=4)
    assert rows.get(1, filter=page(1, 2).SerializeToString()) == {"b": 2, "c": 3}
    assert rows.get(1, filter=page(1, 9).SerializeToString(), start_column="b") == {"c": 3, "d": 4}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (composite(AND, *[single("x", 1)] * 33), "The count of filter exceeds the max: 32."),
        (page(-1, 1), "Offset in ColumnPaginationFilter must be greater than or equal to 0."),
        (page(0, 0), "Limit in ColumnPaginationFilter must be greater than 0."),
        (composite(AND, page(0, 1)), "Invalid type of sub-filter: FT_COLUMN_PAGINATION."),
        (composite(NOT), "Invalid NOT operator: the number of sub-filters must be 1."),
        (composite(9, single("x", 1)), "Invalid logical operator: 9."),
        (single("x", 1, 99), "Invalid relation operator: 99."),
        (single("#", 1), "Invalid column name: '#'."),
        (pb.Filter(type=9, filter=b""), "Invalid type of filter: 9."),
        (pb.Filter(type=1, filter=b"\xff"), "Deserialize relation filter failed."),
        (pb.Filter(type=2, filter=b"\xff"), "Deserialize composite filter failed."),
        (pb.Filter(type=3, filter=b"\xff"), "Deserialize column pagination filter failed."),
    ],
)
def test_wrong_filter_is_refused_with_the_text_of_the_service(rows, refused, given, text):
    with pytest.raises(refused, match=PARAMETER) as error:
        rows.get(1, filter=given.SerializeToString())
    assert error.value.message == text


@pytest.mark.parametrize("depth", [33, 1000, 5000])
def test_deeply_nested_filter_is_refused_at_once(rows, refused, depth, caplog):
    condition = single("x", 1)
    for _ in range(depth):
        condition = composite(NOT, condition)
    started = time.monotonic()
    with pytest.raises(refused, match=r"400 .*exceeds the max: 32|400 .*filter failed"):
        rows.get(1, filter=condition.SerializeToString())
    assert time.monotonic() - started < 2
    assert caplog.text == ""


def test_filter_with_32_conditions_is_accepted(rows):
    rows.put(1, x=1)
    condition = composite(AND, *[single("x", 1)] * 32)
    assert rows.get(1, filter=condition.SerializeToString()) == {"x": 1}


@pytest.mark.parametrize(
    ("direction", "bounds", "text"),
    [
        (0, (2, 2), "Begin key must less than end key in FORWARD"),
        (0, (3, 2), "Begin key must less than end key in FORWARD"),
        (1, (2, 2), "Begin key must more than end key in BACKWARD"),
        (1, (2, 3), "Begin key must more than end key in BACKWARD"),
    ],
)
def test_range_without_extent_is_refused(rows, refused, direction, bounds, text):
    with pytest.raises(refused, match=PARAMETER) as error:
        rows.range(*map(rows.key, bounds), direction=direction)
    assert error.value.message == text


@pytest.mark.parametrize("limit", [0, -1])
def test_limit_of_a_range_that_is_not_positive_is_refused(rows, refused, limit):
    with pytest.raises(refused, match=r"400 .*: The limit must be greater than 0\.$"):
        rows.range(rows.key(1), rows.key(2), limit=limit)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"columns_to_get": [f"c{n}" for n in range(1025)]},
            (
                "The number of columns from the request exceeds the limit, limit count: 1024, "
                "column count: 1025."
            ),
        ),
        ({"columns_to_get": ["#x"]}, "Invalid column name: '#x'."),
        (
            {"time_range": pb.TimeRange(start_time=1), "max_versions": 1},
            "Start and end time must be given at the same time.",
        ),
        (
            {"time_range": pb.TimeRange(specific_time=1), "max_versions": 1},
            "Specific tiemstamp and max versions cannot be given at the same time.",
        ),
        (
            {"time_range": pb.TimeRange(specific_time=-1)},
            "Specific timestamp cannot be less than 0.",
        ),
        (
            {"time_range": pb.TimeRange(start_time=5, end_time=5)},
            "Start time must be at least 0 and less than end time.",
        ),
        (
            {"time_range": pb.TimeRange(start_time=-1, end_time=5)},
            "Start time must be at least 0 and less than end time.",
        ),
        (
            {"time_range": EMPTY_TIMES},
            "The time range has neither a start and end time nor a specific time.",
        ),
    ],
)
def test_wrong_criteria_are_refused_with_the_text_of_the_service(rows, refused, fields, text):
    with pytest.raises(refused, match=PARAMETER) as error:
        rows.get(1, **fields)
    assert error.value.message == text


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (pb.GetRowRequest(transaction_id="t", max_versions=1), "transaction_id"),
        (pb.GetRowRequest(token=b"t", max_versions=1), "token"),
    ],
)
def test_field_that_the_emulator_does_not_have_is_refused_by_name(rows, refused, message, named):
    message.table_name, message.primary_key = "rows", write_rows([Row(rows.key(1))])
    with pytest.raises(refused, match=f"400 OTSUnsupportOperation: .*{named}"):
        rows.call("GetRow", message)


def test_unknown_field_is_refused_by_its_place(rows, refused):
    unknown = b"\x98\x06\x01"  # field 99
    item = rows.item(PUT, 1, [("x", 1)])
    item.MergeFromString(unknown)
    with pytest.raises(
        refused, match=r"OTSUnsupportOperation: .*BatchWriteRowRequest\.tables\.rows"
    ):
        rows.batch([item])
    request = table_pb2.CreateTableRequest()
    request.table_meta.table_name = "t"
    request.table_meta.primary_key.add(name="id", type=2).MergeFromString(unknown)
    with pytest.raises(refused, match=r"CreateTableRequest\.table_meta\.primary_key, number 99"):
        rows.call("CreateTable", request)
    assert rows.get(1) is None


def test_request_without_a_required_field_is_refused(rows, refused):
    request = pb.PutRowRequest(table_name="rows", row=b"")  # and no condition
    with pytest.raises(refused, match=PARAMETER + "The body is not a valid PutRowRequest"):
        rows.call("PutRow", request.SerializePartialToString())


def test_update_creates_a_row_with_a_generated_key(call, refused):
    call.create_table("auto", [("p", 2), ("n", 1, 1)])

    def request(**fields):
        row = Row([("p", "a"), ("n", Marker.AUTO_INCREMENT)], [Cell("x", 1)])
        made = pb.UpdateRowRequest(table_name="auto", row_change=write_rows([row]))
        made.condition.row_existence = IGNORE
        made.return_content.return_type = 1
        made.MergeFrom(pb.UpdateRowRequest(**fields))
        return made

    made = []
    for _ in range(2):
        answer = pb.UpdateRowResponse.FromString(call("UpdateRow", request()))
        made.append(read_rows(answer.row)[0].key[1][1])
    assert 0 < made[0] < made[1]
    with pytest.raises(refused, match="when modify row with pk auto increment"):
        call("UpdateRow", request(condition=pb.Condition(row_existence=EXIST)))
    condition = pb.Condition(
        row_existence=IGNORE, column_condition=single("x", 1).SerializeToString()
    )
    with pytest.raises(refused, match="Can't set condition when modify row with pk auto increment"):
        call("UpdateRow", request(condition=condition))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ((DELETE, [], False), "Invalid request of delete row: missing RowDeleteMarker in request."),
        (
            (DELETE, [Cell("x", 1)], True),
            "Invalid delete row request: unexpected cells in request.",
        ),
        (
            (PUT, [Cell("x", 1)], True),
            "Invalid request of put/update row: unexpected RowDeleteMarker in request.",
        ),
        ((PUT, [Cell("x", None)], False), "Invalid request of put row: find cells without values."),
        (
            (PUT, [Cell("x", None, None, Action.DELETE_ALL)], False),
            "OpType cannot be given for column name: 'x' in PutRow.",
        ),
        (
            (UPDATE, [Cell("x", None, None, Action.DELETE_ONE)], False),
            "Timestamp must be given when type is DELETE_ONE_VERSION.",
        ),
        (
            (UPDATE, [Cell("x", None, 1, Action.DELETE_ALL)], False),
            "Timestamp cannot be given when type is DELETE_ALL_VERSION.",
        ),
        ((UPDATE, [Cell("x", None)], False), "Invalid cell: 'x'. Reason: missing value."),
        ((UPDATE, [], False), "Invalid update row request: missing cells in request."),
    ],
)
def test_wrong_change_is_refused_with_the_text_of_the_service(rows, refused, change, text):
    kind, cells, is_deleted = change
    row = Row(rows.key(1), cells, is_deleted=is_deleted)
    item = pb.RowInBatchWriteRowRequest(type=kind, row_change=write_rows([row]))
    item.condition.row_existence = IGNORE
    with pytest.raises(refused, match=PARAMETER) as error:
        rows.batch([item])
    assert error.value.message == text


NEGATIVE_LENGTH = bytes.fromhex("75000000010304f8ffffff") + b"p"


@pytest.mark.parametrize(
    "row", [NEGATIVE_LENGTH, b"", b"\x75\0\0\0", b"\x75\0\0\0\x01", b"\xff" * 40]
)
def test_bytes_that_are_not_a_row_are_refused_at_once(rows, refused, row):
    request = pb.PutRowRequest(table_name="rows", row=row)
    request.condition.row_existence = IGNORE
    started = time.monotonic()
    with pytest.raises(refused, match=PARAMETER + "A row is not valid PlainBuffer: byte "):
        rows.call("PutRow", request)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("name", ["公司", "a.b", "price-2", "with space", "x" * 255, "'", "\n"])
def test_column_names_of_the_sdks_tests_are_accepted(rows, name):
    rows.put(1, **{name: 1})
    assert rows.get(1, columns_to_get=[name]) == {name: 1}


@pytest.mark.parametrize("operation", ["GetRow", "DescribeTable", "DeleteTable", "UpdateTable"])
@pytest.mark.parametrize("name", ["1st", "a-b", "x" * 256, ""])
def test_wrong_table_name_is_refused_as_a_wrong_parameter(rows, refused, operation, name):
    kinds = {
        "GetRow": pb.GetRowRequest(
            primary_key=write_rows([Row(rows.key(1))]), max_versions=1, table_name=name
        )
    }
    request = kinds.get(operation) or table_pb2.DescribeTableRequest(table_name=name)
    with pytest.raises(refused, match=PARAMETER) as error:
        rows.call(operation, request)
    assert error.value.message == f"Invalid table name: '{name}'."


def test_update_table_applies_to_the_next_requests(rows, refused, clock):
    def update(**options):
        request = table_pb2.UpdateTableRequest(
            table_name="rows", table_options=table_pb2.TableOptions(**options)
        )
        return table_pb2.UpdateTableResponse.FromString(rows.call("UpdateTable", request))

    answer = update(max_versions=2, time_to_live=86400)
    assert (answer.table_options.max_versions, answer.table_options.time_to_live) == (2, 86400)
    rows.batch([rows.item(UPDATE, 1, [("x", 1, clock() // 10**6)])])
    assert rows.get(1) == {"x": 1}
    update(allow_update=False)
    with pytest.raises(refused, match="does not allow updates"):
        rows.batch([rows.item(UPDATE, 1, [("x", 2)])])
    described = table_pb2.DescribeTableResponse.FromString(
        rows.call("DescribeTable", table_pb2.DescribeTableRequest(table_name="rows"))
    )
    options = described.table_options
    assert (options.max_versions, options.allow_update, described.table_status) == (2, False, 1)
    for wrong in ({}, {"max_versions": 0}, {"time_to_live": 5}, {"update_full_row": True}):
        with pytest.raises(refused, match=PARAMETER):
            update(**wrong)


@pytest.mark.parametrize(
    ("request_", "match"),
    [
        (table_pb2.UpdateTableRequest(table_name="rows"), "No parameter is specified"),
        (
            table_pb2.UpdateTableRequest(
                table_name="rows", stream_spec=table_pb2.StreamSpecification(enable_stream=True)
            ),
            "OTSUnsupportOperation: .*stream_spec",
        ),
        (
            table_pb2.UpdateTableRequest(
                table_name="missing", table_options=table_pb2.TableOptions(max_versions=1)
            ),
            "404 OTSObjectNotExist",
        ),
    ],
)
def test_update_table_refuses_unsupported_fields(rows, refused, request_, match):
    with pytest.raises(refused, match=match):
        rows.call("UpdateTable", request_)
