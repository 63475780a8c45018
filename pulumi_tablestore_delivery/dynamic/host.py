"""All uses of private parts of Pulumi's dynamic provider host, with a fallback for each.

Pulumi does not give a dynamic provider a public way to learn which resource a call is for, to show
progress on that resource's row, to fail without a traceback, to keep a resource whose creation
failed, or to answer more than 4 calls at once. Its host process can do all of this. This module
looks for these parts where Pulumi 3.220 to 3.272 has them. If a part is not found, there is a
fallback: progress is not shown, warnings go to stderr, errors come with a traceback, a resource
whose creation failed is kept with a warning, the limit of 4 stays, and marks in the state are used
only if the host reads them.

The host's `__main__` calls `DynamicResourceProviderServicer.<Method>(self, request, context)`.
This module takes `request` and `context` from that stack frame.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from pulumi_tablestore_delivery.dynamic.calls import Calls, limit_other_providers
from pulumi_tablestore_delivery.frontend import rows

_HOST: Final = "__main__"
_WORKERS: Final = 64
_STATUS_DETAILS: Final = "grpc-status-details-bin"
_UNKNOWN_STATUS: Final = 2  # google.rpc.Code.UNKNOWN, which the host uses for every failure


@dataclass(frozen=True)
class Call:
    """The engine's call that this thread answers."""

    urn: str
    request: Any
    context: Any
    timeout: float


def current_call() -> Call | None:
    """Return the engine's call that this thread answers; None if it cannot be found."""
    frame: FrameType | None = sys._getframe(1)  # the only way to the request
    while frame is not None:
        if frame.f_globals.get("__name__") == _HOST:
            request = frame.f_locals.get("request")
            context = frame.f_locals.get("context")
            urn = getattr(request, "urn", None)
            if isinstance(urn, str) and hasattr(context, "set_trailing_metadata"):
                return Call(urn, request, context, float(getattr(request, "timeout", 0) or 0))
        frame = frame.f_back
    return None


def timeout() -> float | None:
    """Seconds that the resource's custom timeout allows the current call; None for no limit."""
    call = current_call()
    return call.timeout if call and call.timeout else None


def current_urn() -> str:
    """Return the URN of the current call's resource; empty if it cannot be found."""
    call = current_call()
    return call.urn if call else ""


def sent_marks(field: str, names: Collection[str]) -> dict[str, Any]:
    """Return the marks among the properties that the engine sent with the current call.

    Older hosts leave out all properties that start with `__` when they read a request.

    Args:
        field: The request's field with the properties.
        names: The marks' names. Their values are booleans.
    """
    call = current_call()
    properties = getattr(call.request, field, None) if call else None
    if not isinstance(properties, struct_pb2.Struct):
        return {}
    return {name: properties[name] for name in names if name in properties}


class RowReporter(rows.RowReporter):
    """Reports on the row of the resource that the current call is for."""

    def __init__(self) -> None:
        call = current_call()
        super().__init__(call.urn if call else "")


def serve_more_calls_at_once(ours: type) -> Calls | None:
    """Let the host answer as many of this package's calls at once as the engine makes.

    The host's pool has 4 threads, and a call that waits for the service occupies one. The pool
    creates threads when they are needed, so only its limit is raised. At most 4 calls of other
    providers run at once. If the host is not as expected, the limit stays.

    Args:
        ours: The class of this package's provider.

    Returns:
        The calls of other providers; None if they cannot be counted.
    """
    other_calls = limit_other_providers(ours)
    if other_calls is not None:
        _raise_limit_of_pool()
    return other_calls


def _raise_limit_of_pool() -> None:
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None:
        if frame.f_globals.get("__name__") == _HOST and "server" in frame.f_locals:
            state = getattr(frame.f_locals["server"], "_state", None)
            pool = getattr(state, "thread_pool", None)
            if isinstance(pool, ThreadPoolExecutor):
                _raise_limit(pool)
            return
        frame = frame.f_back


def _raise_limit(pool: ThreadPoolExecutor) -> None:
    try:
        pool._max_workers = max(pool._max_workers, _WORKERS)
        for _ in range(pool._work_queue.qsize()):  # calls that are waiting already
            pool._adjust_thread_count()  # creates a thread if none is idle
    except AttributeError:
        return


class PlainError(Exception):
    """An error that is shown as its message, without a traceback."""


def show_plain_errors() -> None:
    """Make the host show a `PlainError` as its message. Other errors are shown as before.

    The host formats each failure with `traceback.format_exc()`. Its global name `traceback` is
    replaced by an object that formats this package's errors. Errors of other dynamic providers
    do not change. If the host is not as expected, the traceback stays.
    """
    host = sys.modules.get(_HOST)
    original = getattr(host, "traceback", None)
    if isinstance(original, ModuleType) and hasattr(host, "DynamicResourceProviderServicer"):
        host.traceback = _PlainTraceback(original)  # type: ignore[union-attr]  # checked above


class _PlainTraceback:
    def __init__(self, original: ModuleType) -> None:
        self._original = original

    def format_exc(self, *args: Any, **kwargs: Any) -> Any:
        error = sys.exc_info()[1]
        if isinstance(error, PlainError):
            return str(error)
        return self._original.format_exc(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def keep_despite_failure(resource_id: str, properties: dict[str, Any], reason: str) -> bool:
    """Tell the engine to keep a resource in the state although its call is about to fail.

    Returns:
        Whether the engine was told. If it was not, the call must not fail.
    """
    call = current_call()
    if call is None:
        return False
    try:
        # Not at the top: only the provider's process needs it.
        from pulumi.runtime.proto import status_pb2  # noqa: PLC0415 - private, and needed for a failure only

        bag = struct_pb2.Struct()
        bag.update(properties)
        status = status_pb2.Status(code=_UNKNOWN_STATUS, message=reason)
        status.details.add().Pack(
            provider_pb2.ErrorResourceInitFailed(id=resource_id, properties=bag, reasons=[reason])
        )
        call.context.set_trailing_metadata(((_STATUS_DETAILS, status.SerializeToString()),))
    except Exception:  # noqa: BLE001 - private parts may change in any way, and the caller has a fallback
        return False
    return True
