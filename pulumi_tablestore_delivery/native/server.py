"""The gRPC service of the native provider.

Pulumi's module has the plumbing. Added are the few things that it leaves out: an error without
a traceback, a resource that is kept although its creation failed half way, waits that end when
a person cancels (older versions do not pass that on), and which provider resource it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from pulumi_tablestore_delivery.errors import DeliveryError
from pulumi_tablestore_delivery.lifecycle import InitializationError
from pulumi_tablestore_delivery.native.bags import bag
from pulumi_tablestore_delivery.native.provider import DeliveryProvider
from pulumi_tablestore_delivery.native.texts import in_schema_terms

Answer = Callable[[Any, Any, Any], Awaitable[Any]]

_LOOK_SECONDS: Final = 5.0
_STATUS_DETAILS: Final = "grpc-status-details-bin"


def _plainly(method: Answer) -> Answer:
    """Shows an error of ours as its message; the rest, being faults, with all there is."""

    @wraps(method)
    async def answer(self: Any, request: Any, context: Any) -> Any:
        try:
            return await method(self, request, context)
        except Exception as error:  # newer versions raise another in its place
            ours = error if isinstance(error, DeliveryError) else error.__context__
            if not isinstance(ours, DeliveryError):
                raise
            await context.abort(grpc.StatusCode.UNKNOWN, in_schema_terms(str(ours)), _details(ours))

    return answer


def _details(error: DeliveryError) -> tuple[tuple[str, bytes], ...]:
    """What tells the engine to keep a resource although its call failed."""
    if not isinstance(error, InitializationError):
        return ()
    reason = in_schema_terms(str(error))
    kept = provider_pb2.ErrorResourceInitFailed(
        id=error.found.id,
        properties=PropertyValue.marshal_map(bag(error.found.outputs)),
        inputs=PropertyValue.marshal_map(bag(error.found.inputs)),
        reasons=[reason],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    status.details.add().Pack(kept)
    return ((_STATUS_DETAILS, status.SerializeToString()),)


class Servicer(ProviderServicer):
    """Pulumi's service with what it leaves out.

    Args:
        version: The package's version.
        engine: The address of the engine's own service.
    """

    def __init__(self, version: str, engine: str) -> None:
        self.delivery = DeliveryProvider(version)
        super().__init__([], version, self.delivery, engine)

    Check = _plainly(ProviderServicer.Check)
    Diff = _plainly(ProviderServicer.Diff)
    Create = _plainly(ProviderServicer.Create)
    Read = _plainly(ProviderServicer.Read)
    Update = _plainly(ProviderServicer.Update)
    Delete = _plainly(ProviderServicer.Delete)
    Invoke = _plainly(ProviderServicer.Invoke)

    async def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - Pulumi's name
        """Tells the provider too whether a program made it."""
        name = request.urn.rpartition("::")[2]
        self.delivery.explicit = bool(name) and not name.startswith("default")
        return await super().Configure(request, context)

    async def Cancel(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - Pulumi's name
        """Lets every wait end soon."""
        await self.delivery.cancel()
        return empty_pb2.Empty()


async def _serve(version: str, engine: str) -> None:
    server = grpc.aio.server()
    servicer = Servicer(version, engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        await _until_gone(engine)
    finally:
        await servicer.delivery.cancel()
        await server.stop(None)


async def _until_gone(engine: str) -> None:
    """Returns when the engine is there no more; one that is killed cannot end its plugins."""
    host, _, port = engine.rpartition(":")
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return
        writer.close()


def serve(version: str, engine: str) -> None:
    """Serves until the engine ends the process, or is gone itself.

    Args:
        version: The package's version.
        engine: The address of the engine's own service.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(version, engine))
