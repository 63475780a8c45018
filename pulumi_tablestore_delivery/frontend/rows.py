"""A resource's row in the CLI's output.

The engine gives each provider the address of its own service. The method `Log` of this service
shows a message on a row.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from pulumi_tablestore_delivery.frontend.engine_process import engine

_shown: Final[set[tuple[str, str]]] = set()


class RowReporter:
    """Reports on the row of a resource.

    Args:
        urn: The resource's URN; empty if it is not known. Then its row cannot show anything.
    """

    def __init__(self, urn: str) -> None:
        self._urn = urn

    def status(self, message: str) -> None:
        """Show the current progress. It is lost if the engine cannot be reached."""
        if self._urn:
            _log("INFO", message, self._urn, ephemeral=True)

    def warn(self, message: str) -> None:
        """Log a warning on the row, once; on stderr if the engine cannot be reached."""
        if (self._urn, message) in _shown:
            return
        _shown.add((self._urn, message))
        if not (self._urn and _log("WARNING", message, self._urn, ephemeral=False)):
            with suppress(OSError):  # nothing reads stderr after the engine has ended
                sys.stderr.write(f"warning: {message}\n")

    def error(self, message: str) -> bool:
        """Log an error on the row. Return whether the engine accepted it."""
        return bool(self._urn) and _log("ERROR", message, self._urn, ephemeral=False)

    def info(self, message: str) -> None:
        """Log a message on the row, once. It is lost if the engine cannot be reached."""
        if (self._urn, message) not in _shown:
            _shown.add((self._urn, message))
            if self._urn:
                _log("INFO", message, self._urn, ephemeral=False)


_log_lock: Final = threading.Lock()


@lru_cache(maxsize=1)
def _engine_stub(address: str) -> Any:
    """Return the engine's own service."""
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))


def _log(severity: str, message: str, urn: str, *, ephemeral: bool) -> bool:
    try:
        address = engine().address
        if not address:
            return False
        with _log_lock:
            _engine_stub(address).Log(
                engine_pb2.LogRequest(
                    severity=engine_pb2.LogSeverity.Value(severity),
                    message=str(message),  # protobuf accepts only a plain str
                    urn=urn,
                    ephemeral=ephemeral,
                ),
                timeout=5,
            )
    except Exception:  # noqa: BLE001 - a call continues without its row
        return False
    return True
