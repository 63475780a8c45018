"""Two delivery tasks: orders with all existing rows, and page views from now on.

`make quickstart` runs this program. Change something here, and `pulumi preview` shows the effect.
"""

import pulumi

import pulumi_tablestore_delivery as delivery

BUCKET = "my-lake"
ROLE = "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery"

# All existing rows, then every change. The folders are the days of the orders.
orders = delivery.DeliveryTask(
    "orders",
    table_name="orders",
    oss_bucket=BUCKET,
    oss_prefix="orders/year=$yyyy/month=$MM/day=$dd/",
    oss_dirty_prefix="dirty/orders/",
    role_arn=ROLE,
    mode="BASE_INC",
    event_time_column=delivery.EventTimeColumnArgs(column="created_at", format="RFC3339"),
    parquet_schema=[
        delivery.ParquetColumnArgs(source="order_id", type="UTF8"),
        delivery.ParquetColumnArgs(source="created_at", type="UTF8"),
        delivery.ParquetColumnArgs(source="amount", name="amount_cny", type="DOUBLE"),
        delivery.ParquetColumnArgs(source="items", type="INT64"),
        delivery.ParquetColumnArgs(source="paid", type="BOOL"),
        delivery.ParquetColumnArgs(source="city", type="UTF8", encoding="PLAIN_DICTIONARY"),
    ],
)

# Changes only. The folders are the hours in which the rows were written.
page_views = delivery.DeliveryTask(
    "page-views",
    table_name="page_views",
    oss_bucket=BUCKET,
    oss_prefix="page_views/year=$yyyy/month=$MM/day=$dd/hour=$HH/",
    role_arn=ROLE,
    mode="INC",
    parquet_schema=[
        delivery.ParquetColumnArgs(source="user_id", type="UTF8"),
        delivery.ParquetColumnArgs(source="viewed_at", type="INT64"),
        delivery.ParquetColumnArgs(source="url", type="UTF8"),
    ],
)

pulumi.export("orders_location", orders.location)
pulumi.export("orders_phase", orders.phase)
pulumi.export("page_views_location", page_views.location)
pulumi.export("page_views_phase", page_views.phase)
