"""The process of Pulumi's engine: its address, and whether it has ended.

A CLI that is killed cannot end its providers. A provider's parent process does not help: it is a
shell that keeps running. So the provider checks whether the engine's address still answers.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.errors import DeliveryError

_ADDRESS: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/=\[\]]+):([0-9]{1,5})")
_OPTIONS_WITH_VALUE: Final = frozenset({"-tracing", "--tracing", "-v", "--v"})
_CONNECT_SECONDS: Final = 1.0
_POLL_SECONDS: Final = 1.0
_FRESH_SECONDS: Final = 0.1
"""How long an engine counts as running after it has answered."""


class EngineGoneError(DeliveryError):
    """The provider's engine has ended, so no state would record a change."""

    def __init__(self) -> None:
        super().__init__(
            "Pulumi's engine has ended, for example because `pulumi` was killed. This provider "
            "makes no further change, because no state would record it. Run `pulumi cancel`, and "
            "then `pulumi up --refresh`: the state does not show the last changes of the run."
        )


class EngineProcess:
    """The engine, known by the address of its own service.

    Args:
        address: `<host>:<port>` of the service; empty if it is not known. Then the engine counts
            as running.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._seen = -_FRESH_SECONDS

    def is_gone(self) -> bool:
        """Return whether the engine's address refuses connections."""
        parts = _ADDRESS.fullmatch(self.address)
        if parts is None:
            return False
        try:
            socket.create_connection(
                (parts[1].strip("[]"), int(parts[2])), timeout=_CONNECT_SECONDS
            ).close()
        except ConnectionRefusedError:
            return True
        except (OSError, OverflowError):  # for example too many open files, which does not prove it
            return False
        return False

    def require(self) -> None:
        """Raise an error if the engine has ended.

        Hundreds of calls come within a second, so an engine that has just answered is not asked
        again. It could also end right after its answer.

        Raises:
            EngineGoneError: The engine has ended.
        """
        now = time.monotonic()
        if now - self._seen < _FRESH_SECONDS:
            return
        if self.is_gone():
            raise EngineGoneError
        self._seen = now

    def watch(self, when_gone: Callable[[], None]) -> None:
        """Call a function after the engine has ended, in a thread of its own."""

        def poll() -> None:
            while not self.is_gone():
                time.sleep(_POLL_SECONDS)
            when_gone()

        threading.Thread(target=poll, name="engine-watch", daemon=True).start()


@lru_cache(maxsize=1)
def engine() -> EngineProcess:
    """Return the engine that this process works for."""
    return EngineProcess(engine_address(sys.argv[1:]))


def engine_address(arguments: Iterable[str]) -> str:
    """Find the engine's address in the arguments that the engine gives to a provider.

    Options come first, such as `--tracing <endpoint>`, `--logtostderr` and `-v=9`. The address is
    the last argument.

    Args:
        arguments: The arguments, without the program's name.

    Returns:
        The address; empty if there is none.
    """
    found, option = "", ""
    for word in arguments:
        if option not in _OPTIONS_WITH_VALUE and _ADDRESS.fullmatch(word):
            found = word
        option = word
    return found
