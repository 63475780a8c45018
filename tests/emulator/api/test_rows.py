"""Row operations through the official Python SDK, with its checks on."""

import contextlib
import math
import re
import time

import pytest
from support.sdk import tablestore as ts

IGNORE = ts.Condition("IGNORE")
VALUES = {"i": -(2**63), "d": 1.5, "s": "北京", "t": True, "b": bytearray(b"\0\xff")}


def cells(row):
    return {name: value for name, value, _ in row.attribute_columns}


def get(world, key="a", **options):
    key = key if isinstance(key, list) else [("id", key)]
    _, row, _ = world.sdk.get_row("t", key, **{"max_version": 1, **options})
    return row


def update(world, key="a", condition=IGNORE, **changes):
    return world.sdk.update_row("t", ts.Row([("id", key)], changes), condition)


@contextlib.contextmanager
def refuses(code, match="."):
    with pytest.raises(ts.OTSServiceError) as refused:
        yield
    assert refused.value.code == code
    assert re.search(match, refused.value.message)


def test_row_is_put_read_and_deleted(world):
    world.put("a", **VALUES)
    row = get(world)
    assert (row.primary_key, cells(row)) == ([("id", "a")], VALUES)
    assert abs(row.attribute_columns[0][2] - time.time() * 1000) < 10_000
    world.put("a", only=1)
    assert cells(get(world)) == {"only": 1}
    world.sdk.delete_row("t", ts.Row([("id", "a")]), IGNORE)
    world.sdk.delete_row("t", ts.Row([("id", "a")]), IGNORE)
    assert get(world) is None


def test_update_changes_cells_and_creates_rows(world):
    update(world, PUT=[("x", 1), ("y", 2)])
    update(world, PUT=[("z", "new")], DELETE_ALL=["x"], INCREMENT=[("y", 5), ("n", -1)])
    assert cells(get(world)) == {"y": 7, "z": "new", "n": -1}
    with refuses("OTSParameterInvalid", "cannot be incremented"):
        update(world, INCREMENT=[("z", 1)])
    update(world, "none", DELETE_ALL=["x"])
    assert get(world, "none") is None


def test_increment_returns_the_new_value(world):
    for expected in (4, 8):
        row = ts.Row([("id", "a")], {"INCREMENT": [("n", 4)]})
        _, answered = world.sdk.update_row("t", row, IGNORE, ts.ReturnType.RT_PK)
        assert answered.primary_key == [("id", "a")]
        assert cells(get(world)) == {"n": expected}


def test_conditions_of_existence_and_of_columns(world):
    with refuses("OTSConditionCheckFail"):
        update(world, condition=ts.Condition("EXPECT_EXIST"), PUT=[("x", 1)])
    world.put("a", x=5, s="text")
    with refuses("OTSConditionCheckFail"):
        update(world, condition=ts.Condition("EXPECT_NOT_EXIST"), PUT=[("x", 1)])

    def passes(condition):
        turn = world.turn = getattr(world, "turn", 0) + 1
        with contextlib.suppress(ts.OTSServiceError):
            update(world, condition=ts.Condition("IGNORE", condition), PUT=[("seen", turn)])
        return cells(get(world)).get("seen") == turn

    def single(name, value, comparator, **options):
        return ts.SingleColumnCondition(name, value, comparator, **options)

    kind = ts.ComparatorType
    for value, holds in [
        (4, {kind.NOT_EQUAL, kind.GREATER_THAN, kind.GREATER_EQUAL}),
        (5, {kind.EQUAL, kind.GREATER_EQUAL, kind.LESS_EQUAL}),
        (6, {kind.NOT_EQUAL, kind.LESS_THAN, kind.LESS_EQUAL}),
        ("5", {kind.NOT_EQUAL}),
    ]:
        for comparator in (kind.EQUAL, kind.NOT_EQUAL, kind.GREATER_THAN, kind.GREATER_EQUAL,
                           kind.LESS_THAN, kind.LESS_EQUAL):  # fmt: skip
            assert passes(single("x", value, comparator)) == (comparator in holds)
    assert passes(single("none", 1, kind.EQUAL))
    assert not passes(single("none", 1, kind.EQUAL, pass_if_missing=False))
    both = ts.CompositeColumnCondition(ts.LogicalOperator.AND)
    both.add_sub_condition(single("x", 5, kind.EQUAL))
    both.add_sub_condition(single("s", "other", kind.EQUAL))
    either = ts.CompositeColumnCondition(ts.LogicalOperator.OR)
    for condition in both.sub_conditions:
        either.add_sub_condition(condition)
    neither = ts.CompositeColumnCondition(ts.LogicalOperator.NOT)
    neither.add_sub_condition(both)
    assert (passes(both), passes(either), passes(neither)) == (False, True, True)
    rule = ts.RegexRule("t(.*)", ts.CastType.VT_STRING)
    with refuses("OTSUnsupportOperation", "regular expressions"):
        condition = ts.SingleColumnRegexCondition("s", kind.EQUAL, "ext", rule)
        update(world, condition=ts.Condition("IGNORE", condition), PUT=[("x", 1)])


