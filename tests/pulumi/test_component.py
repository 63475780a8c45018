"""`OssDelivery` with the real CLI."""

import pytest

COMPONENT = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery

inputs = json.loads(Path("resources.json").read_text())["orders"]["inputs"]
schema = inputs["parquet_schema"]
lake = delivery.OssDelivery(
    "lake",
    oss_bucket=inputs["oss_bucket"],
    role_arn=inputs["role_arn"],
    tasks={
        inputs["table_name"]: {"parquet_schema": schema},
        "moved": {
            "table_name": inputs["table_name"],
            "oss_prefix": inputs["oss_prefix"],
            "parquet_schema": schema,
            "opts": pulumi.ResourceOptions(
                aliases=[pulumi.Alias(name="orders", parent=pulumi.ROOT_STACK_RESOURCE)]
            ),
        },
    },
)
pulumi.export("locations", lake.locations)
"""


def test_task_that_moves_into_a_component_is_kept(project, emulator, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    (name,) = emulator.tasks(table)
    request = stack.outputs()["orders_request_id"]

    project.program(COMPONENT)
    moved = stack.up()
    assert moved.operations == {f"lake-{table}": ["create"], "lake-moved": ["same"]}
    assert len(emulator.tasks(table)) == 2
    resources = stack.resources()
    assert resources["lake-moved"]["id"] == f"local/{table}/{name}"
    assert resources["lake-moved"]["outputs"]["request_id"] == request
    assert "::tablestore:index:OssDelivery$pulumi-python:" in resources["lake-moved"]["urn"]
    assert stack.outputs()["locations"] == {
        table: f"oss://my-lake/{table}/year=$yyyy/month=$MM/day=$dd/",
        "moved": "oss://my-lake/orders/year=$yyyy/month=$MM/",
    }
    assert stack.up("--expect-no-changes").returncode == 0


@pytest.mark.oldest
def test_wrong_inputs_are_reported_without_a_traceback_and_create_nothing(
    project, emulator, table, inputs
):
    project.declare(orders={**inputs, "role_arn": None})
    project.program(COMPONENT.replace('"moved": {', '"moved": {"mod": "INC",'))
    run = project.stack().up(check=False)
    assert run.returncode != 0
    assert run.errors.splitlines()[:3] == [
        "OssDelivery 'lake':",
        "  does not have a role; give role_arn, account_id or create_role=True",
        "  tasks['moved'] does not have the input 'mod'; did you mean 'mode'?",
    ]
    assert "Traceback" not in run.output
    assert emulator.tasks(table) == []


MADE = """
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

import pulumi_tablestore_delivery as delivery


class Maker(ResourceProvider):
    def create(self, props):
        return CreateResult("made", props)


class Made(Resource):
    bucket: pulumi.Output[str]
    table: pulumi.Output[str]
    instance: pulumi.Output[str]

    def __init__(self, name, **props):
        super().__init__(Maker(), name, props)


made = Made("made", bucket="made-lake", table="TABLE", instance="local")
lake = delivery.OssDelivery(
    "lake",
    oss_bucket=made,
    instance_name=made.instance,
    account_id="1234567890123456",
    tasks={
        "orders": {
            "table_name": made.table,
            "parquet_schema": [{"source": "id", "type": "UTF8"}],
        }
    },
)
pulumi.export("locations", lake.locations)
"""


@pytest.mark.oldest
def test_unknown_bucket_is_resolved_before_the_tasks_are_created(project, emulator, table):
    """Bucket, instance and table are outputs of a resource that the same program creates."""
    del project.environment["TABLESTORE_INSTANCE"]
    project.program(MADE.replace("TABLE", table))
    stack = project.stack()
    assert stack.preview().operations == {"lake-orders": ["create"]}
    stack.up()
    assert stack.outputs()["locations"] == {
        "orders": f"oss://made-lake/{table}/year=$yyyy/month=$MM/day=$dd/"
    }
    assert len(emulator.tasks(table)) == 1
    assert stack.up("--expect-no-changes").operations == {"lake-orders": ["same"]}
    stack.destroy()
    assert emulator.tasks(table) == []
