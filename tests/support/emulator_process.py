"""The emulator in a separate process, and a client for it."""

import subprocess
import sys
from functools import cached_property
from pathlib import Path

from support.sdk import sdk_client, tablestore

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.errors import ServiceError

READY = "Tablestore emulator ready at "


class EmulatorProcess:
    """`tablestore-delivery emulator` on a port of its own; stopped at the end."""

    instance = "local"
    access_key_id = "local"
    access_key_secret = "local-secret"
    security_token = ""

    def __init__(self, data_dir: Path, *options: str, port: int = 0):
        self.data_dir = data_dir
        self.options = options
        self.port = port

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, *options):
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "tablestore-delivery"), "emulator",
                "--port", str(self.port), "--data-dir", str(self.data_dir), *self.options, *options,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line.startswith(READY), line
        self.url = line.removeprefix(READY).strip()
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.terminate()
        assert self.process.wait(10) == 0
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()

    @property
    def environment(self):
        given = {
            "TABLESTORE_ENDPOINT": self.url,
            "TABLESTORE_INSTANCE": self.instance,
            "TABLESTORE_REGION": "cn-hangzhou",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": self.security_token,
        }
        return {name: value for name, value in given.items() if value}

    @cached_property
    def client(self):
        credentials = Credentials(self.access_key_id, self.access_key_secret, self.security_token)
        return TablestoreClient(
            self.url, self.instance, lambda: credentials, transport=RequestsTransport()
        )

    def create_table(self, name):
        """A table with the primary key id STRING, made with the official SDK."""
        meta = tablestore.TableMeta(name, [("id", "STRING")])
        throughput = tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0))
        sdk_client(self).create_table(meta, tablestore.TableOptions(), throughput)

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
