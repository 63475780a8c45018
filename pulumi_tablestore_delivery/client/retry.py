"""Retries: when a call is sent again, and the delay before it.

There are two cases (seen in the official SDKs). If an error means that the service did nothing, the
call may always be repeated. After an attempt whose outcome is unknown, the call is repeated only if
the operation may be carried out twice.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Protocol

from pulumi_tablestore_delivery.errors import (
    CallError,
    ConnectionFailedError,
    ConnectionLostError,
    ServiceError,
    UntrustedResponseError,
)


class Clock(Protocol):
    """A clock, which tests replace."""

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        ...

    def monotonic(self) -> float:
        """Return the seconds of a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Return the seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a call is repeated.

    Attributes:
        deadline: The most seconds of a call, with all attempts and the delays between them.
        first_delay: The most seconds of the first delay. It doubles with each attempt.
        longest_delay: The most seconds of any delay.
        connect_attempts: The most attempts to connect, TLS included.
    """

    deadline: float = 30.0
    first_delay: float = 0.1
    longest_delay: float = 3.0
    connect_attempts: int = 3

    def delay(self, attempt: int) -> float:
        """Return the seconds to wait after attempt 1, 2, …. One half of them is random."""
        bound = min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))
        return bound * (0.5 + 0.5 * random.random())  # noqa: S311 - spreads load, no secret

    def repeats(self, error: CallError, *, repeatable: bool, attempt: int) -> bool:
        """Return whether to send a call again after this error."""
        if isinstance(error, ConnectionFailedError):
            return attempt < self.connect_attempts
        if isinstance(error, ConnectionLostError) and not error.was_secured:
            return repeatable and attempt < self.connect_attempts
        if isinstance(error, ServiceError) and error.nothing_was_done:
            return True
        if isinstance(error, UntrustedResponseError) and _is_final(error):
            return False
        return repeatable and error.outcome_unknown


def _is_final(error: UntrustedResponseError) -> bool:
    """Return whether another attempt would get the same answer.

    It comes from a proxy that refuses or redirects, or the service itself sent unreadable bytes.
    """
    refused = range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.INTERNAL_SERVER_ERROR)
    return error.is_signed or error.status in refused
