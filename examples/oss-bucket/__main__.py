"""From nothing to Parquet files: bucket, role, instance, table, and the task that delivers it."""

import pulumi
import pulumi_alicloud as alicloud

import pulumi_tablestore_delivery as delivery

config = pulumi.Config()
tags = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}

# Where the files go. Without a name, the provider makes one up that nobody else has.
bucket = alicloud.oss.Bucket("lake", tags=tags)

# Who writes them. An account has one such role for all of its instances and stacks: one that is
# there is used, and one that was made here stays when the stack is destroyed.
role_arn: pulumi.Input[str] = config.get("roleArn") or (
    alicloud.resourcemanager.ServiceLinkedRole(
        "delivery",
        service_name="datadelivery.ots.aliyuncs.com",
        opts=pulumi.ResourceOptions(retain_on_delete=True),
    ).arn
)

# What is delivered. Pulumi itself has to reach the instance: by the Internet, unless it runs in
# the instance's VPC.
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
