"""Checked by mypy and pyright, never run: mistakes in programs are reported where they are."""

import pulumi

import pulumi_tablestore_delivery as delivery
from pulumi_tablestore_delivery import native

COLUMNS = [delivery.ParquetColumnArgs(source="id", type="UTF8")]

delivery.DeliveryTaskArgs(  # expect: oss_bucket
    table_name="orders", oss_prefix="orders/", role_arn="r", parquet_schema=COLUMNS
)
missing: delivery.DeliveryTaskDict = {  # expect: oss_bucket role_arn
    "table_name": "orders", "oss_prefix": "orders/", "parquet_schema": COLUMNS,
}  # fmt: skip
column: delivery.ParquetColumnDict = {"source": "id", "type": "UTF8", "nam": "n"}  # expect: nam
delivery.DeliveryTaskArgs(
    table_name="orders",
    oss_bucket="my-lake",
    oss_prefix="orders/",
    role_arn="r",
    parquet_schema=COLUMNS,
    mode="BASE_INCR",  # expect: BASE_INCR BASE_INC
    wait_for="ready",  # expect: ready initialized
)
delivery.ParquetColumnArgs(source="id")  # expect: type
delivery.ParquetColumnArgs(source=1, type="UTF8")  # expect: source
delivery.ParquetColumnArgs(source="a", type="STRING")  # expect: STRING UTF8
delivery.ParquetColumnArgs(source="a", type="UTF8", encoding="SNAPPY")  # expect: SNAPPY PLAIN
delivery.EventTimeColumnArgs(column="t", format="ISO8601")  # expect: ISO8601 RFC822
delivery.DeliveryTask("orders")  # expect: table_name required
delivery.DeliveryTask("orders", table_name="orders")  # expect: oss_bucket required
delivery.DeliveryTask("orders", table_name="t", oss_bucket="b")  # expect: oss_prefix required
delivery.DeliveryTask("orders",  # expect: role_arn required
    opts=pulumi.ResourceOptions(protect=True), mode="INC",
    table_name="orders", oss_bucket="my-lake", oss_prefix="orders/", parquet_schema=COLUMNS,
)  # fmt: skip
delivery.DeliveryTask("orders", {"table": "orders"})  # expect: dict[str,
native.DeliveryTask("orders", table_name="orders")  # expect: oss_bucket required
delivery.OssDelivery("lake", oss_bucket="b", role_arn="r")  # expect: tasks
delivery.OssDelivery("lake", oss_bucket="b", tasks={"t": {"mod": "INC"}})  # expect: mod
