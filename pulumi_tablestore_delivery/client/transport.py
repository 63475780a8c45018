"""The seam between the client and HTTP, and what a failed request means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol


@dataclass(frozen=True)
class RawResponse:
    """An answer before anything in it is checked: status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Phase(Enum):
    """How far a request came."""

    PREPARING = "preparing"
    """The request is built. No socket is open."""
    CONNECTING = "connecting"
    """The host's name is resolved and the TCP connection to it, or to a proxy, is made."""
    SECURING = "securing"
    """The proxy opens a tunnel and the TLS handshake runs."""
    SENDING = "sending"
    """The request is written."""
    READING = "reading"
    """The answer is awaited and read."""


class TransportError(Exception):
    """A request got no complete answer.

    Args:
        reason: Why, without secrets.
        phase: How far the request came.
    """

    def __init__(self, reason: str, phase: Phase) -> None:
        super().__init__(reason)
        self.phase = phase


class NotSentError(TransportError):
    """No TCP connection was made, so nothing was sent."""

    def __init__(self, reason: str, phase: Phase = Phase.CONNECTING) -> None:
        super().__init__(reason, phase)


class NoAnswerError(TransportError):
    """A TCP connection was made, and no complete answer came back. The outcome is unknown."""

    def __init__(self, reason: str, phase: Phase = Phase.READING) -> None:
        super().__init__(reason, phase)


FAILURES: Final[Mapping[Phase, type[NotSentError | NoAnswerError]]] = {
    Phase.PREPARING: NotSentError,
    Phase.CONNECTING: NotSentError,
    Phase.SECURING: NoAnswerError,  # a TLS error may also come after the request was sent
    Phase.SENDING: NoAnswerError,
    Phase.READING: NoAnswerError,
}
"""What a failure in each phase means, whatever the exception."""


class Transport(Protocol):
    """Carries requests to the service; the seam for tests."""

    def post(self, url: str, headers: dict[str, str], body: bytes, timeout: float) -> RawResponse:
        """Send one request and read its whole answer.

        Args:
            url: The URL.
            headers: All headers, signed.
            body: The message.
            timeout: The deadline of the whole request in seconds, from the name's resolution to
                the last byte of the answer.

        Raises:
            NotSentError: No connection was made.
            NoAnswerError: The connection broke or the deadline passed.
        """
        ...


class Fetcher(Protocol):
    """Reads public pages, without a signature and without keys."""

    def get(self, url: str, timeout: float) -> RawResponse:
        """Read a page.

        Args:
            url: The URL.
            timeout: The deadline of the whole request in seconds.

        Raises:
            NotSentError: No connection was made.
            NoAnswerError: The connection broke or the deadline passed.
        """
        ...
