"""Warn once per run about what a preview could not read. The deployment continues."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final

from pulumi_tablestore_delivery.errors import CallError, DeliveryError, ServiceError
from pulumi_tablestore_delivery.lifecycle.lookups import LOOKUP_SECONDS
from pulumi_tablestore_delivery.lifecycle.types import Reporter
from pulumi_tablestore_delivery.message import Message

_EFFECTS: Final[Mapping[str, str]] = {
    "DescribeTable": (
        "the table could not be read, and its columns and rows are not compared with the schema"
    ),
    "GetRange": "rows are not compared with the schema",
    "ListDeliveryTask": "names and folders are not compared with existing tasks",
    "DescribeDeliveryTask": "existing tasks are not compared with the program",
}
"""What the preview leaves out if an operation fails."""


class Notices:
    """The warnings of one `Lifecycle` in its run. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: set[str] = set()

    def warn_once(self, key: str, message: str, report: Reporter) -> None:
        """Log a warning, unless this run has logged one with this key."""
        with self._lock:
            if key in self._said:
                return
            self._said.add(key)
        report.warn(message)

    def warn_of_failure(self, error: DeliveryError, report: Reporter) -> None:
        """Warn that a lookup failed, and name what the preview leaves out.

        Args:
            error: The failure. An error other than `CallError` means: no answer in time.
            report: Where the warning goes.
        """
        if not isinstance(error, CallError):
            self.warn_once(
                "time",
                f"The service is slow: this run has waited {LOOKUP_SECONDS:g} s for rows and for "
                "existing tasks, and goes on without the rest of them.",
                report,
            )
            return
        operation = error.operation
        effect = _EFFECTS.get(operation, "the service is not compared with the program")
        if isinstance(error, ServiceError) and error.is_denied:
            problem = f"The right ots:{operation} is missing, so {effect}"
        else:
            problem = f"{operation} failed, so {effect}"
        self.warn_once(operation, Message.joined(". ", (problem, error.message)), report)
