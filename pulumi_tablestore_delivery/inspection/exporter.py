"""Read the states of tasks at an interval, and serve the last ones to Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Final, NoReturn

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from typing_extensions import Self

from pulumi_tablestore_delivery.errors import ConfigurationError, DeliveryError
from pulumi_tablestore_delivery.inspection.messages import message_of
from pulumi_tablestore_delivery.inspection.metrics import TaskStatus, task_metrics

_JOIN_SECONDS: Final = 5.0

ReadTasks = Callable[[], Sequence[TaskStatus]]
"""Reads the states of all tasks."""


class Exporter(Collector):
    """Serves the metrics of tasks. A context manager: it serves until its end.

    Args:
        read: Reads the tasks.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        report: Called with the reason when the requests for the states begin to fail, and with
            "" when they succeed again.

    Raises:
        ConfigurationError: The address cannot be listened on.
    """

    def __init__(
        self, read: ReadTasks, host: str, port: int, report: Callable[[str], None]
    ) -> None:
        self._read = read
        self._report = report
        self._failure = ""
        self._tasks: Sequence[TaskStatus] | None = None
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigurationError(f"Cannot listen on {host}:{port}: {reason}.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_JOIN_SECONDS)

    @property
    def port(self) -> int:
        """The port that is in use."""
        return self._server.server_port

    def collect(self) -> Iterable[Metric]:
        """Return the metrics of the last states."""
        return task_metrics(self._tasks)

    def refresh(self) -> None:
        """Read the tasks. If that fails, `up` is 0."""
        try:
            self._tasks = self._read()
        except DeliveryError as error:
            self._tasks = None
            self._report_failure(message_of(error) or type(error).__name__)
        else:
            self._report_failure("")

    def run(self, interval: float) -> NoReturn:
        """Read the tasks again after every `interval` seconds."""
        while True:
            time.sleep(interval)
            self.refresh()

    def _report_failure(self, failure: str) -> None:
        if bool(failure) != bool(self._failure):
            self._report(failure)
        self._failure = failure
