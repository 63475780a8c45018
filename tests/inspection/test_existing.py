"""Existing tasks: their resources' names."""

from pulumi_tablestore_delivery.inspection import existing


def test_names_are_unique():
    names = set()
    assert [existing._unique(name, names) for name in ("a b", "a/b", "a-b", "任 务")] == [
        "a-b", "a-b-2", "a-b-3", "任-务",
    ]  # fmt: skip
