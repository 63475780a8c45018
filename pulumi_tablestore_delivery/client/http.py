"""HTTP. Only this module uses `requests`. It is imported with the first call."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from pulumi_tablestore_delivery.client import bounded
from pulumi_tablestore_delivery.client.proxies import proxy_problem
from pulumi_tablestore_delivery.client.transport import FAILURES, Phase, RawResponse
from pulumi_tablestore_delivery.spec.endpoints import mask_user_info

_PIECE: Final = 65_536
_HOSTS: Final = 8
"""The number of hosts to which an adapter keeps a connection."""

_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_COMPRESSED: Final = frozenset({"gzip", "x-gzip", "deflate"})


class RequestsTransport:
    """Sends requests over HTTP. Safe to use from several threads.

    Each request has an adapter of requests to itself, with one connection per host. The adapter
    then serves another request, of any thread.

    Proxies (`HTTPS_PROXY`, `NO_PROXY`, …) and certificates (`REQUESTS_CA_BUNDLE`,
    `CURL_CA_BUNDLE`) come from the environment. They are read once for each host, by a session of
    requests. Redirects are not followed, requests are not repeated, cookies are not kept, and
    `~/.netrc` is not read: a session would do that for each request, and take longer.
    """

    def __init__(self) -> None:
        self._idle: list[_Adapter] = []
        self._settings: dict[str, Any] = {}

    def post(self, url: str, headers: dict[str, str], body: bytes, timeout: float) -> RawResponse:
        """Send a request; see `Transport.post`."""
        return self._send(requests.Request("POST", url, headers, data=body), timeout)

    def get(self, url: str, timeout: float) -> RawResponse:
        """Read a page; see `Fetcher.get`."""
        return self._send(requests.Request("GET", url), timeout)

    def _send(self, request: requests.Request, timeout: float) -> RawResponse:
        with bounded.deadline(timeout) as progress:
            try:
                return self._exchange(request, timeout)
            except requests.exceptions.InvalidHeader:
                reason = "a header has a character that HTTP cannot carry"  # never its value
            except requests.exceptions.InvalidURL:
                # Its text may be the URL of a proxy with a password.
                reason = "the URL of the endpoint or of the proxy is not valid"
            except (OSError, HTTPError, ValueError) as error:  # OSError: all errors of requests
                reason = _reason(error)
            reason = _with_proxy(reason, progress.phase, str(request.url))
            raise FAILURES[progress.phase](reason, progress.phase)

    def _exchange(self, request: requests.Request, timeout: float) -> RawResponse:
        request.auth = _unchanged  # otherwise, requests takes user and password from the URL
        prepared = request.prepare()
        for value in prepared.headers.values():
            if not value.isascii():
                raise requests.exceptions.InvalidHeader
        settings = self._settings_for(str(prepared.url))
        with self._adapter() as adapter:
            answer = adapter.send(prepared, timeout=timeout, **settings)
            try:
                body = b"".join(answer.raw.stream(_PIECE, decode_content=False))
            finally:
                answer.close()
        body = _decode(body, answer.headers.get("content-encoding", ""))
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return RawResponse(answer.status_code, headers, body)

    @contextmanager
    def _adapter(self) -> Iterator[_Adapter]:
        adapter = self._idle_adapter() or _Adapter(pool_connections=_HOSTS, pool_maxsize=1)
        try:
            yield adapter
        finally:
            self._idle.append(adapter)

    def _idle_adapter(self) -> _Adapter | None:
        """Take the adapter used last: its connection is most likely still open."""
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _settings_for(self, url: str) -> Any:
        """Return the arguments of `HTTPAdapter.send` that depend on host and environment."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._settings:
            settings = _environment_of(origin)
            if settings["verify"] is True:
                settings["verify"] = requests.utils.DEFAULT_CA_BUNDLE_PATH
            self._settings[origin] = settings
        return self._settings[origin]


class _Adapter(HTTPAdapter):
    """An adapter whose connections end at the deadline."""

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        self._context = bounded.tls_context()
        super().init_poolmanager(*sizes, ssl_context=self._context, **options)
        bounded.bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        if proxy.lower().startswith("socks"):
            manager = super().proxy_manager_for(proxy, **options)
            bounded.outcome_is_open()
            return manager
        options["ssl_context"] = self._context
        if proxy.lower().startswith("https"):
            options["proxy_ssl_context"] = _context_for(proxy)
        manager = super().proxy_manager_for(proxy, **options)
        bounded.bound(manager)
        return manager


@lru_cache(maxsize=8)
def _context_for(proxy: str) -> ssl.SSLContext:
    """Return a context with the certificates of requests. urllib3 does not add them for proxies."""
    context = bounded.tls_context()
    trusted = Path(route_to(proxy).certificates or requests.utils.DEFAULT_CA_BUNDLE_PATH)
    if trusted.is_dir():
        context.load_verify_locations(capath=trusted)
    else:
        context.load_verify_locations(cafile=trusted)
    return context


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _decode(body: bytes, encoding: str) -> bytes:
    """Decompress a body up to the largest size. Only a proxy can have compressed it."""
    if not body or encoding.lower() not in _COMPRESSED:
        return body
    decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        decoded = decompressor.decompress(body, bounded.LARGEST_ANSWER)
    except zlib.error:
        raise HTTPError(f"the answer is not valid {encoding}") from None
    if decompressor.unconsumed_tail:
        raise HTTPError("the answer is too large")
    if not decompressor.eof:
        raise HTTPError(f"the answer ends in the middle of its {encoding} data")
    return decoded


@dataclass(frozen=True)
class Route:
    """How requests get to an origin, according to the environment.

    Attributes:
        proxy: The proxy's URL without user and password; empty for none.
        certificates: The file or folder of trusted certificates; empty for those of `requests`.
    """

    proxy: str
    certificates: str


def _environment_of(origin: str) -> Any:
    """Return what the environment says about requests to an origin, for `HTTPAdapter.send`."""
    return requests.Session().merge_environment_settings(
        origin, proxies={}, stream=True, verify=None, cert=None
    )


def route_to(origin: str) -> Route:
    """Return how requests get to an origin, such as `https://inst.cn-hangzhou.ots.aliyuncs.com`."""
    settings = _environment_of(origin)
    proxies: MutableMapping[str, str] = settings["proxies"]
    proxy = requests.utils.select_proxy(origin, proxies) or ""
    verify = settings["verify"]
    return Route(
        proxy=mask_user_info(proxy, mark=""),
        certificates=verify if isinstance(verify, str) else "",
    )


def _with_proxy(reason: str, phase: Phase, url: str) -> str:
    """Return the reason of a failure. If the proxy caused it, name the proxy."""
    if phase not in {Phase.PREPARING, Phase.CONNECTING}:
        return reason
    proxy = route_to(url).proxy
    if not proxy:
        return reason
    problem = proxy_problem(proxy)
    if problem or phase is Phase.PREPARING:
        return problem or reason
    return f"the proxy {proxy}: {reason}"


def _reason(error: BaseException) -> str:
    """Return the text of an error's innermost cause, without addresses of objects."""
    inner: BaseException | None = error
    while inner is not None:
        error = inner
        inner = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
