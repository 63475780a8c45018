"""Checked by mypy and pyright, never run: correct programs have the expected types."""

from collections.abc import Sequence

import pulumi
from typing_extensions import Unpack, assert_type

import pulumi_tablestore_delivery as delivery

BUCKET = pulumi.Output.from_input("my-lake")

by_keywords = delivery.DeliveryTask(
    "a",
    opts=pulumi.ResourceOptions(protect=True),
    table_name="orders",
    oss_bucket=BUCKET,
    oss_prefix="orders/",
    role_arn="acs:ram::1:role/r",
    mode=delivery.Mode.INC,
    event_time_column={"column": "t", "format": "Unix"},
    parquet_schema=[
        delivery.ParquetColumnArgs(source=BUCKET, type=delivery.ParquetType.UTF8),
        {"source": "n", "type": "INT64", "encoding": delivery.ParquetEncoding.PLAIN},
    ],
    timeout_seconds=60,
)
by_args = delivery.DeliveryTask(
    "b",
    delivery.DeliveryTaskArgs(
        table_name="orders",
        oss_bucket=BUCKET,
        oss_prefix="orders/",
        role_arn="acs:ram::1:role/r",
        parquet_schema=[delivery.ParquetColumnArgs(source="id", type="UTF8")],
    ),
    pulumi.ResourceOptions(),
)
by_dict = delivery.DeliveryTask(
    "c",
    {
        "table_name": "orders",
        "oss_bucket": BUCKET,
        "oss_prefix": "orders/",
        "role_arn": "acs:ram::1:role/r",
        "mode": by_args.mode,
        "parquet_schema": [{"source": "id", "type": "UTF8"}],
    },
)
inputs: delivery.DeliveryTaskDict = {
    "table_name": "orders",
    "oss_bucket": BUCKET,
    "oss_prefix": "orders/",
    "role_arn": "acs:ram::1:role/r",
    "wait_for": delivery.WaitFor.NONE,
    "parquet_schema": [delivery.ParquetColumnArgs(source="id", type="INT32")],
}
by_typed_dict = delivery.DeliveryTask("c", inputs, pulumi.ResourceOptions(protect=True))
from_files = [delivery.DeliveryTask(n, t) for n, t in delivery.tasks_from_file("t.yaml").items()]


class OwnTask(delivery.DeliveryTask):
    """A subclass with defaults of its own."""

    def __init__(self, name: str, **inputs: Unpack[delivery.DeliveryTaskDict]) -> None:
        super().__init__(name, pulumi.ResourceOptions(protect=True), **inputs)


own = OwnTask("own", **inputs)
read = delivery.DeliveryTask.get("d", "inst/orders/task")

lake = delivery.OssDelivery(
    "lake",
    opts=pulumi.ResourceOptions(protect=True),
    oss_bucket=BUCKET,
    account_id="1",
    mode="INC",
    tasks={
        "orders": {"parquet_schema": [{"source": "id", "type": "UTF8"}], "wait_for": "none"},
        "views": {
            "parquet_schema": [delivery.ParquetColumnArgs(source="id", type="UTF8")],
            "opts": pulumi.ResourceOptions(protect=False),
        },
    },
)


class Bucket(pulumi.CustomResource):
    """A bucket like that of pulumi-alicloud."""

    bucket: pulumi.Output[str]


created = delivery.OssDelivery("f", oss_bucket=Bucket("x", "y"), create_role=True, tasks={})

assert_type(lake.tasks, dict[str, delivery.DeliveryTask])
assert_type(lake.locations, pulumi.Output[dict[str, str]])
assert_type(by_keywords.task_name, pulumi.Output[str])
assert_type(by_keywords.parquet_schema, pulumi.Output[Sequence[delivery.ParquetColumn]])
assert_type(by_keywords.event_time_column, pulumi.Output[delivery.EventTimeColumn | None])
assert_type(by_keywords.timeout_seconds, pulumi.Output[int])
assert_type(delivery.get_delivery_task("t", "n"), delivery.GetDeliveryTaskResult)
assert_type(
    delivery.get_delivery_task_output(by_args.table_name, by_args.task_name),
    pulumi.Output[delivery.GetDeliveryTaskResult],
)

assert_type(delivery.external_table_ddl(delivery.get_delivery_task("t", "n"), "spark"), str)
assert_type(delivery.external_table_ddl_output(by_args, database=BUCKET), pulumi.Output[str])
assert_type(
    delivery.object_keys_output(by_args.oss_prefix, "2020-01-01"),
    pulumi.Output[delivery.ObjectKeys],
)
assert_type(delivery.role_policy_output(BUCKET, [by_args.oss_prefix]), pulumi.Output[str])

violations = delivery.check({"table_name": BUCKET, "mode": delivery.Mode.INC}, stack="dev")
assert_type(violations, list[delivery.Violation])
assert_type(violations[0].message, str)
delivery.check({}, region="cn-hangzhou")
from_file = delivery.OssDelivery(
    "from-file", oss_bucket=BUCKET, account_id="1", tasks=delivery.tasks_from_file("tasks.yaml")
)
