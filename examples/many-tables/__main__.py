"""A delivery task for each table of tables.yaml; to deliver another one, edit that file."""

from pathlib import Path
from typing import Any

import pulumi
import yaml

import pulumi_tablestore_delivery as delivery

TABLES = Path(__file__).with_name("tables.yaml")


def task(definition: dict[str, Any]) -> dict[str, Any]:
    """An entry of tables.yaml as the inputs of a task: its columns spelt out, the rest as is."""
    columns = definition.pop("columns", {})
    schema = [
        {"source": source, **(about if isinstance(about, dict) else {"type": about})}
        for source, about in columns.items()
    ]
    return {**definition, "parquet_schema": schema or None}


config = pulumi.Config()
definitions = yaml.safe_load(TABLES.read_text(encoding="utf-8"))
tasks: dict[str, Any] = {table: task(definition) for table, definition in definitions.items()}

lake = delivery.OssDelivery(
    "lake",
    oss_bucket=config.require("bucket"),
    account_id=config.require("accountId"),
    prefix="many-tables",
    tasks=tasks,
)

pulumi.export("locations", lake.locations)
