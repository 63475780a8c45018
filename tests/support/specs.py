"""A valid task as Pulumi's property bag."""

BAG = {
    "instance_name": "inst",
    "table_name": "orders",
    "task_name": "orders-task",
    "oss_bucket": "my-lake",
    "oss_endpoint": "oss-cn-hangzhou.aliyuncs.com",
    "oss_prefix": "orders/year=$yyyy/month=$MM/",
    "role_arn": "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery",
    "parquet_schema": [
        {"source": "order_id", "type": "UTF8"},
        {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
    ],
}
