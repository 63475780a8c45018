"""Propose a schema: declared columns, types of values, event times."""

import pytest

from pulumi_tablestore_delivery.inspection.inference import propose
from pulumi_tablestore_delivery.spec.surroundings import TableColumns

KEY = ("id", "k")


def rows_of(**columns):
    """Rows that have the values of the columns, in order; None is a cell that is not there."""
    length = max(map(len, columns.values()))
    padded = {name: [*values, *[None] * (length - len(values))] for name, values in columns.items()}
    return [
        [KEY, *((name, values[i]) for name, values in padded.items() if values[i] is not None)]
        for i in range(length)
    ]


def proposal(defined=None, **columns):
    return propose(TableColumns({"id": "STRING"}, defined or {}), rows_of(**columns))


def types(columns):
    return {column.source: column.type for column in columns}


def test_declared_type_comes_before_the_type_of_the_values():
    found = proposal(
        {"given": "DOUBLE", "empty": "BOOLEAN"}, given=[1.0], t=["x"], n=[1], x=[2.0], b=[True]
    )
    assert [*types(found.columns).items()] == [
        ("id", "UTF8"), ("given", "DOUBLE"), ("empty", "BOOL"),
        ("t", "UTF8"), ("n", "INT64"), ("x", "DOUBLE"), ("b", "BOOL"),
    ]  # fmt: skip
    assert (found.undecided, found.binary) == ([], [])


def test_column_with_several_types_is_undecided():
    found = proposal({"given": "INTEGER"}, n=[1, 2.0, 2.5], m=[b"x", "t"], given=["x"])
    assert types(found.columns) == {"id": "UTF8"}
    assert types(found.undecided) == {"given": "INT64", "n": "DOUBLE", "m": "UTF8"}
    assert [dict(column.counts) for column in found.undecided] == [
        {"STRING": 1}, {"DOUBLE": 2, "INTEGER": 1}, {"BINARY": 1, "STRING": 1},
    ]  # fmt: skip


def test_binary_column_is_omitted():
    found = proposal({"photo": "BINARY"}, raw=[b"x"], photo=[])
    assert [column.source for column in found.binary] == ["photo", "raw"]
    assert types(found.columns) == {"id": "UTF8"}


def test_names_that_differ_only_by_case_get_other_names():
    found = proposal(Amount=[1], amount=[2], AMOUNT=[3, "x"], amount_2=[4], ID=["x"])
    names = {column.source: column.name for column in found.columns + found.undecided}
    assert names["Amount"] == "Amount"
    assert names["amount"] == "amount_2"
    assert len({name.lower() for name in names.values()}) == len(names) == 6


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2024-02-29T00:00:00Z", "2024-02-29T00:00:00+08:00"], "RFC3339"),
        (["Mon, 02 Jan 2006 15:04:05 MST"], "RFC1123"),
        (["Monday, 02-Jan-06 15:04:05 UTC"], "RFC850"),
        (["02 Jan 06 15:04 MST"], "RFC822"),
        (["Mon, 02 Jan 2006 15:04:05 MST", "02 Jan 06 15:04 MST"], None),
        ([1_700_000_000], "Unix"),
        ([1_700_000_000_000], "Unix"),
        ([1_700_000_000, 1_700_000_000_000], None),
        ([1, 2], None),
        (["2024-02-29T00:00:00Z", "yesterday"], None),
        (["2024-02-29T00:00:00Z", 1_700_000_000], None),
        ([1_700_000_000.0], None),
        ([True], None),
        ([], None),
    ],
)
def test_event_time_column_is_proposed_by_its_values(values, form):
    found = proposal({"at": "STRING"} if not values else {}, at=values)
    assert found.event_times == ([{"column": "at", "format": form}] if form else [])
