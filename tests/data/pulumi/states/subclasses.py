import pulumi

import pulumi_tablestore_delivery as delivery


class OrdersTask(delivery.DeliveryTask):
    """Orders, with what all of them have in common."""


class EventsTask(delivery.DeliveryTask, module="shop", name="EventsTask"):
    """A subclass that names a type of its own, as Pulumi lets it."""


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Group", name, None, opts)


COMMON = {
    "table_name": "orders",
    "oss_bucket": "my-lake",
    "role_arn": "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery",
    "parquet_schema": [{"source": "id", "type": "UTF8"}],
}
OrdersTask("derived", {**COMMON, "oss_prefix": "derived/"})
OrdersTask("explicit", {**COMMON, "oss_prefix": "explicit/", "task_name": "by-hand"})
OrdersTask(
    "nested", {**COMMON, "oss_prefix": "nested/"}, pulumi.ResourceOptions(parent=Group("group"))
)
EventsTask("events", {**COMMON, "oss_prefix": "events/"})
delivery.DeliveryTask("plain", {**COMMON, "oss_prefix": "plain/"})
