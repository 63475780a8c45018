"""Declare a delivery task for each table of tables.yaml. To deliver more, edit that file."""

from pathlib import Path

import pulumi

import pulumi_tablestore_delivery as delivery

config = pulumi.Config()

lake = delivery.OssDelivery(
    "lake",
    oss_bucket=config.require("bucket"),
    account_id=config.require("accountId"),
    prefix="many-tables",
    tasks=delivery.tasks_from_file(Path(__file__).with_name("tables.yaml")),
)

pulumi.export("locations", lake.locations)
