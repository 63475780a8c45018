"""Subclasses of `DeliveryTask` in a program have the type of `DeliveryTask`."""

import json
from pathlib import Path

import pytest
from support.pulumi_cli import DYNAMIC, NATIVE, both

STATES = Path(__file__).resolve().parents[1] / "data" / "pulumi" / "states"
PROGRAM = (STATES / "subclasses.py").read_text()
# Only the dynamic resource takes a type of its own.
IN_NATIVE = {', module="shop", name="EventsTask"': "", '"by-hand"': '"by-hand-2"'}


def program_of(front_end):
    text = PROGRAM
    if front_end is NATIVE:
        for old, new in IN_NATIVE.items():
            text = text.replace(old, new)
    return text


@pytest.fixture
def stack(project, front_end):
    """A stack that the version before wrote; nothing is called as long as nothing changes."""
    project.program(program_of(front_end))
    stack = project.stack()
    state = STATES / f"subclasses-{front_end.name}.json"
    stack.call("stack", "import", "--file", str(state))
    return stack


@both
def test_state_of_the_previous_version_has_an_empty_diff(stack, front_end):
    for command in (stack.preview, stack.up):
        run = command("--expect-no-changes")
        assert run.operations == {
            name: ["same"] for name in ("derived", "explicit", "nested", "events", "plain")
        }
    types = {
        resource["type"]
        for resource in json.loads(stack.call("stack", "export").stdout)["deployment"]["resources"]
        if resource.get("id") and "provider" not in resource["type"]
    }
    assert types == {front_end.type}
    assert stack.up("--expect-no-changes").returncode == 0


def test_renamed_subclass_keeps_its_task(stack, project):
    renamed = '"explicit-renamed", {**COMMON, "oss_prefix": "explicit/", "task_name": "by-hand"}'
    text = program_of(DYNAMIC).replace(
        'OrdersTask("explicit", {**COMMON, "oss_prefix": "explicit/", "task_name": "by-hand"})',
        f'OrdersTask({renamed}, pulumi.ResourceOptions(aliases=[pulumi.Alias(name="explicit")]))',
    )
    assert "renamed" in text
    project.program(text)
    run = stack.preview("--expect-no-changes")
    assert run.operations["explicit-renamed"] == ["same"]


CREATES = """
import json
from pathlib import Path

import pulumi_tablestore_delivery as delivery


class OrdersTask(delivery.DeliveryTask):
    pass


class MoreOrdersTask(OrdersTask):
    pass


inputs = json.loads(Path("inputs.json").read_text())
OrdersTask("orders", inputs)
MoreOrdersTask("more", {**inputs, "oss_prefix": "more/"})
"""


@both
def test_new_subclass_has_the_type_and_commands_find_it(
    project, emulator, table, inputs, front_end
):
    project.program(CREATES)
    (project.folder / "inputs.json").write_text(json.dumps(inputs))
    stack = project.stack()
    stack.up()
    resources = stack.resources()
    assert {name: found["type"] for name, found in resources.items()} == dict.fromkeys(
        ("orders", "more"), front_end.type
    )
    assert stack.up("--expect-no-changes").returncode == 0
    assert stack.refresh("--expect-no-changes").returncode == 0
    stack.destroy()
    assert emulator.tasks(table) == []
