"""The emulator in a separate process, for benchmarks."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import Self

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

_READY = "Tablestore emulator ready at "
_DELAYED = ("CreateDeliveryTask", "DescribeDeliveryTask", "DeleteDeliveryTask")


def quiet_sdk() -> Any:
    """Import the official SDK, which is slow, prints and warns."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("tablestore").setLevel(logging.ERROR)
        import tablestore  # noqa: PLC0415 - see above
    return tablestore


class Emulator:
    """An emulator on a free port; a context manager.

    Args:
        data_dir: Its folder.
        latency: Seconds that it takes over each call of these operations.
        delayed: The operations; by default those on one task.
    """

    def __init__(
        self, data_dir: Path, latency: float = 0.0, delayed: Sequence[str] = _DELAYED
    ) -> None:
        self._command = [
            str(Path(sys.executable).parent / "tablestore-delivery"),
            *("emulator", "--port", "0", "--data-dir", str(data_dir), "--create-buckets"),
        ]
        for operation in delayed if latency else ():
            fault = {
                "operation": operation, "fault": "latency", "seconds": latency, "times": 1_000_000,
            }  # fmt: skip
            self._command += ["--fault", json.dumps(fault)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None  # noqa: S101 - it is piped
        self.url = self._process.stdout.readline().removeprefix(_READY).strip()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def environment(self) -> dict[str, str]:
        """What points a program at it."""
        return {
            "TABLESTORE_ENDPOINT": self.url,
            "TABLESTORE_INSTANCE": "local",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "local",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret",
        }

    def client(self) -> TablestoreClient:
        """Our client."""
        credentials = Credentials("local", "local-secret")
        return TablestoreClient(
            self.url, "local", lambda: credentials, transport=RequestsTransport()
        )

    def sdk(self) -> Any:
        """The official SDK's client."""
        return quiet_sdk().OTSClient(self.url, "local", "local-secret", "local")

    def create_table(self, name: str) -> None:
        """A table with the primary key order_id STRING."""
        sdk, tablestore = self.sdk(), quiet_sdk()
        meta = tablestore.TableMeta(name, [("order_id", "STRING")])
        throughput = tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0))
        sdk.create_table(meta, tablestore.TableOptions(), throughput)

    def create_task(self, table: str, name: str) -> None:
        """A delivery task of two columns."""
        config = pb.OSSTaskConfig(
            ossPrefix="p/",
            ossBucket="my-lake",
            ossEndpoint="oss-cn-hangzhou.aliyuncs.com",
            ossStsRole="acs:ram::1:role/r",
            format=0,
            schema=[
                pb.ParquetSchema(columnName=column, ossColumnName=column, type=2, encode=0)
                for column in ("order_id", "note")
            ],
        )
        self.client().create_delivery_task(
            pb.CreateDeliveryTaskRequest(
                tableName=table, taskName=name, taskConfig=config, taskType=1
            )
        )
