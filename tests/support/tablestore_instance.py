"""An instance of Tablestore that tests use: the emulator's, or a real one."""

from functools import cached_property

from support.sdk import sdk_client, tablestore

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.errors import ServiceError


class TablestoreInstance:
    """Where it is, its keys, and where tasks of tests may write."""

    url: str
    instance: str
    region = "cn-hangzhou"
    access_key_id: str
    access_key_secret: str
    security_token = ""
    bucket = "my-lake"
    folder = ""
    role_arn = "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery"
    is_real = False

    @property
    def environment(self):
        given = {
            "TABLESTORE_ENDPOINT": self.url,
            "TABLESTORE_INSTANCE": self.instance,
            "TABLESTORE_REGION": self.region,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": self.security_token,
        }
        return {name: value for name, value in given.items() if value}

    @property
    def credentials(self):
        return Credentials(self.access_key_id, self.access_key_secret, self.security_token)

    @cached_property
    def client(self):
        return self.client_over(RequestsTransport())

    def client_over(self, transport):
        return TablestoreClient(
            self.url, self.instance, lambda: self.credentials, transport=transport
        )

    @cached_property
    def sdk(self):
        """The official SDK, which makes tables and writes rows."""
        return sdk_client(self)

    def table_name(self, number):
        """The name of a table of this process."""
        return f"orders_{number}"

    def create_table(self, name):
        """A table with the primary key id STRING, made with the official SDK."""
        meta = tablestore.TableMeta(name, [("id", "STRING")])
        throughput = tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0))
        self.sdk.create_table(meta, tablestore.TableOptions(), throughput)

    def tasks(self, table):
        """Names of the table's tasks."""
        return sorted(task.taskName for task in self.client.list_delivery_tasks(table).tasks)

    def task(self, table, name):
        """A task's description; None if there is none."""
        try:
            return self.client.describe_delivery_task(table, name)
        except ServiceError as error:
            if error.is_not_found:
                return None
            raise
