"""The gRPC service of the native provider.

Pulumi's module serves the requests. This module adds what it does not have: errors without a
traceback, a resource that stays in the state although its creation failed, waits that end when
the user cancels (older versions do not pass that on), and whether a program created the provider.
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
from pulumi_tablestore_delivery.frontend.engine_process import engine
from pulumi_tablestore_delivery.lifecycle import InitializationError
from pulumi_tablestore_delivery.message import written
from pulumi_tablestore_delivery.native.bags import bag
from pulumi_tablestore_delivery.native.names import (
    PACKAGE,
    RESOURCE,
    is_default_provider,
)
from pulumi_tablestore_delivery.native.provider import DeliveryProvider
from pulumi_tablestore_delivery.native.secrets import Secrets, current

Answer = Callable[[Any, Any, Any], Awaitable[Any]]

_ATTACH: Final = (
    "Waiting for an engine to attach. Run pulumi with the environment variable "
    f"PULUMI_DEBUG_PROVIDERS={PACKAGE}:{{port}}; Ctrl-C ends this provider.\n"
)
_STATUS_DETAILS: Final = "grpc-status-details-bin"


def _plainly(method: Answer) -> Answer:
    """Report expected errors without a traceback; keep secrets out of messages and marked."""

    @wraps(method)
    async def answer(self: Any, request: Any, context: Any) -> Any:
        secrets = Secrets.of(request)
        token = current.set(secrets)
        try:
            return _with_secrets(secrets, await method(self, request, context))
        except Exception as error:  # newer versions raise another error instead
            ours = error if isinstance(error, DeliveryError) else error.__context__
            if not isinstance(ours, DeliveryError):
                raise
            message = secrets.mask(written(ours.message, self.delivery.style))
            await context.abort(grpc.StatusCode.UNKNOWN, message, _details(ours, message, secrets))
        finally:
            current.reset(token)

    return answer


def _with_secrets(secrets: Secrets, response: Any) -> Any:
    for name in ("inputs", "properties"):
        if name in response.DESCRIPTOR.fields_by_name and response.HasField(name):
            getattr(response, name).CopyFrom(secrets.mark(getattr(response, name)))
    for failure in getattr(response, "failures", ()):
        failure.reason = secrets.mask(failure.reason)
        if failure.property in secrets:  # the engine shows the value of a property that is named
            failure.reason = f"{failure.property}: {failure.reason}"
            failure.property = ""
    return response


def _for_delivery_tasks(method: Answer) -> Answer:
    """Refuse a resource of another type: it could have a task that another resource has."""

    @wraps(method)
    async def answer(self: Any, request: Any, context: Any) -> Any:
        found = request.urn.split("::")[2:3]
        given = found[0].rpartition("$")[2] if found else request.urn
        if given != RESOURCE:
            raise DeliveryError(
                f"{given!r} is not a resource of this package. Write the type as {RESOURCE}; if "
                f"the state has the resource already, run `pulumi state delete '{request.urn}'`."
            )
        return await method(self, request, context)

    return answer


def _details(error: DeliveryError, reason: str, secrets: Secrets) -> tuple[tuple[str, bytes], ...]:
    """Tell the engine to keep a resource although its call failed."""
    if not isinstance(error, InitializationError):
        return ()
    kept = provider_pb2.ErrorResourceInitFailed(
        id=error.found.id,
        properties=secrets.mark(PropertyValue.marshal_map(bag(error.found.outputs))),
        inputs=secrets.mark(PropertyValue.marshal_map(bag(error.found.inputs))),
        reasons=[reason],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    status.details.add().Pack(kept)
    return ((_STATUS_DETAILS, status.SerializeToString()),)


class Servicer(ProviderServicer):
    """Pulumi's service, with the additions of this module.

    Args:
        version: The package's version.
    """

    def __init__(self, version: str) -> None:
        self.delivery = DeliveryProvider(version)
        super().__init__([], version, self.delivery, engine().address)

    Check = _plainly(_for_delivery_tasks(ProviderServicer.Check))
    Diff = _plainly(_for_delivery_tasks(ProviderServicer.Diff))
    Create = _plainly(_for_delivery_tasks(ProviderServicer.Create))
    Read = _plainly(_for_delivery_tasks(ProviderServicer.Read))
    Update = _plainly(_for_delivery_tasks(ProviderServicer.Update))
    Delete = _plainly(_for_delivery_tasks(ProviderServicer.Delete))
    Invoke = _plainly(ProviderServicer.Invoke)

    async def Configure(self, request: Any, context: Any) -> Any:
        """Also tell the provider whether a program created it."""
        name = request.urn.rpartition("::")[2]
        self.delivery.explicit = bool(name) and not is_default_provider(name)
        return await super().Configure(request, context)

    async def Attach(self, request: Any, _context: Any) -> Any:
        """Serve an engine that attaches to a running provider."""
        engine().address = request.address
        return empty_pb2.Empty()

    async def Cancel(self, _request: Any, _context: Any) -> Any:
        """Cancel all waits."""
        await self.delivery.cancel()
        return empty_pb2.Empty()


async def _serve(version: str) -> None:
    server = grpc.aio.server()
    servicer = Servicer(version)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        if engine().address:
            await _until_gone()
        else:
            sys.stderr.write(_ATTACH.format(port=port))
            await server.wait_for_termination()
    finally:
        await servicer.delivery.cancel()
        await server.stop(None)


async def _until_gone() -> None:
    """Wait until the engine has ended. An engine that is killed cannot end its plugins."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(gone.set)

    engine().watch(wake)
    await gone.wait()


def serve(version: str) -> None:
    """Serve until the engine ends this process, or until the engine has ended.

    A provider that an engine attaches to serves until a user ends it.

    Args:
        version: The package's version.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(version))