def test_generated_key_is_returned_and_grows(world):
    world.table("auto", [("id", "STRING"), ("n", "INTEGER", ts.PK_AUTO_INCR)])
    made = []
    for _ in range(3):
        row = ts.Row([("id", "a"), ("n", ts.PK_AUTO_INCR)], [("x", 1)])
        _, answered = world.sdk.put_row("auto", row, IGNORE, ts.ReturnType.RT_PK)
        made.append(answered.primary_key[1][1])
    assert made == sorted(set(made))
    _, row, _ = world.sdk.get_row("auto", [("id", "a"), ("n", made[1])], max_version=1)
    assert cells(row) == {"x": 1}


def test_batch_answers_for_each_row(world):
    world.put("there", n=0)
    world.put("other", n=0)
    expect = ts.Condition("EXPECT_NOT_EXIST")
    request = ts.BatchWriteRowRequest()
    request.add(ts.TableInBatchWriteRowItem("t", [
        ts.PutRowItem(ts.Row([("id", "new")], [("n", 1)]), expect),
        ts.PutRowItem(ts.Row([("id", "there")], [("n", 1)]), expect),
        ts.UpdateRowItem(ts.Row([("id", "other")], {"PUT": [("m", 2)]}), IGNORE),
        ts.DeleteRowItem(ts.Row([("id", "gone")]), IGNORE),
    ]))  # fmt: skip
    answer = world.sdk.batch_write_row(request)
    put = answer.get_put_by_table("t")
    assert [(row.is_ok, row.error_code) for row in put] == [
        (True, None), (False, "OTSConditionCheckFail"),
    ]  # fmt: skip
    rest = [*answer.get_update_by_table("t"), *answer.get_delete_by_table("t")]
    assert [row.is_ok for row in rest] == [True, True]
    request = ts.BatchGetRowRequest()
    keys = [[("id", name)] for name in ("new", "other", "gone")]
    request.add(ts.TableInBatchGetRowItem("t", keys, max_version=1))
    found = world.sdk.batch_get_row(request).get_result_by_table("t")
    assert [row.row and cells(row.row) for row in found] == [{"n": 1}, {"n": 0, "m": 2}, None]


