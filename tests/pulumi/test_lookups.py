"""Lookups of tasks that the same program creates: they wait, and are unknown in a preview."""

import json
import shutil

import pytest
import yaml
from support.pulumi_cli import NATIVE, both

from pulumi_tablestore_delivery.native.names import GET, LIST, RESOURCE

needs_yaml = pytest.mark.skipif(
    shutil.which("pulumi-language-yaml") is None, reason="no YAML host on PATH: run `make test`"
)
PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery


class Group(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Group", name)


given = json.loads(Path("inputs.json").read_text())
table, name = given["table_name"], given["task_name"]
group = Group("group")
task = delivery.DeliveryTask("orders", given, pulumi.ResourceOptions(parent=group))
later = {
    "on_task": pulumi.InvokeOutputOptions(depends_on=[task]),
    "on_one": pulumi.InvokeOutputOptions(depends_on=task),
    "on_group": pulumi.InvokeOutputOptions(depends_on=[group]),
    "on_output": pulumi.InvokeOutputOptions(depends_on=[task.id.apply(lambda _: task)]),
}
found = delivery.get_delivery_task_output(task.table_name, task.task_name)
pulumi.export("by_names", found.apply(lambda found: found.oss_prefix))
listed = delivery.list_delivery_tasks_output(task.table_name)
pulumi.export("listed", listed.apply(lambda listed: len(listed.tasks)))
for key, opts in later.items():
    found = delivery.get_delivery_task_output(table, name, opts=opts)
    pulumi.export(key, found.apply(lambda found: found.oss_prefix))
    listed = delivery.list_delivery_tasks_output(table, opts=opts)
    pulumi.export(f"listed_{key}", listed.apply(lambda listed: len(listed.tasks)))
"""
KEYS = ("on_task", "on_one", "on_group", "on_output")


@pytest.mark.acceptance
@both
def test_program_looks_up_a_task_that_it_creates(project, inputs, front_end):
    given = {**inputs, "task_name": "by-hand"}
    (project.folder / "inputs.json").write_text(json.dumps(given))
    project.program(PROGRAM)
    stack = project.stack()
    preview = stack.preview()  # nothing exists: nothing is called, nothing is known
    assert preview.operations == {"orders": ["create"]}
    stack.up()
    expected = {
        "by_names": given["oss_prefix"], "listed": 1,
        **dict.fromkeys(KEYS, given["oss_prefix"]), **{f"listed_{key}": 1 for key in KEYS},
    }  # fmt: skip
    assert stack.outputs() == expected
    assert stack.up("--expect-no-changes").returncode == 0
    assert stack.outputs() == expected


@both
def test_lookup_of_a_missing_task_fails(project, table, inputs, front_end):
    project.program(f"""
import pulumi
import pulumi_tablestore_delivery as delivery

found = delivery.get_delivery_task_output("{table}", pulumi.Output.from_input("missing"))
pulumi.export("found", found.apply(lambda found: found.id))
""")
    run = project.stack().preview(check=False)
    assert run.returncode != 0
    assert "the delivery task does not exist" in run.errors


def yaml_with_lookups(project, inputs, lookups):
    properties = {NATIVE.terms(name): value for name, value in inputs.items()}
    outputs = {name: "${" + name + "}" for name in lookups}
    project.folder.joinpath("Pulumi.yaml").write_text(
        yaml.safe_dump(
            {
                "name": "shop",
                "runtime": "yaml",
                "resources": {"orders": {"type": RESOURCE, "properties": properties}},
                "variables": lookups,
                "outputs": outputs,
            }
        )
    )


@needs_yaml
@pytest.mark.parametrize("front_end", [NATIVE], ids=["native"])
def test_yaml_program_looks_up_a_task_that_it_creates(project, emulator, table, inputs):
    names = {"tableName": "${orders.tableName}", "taskName": "${orders.taskName}"}
    listed = {"tableName": "${orders.tableName}"}
    lookups = {
        "mode": {"fn::invoke": {"function": GET, "arguments": names, "return": "mode"}},
        "phase": {"fn::invoke": {"function": GET, "arguments": {**names}, "return": "phase"}},
        "listed": {"fn::invoke": {"function": LIST, "arguments": listed, "return": "tasks"}},
    }
    yaml_with_lookups(project, {**inputs, "task_name": "by-hand"}, lookups)
    stack = project.stack()
    assert stack.preview().operations == {"orders": ["create"]}
    stack.up()
    found = stack.outputs()
    assert found["mode"] == "BASE_INC"
    assert found["phase"]
    assert [task["taskName"] for task in found["listed"]] == ["by-hand"]
    assert stack.up("--expect-no-changes").returncode == 0
