"""HTTP: the only place that knows `requests`."""

from __future__ import annotations

import threading
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Final, Protocol

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import NewConnectionError

_CONNECT_TIMEOUT: Final = 5.0
_READ_TIMEOUT: Final = 30.0


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


class RequestsTransport:
    """Requests over HTTP: one session a thread, connections kept, proxies honoured.

    Proxies come from the environment (`HTTPS_PROXY`, `NO_PROXY`, …), as `requests` reads it,
    certificates from `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE` where one is set.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def post(self, url: str, headers: dict[str, str], body: bytes, timeout: float) -> RawResponse:
        """See `Transport.post`."""
        channel = self._channel(url)
        request = requests.PreparedRequest()
        # Prepared by hand: the body is bytes, the headers are complete, and Session.request
        # would read the environment and the netrc file again for each call.
        request.method = "POST"
        request.url = url
        request.headers = CaseInsensitiveDict(headers)
        request.headers["Content-Length"] = str(len(body))
        request.body = body
        try:
            answer = channel.adapter.send(
                request,
                timeout=(min(_CONNECT_TIMEOUT, timeout), min(_READ_TIMEOUT, timeout)),
                proxies=channel.proxies,
                verify=channel.verify,
            )
            return RawResponse(
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                answer.content,
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise NotSentError(_reason(error)) from None
        except requests.ConnectionError as error:
            if _never_connected(error):
                raise NotSentError(_reason(error)) from None
            raise NoAnswerError(_reason(error)) from None
        except requests.RequestException as error:
            raise NoAnswerError(_reason(error)) from None

    def _channel(self, url: str) -> _Channel:
        channels: dict[str, _Channel] = self._local.__dict__.setdefault("channels", {})
        origin = url[: url.index("/", len("https://"))]
        channel = channels.get(origin)
        if channel is None:
            settings = requests.Session().merge_environment_settings(url, {}, None, None, None)
            channel = channels[origin] = _Channel(
                HTTPAdapter(pool_connections=1, pool_maxsize=1),
                settings["proxies"],
                True if settings["verify"] is None else settings["verify"],
            )
        return channel


@dataclass(frozen=True)
class _Channel:
    adapter: HTTPAdapter
    proxies: MutableMapping[str, str]
    verify: bool | str


def _never_connected(error: requests.ConnectionError) -> bool:
    cause: object = error.args[0] if error.args else None
    cause = getattr(cause, "reason", cause)
    return isinstance(error, requests.exceptions.ProxyError) or isinstance(
        cause, NewConnectionError
    )


def _reason(error: Exception) -> str:
    """The innermost words of an error, without object addresses and wrappers."""
    cause: object = error.args[0] if error.args else error
    cause = getattr(cause, "reason", cause)
    origin = getattr(cause, "__cause__", None)
    if isinstance(origin, OSError) and origin.strerror:
        return origin.strerror
    return str(cause).rsplit(": ", 1)[-1] or type(error).__name__