def test_range_is_paged_in_both_directions(world):
    world.put_many((f"k{i:03}", {"n": i}) for i in range(50))
    low, high = [("id", ts.INF_MIN)], [("id", ts.INF_MAX)]
    for direction, start, end, expected in [
        ("FORWARD", low, high, list(range(50))),
        ("BACKWARD", high, low, list(range(49, -1, -1))),
        ("FORWARD", [("id", "k010")], [("id", "k013")], [10, 11, 12]),
        ("BACKWARD", [("id", "k013")], [("id", "k010")], [13, 12, 11]),
    ]:
        found = []
        following = start
        while following:
            _, following, rows, _ = world.sdk.get_range(
                "t", direction, following, end, limit=7, max_version=1
            )
            assert len(rows) <= 7
            found += [cells(row)["n"] for row in rows]
        assert found == expected
    with refuses("OTSParameterInvalid", "^Begin key must less than end key in FORWARD$"):
        world.sdk.get_range("t", "FORWARD", high, low, max_version=1)
    even = ts.SingleColumnCondition("n", 48, ts.ComparatorType.GREATER_EQUAL)
    _, _, rows, _ = world.sdk.get_range(
        "t", "FORWARD", low, high, max_version=1, column_filter=even
    )
    assert [cells(row)["n"] for row in rows] == [48, 49]
    found = world.sdk.xget_range("t", "FORWARD", low, high, [], None, max_version=1)
    assert found is not None


def test_read_returns_the_requested_columns_versions_and_times(world):
    world.table("v", max_version=3)
    now = int(time.time() * 1000)
    for age in (30, 20, 10, 0):
        change = {"PUT": [("x", age, now - age), ("y", age, now - age)]}
        world.sdk.update_row("v", ts.Row([("id", "a")], change), IGNORE)

    def read(**options):
        _, row, _ = world.sdk.get_row("v", [("id", "a")], **options)
        return row and [(name, value) for name, value, _ in row.attribute_columns]

    assert read(max_version=1) == [("x", 0), ("y", 0)]
    assert read(columns_to_get=["x"], max_version=9) == [("x", 0), ("x", 10), ("x", 20)]
    assert read(columns_to_get=["x"], time_range=(now - 20, now), max_version=9) == [
        ("x", 10),
        ("x", 20),
    ]
    assert read(columns_to_get=["x"], time_range=now - 10, max_version=None) == [("x", 10)]
    with refuses("OTSParameterInvalid", "Specific tiemstamp and max versions"):
        read(time_range=now - 10, max_version=1)
    assert read(start_column="y", max_version=1) == [("y", 0)]
    assert read(columns_to_get=["none"], max_version=1) is None
    assert read(columns_to_get=["id", "none"], max_version=1) == []
    world.sdk.update_row("v", ts.Row([("id", "a")], {"DELETE": [("x", None, now - 10)]}), IGNORE)
    assert read(columns_to_get=["x"], max_version=9) == [("x", 0), ("x", 20)]


def test_table_that_keeps_fewer_versions_now_returns_fewer(world):
    world.table("v", max_version=3)
    now = int(time.time() * 1000)
    for age in (20, 10, 0):
        world.sdk.update_row("v", ts.Row([("id", "a")], {"PUT": [("x", age, now - age)]}), IGNORE)
    world.sdk.update_table("v", ts.TableOptions(max_version=1))
    _, row, _ = world.sdk.get_row("v", [("id", "a")], max_version=9)
    assert [(name, value) for name, value, _ in row.attribute_columns] == [("x", 0)]


def test_expired_cells_are_gone(world):
    world.table("ttl", time_to_live=86400, max_time_deviation=10 * 86400)
    old = int(time.time() * 1000) - 2 * 86_400_000
    world.sdk.put_row("ttl", ts.Row([("id", "a")], [("old", 1, old), ("new", 2)]), IGNORE)
    _, row, _ = world.sdk.get_row("ttl", [("id", "a")], max_version=1)
    assert cells(row) == {"new": 2}
    with refuses("OTSParameterInvalid", "max_time_deviation"):
        world.sdk.put_row("t", ts.Row([("id", "a")], [("old", 1, old)]), IGNORE)


