"""The declaration that a program sends to the provider, and what of it is stored."""

import json

import pytest
from support.pulumi_cli import NATIVE, both

PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery
from pulumi_tablestore_delivery.frontend.declaration import declaration

given = json.loads(Path("given.json").read_text())
for name, inputs in given["tasks"].items():
    delivery.DeliveryTask(name, inputs)
for name, task_id in given.get("read", {}).items():
    delivery.DeliveryTask.get(name, task_id)
for name, table in (("one", given["table"]), ("none", "no_such_table"), ("all", None)):
    table_name = pulumi.Output.from_input(given["table"]) if table is None else table
    sent = pulumi.Output.from_input(declaration("x", {"table_name": table_name}, None))
    pulumi.export(name, sent.apply(lambda text: json.loads(text)["entries"]))
"""


def declare(project, table, **given):
    (project.folder / "given.json").write_text(json.dumps({"table": table, **given}))


def declared(stack):
    """What of the declaration is among the inputs or outputs that the state keeps."""
    return [
        (name, bag)
        for name, resource in stack.resources().items()
        for bag in (resource.get("inputs", {}), resource["outputs"])
        if "declaration" in json.dumps(bag).lower() or "explicit_name" in json.dumps(bag)
    ]


@both
def test_program_reads_the_entries_of_its_own_stack(project, emulator, table, inputs, front_end):
    project.program(PROGRAM)
    other_table = f"{table}_b"
    emulator.create_table(other_table)
    tasks = {
        "orders": {**inputs, "task_name": "by-hand"},
        "events": {
            **inputs,
            "table_name": other_table,
            "task_name": "events",
            "oss_prefix": "events/",
        },
    }
    declare(project, table, tasks=tasks)
    stack = project.stack()
    stack.up()
    assert stack.outputs() == {"one": "", "none": "", "all": ""}  # as of the run's start
    (frame,) = stack.resources()["orders"]["stackTrace"]  # the program's, and none of the runtime
    assert "__main__.py#" in frame["sourcePosition"]
    stack.up()
    urn = f"urn:pulumi:dev::shop::{front_end.type}::"
    orders = f"{urn}orders\tlocal/{table}/by-hand"
    events = f"{urn}events\tlocal/{other_table}/events"
    outputs = stack.outputs()
    assert outputs["one"] == orders
    assert outputs["none"] == ""
    assert sorted(outputs["all"].splitlines()) == sorted([orders, events])


MANY = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery

given = json.loads(Path("given.json").read_text())
for number in range(48):  # their entries are too long for a property
    names = {"task_name": f"task-{number}", "oss_prefix": f"{number}/"}
    delivery.DeliveryTask(f"task-{number}", **given["inputs"] | names)
if given["adopts"]:
    names = {"task_name": pulumi.Output.from_input("task-7"), "oss_prefix": "7/"}
    delivery.DeliveryTask("thief", adopt_existing=True, **given["inputs"] | names)
"""


@both
def test_entries_of_a_large_table_reach_the_provider(project, emulator, table, inputs):
    project.program(MANY)
    given = {"inputs": {**inputs, "wait_for": "none"}}
    declare(project, table, **given, adopts=False)
    stack = project.stack()
    stack.up()
    assert stack.up("--expect-no-changes").returncode == 0
    assert list((project.folder / "home" / "tablestore-delivery" / "shared").iterdir())
    declare(project, table, **given, adopts=True)
    # Without the others, only the state knows that the task is not free.
    run = stack.up("--target", "**thief", check=False)
    assert "task-7 belongs to another resource in this stack's state" in run.errors
    assert "thief" not in stack.resources()
    assert len(emulator.tasks(table)) == 48


@both
def test_declaration_is_not_in_the_state(project, emulator, table, inputs, front_end):
    project.program(PROGRAM)
    declare(project, table, tasks={"orders": {**inputs, "task_name": "by-hand"}})
    stack = project.stack()
    stack.up()
    read = {"read": f"local/{table}/by-hand"}
    declare(project, table, tasks={"orders": {**inputs, "task_name": "by-hand"}}, read=read)
    stack.up()
    for command, *arguments in (("up",), ("refresh",), ("up", "--refresh")):
        stack.run(command, *arguments)
        assert stack.resources().keys() == {"orders", "read"}
        assert not declared(stack)


@pytest.mark.parametrize("front_end", [NATIVE], ids=["native"])
def test_declaration_is_not_in_the_state_after_an_import(project, emulator, table, inputs):
    project.declare(orders={**inputs, "task_name": "by-hand"})
    stack = project.stack()
    stack.up()
    stack.call("state", "delete", f"urn:pulumi:dev::shop::{NATIVE.type}::orders", "--yes")
    options = {"import_": f"local/{table}/by-hand"}
    project.declare(orders=({**inputs, "task_name": "by-hand"}, options))
    stack.up()
    assert not declared(stack)
    project.declare(orders={**inputs, "task_name": "by-hand"})
    assert stack.up("--expect-no-changes").returncode == 0
