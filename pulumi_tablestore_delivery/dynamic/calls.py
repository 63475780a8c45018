"""The running calls in Pulumi's dynamic provider host: this package's and other providers'.

The host serves all dynamic providers of a project from one pool of 4 threads. This package
raises that limit for its own calls. Other providers may rely on the limit, so at most 4 of their
calls run at once. Their calls are also counted: the process may end only if none is running.
"""

from __future__ import annotations

import base64
import binascii
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import wraps
from types import FrameType, ModuleType, TracebackType
from typing import Any, Final

STOCK_WORKERS: Final = 4
"""The most calls that Pulumi's host answers at once."""

_HOST: Final = "__main__"
_OURS: Final = b"pulumi_tablestore_delivery"
_POLL_SECONDS: Final = 0.05
_METHODS: Final = frozenset({"check", "diff", "create", "read", "update", "delete"})


class Calls:
    """The running calls. Each call enters this object as a context.

    Args:
        limit: The most calls that run at once. The others wait. None for no limit.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._permits = None if limit is None else threading.Semaphore(limit)
        self._lock = threading.Lock()
        self._count = 0

    def __enter__(self) -> None:
        """Begin a call as soon as the limit allows it."""
        with self._lock:
            self._count += 1
        if self._permits:
            self._permits.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End a call."""
        if self._permits:
            self._permits.release()
        with self._lock:
            self._count -= 1

    @property
    def are_under_way(self) -> bool:
        """Whether a call is running or waiting."""
        return self._count > 0


class _Limited:
    """Another package's provider, whose calls are counted and limited."""

    def __init__(self, provider: Any, calls: Calls) -> None:
        self._provider = provider
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._provider, name)
        if name not in _METHODS:
            return value

        @wraps(value)
        def call(*arguments: Any, **keywords: Any) -> Any:
            with self._calls:
                return value(*arguments, **keywords)

        return call


def limit_other_providers(ours: type) -> Calls | None:
    """Keep the calls of other providers in this host at their usual limit.

    Args:
        ours: The class of this package's provider.

    Returns:
        Their calls; None if the host is not as expected. Then nothing is limited.
    """
    host = sys.modules.get(_HOST)
    original = getattr(host, "get_provider", None)
    if host is None or not _is_familiar(host) or original is None:
        return None
    limited: Calls | None = getattr(original, "other_calls", None)
    if limited is not None:
        return limited
    calls = Calls(STOCK_WORKERS)

    @wraps(original)
    def get_provider(*arguments: Any, **keywords: Any) -> Any:
        provider = original(*arguments, **keywords)
        return provider if isinstance(provider, ours) else _Limited(provider, calls)

    get_provider.other_calls = calls  # type: ignore[attr-defined]  # found by the next caller
    host.get_provider = get_provider  # type: ignore[attr-defined]  # checked above
    _count_until_done(calls, list(_other_calls_under_way())[:STOCK_WORKERS])
    return calls


def _is_familiar(host: ModuleType) -> bool:
    """Return whether the host's methods call the function that is replaced."""
    servicer = getattr(host, "DynamicResourceProviderServicer", None)
    create = getattr(servicer, "Create", None)
    cells = getattr(create, "__closure__", None) or ()  # newer hosts decorate their methods
    with suppress(ValueError):  # an empty cell
        functions = [create, *(cell.cell_contents for cell in cells)]
        codes = (getattr(function, "__code__", None) for function in functions)
        return any("get_provider" in code.co_names for code in codes if code is not None)
    return False


def _count_until_done(calls: Calls, running: list[tuple[int, FrameType]]) -> None:
    """Count calls that began before the limit was set.

    After the engine has ended, gRPC reports the end of calls that still run. So a thread looks at
    the stacks instead.
    """
    for _ in running:
        calls.__enter__()

    def poll() -> None:
        left = list(running)
        while left:
            time.sleep(_POLL_SECONDS)
            for call in [call for call in left if not _is_running(*call)]:
                left.remove(call)
                calls.__exit__(None, None, None)

    threading.Thread(target=poll, name="other-calls", daemon=True).start()


def _other_calls_under_way() -> Iterator[tuple[int, FrameType]]:
    """Return the thread and the frame of each running call of another provider."""
    me = threading.get_ident()
    for thread, top in sys._current_frames().items():  # the only way to them
        for frame in _frames_of(None if thread == me else top):
            local = frame.f_locals
            is_of_host = frame.f_globals.get("__name__") == _HOST
            if is_of_host and {"self", "request", "context"} <= set(local):
                bag = local.get("props") or local.get("news") or {}
                if not _is_ours(bag.get("__provider")):
                    yield thread, frame
                break


def _is_running(thread: int, frame: FrameType) -> bool:
    top = sys._current_frames().get(thread)  # the only way to them
    return any(one is frame for one in _frames_of(top))


def _frames_of(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_ours(text: Any) -> bool:
    try:
        return isinstance(text, str) and _OURS in base64.b64decode(text)
    except (binascii.Error, ValueError):
        return False
