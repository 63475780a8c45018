"""Poll the service until a deadline: the pauses, and the failures that do not end a wait."""

from __future__ import annotations

from http import HTTPStatus
from math import inf
from threading import Event
from typing import Final

from pulumi_tablestore_delivery.client.retry import Clock
from pulumi_tablestore_delivery.errors import (
    CallError,
    DeliveryError,
    ServiceError,
    UntrustedResponseError,
)

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_GROWTH: Final = 1.5
_SLICE: Final = 0.5  # seconds until a pause notices that it was cancelled
SHORTEST_POLL: Final = 2.0
"""Seconds that a poll may take even if the deadline is nearer. A healthy service answers in it."""
_LONGEST_POLL: Final = 10.0
"""Seconds that one poll may take, as in the Java SDK. Progress is reported between polls."""
_TRY_AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class Backoff:
    """Growing pauses between polls, until a deadline.

    Args:
        clock: Time.
        timeout: Seconds until the deadline.
        stop: Cancels the wait when it is set; never by default.
    """

    def __init__(self, clock: Clock, timeout: float, stop: Event | None = None) -> None:
        self._clock = clock
        self._stop = stop or Event()
        self._timeout = timeout
        self._started = clock.monotonic()
        self._next = _FIRST_PAUSE

    @property
    def waited(self) -> float:
        """Seconds since the wait began."""
        return self._clock.monotonic() - self._started

    @property
    def remaining(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._timeout - self.waited)

    @property
    def is_cancelled(self) -> bool:
        """Whether the wait was cancelled."""
        return self._stop.is_set()

    @property
    def is_over(self) -> bool:
        """Whether the wait was cancelled or its deadline has passed."""
        return self.is_cancelled or self.remaining <= 0

    @property
    def poll_timeout(self) -> float:
        """Seconds that the next poll may take."""
        return min(_LONGEST_POLL, max(SHORTEST_POLL, self.remaining))

    def sleep(self, longest: float = inf) -> None:
        """Sleep until the next poll is due.

        The last pause ends at the deadline, so the last poll sees the newest state.

        Args:
            longest: The most seconds that this pause may take.
        """
        end = self._clock.monotonic() + min(self._next, self.remaining, longest)
        while (rest := end - self._clock.monotonic()) > 0 and not self.is_cancelled:
            self._clock.sleep(min(rest, _SLICE))
        self._next = min(self._next * _GROWTH, _LONGEST_PAUSE)


def is_transient(error: DeliveryError) -> bool:
    """Whether the same poll may succeed later.

    Failures of the network, of a proxy and of a busy service are transient. A refusal by the
    service, a missing task and a wrong configuration are not.
    """
    if not isinstance(error, ServiceError):
        return isinstance(error, CallError)
    return (
        error.nothing_was_done
        or error.outcome_unknown
        or error.is_quota_exhausted
        or error.status in _TRY_AGAIN
    )


def summary_of(error: DeliveryError) -> str:
    """Describe a transient failure in a few words, for a progress message."""
    if isinstance(error, ServiceError):
        return f"the service answers {error.code}"
    if isinstance(error, UntrustedResponseError):
        return f"the answer (HTTP {error.status}) is not the service's"
    return "the service cannot be reached"
