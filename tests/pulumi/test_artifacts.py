"""SQL and policies of a task as outputs of a stack: the same in every run."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import pulumi
import pulumi_tablestore_delivery as delivery

inputs = {inputs!r}
task = delivery.DeliveryTask("orders", **inputs)
pulumi.export("ddl", delivery.external_table_ddl_output(task, name="orders"))
pulumi.export("name", task.task_name)
found = delivery.get_delivery_task_output(task.table_name, task.task_name)
pulumi.export("again", found.apply(lambda it: delivery.external_table_ddl(it, name="orders")))
keys = delivery.object_keys_output(task.oss_prefix, "2020-08-31", task.task_name)
pulumi.export("folder", keys.folder)
pulumi.export("role", delivery.role_policy_output(task.oss_bucket, [task.oss_prefix]))
"""


def test_texts_for_a_resource_are_exported(project, emulator, table, inputs):
    project.program(PROGRAM.format(inputs={**inputs, "oss_prefix": "orders/$yyyy/"}))
    stack = project.stack()
    stack.up()
    outputs = stack.outputs()
    by_command = subprocess.run(
        [
            str(Path(sys.executable).parent / "tablestore-delivery"), "ddl", table, outputs["name"],
            "--name", "orders", "--time", "2020-01-01",
        ],
        env={**project.environment},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    assert "`amount_cny` DOUBLE" in outputs["ddl"]
    assert outputs["ddl"] == outputs["again"] == by_command.stdout
    assert outputs["folder"] == "orders/2020/"
    (statement,) = json.loads(outputs["role"])["Statement"]
    assert statement["Resource"] == ["acs:oss:*:*:my-lake/orders/*/*"]
    assert stack.up("--expect-no-changes").returncode == 0
    assert stack.outputs() == outputs
