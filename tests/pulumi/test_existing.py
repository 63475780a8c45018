"""Existing tasks: adopted unchanged, looked up, listed, read."""

import pytest
from support.pulumi_cli import both

from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

NAMES = ["by-hand", "task-0"]


def by_hand(service, table, name, **changes):
    """A task as somebody makes it with an SDK; no defaults of ours in it."""
    config = pb.OSSTaskConfig(
        ossPrefix=f"{service.folder}orders/year=$yyyy/month=$MM/",
        ossBucket=service.bucket,
        ossEndpoint=f"oss-{service.region}.aliyuncs.com",
        ossStsRole=service.role_arn,
        format=0,
        schema=[
            pb.ParquetSchema(columnName="id", ossColumnName="id", type=2, encode=0),
            pb.ParquetSchema(columnName="amount", ossColumnName="amount_cny", type=3, encode=0),
        ],
    )
    request = pb.CreateDeliveryTaskRequest(
        tableName=table, taskName=name, taskConfig=config, taskType=changes.get("mode", 2)
    )
    service.client.create_delivery_task(request)


@pytest.mark.acceptance
@both
def test_adoption_does_not_change_the_task(project, service, table, inputs):
    by_hand(service, table, "by-hand")
    before = service.task(table, "by-hand").taskConfig
    project.declare(orders={**inputs, "task_name": "by-hand", "adopt_existing": True})
    stack = project.stack()
    run = stack.up()
    assert run.operations == {"orders": ["create"]}
    assert service.tasks(table) == ["by-hand"]
    assert service.task(table, "by-hand").taskConfig == before
    assert stack.resources()["orders"]["outputs"]["phase"]
    assert stack.up("--expect-no-changes").returncode == 0
    assert stack.refresh("--expect-no-changes").returncode == 0


def test_adoption_of_different_content_lists_the_differences(project, emulator, table, inputs):
    by_hand(emulator, table, "by-hand", mode=1)
    project.declare(
        orders={
            **inputs, "task_name": "by-hand", "adopt_existing": True, "oss_prefix": "else/",
        }
    )  # fmt: skip
    run = project.stack().up(check=False)
    assert "mode: the program has 'BASE_INC', the task 'INC'" in run.errors
    assert "oss_prefix: the program has 'else/', the task 'orders/year=" in run.errors
    assert "Traceback" not in run.output


FUNCTIONS = """
import pulumi
import pulumi_tablestore_delivery as delivery

task = delivery.get_delivery_task({table!r}, "by-hand")
pulumi.export("mode", task.mode)
pulumi.export("columns", [column.name for column in task.parquet_schema])
pulumi.export("event", task.event_time_column)
listed = delivery.list_delivery_tasks({table!r})
pulumi.export("names", [one.task_name for one in listed.tasks])
pulumi.export("all", len(delivery.list_delivery_tasks().tasks))
later = delivery.get_delivery_task_output(pulumi.Output.from_input({table!r}), "by-hand")
pulumi.export("location", later.location)
later_list = delivery.list_delivery_tasks_output(pulumi.Output.from_input({table!r}))
pulumi.export("later_names", later_list.apply(lambda found: [one.id for one in found.tasks]))
read = delivery.DeliveryTask.get("read", "local/" + {table!r} + "/by-hand")
pulumi.export("read", read.oss_prefix)
"""


@both
def test_functions_return_existing_tasks(project, own_emulator, inputs):
    emulator, table = own_emulator, inputs["table_name"]
    emulator.create_table(table)
    for name in NAMES:
        by_hand(emulator, table, name)
    project.environment.update(emulator.environment)
    project.program(FUNCTIONS.format(table=table))
    stack = project.stack()
    stack.preview()
    stack.up()
    outputs = stack.outputs()
    assert outputs["mode"] == "BASE_INC"
    assert outputs["columns"] == ["id", "amount_cny"]
    assert outputs.get("event") is None
    assert outputs["names"] == NAMES
    assert outputs["all"] == 2
    assert outputs["location"] == "oss://my-lake/orders/year=$yyyy/month=$MM/"
    assert outputs["later_names"] == [f"local/{table}/{name}" for name in NAMES]
    assert outputs["read"] == "orders/year=$yyyy/month=$MM/"
    stack.destroy()
    assert emulator.tasks(table) == NAMES  # read, not owned


@both
@pytest.mark.parametrize(
    "call", ["get_delivery_task('no_table', 'no')", "list_delivery_tasks('no')"]
)
def test_functions_name_a_missing_task_or_table(project, inputs, call):
    project.program(f"import pulumi_tablestore_delivery as delivery\ndelivery.{call}\n")
    run = project.stack().preview(check=False)
    assert run.returncode != 0
    assert "does not exist" in run.errors or "no such delivery task" in run.errors
    assert "Traceback" not in run.output
