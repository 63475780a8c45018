"""HTTP: the only place that knows `requests`; imported when the first call is made."""

from __future__ import annotations

import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from pulumi_tablestore_delivery.client.transport import NoAnswerError, NotSentError, RawResponse

_CONNECT_TIMEOUT: Final = 5.0
_READ_TIMEOUT: Final = 30.0
_PIECE: Final = 65_536
_LARGEST_ANSWER: Final = 64 * 1024 * 1024
_NOT_CONNECTED: Final = (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)


class RequestsTransport:
    """Requests over HTTP: connections kept, one pool a thread, proxies honoured.

    `requests` decides what its users expect it to: proxies from the environment (`HTTPS_PROXY`,
    `NO_PROXY`, …), certificates from `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE` where one is set.
    That is done once a thread and endpoint; each request then goes straight to the connection
    pool that came of it, which is a fifth faster.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def post(self, url: str, headers: dict[str, str], body: bytes, timeout: float) -> RawResponse:
        """See `Transport.post`."""
        return self._send("POST", url, headers, body, timeout)

    def get(self, url: str, timeout: float) -> RawResponse:
        """See `Fetcher.get`."""
        return self._send("GET", url, {}, None, timeout)

    def _send(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, timeout: float
    ) -> RawResponse:
        origin = url[: url.index("/", len("https://"))]
        ends = time.monotonic() + timeout
        try:
            channel = self._channel(origin)
            answer = channel.pool.urlopen(
                method,
                channel.target_prefix + url[len(origin) :],
                body,
                headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                timeout=Timeout(
                    connect=min(_CONNECT_TIMEOUT, timeout), read=min(_READ_TIMEOUT, timeout)
                ),
            )
            received = _read(answer, ends)
        except _NOT_CONNECTED as error:
            raise NotSentError(_reason(error)) from None
        except ValueError:
            # What HTTP cannot carry; the error's own text may hold the value of a header.
            raise NotSentError("the endpoint or a header is not valid in HTTP") from None
        except HTTPError as error:
            raise NoAnswerError(_reason(error)) from None
        return RawResponse(
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            received,
        )

    def _channel(self, origin: str) -> _Channel:
        channels: dict[str, _Channel] = self._local.__dict__.setdefault("channels", {})
        channel = channels.get(origin)
        if channel is None:
            channel = channels[origin] = _open(origin)
        return channel


@dataclass(frozen=True)
class _Channel:
    """A connection pool, and what a request's target starts with (the origin, for a proxy)."""

    pool: HTTPConnectionPool
    target_prefix: str


def _read(answer: BaseHTTPResponse, ends: float) -> bytes:
    """Reads an answer to its end, piece by piece, so that one that drips cannot hold a call."""
    received = bytearray()
    while piece := answer.read1(_PIECE):
        received += piece
        if time.monotonic() > ends or len(received) > _LARGEST_ANSWER:
            answer.close()
            raise NoAnswerError("the answer takes too long, or is too large")
    answer.release_conn()
    return bytes(received)


@dataclass(frozen=True)
class Route:
    """How requests get to an origin, as the environment has it.

    Attributes:
        proxy: The proxy's URL without user and password; empty for none.
        certificates: The file or folder of trusted certificates; empty for those of `requests`.
    """

    proxy: str
    certificates: str


def route_to(origin: str) -> Route:
    """How requests get to an origin, such as `https://inst.cn-hangzhou.ots.aliyuncs.com`."""
    proxies, verify = _environment(origin)
    proxy = requests.utils.select_proxy(origin, proxies) or ""
    scheme, _, rest = proxy.rpartition("//")
    return Route(
        proxy=f"{scheme}//{rest.rpartition('@')[2]}" if proxy else "",
        certificates=verify if isinstance(verify, str) else "",
    )


def _environment(origin: str) -> tuple[MutableMapping[str, str], bool | str]:
    """Proxies by scheme, and the certificates to trust: a path, or True for the usual ones."""
    settings = requests.Session().merge_environment_settings(origin, {}, None, None, None)
    return settings["proxies"], True if settings["verify"] is None else settings["verify"]


def _open(origin: str) -> _Channel:
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)
    proxies, verify = _environment(origin)
    request = requests.Request("POST", f"{origin}/").prepare()
    pool = adapter.get_connection_with_tls_context(request, verify, proxies)
    target = adapter.request_url(request, proxies)
    return _Channel(
        pool,  # type: ignore[arg-type]  # declared as its base, which cannot send
        target.rstrip("/"),
    )


def _reason(error: Exception) -> str:
    """The innermost words of an error, without object addresses and wrappers."""
    origin = error.__cause__ or error.__context__
    if isinstance(origin, OSError) and origin.strerror:
        return origin.strerror
    return str(error).rsplit(": ", 1)[-1] or type(error).__name__
