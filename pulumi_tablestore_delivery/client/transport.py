"""The interface between the client and HTTP, and the meaning of a failed request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol


@dataclass(frozen=True)
class RawResponse:
    """An unchecked answer: status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Phase(Enum):
    """The phases of a request."""

    PREPARING = "preparing"
    """The request is built. No socket is open."""
    CONNECTING = "connecting"
    """The host's name is being resolved, and the host or a proxy is being connected over TCP."""
    SECURING = "securing"
    """The proxy is opening a tunnel, and the TLS handshake is running."""
    SENDING = "sending"
    """The request is being written."""
    READING = "reading"
    """The answer is being awaited and read."""


class TransportError(Exception):
    """There is no complete answer to a request.

    Args:
        reason: The reason, without secrets.
        phase: The phase in which the request failed.
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
"""The error of a failure in each phase. It does not depend on the exception."""


class Transport(Protocol):
    """Sends requests to the service. Tests replace it."""

    def post(self, url: str, headers: dict[str, str], body: bytes, timeout: float) -> RawResponse:
        """Send one request and read its whole answer.

        Args:
            url: The URL.
            headers: All headers, signed.
            body: The message.
            timeout: The most seconds of the whole request, from the resolution of the host's name
                to the last byte of the answer.

        Raises:
            NotSentError: No connection was made.
            NoAnswerError: The connection broke or the deadline passed.
        """
        ...


class Fetcher(Protocol):
    """Reads public pages, without keys and signatures."""

    def get(self, url: str, timeout: float) -> RawResponse:
        """Read a page.

        Args:
            url: The URL.
            timeout: The most seconds of the whole request.

        Raises:
            NotSentError: No connection was made.
            NoAnswerError: The connection broke or the deadline passed.
        """
        ...
