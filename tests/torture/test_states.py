"""A stack that an earlier release wrote: an upgrade keeps it, or repairs it with one `up`."""

import json

import pytest
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import NEEDS_PULUMI

from torture import states

pytestmark = NEEDS_PULUMI
READ = "dynamic-read"
SOUND = [name for name, case in states.CASES.items() if case.sound and name != READ]
BROKEN = [name for name, case in states.CASES.items() if not case.sound]


@pytest.fixture
def emulator(tmp_path):
    with EmulatorProcess(tmp_path / "data", "--create-buckets") as process:
        yield process


@pytest.fixture
def upgraded(tmp_path, emulator):
    """A new stack, in a backend of its own, with a recorded state and its tasks."""

    def load(name):
        stack = states.new_stack(states.CASES[name], tmp_path / "project", emulator)
        states.load(name, stack, emulator)
        return stack

    return load


def changes(run):
    """What was done to each delivery task, without what leaves it as it is."""
    kept = (["same"], ["refresh"], ["read"])
    return {name: done for name, done in run.operations.items() if done not in kept}


def owned(stack):
    """Ids of the tasks that the state's entries own."""
    state = json.loads(stack.call("stack", "export", "--stack", stack.name).stdout)
    return sorted(
        entry["id"]
        for entry in state["deployment"].get("resources", [])
        if entry.get("id", "").startswith("local/") and "external" not in entry
    )


def ids(emulator):
    return [f"local/{states.TABLE}/{task}" for task in emulator.tasks(states.TABLE)]


@pytest.mark.parametrize("name", SOUND)
def test_upgrade_shows_no_difference(name, upgraded, emulator):
    stack = upgraded(name)
    tasks = ids(emulator)
    assert owned(stack) == tasks
    assert changes(stack.preview("--expect-no-changes")) == {}
    assert changes(stack.refresh("--expect-no-changes")) == {}
    assert ids(emulator) == owned(stack) == tasks
    stack.destroy()
    assert ids(emulator) == owned(stack) == []


def test_upgrade_keeps_a_task_that_the_program_only_reads(upgraded, emulator):
    stack = upgraded(READ)
    tasks = ids(emulator)
    assert changes(stack.preview("--expect-no-changes")) == {}
    stack.refresh()
    assert changes(stack.preview("--expect-no-changes")) == {}
    stack.destroy()
    assert ids(emulator) == tasks


@pytest.mark.parametrize("name", BROKEN)
def test_upgrade_repairs_an_unfinished_state_with_one_up(name, upgraded, emulator):
    stack = upgraded(name)
    stack.up()
    (task,) = ids(emulator)
    assert owned(stack) == [task]
    assert changes(stack.preview("--expect-no-changes")) == {}
    assert changes(stack.refresh("--expect-no-changes")) == {}
    stack.destroy()
    assert ids(emulator) == owned(stack) == []
