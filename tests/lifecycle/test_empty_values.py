"""An empty optional text is the same as none, also in states of earlier versions."""

import pytest
from support.lifecycle_world import HERE, bag

COLUMNS = bag()["parquet_schema"]
EMPTY = [
    {"oss_dirty_prefix": ""},
    {"tablestore_endpoint": ""},
    {"parquet_schema": [{**COLUMNS[0], "type_extend": ""}, *COLUMNS[1:]]},
    {"parquet_schema": [{**COLUMNS[0], "name": ""}, *COLUMNS[1:]]},
    {"task_name": ""},
    {"ignore_rules": []},
]


def changes(world, olds, news):
    run = world.run()
    checked = run.check(olds.inputs, news, HERE, world.row)
    assert checked.violations == []
    return run.diff(olds.outputs, checked.inputs, world.row).differences


@pytest.mark.parametrize("empty", EMPTY, ids=str)
def test_create_refresh_and_preview_find_no_change(world, empty):
    run = world.run()
    checked = run.check({}, bag(**empty), HERE, world.row)
    assert checked.violations == []
    created = run.create(checked.inputs, world.row)
    assert changes(world, created, bag(**empty)) == []
    refreshed = world.run().read(created.id, created.outputs)
    assert changes(world, refreshed, bag(**empty)) == []
    for name in empty.keys() - {"task_name", "ignore_rules"}:
        assert changes(world, refreshed, bag()) == [], name


@pytest.mark.parametrize("empty", EMPTY, ids=str)
def test_older_state_with_an_empty_text_has_no_difference(world, empty):
    """Earlier versions kept the empty text among inputs and outputs, and derived names from it."""
    run = world.run()
    found = run.create(run.check({}, bag(), HERE, world.row).inputs, world.row)
    kept = {name: value for name, value in empty.items() if name != "task_name"}
    older = type(found)(found.id, found.inputs | kept, found.outputs | kept)
    assert changes(world, older, bag(**empty)) == []
    assert changes(world, world.run().read(older.id, older.outputs), bag(**empty)) == []
