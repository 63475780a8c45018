"""End the host's process after its engine has ended.

If the CLI is killed, the host keeps running, and its running calls would change tasks that no
state records. Other providers share the process, so it ends only when none of their calls is
running.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from pulumi_tablestore_delivery.dynamic.calls import Calls
from pulumi_tablestore_delivery.frontend.engine_process import engine

own_calls: Final = Calls()
"""This package's calls in this process."""

_OWN_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.2

_lock: Final = threading.Lock()
_stops: Final[list[Callable[[], None]]] = []


def end_with_engine(stop: Callable[[], None], other_calls: Calls | None) -> None:
    """End this process after its engine has ended, as soon as no provider needs it.

    Args:
        stop: Cancels this package's waits. It is called after the engine has ended.
        other_calls: The calls of other providers. None if they cannot be counted: then only this
            package's calls end, and the process keeps running.
    """
    with _lock:
        _stops.append(stop)
        if len(_stops) == 1 and engine().address:
            engine().watch(lambda: _end(other_calls))


def _end(other_calls: Calls | None) -> None:
    with _lock:
        stops = list(_stops)
    for stop in stops:
        stop()
    ends = time.monotonic() + _OWN_SECONDS
    while own_calls.are_under_way and time.monotonic() < ends:
        time.sleep(_POLL_SECONDS)
    if other_calls is None:
        return
    while other_calls.are_under_way:
        time.sleep(_POLL_SECONDS)
    os._exit(1)  # sys.exit would wait for the threads of the host's pool
