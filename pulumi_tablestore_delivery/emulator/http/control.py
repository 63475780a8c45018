"""The emulator's own routes below `/_emulator/`: unsigned JSON, for this machine only."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.answers import Answer
from pulumi_tablestore_delivery.emulator.faults import FaultError, Faults, parse
from pulumi_tablestore_delivery.emulator.http.guard import refusal

CONTROL_PREFIX: Final = "/_emulator/"
"""The start of the emulator's own paths, which Tablestore does not have."""

HEALTH_PATH: Final = f"{CONTROL_PREFIX}health"
"""The path of the health check, which does not wait for the storage."""


def is_health(method: str, path: str) -> bool:
    """Return whether a request is a health check."""
    return method in {"GET", "HEAD"} and path == HEALTH_PATH


class Control:
    """The routes. `health` answers everyone; the others answer this machine only (see `guard`).

    A route that does not exist is 404 for everyone.

    Attributes:
        faults: The requested faults.
        deliveries: Returns the progress of all tasks.
        oss_url: The endpoint of the emulated OSS.
    """

    def __init__(self, host: str) -> None:
        """Start without faults and calls.

        Args:
            host: The address or name that the emulator listens on.
        """
        self._host = host
        self.oss_url = ""
        self.faults = Faults()
        self._calls: Counter[str] = Counter()
        self._calls_lock = Lock()
        self.deliveries: Callable[[], list[dict[str, Any]]] = list
        self._routes: dict[tuple[str, str], Callable[[bytes], tuple[int, Any]]] = {
            ("GET", "faults"): lambda _: (200, {"faults": self.faults.report()}),
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "deliveries"): lambda _: (200, {"deliveries": self.deliveries()}),
            ("GET", "oss"): lambda _: (200, {"url": self.oss_url}),
            ("GET", "calls"): self._report_calls,
            ("DELETE", "calls"): self._clear_calls,
        }

    def answer(
        self, method: str, name: str, headers: Mapping[str, str], body: bytes, peer: str
    ) -> Answer:
        """Answer a request for a route's name.

        Args:
            method: The HTTP method.
            name: The part of the path after `/_emulator/`.
            headers: The headers, their names in lower case.
            body: The whole body.
            peer: The address of the client.
        """
        if is_health(method, f"{CONTROL_PREFIX}{name}"):
            return self.health()
        route = self._routes.get((method, name))
        if route is None:
            status, content = 404, {"error": f"There is no {method} {CONTROL_PREFIX}{name}"}
        elif reason := refusal(headers, peer, self._host):
            status, content = 403, {"error": reason}
        else:
            status, content = route(body)
        return _json(status, content)

    def health(self) -> Answer:
        """Answer a health check."""
        return _json(200, {"status": "ok"})

    def failure(self, reason: str) -> Answer:
        """Answer that a route failed."""
        return _json(500, {"error": reason})

    def count_call(self, operation: str) -> None:
        """Count a request of an operation, also one that is refused or lost."""
        with self._calls_lock:
            self._calls[operation] += 1

    def _add_fault(self, body: bytes) -> tuple[int, Any]:
        try:
            fault = parse(body)
        except FaultError as error:
            return 400, {"error": str(error)}
        self.faults.add(fault)
        return 201, fault.model_dump()

    def _clear_faults(self, _: bytes) -> tuple[int, Any]:
        self.faults.clear()
        return 200, {}

    def _report_calls(self, _: bytes) -> tuple[int, Any]:
        with self._calls_lock:
            return 200, dict(self._calls)

    def _clear_calls(self, _: bytes) -> tuple[int, Any]:
        with self._calls_lock:
            self._calls.clear()
        return 200, {}


def _json(status: int, content: Any) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(content).encode())
