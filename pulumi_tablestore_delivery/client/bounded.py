"""Connections for urllib3 with a deadline for the whole request and a limit of the answer's size.

The timeout of a socket applies to one read, so a peer that sends one byte per second never exceeds
it. The sockets in this module set the remaining time before each read and write, and count the
received bytes. That includes headers, `100 Continue` answers, bodies, TLS handshakes and answers of
a proxy.

A context variable holds the current request: requests and urllib3 do all the work of a request in
the thread that sends it.
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
    """The progress and the deadline of a request.

    Attributes:
        ends: The deadline, on the clock of `time.monotonic`.
        phase: The current phase.
        received: The number of received bytes.
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
            OSError: There are too many.
        """
        self.received += received
        if self.received > LARGEST_ANSWER:
            raise OSError("the answer is too large")


_PROGRESS: ContextVar[Progress] = ContextVar("progress")


@contextmanager
def deadline(seconds: float) -> Iterator[Progress]:
    """Apply the deadline to the request that is sent in this context."""
    progress = Progress(time.monotonic() + seconds)
    token = _PROGRESS.set(progress)
    try:
        yield progress
    finally:
        _PROGRESS.reset(token)


def outcome_is_open() -> None:
    """Record that the phase is unknown, because the connection is not one of this module."""
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
    """A TCP socket with TLS. Its other methods call these three."""

    def do_handshake(self, *args: Any) -> None:
        self.settimeout(_PROGRESS.get().left())
        super().do_handshake(*args)

    def read(self, *args: Any) -> Any:
        progress = _PROGRESS.get()
        self.settimeout(progress.left())
        received = super().read(*args)  # the bytes; with a buffer, their number
        progress.count(received if isinstance(received, int) else len(received))
        return received

    def send(self, *args: Any) -> int:
        self.settimeout(_PROGRESS.get().left())
        return super().send(*args)


def tls_context() -> ssl.SSLContext:
    """Return a context whose sockets keep the deadline. It does not trust any certificate yet."""
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
    """A connection with TLS that keeps the deadline and records the phase."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


def bound(manager: PoolManager) -> None:
    """Make all connections of a pool manager keep the deadline."""
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


def _connect(host: str, port: int, options: Any, progress: Progress) -> socket.socket:
    """Connect to the first address of a host that accepts. The addresses share the time."""
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
    raise OSError(f"{host} does not have an address")


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """Resolve a name in its own thread, because the system's resolver does not have a deadline."""
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
