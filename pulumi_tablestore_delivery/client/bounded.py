"""Connections of urllib3 that end at the deadline of the request, and at its largest answer.

A time-out of a socket bounds one read, so a peer that sends one byte a second is never late. The
sockets here set the time that is left before each read and write, and count the bytes that come.
That covers headers, `100 Continue` answers, bodies, TLS handshakes and a proxy's answers alike.

The request in progress is found by its context: requests and urllib3 do all the work of a request
in the thread that makes it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError  # another class in Python 3.10
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import create_urllib3_context

from pulumi_tablestore_delivery.client.transport import Phase

LARGEST_ANSWER: Final = 64 * 1024 * 1024
"""Bytes on the wire, headers included."""

_CONNECT_TIMEOUT: Final = 5.0
"""Seconds for one address at most."""


@dataclass
class Progress:
    """How far a request came, and when it has to end.

    Attributes:
        ends: The deadline, on the clock of `time.monotonic`.
        phase: The current phase.
        received: How many bytes came.
    """

    ends: float
    phase: Phase = Phase.PREPARING
    received: int = 0

    def left(self) -> float:
        """Return the seconds until the deadline.

        Raises:
            TimeoutError: The deadline passed.
        """
        seconds = self.ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    def count(self, received: int) -> None:
        """Count received bytes.

        Raises:
            OSError: They are too many.
        """
        self.received += received
        if self.received > LARGEST_ANSWER:
            raise OSError("the answer is too large")


_PROGRESS: ContextVar[Progress] = ContextVar("progress")


@contextmanager
def deadline(seconds: float) -> Iterator[Progress]:
    """Bound the request that is made in this context."""
    progress = Progress(time.monotonic() + seconds)
    token = _PROGRESS.set(progress)
    try:
        yield progress
    finally:
        _PROGRESS.reset(token)


def outcome_is_open() -> None:
    """Record that nothing is known of the phase: the connection is not one of these."""
    _PROGRESS.get().phase = Phase.SENDING


class _Socket(socket.socket):
    """A TCP socket without TLS."""

    def recv(self, *args: Any) -> bytes:
        progress = _PROGRESS.get()
        self.settimeout(progress.left())
        received = super().recv(*args)
        progress.count(len(received))
        return received

    def recv_into(self, *args: Any) -> int:
        progress = _PROGRESS.get()
        self.settimeout(progress.left())
        received = super().recv_into(*args)
        progress.count(received)
        return received

    def sendall(self, *args: Any) -> None:
        self.settimeout(_PROGRESS.get().left())
        super().sendall(*args)


class _TLSSocket(ssl.SSLSocket):
    """A TCP socket with TLS. Its other methods come down to these three."""

    def do_handshake(self, *args: Any) -> None:
        self.settimeout(_PROGRESS.get().left())
        super().do_handshake(*args)

    def read(self, *args: Any) -> Any:
        progress = _PROGRESS.get()
        self.settimeout(progress.left())
        received = super().read(*args)  # bytes, or their number if there is a buffer for them
        progress.count(received if isinstance(received, int) else len(received))
        return received

    def send(self, *args: Any) -> int:
        self.settimeout(_PROGRESS.get().left())
        return super().send(*args)


def tls_context() -> ssl.SSLContext:
    """Return a context whose sockets keep the deadline; it trusts no certificate yet."""
    context = create_urllib3_context()
    context.sslsocket_class = _TLSSocket
    return context


class _HTTPConnection(HTTPConnection):
    """A connection that keeps the deadline and records the phase."""

    def _new_conn(self) -> socket.socket:
        progress = _PROGRESS.get()
        progress.phase = Phase.CONNECTING
        connected = _connect(self.host, self.port, self.socket_options or (), progress)
        progress.phase = Phase.SECURING
        return connected

    def connect(self) -> None:
        super().connect()
        _PROGRESS.get().phase = Phase.SENDING

    def request(self, *args: Any, **options: Any) -> None:
        _PROGRESS.get().phase = Phase.SENDING
        super().request(*args, **options)

    def getresponse(self) -> Any:
        _PROGRESS.get().phase = Phase.READING
        return super().getresponse()


class _HTTPSConnection(_HTTPConnection, HTTPSConnection):
    """The same with TLS."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


def bound(manager: PoolManager) -> None:
    """Let all connections of a pool manager keep the deadline."""
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


def _connect(host: str, port: int, options: Any, progress: Progress) -> socket.socket:
    """Connect to the first of a host's addresses that accepts. Each gets a share of the time."""
    addresses = _resolve(host, port, progress.left())
    for remaining in range(len(addresses), 0, -1):
        family, kind, protocol, _, address = addresses[-remaining]
        connection = _Socket(family, kind, protocol)
        try:
            for option in options:
                connection.setsockopt(*option)
            connection.settimeout(min(_CONNECT_TIMEOUT, progress.left() / remaining))
            connection.connect(address)
        except OSError:
            connection.close()
            if remaining == 1:
                raise
        else:
            return connection
    raise OSError(f"{host} has no address")


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """Resolve a name in a thread of its own, because the system's resolver has no deadline."""
    found: Future[list[Any]] = Future()

    def resolve() -> None:
        try:
            found.set_result(socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM))
        except OSError as error:
            found.set_exception(error)
        except (ValueError, OverflowError):
            found.set_exception(OSError(f"{host} is not a valid host name"))

    threading.Thread(target=resolve, name="resolve", daemon=True).start()
    try:
        return found.result(seconds)
    except FutureTimeoutError:
        raise TimeoutError("timed out") from None
