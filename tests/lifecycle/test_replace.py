"""Replacing a task never ends with none, whatever its name and whenever the run is killed."""

from dataclasses import replace

import pytest
from lifecycle_world import HERE, bag

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.spec.model import UNKNOWN


class Stack:
    """What the engine does for one resource: its calls, in its order, and its state."""

    def __init__(self, world):
        self.world = world
        self.inputs = {}
        self.outputs = {}
        self.id = ""

    def up(self, *, force=False, killed_before_delete=False, delete_first=False, **changes):
        run, row = self.world.run(), self.world.row
        here = replace(HERE, delete_before_replace=delete_first)
        checked = run.check(self.inputs, bag(**changes), here, row)
        assert checked.violations == []
        if not self.id:
            return self._created(run.create(checked.inputs, row))
        diff = run.diff(self.outputs, checked.inputs, row)
        if not (force or diff.replaces):
            if diff.differences:
                self._created(run.update(self.outputs, checked.inputs, row))
            return None
        old_id, old_outputs = self.id, self.outputs
        checked = run.check({}, bag(**changes), here, row)
        if delete_first or diff.delete_before_replace:
            run.delete(old_id, old_outputs, row)
            return self._created(run.create(checked.inputs, row))
        self._created(run.create(checked.inputs, row))
        if killed_before_delete:
            run = self.world.run()  # the next run deletes what is pending
        run.delete(old_id, old_outputs, row)
        return None

    def _created(self, found):
        self.id, self.inputs, self.outputs = found.id, found.inputs, found.outputs

    def assert_sound(self):
        """The state's task is the only one there is."""
        assert [self.id] == [f"inst/orders/{name}" for name in self.world.tasks()]


@pytest.fixture
def stack(world):
    return Stack(world)


def test_no_op_keeps_the_name(stack):
    stack.up()
    first = stack.id
    stack.up()
    stack.up(wait_for="none")
    assert stack.id == first
    stack.assert_sound()


@pytest.mark.parametrize("killed", [False, True])
def test_changed_content_gets_another_name(stack, killed):
    stack.up()
    first = stack.id
    stack.up(mode="INC", killed_before_delete=killed)
    assert stack.id != first
    stack.assert_sound()
    stack.up()
    stack.assert_sound()


@pytest.mark.parametrize("killed", [False, True])
def test_forced_replacement_of_a_derived_name(stack, killed):
    """Same content, so the name would be the same: another is derived."""
    stack.up()
    first = stack.id
    stack.up(force=True, killed_before_delete=killed)
    assert stack.id != first
    stack.assert_sound()
    stack.up()
    stack.assert_sound()
    stack.up(force=True)
    stack.assert_sound()


@pytest.mark.parametrize("adopt", [False, True], ids=["explicit", "adopted"])
def test_forced_replacement_of_an_explicit_name_is_refused(stack, adopt):
    """Creating first would take the existing task, and deleting the old one would end it."""
    stack.up(task_name="orders", adopt_existing=adopt)
    with pytest.raises(errors.TaskConflictError, match="delete_before_replace=True"):
        stack.up(task_name="orders", adopt_existing=adopt, force=True)
    stack.assert_sound()
    stack.up(task_name="orders", adopt_existing=adopt)
    stack.assert_sound()


@pytest.mark.parametrize("adopt", [False, True], ids=["explicit", "adopted"])
def test_forced_replacement_of_an_explicit_name_with_delete_first(stack, adopt):
    stack.up(task_name="orders", adopt_existing=adopt)
    stack.up(task_name="orders", adopt_existing=adopt, force=True, delete_first=True)
    stack.assert_sound()


def test_a_changed_explicit_name_deletes_first(stack):
    stack.up(task_name="orders")
    stack.up(task_name="orders", mode="INC")
    assert stack.id == "inst/orders/orders"
    stack.assert_sound()


def test_a_drifted_task_is_put_back_under_another_name(stack, world):
    stack.up()
    stack.inputs = {**stack.inputs, "mode": "INC"}
    stack.outputs = {**stack.outputs, "mode": "INC"}  # what a refresh found
    first = stack.id
    stack.up()
    assert stack.id != first
    stack.assert_sound()


def test_renamed_by_an_alias_it_keeps_its_name(world):
    run = world.run()
    first = run.check({}, bag(), HERE, world.row).inputs
    elsewhere = HERE.__class__(HERE.scope.__class__("shop", "dev", "Lake", "sales"), preview=False)
    second = world.run().check(first, bag(), elsewhere, world.row).inputs
    assert second["task_name"] == first["task_name"]


def test_a_task_that_another_resource_took_over_is_not_deleted(world):
    """Renamed without an alias: the new resource is created before the old one is deleted."""
    stack = Stack(world)
    stack.up(task_name="orders")
    run = world.run()
    checked = run.check({}, bag(task_name="orders", adopt_existing=True), HERE, world.row)
    run.create(checked.inputs, world.row)
    run.delete(stack.id, stack.outputs, world.row)
    assert world.tasks() == ["orders"]
    assert "goes on with it" in world.row.warnings[-1]


def test_the_cost_names_what_changed_and_not_the_name_that_follows(world):
    preview = replace(HERE, preview=True)
    first = world.run().check({}, bag(), HERE, world.row).inputs
    run = world.run()
    second = run.check(first, bag(mode="INC"), preview, world.row).inputs
    run.diff(first, second, world.row)
    assert world.row.warnings[-1].startswith("mode changed, and the service cannot change a task")
    unknown = run.check(first, bag(mode="INC", oss_bucket=UNKNOWN), preview, world.row).inputs
    run.diff(first, unknown, world.row)
    assert world.row.warnings[-1].startswith("mode, oss_bucket changed")


def test_a_resource_that_is_checked_as_new_lets_its_task_go_first(world):
    """So is one that is replaced by deleting first, where the program's options are not known."""
    given = bag(task_name="explicit")
    run = world.run()
    inputs = run.check({}, given, HERE, world.row).inputs
    found = run.create(inputs, world.row)

    run = world.run()
    run.check(found.inputs, given, HERE, world.row)
    again = run.check({}, given, HERE, world.row).inputs
    run.delete(found.id, found.outputs, world.row)
    assert world.tasks() == []
    run.create(again, world.row)
    assert world.tasks() == ["explicit"]


def test_the_cost_is_told_without_a_preview_too(world):
    run = world.run()
    found = run.create(run.check({}, bag(), HERE, world.row).inputs, world.row)
    world.row.warnings.clear()
    run = world.run()
    news = run.check(found.inputs, bag(mode="INC"), HERE, world.row).inputs
    diff = run.diff(found.outputs, news, world.row)
    assert diff.cost.startswith("mode changed")
    assert world.row.warnings == []
    news = run.check(found.inputs, bag(timeout_seconds=5), HERE, world.row).inputs
    assert run.diff(found.outputs, news, world.row).cost == ""
