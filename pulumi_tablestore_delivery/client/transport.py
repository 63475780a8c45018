"""What carries a request to the service: the seam between the client and HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class RawResponse:
    """An answer as it came: status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSentError(Exception):
    """No connection could be made, so nothing was sent."""


class NoAnswerError(Exception):
    """The request was sent, and no whole answer came back."""


class Transport(Protocol):
    """What carries a request to the service; the seam for tests."""

    def post(self, url: str, headers: dict[str, str], body: bytes, timeout: float) -> RawResponse:
        """Sends one request and reads its whole answer.

        Args:
            url: Where to.
            headers: All of them, signed.
            body: The message.
            timeout: Seconds the answer may take at most.

        Raises:
            NotSentError: No connection could be made.
            NoAnswerError: The connection broke or the time was up.
        """
        ...


class Fetcher(Protocol):
    """What reads a page that anybody may read; no signature, no keys."""

    def get(self, url: str, timeout: float) -> RawResponse:
        """Reads a page.

        Args:
            url: Where from.
            timeout: Seconds the answer may take at most.

        Raises:
            NotSentError: No connection could be made.
            NoAnswerError: The connection broke or the time was up.
        """
        ...
