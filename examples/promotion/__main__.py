"""The deliveries of the shop, the same in every environment.

The environments differ in two places. The stack's configuration has the instance and the allowed
buckets. The stack of the same name in `lake/` has the bucket and the role as outputs.
"""

from typing import Any

import pulumi

import pulumi_tablestore_delivery as delivery

TASKS: dict[str, dict[str, Any]] = {
    "orders": {
        "table_name": "orders",
        "oss_prefix": "orders/year=$yyyy/month=$MM/day=$dd/",
        "event_time_column": {"column": "created_at", "format": "RFC3339"},
        "parquet_schema": [
            {"source": "order_id", "type": "UTF8"},
            {"source": "created_at", "type": "UTF8"},
            {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
        ],
    },
    "page-views": {
        "table_name": "page_views",
        "oss_prefix": "page_views/year=$yyyy/month=$MM/day=$dd/",
        "mode": "INC",
        "parquet_schema": [
            {"source": "user_id", "type": "UTF8"},
            {"source": "url", "type": "UTF8"},
        ],
    },
}

lake = pulumi.StackReference(f"{pulumi.get_organization()}/shop-lake/{pulumi.get_stack()}")

for name, inputs in TASKS.items():
    task = delivery.DeliveryTask(
        name,
        oss_bucket=lake.require_output("bucket"),
        role_arn=lake.require_output("role_arn"),
        **inputs,
    )
    pulumi.export(name, task.location)
