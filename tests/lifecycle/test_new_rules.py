"""A rule for new tasks is an error for a new or replaced task, and otherwise a warning."""

import pytest
from support.lifecycle_world import HERE, bag

CLASH = {"oss_prefix": "orders/Order_ID=$yyyy/"}


@pytest.fixture
def check(world):
    """Check changed inputs of an existing task that violates such a rule."""
    existing = world.run().check(
        {}, bag(**CLASH, ignore_rules=["partition-column"]), HERE, world.row
    )
    assert existing.violations == []
    del world.row.warnings[:]

    def again(**changes):
        return world.run().check(existing.inputs, bag(**{**CLASH, **changes}), HERE, world.row)

    return again


def test_new_task_that_violates_a_new_rule_is_refused(world):
    checked = world.run().check({}, bag(**CLASH), HERE, world.row)
    assert [item.rule for item in checked.violations] == ["partition-column"]


@pytest.mark.parametrize("changes", [{}, {"wait_for": "none"}, {"timeout_seconds": 9}], ids=str)
def test_unchanged_task_that_violates_a_new_rule_gets_a_warning(world, check, changes):
    assert check(**changes).violations == []
    assert any("rule partition-column" in warning for warning in world.row.warnings)


@pytest.mark.parametrize(
    "changes",
    [{"mode": "INC"}, {"oss_prefix": "else/ORDER_ID=$yyyy/"}, {"task_name": "another"}],
    ids=str,
)
def test_replaced_task_that_violates_a_new_rule_is_refused(check, changes):
    assert [item.rule for item in check(**changes).violations] == ["partition-column"]
