"""A provider's requests. After the engine has ended, no request changes a task."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from pulumi_tablestore_delivery.client.operations import (
    CREATE_DELIVERY_TASK,
    DELETE_DELIVERY_TASK,
)
from pulumi_tablestore_delivery.client.transport import RawResponse, Transport
from pulumi_tablestore_delivery.frontend.engine_process import engine

_CHANGES: Final = (CREATE_DELIVERY_TASK.path, DELETE_DELIVERY_TASK.path)


class ProviderTransport:
    """Sends requests over HTTP. Refuses to change a task after the engine has ended.

    The engine is checked right before each request, because a call may wait for minutes before
    it deletes a task.
    """

    @cached_property
    def _http(self) -> Transport:
        # Imported here, because a run that changes nothing makes no call.
        from pulumi_tablestore_delivery.client.http import RequestsTransport  # noqa: PLC0415 - slow to import

        return RequestsTransport()

    def post(self, url: str, headers: dict[str, str], body: bytes, timeout: float) -> RawResponse:
        """Send a request; see `Transport.post`.

        Raises:
            EngineGoneError: The request would change a task, and the engine has ended.
        """
        if url.endswith(_CHANGES):
            engine().require()
        return self._http.post(url, headers, body, timeout)