@pytest.mark.parametrize(
    ("key", "columns", "text"),
    [
        (
            [("id", "x" * 1025)],
            [],
            (
                "The length of primary key column: 'id' exceeds the MaxLength:1024 with "
                "CurrentLength:1025."
            ),
        ),
        (
            [("id", "a")],
            [("id", 1)],
            "Duplicated attribute column name with primary key column: 'id'.",
        ),
        ([("id", "a")], [("#name", 1)], "Invalid column name: '#name'."),
        ([("id", "a")], [("n" * 256, 1)], f"Invalid column name: '{'n' * 256}'."),
        (
            [("id", "a")],
            [("x", "x" * (2 * 1024 * 1024 + 1))],
            (
                "The length of attribute column: 'x' exceeds the MaxLength:2097152 with "
                "CurrentLength:2097153."
            ),
        ),
        ([("id", "a")], [("x", math.nan)], "NaN can't be set to double value."),
        ([("id", "a")], [("x", -math.inf)], "Infinity can't be set to double value."),
        (
            [("id", "a")],
            [("x", 1, (2**63 - 1) // 1000)],
            "Timestamp must be in range [0, INT64_MAX/1000).",
        ),
        (
            [("id", "a")],
            [(f"c{n}", 1) for n in range(1025)],
            (
                "The number of attribute columns exceeds the limit, limit count: 1024, "
                "column count: 1025."
            ),
        ),
        ([("id", ts.INF_MIN)], [], "VT_INF_MIN is an invalid type for the primary key."),
    ],
)
def test_wrong_parameter_of_a_row_is_refused_with_the_text_of_the_service(
    world, key, columns, text
):
    with refuses("OTSParameterInvalid", f"^{re.escape(text)}$"):
        world.sdk.put_row("t", ts.Row(key, columns), IGNORE)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ([("id", 5)], "Validate PK type fail. Input: VT_INTEGER, Meta: VT_STRING."),
        ([("other", "a")], "Validate PK name fail. Input: other, Meta: id."),
        ([("id", "a"), ("more", 1)], "Validate PK size fail. Input: 2, Meta: 1."),
    ],
)
def test_key_of_another_table_is_an_invalid_key_in_each_operation(world, key, text):
    calls = [
        lambda: world.sdk.put_row("t", ts.Row(key, [("x", 1)]), IGNORE),
        lambda: world.sdk.update_row("t", ts.Row(key, {"PUT": [("x", 1)]}), IGNORE),
        lambda: world.sdk.delete_row("t", ts.Row(key), IGNORE),
        lambda: world.sdk.get_row("t", key, max_version=1),
        lambda: world.sdk.get_range("t", "FORWARD", key, [("id", ts.INF_MAX)], max_version=1),
    ]
    for call in calls:
        with refuses("OTSInvalidPK", f"^{re.escape(text)}$"):
            call()
    request = ts.BatchGetRowRequest()
    request.add(ts.TableInBatchGetRowItem("t", [key], max_version=1))
    (row,) = world.sdk.batch_get_row(request).get_result_by_table("t")
    assert (row.is_ok, row.error_code, row.error_message) == (False, "OTSInvalidPK", text)
    request = ts.BatchWriteRowRequest()
    request.add(ts.TableInBatchWriteRowItem("t", [ts.PutRowItem(ts.Row(key, [("x", 1)]), IGNORE)]))
    (row,) = world.sdk.batch_write_row(request).get_put_by_table("t")
    assert (row.is_ok, row.error_code, row.error_message) == (False, "OTSInvalidPK", text)


def test_transaction_is_refused(world):
    with refuses("OTSUnsupportOperation", "StartLocalTransaction"):
        world.sdk.start_local_transaction("t", [("id", "a")])
    with refuses("OTSUnsupportOperation", "transactions"):
        world.sdk.put_row("t", ts.Row([("id", "a")], []), IGNORE, None, "transaction")


def test_acknowledged_rows_survive_a_restart(start_world, world):
    world.put("a", **VALUES)
    world.stop()
    assert cells(get(start_world())) == VALUES
