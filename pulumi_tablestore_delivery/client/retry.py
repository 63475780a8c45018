"""When a call is sent again, and how long it waits before that.

Two tiers (seen in the official SDKs): errors by which the service says that it did nothing
may always be repeated; an answer that leaves open what happened may be repeated only where
doing a thing twice is the same as doing it once.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

from pulumi_tablestore_delivery.errors import (
    CallError,
    ConnectionFailedError,
    ServiceError,
    UntrustedResponseError,
)


class Clock(Protocol):
    """Time, so that a test can hold it."""

    def now(self) -> datetime:
        """The time of day, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a call is repeated.

    Attributes:
        deadline: Seconds after which no further attempt starts, waits included.
        first_delay: Seconds; the upper bound of the first wait, doubled each time.
        longest_delay: Seconds; no wait is longer.
        connect_attempts: How often a service that cannot be reached is tried.
    """

    deadline: float = 30.0
    first_delay: float = 0.1
    longest_delay: float = 3.0
    connect_attempts: int = 3

    def delay(self, attempt: int) -> float:
        """Seconds to wait after attempt 1, 2, …: half of it sure, half of it chance."""
        bound = min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))
        return bound * (0.5 + 0.5 * random.random())  # noqa: S311 - spreads load, hides nothing

    def repeats(self, error: CallError, *, repeatable: bool, attempt: int) -> bool:
        """Whether a call that failed so is to be sent again."""
        if isinstance(error, ConnectionFailedError):
            return attempt < self.connect_attempts
        if isinstance(error, ServiceError) and error.nothing_was_done:
            return True
        if isinstance(error, UntrustedResponseError) and 300 <= error.status < 500:  # noqa: PLR2004
            return False  # somebody else's final word: a proxy that refuses or redirects
        return repeatable and error.outcome_unknown
