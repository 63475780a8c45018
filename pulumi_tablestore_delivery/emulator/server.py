"""The HTTP around the service: for a process of its own (`run`), or within one (`Emulator`)."""

import asyncio
import functools
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from typing_extensions import Self

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.service import MAX_BODY_BYTES, Service
from pulumi_tablestore_delivery.emulator.store import Store, StoreError

_BACKLOG = 1024
_SHUTDOWN_SECONDS = 2.0  # for requests that are being answered


class ListenError(Exception):
    """The address cannot be listened on; the text says why."""


def run(options: Options) -> int:
    """Serve until SIGTERM or SIGINT; return the process's exit code.

    Says on stdout, in one line, when and where it serves. If it cannot, one line on stderr says
    why, and the code is 1.
    """

    async def main() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
        await _serve(options, time.time_ns, _announce, stop)

    try:
        asyncio.run(main())
    except (ListenError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


class Emulator:
    """An emulator in a thread of this process; a context manager.

    Example:
        with Emulator(Options(port=0, data_dir=folder)) as emulator:
            connect_to(emulator.url)
    """

    def __init__(self, options: Options, clock: Callable[[], int] = time.time_ns) -> None:
        """Prepare one.

        Args:
            options: What it serves and how.
            clock: Nanoseconds since 1970: what the tasks' phases go by.
        """
        self._options = options
        self._clock = clock
        self._ready: Future[str] = Future()
        self._thread = threading.Thread(target=self._run, name="tablestore-emulator", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    @property
    def url(self) -> str:
        """The endpoint, such as `http://127.0.0.1:8087`."""
        return self._ready.result()

    @property
    def port(self) -> int:
        """The port; the real one where 0 was asked for."""
        port = urlsplit(self.url).port
        assert port is not None  # noqa: S101 - the URL is made with one
        return port

    def start(self) -> Self:
        """Begin to serve; return when it does.

        Raises:
            ListenError: The address cannot be listened on.
            StoreError: The data folder cannot be used.
        """
        self._thread.start()
        self._ready.result()
        return self

    def stop(self) -> None:
        """Stop to serve; return when it has. May be called again."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> Self:
        """Begin to serve."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop to serve."""
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await _serve(self._options, self._clock, self._ready.set_result, self._stop)


async def _serve(
    options: Options,
    clock: Callable[[], int],
    ready: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    with closing(Store(options.data_dir)) as store, _listen(options.host, options.port) as listener:
        service = Service(options, store, clock)
        server = web.Server(
            functools.partial(_handle, service),
            request_factory=_request,
            access_log=None,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        worker = threading.Thread(target=service.deliveries.run, name="tablestore-delivery")
        worker.start()
        try:
            await web.SockSite(runner, listener, backlog=_BACKLOG).start()
            ready(_url(options.host, listener))
            await stop.wait()
        finally:
            await runner.cleanup()
            service.deliveries.stop()
            worker.join()


async def _handle(service: Service, request: web.BaseRequest) -> web.Response:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        answer = service.refuse_body(request.raw_path, headers)
    else:
        peer = request.remote or ""
        answer = service.answer(request.method, request.raw_path, headers, body, peer)
    await asyncio.sleep(answer.delay)
    if answer.dropped:
        _reset(request)
        return web.Response()  # aiohttp sees for itself that nobody is there
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def _reset(request: web.BaseRequest) -> None:
    """Break the connection as a peer that is gone does; the client sees a reset at once."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


def _request(*parts: Any) -> web.BaseRequest:
    """A request as aiohttp makes it, but with our limit of the body."""
    message, payload, protocol, writer, task = parts
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY_BYTES
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except socket.gaierror as error:
        raise ListenError(f"Cannot listen on {host}:{port}: {error.strerror}") from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)  # its own text repeats the address
        raise ListenError(f"Cannot listen on {host}:{port}: {reason}") from None


def _url(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _announce(url: str) -> None:
    sys.stdout.write(f"Tablestore emulator ready at {url}\n")
    sys.stdout.flush()
