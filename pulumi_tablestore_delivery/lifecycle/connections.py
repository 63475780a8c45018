"""Clients of instances, and two requests that several operations need."""

from __future__ import annotations

import threading
from typing import Final

from pulumi_tablestore_delivery.client.client import ClientOptions, TablestoreClient
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy
from pulumi_tablestore_delivery.client.transport import Transport
from pulumi_tablestore_delivery.errors import ConfigurationError, ServiceError
from pulumi_tablestore_delivery.lifecycle.types import TaskId
from pulumi_tablestore_delivery.message import Message, Name
from pulumi_tablestore_delivery.settings import Setting, Settings
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

CALLS_AT_ONCE: Final = 16
"""Calls of one operation that are under way at once, where many tasks or tables are read."""


class Connections:
    """Clients, one for each instance, made when they are first needed.

    Args:
        settings: Endpoint, region and keys.
        transport: Sends the requests.
        clock: Time.
        retry: The default for when a call is repeated.
    """

    def __init__(
        self, settings: Settings, transport: Transport | None, clock: Clock, retry: RetryPolicy
    ) -> None:
        self.settings = settings
        self._retry = retry
        self.clock = clock
        self.stop = threading.Event()
        """Set to cancel all waits."""
        self._transport = transport
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, RetryPolicy], TablestoreClient] = {}

    def client_of(
        self, spec: DeliveryTaskSpec, retry: RetryPolicy | None = None
    ) -> TablestoreClient:
        """The client of a task's instance."""
        return self.client(spec.instance_name, spec.tablestore_endpoint, retry)

    def client(
        self, instance_name: str, given_endpoint: str | None, retry: RetryPolicy | None = None
    ) -> TablestoreClient:
        """The client of an instance.

        Raises:
            ConfigurationError: Endpoint, region or keys are missing.
        """
        setting = Setting(given_endpoint or "", Name("tablestore_endpoint"))
        if not given_endpoint:
            setting = self.settings.configured_endpoint(instance_name)
        endpoint = setting.value
        if not endpoints.is_endpoint(endpoint, with_scheme=True):
            raise ConfigurationError(
                Message(
                    "{origin}: {endpoint!r} is not a valid endpoint. Expected a URL such as "
                    "https://<instance>.<region>.ots.aliyuncs.com.",
                    origin=setting.origin,
                    endpoint=endpoints.mask_user_info(endpoint),
                ),
                "tablestore_endpoint",
            )
        retry = retry or self._retry
        key = (endpoint, instance_name, retry)
        with self._lock:
            if self._transport is None:
                # Imported here, because a run that changes nothing makes no call.
                from pulumi_tablestore_delivery.client.http import RequestsTransport  # noqa: PLC0415 - slow to import

                self._transport = RequestsTransport()
            if key not in self._clients:
                self._clients[key] = TablestoreClient(
                    endpoint,
                    instance_name,
                    self.settings.credentials,
                    transport=self._transport,
                    options=ClientOptions(
                        signature_version=self.settings.signature_version,
                        region=self.settings.signing_region(endpoint),
                        retry=retry,
                    ),
                    clock=self.clock,
                )
            return self._clients[key]

    def require_own_region(
        self, client: TablestoreClient, task: TaskId, oss_endpoint: str | None
    ) -> None:
        """Reject a not-found answer from another region.

        Raises:
            ConfigurationError: The task's bucket is in another region than the service asked.
        """
        asked = self.settings.region(client.endpoint)
        home = endpoints.region_of_oss(oss_endpoint or "")
        if asked and home and asked != home:
            raise ConfigurationError(
                Message(
                    "{task}: {endpoint} (region {asked}) does not know the task, but its bucket is "
                    "in {home}, so the task must be there too. Check {.tablestore:endpoint} and "
                    "{.tablestore:region}; nothing is concluded from this answer.",
                    task=task,
                    endpoint=client.endpoint,
                    asked=asked,
                    home=home,
                ),
                "tablestore_endpoint",
            )


def describe(
    client: TablestoreClient, task: TaskId, within: float | None = None
) -> pb.DescribeDeliveryTaskResponse | None:
    """Describe a task. Return None if the service says that it does not exist.

    Args:
        client: The client of its instance.
        task: The task.
        within: Seconds for the whole call; the client's own deadline if None.
    """
    try:
        return client.describe_delivery_task(task.table_name, task.task_name, within)
    except ServiceError as error:
        if error.is_not_found:
            return None
        raise
