"""From nothing to Parquet files: bucket, role, instance, table, and the delivery task."""

import pulumi
import pulumi_alicloud as alicloud

import pulumi_tablestore_delivery as delivery

config = pulumi.Config()
tags = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}

# The bucket for the files. The provider generates a unique name, because none is given here.
bucket = alicloud.oss.Bucket("lake", tags=tags)

# The role that writes the files. All instances and stacks of an account share it, so `roleArn`
# names an existing one. A role that this stack creates stays after `pulumi destroy`.
role_arn: pulumi.Input[str] = config.get("roleArn") or (
    alicloud.resourcemanager.ServiceLinkedRole(
        "delivery",
        service_name="datadelivery.ots.aliyuncs.com",
        opts=pulumi.ResourceOptions(retain_on_delete=True),
    ).arn
)

# The instance and the table. Pulumi calls the instance over the Internet, unless it runs in the
# VPC of the instance.
instance = alicloud.ots.Instance(
    "shop",
    description="Orders of the shop",
    instance_type="Capacity",
    network_type_acls=["INTERNET", "VPC"],
    tags=tags,
)
table = alicloud.ots.Table(
    "orders",
    instance_name=instance.name,
    table_name="orders",
    primary_keys=[{"name": "order_id", "type": "String"}],
    defined_columns=[
        {"name": "created_at", "type": "String"},
        {"name": "amount", "type": "Double"},
    ],
    time_to_live=-1,
    max_version=1,
)

orders = delivery.DeliveryTask(
    "orders",
    instance_name=instance.name,
    table_name=table.table_name,
    oss_bucket=bucket.bucket,
    oss_prefix="orders/year=$yyyy/month=$MM/day=$dd/",
    role_arn=role_arn,
    event_time_column={"column": "created_at", "format": "RFC3339"},
    parquet_schema=[
        {"source": "order_id", "type": "UTF8"},
        {"source": "created_at", "type": "UTF8"},
        {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
    ],
)

pulumi.export("bucket", bucket.bucket)
pulumi.export("instance", instance.name)
pulumi.export("location", orders.location)
