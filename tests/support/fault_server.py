"""A server of raw sockets. A test defines its faults."""

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "localhost.pem"


class FaultServer:
    """Accepts connections on 127.0.0.1 and runs a function with each, in a thread of its own.

    Args:
        fault: Gets this server and the connected socket, which the server closes afterwards.
        tls: Whether the server makes the TLS handshake before it calls the function.
        wants_client_certificate: Whether it refuses clients without one, after the handshake.
    """

    def __init__(self, fault, *, tls=False, wants_client_certificate=False):
        self.fault = fault
        self.connections = 0
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(CERTIFICATE)
            if wants_client_certificate:
                self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.sockets = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for each in [self.listener, *self.sockets]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(10)

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=[connection])
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        connection.settimeout(10)
        with contextlib.suppress(OSError):  # the client gives up; that is what most tests want
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.sockets.append(connection)
            self.fault(self, connection)
        connection.close()

    def drip(self, connection, data, seconds=0.1):
        """Send one byte after another until the client gives up or the test ends."""
        for byte in data:
            connection.sendall(bytes([byte]))
            if self.stopped.wait(seconds):
                return

    def wait(self, connection):
        """Send nothing until the client gives up or the test ends."""
        connection.settimeout(0.1)
        while not self.stopped.is_set():
            with contextlib.suppress(TimeoutError):
                if not connection.recv(65536):
                    return


def read_request(connection):
    """Read one request; return its head as text."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        if name.lower() == "content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    return head.decode("latin-1")


def response(body, *headers, status="200 OK"):
    """Return the bytes of an HTTP answer."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


@contextlib.contextmanager
def ends_within(seconds):
    """Fail if the block takes longer than the deadline and one second."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds + 1
