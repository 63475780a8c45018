"""The HTTP server of the emulator."""

import asyncio
import errno
import functools
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from pulumi_tablestore_delivery.emulator.answers import Answer
from pulumi_tablestore_delivery.emulator.error_log import ErrorLog
from pulumi_tablestore_delivery.emulator.http.console.console import Console
from pulumi_tablestore_delivery.emulator.http.control import HEALTH_PATH, is_health
from pulumi_tablestore_delivery.emulator.http.expect import send_continue
from pulumi_tablestore_delivery.emulator.http.oss.server import OssHandler
from pulumi_tablestore_delivery.emulator.http.oss.signatures import Credentials
from pulumi_tablestore_delivery.emulator.http.service import MAX_BODY_BYTES, Service
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.store import Store
from pulumi_tablestore_delivery.emulator.storage.uploads import Uploads

_BACKLOG: Final = 1024
_LAST_PORT: Final = 65535
_silent = logging.getLogger(f"{__name__}.connections")
_silent.setLevel(logging.CRITICAL)
_errors = ErrorLog(logging.getLogger(__name__))
_READ_SECONDS: Final = 60.0  # until a body must have arrived
_SHUTDOWN_SECONDS: Final = 2.0  # for requests that are being answered


class ListenError(Exception):
    """The server cannot listen on the address. The message has the reason."""


@dataclass(frozen=True)
class Endpoints:
    """The addresses of an emulator.

    Attributes:
        url: The endpoint of Tablestore, such as `http://127.0.0.1:8087`.
        oss_url: The endpoint of the emulated OSS.
    """

    url: str
    oss_url: str


async def serve(
    options: Options,
    clock: Callable[[], int],
    ready: Callable[[Endpoints], None],
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set.

    Args:
        options: The settings.
        clock: Returns nanoseconds since 1970.
        ready: Called with the endpoints as soon as requests are accepted.
        stop: Stops the server when it is set.

    Raises:
        ListenError: The server cannot listen on the address.
        StoreError: The data folder cannot be used.
    """
    with ExitStack() as stack:
        store = stack.enter_context(closing(Store(options.data_dir)))
        listener = stack.enter_context(_listen(options.host, options.port))
        oss_listener = stack.enter_context(_listen_for_oss(options))
        endpoints = Endpoints(_url(options.host, listener), _url(options.host, oss_listener))
        service = Service(options, store, clock)
        service.announce_oss(endpoints.oss_url)
        servers = [
            (_tablestore_server(stack, options, service, endpoints), listener),
            (_oss_server(stack, options, service, endpoints), oss_listener),
        ]
        runners = [
            (web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS), where)
            for server, where in servers
        ]
        for runner, _ in runners:
            await runner.setup()
        worker = threading.Thread(target=service.worker.run, name="tablestore-delivery")
        worker.start()
        try:
            for runner, where in runners:
                await web.SockSite(runner, where, backlog=_BACKLOG).start()
            ready(endpoints)
            await stop.wait()
        finally:
            await asyncio.gather(*(runner.cleanup() for runner, _ in runners))
            service.worker.stop()
            worker.join()


def _tablestore_server(
    stack: ExitStack, options: Options, service: Service, endpoints: Endpoints
) -> web.Server:
    """Return the server of Tablestore and the page. The stack stops its threads."""
    console = Console(options, service, service.objects, endpoints.url, endpoints.oss_url)
    stack.enter_context(closing(console))
    # Operations wait for the disk, so they do not run in the event loop. They run one after the
    # other, so one thread is enough.
    executor = stack.enter_context(ThreadPoolExecutor(1, "tablestore-operations"))
    return make_server(service, executor, console)


def _oss_server(
    stack: ExitStack, options: Options, service: Service, endpoints: Endpoints
) -> web.Server:
    """Return the server of the emulated OSS. The stack stops its threads."""
    credentials = Credentials(
        options.access_key_id, options.access_key_secret, options.security_token
    )
    bases = {options.host.lower(), socket.gethostname().lower()}
    uploads = Uploads(options.buckets_dir, service.objects)
    endpoint = urlsplit(endpoints.oss_url).netloc
    handler = OssHandler(service.objects, uploads, credentials, endpoint, bases)
    return make_oss_server(stack.enter_context(closing(handler)))


def make_server(service: Service, executor: Executor, console: Console | None = None) -> web.Server:
    """Return the server of Tablestore and the page, not bound to an address.

    Args:
        service: The instance.
        executor: Runs its operations.
        console: Its page, if there is one.
    """
    return web.Server(
        functools.partial(_handle, service, executor, console),
        request_factory=_request,
        access_log=None,
        auto_decompress=False,  # the MD5 and the signature are those of the received bytes
        logger=_silent,  # aiohttp logs a traceback for bytes that are not HTTP
    )


def make_oss_server(handler: OssHandler) -> web.Server:
    """Return the server of the emulated OSS, not bound to an address."""
    # Do not decompress: an object may be compressed, and its signature covers these bytes.
    return web.Server(handler, access_log=None, auto_decompress=False, logger=_silent)


async def _handle(
    service: Service, executor: Executor, console: Console | None, request: web.BaseRequest
) -> web.StreamResponse:
    try:
        if console is not None and console.is_requested(request.method, request.raw_path):
            headers = {name.lower(): value for name, value in request.headers.items()}
            return _response(await console.respond(headers, request.remote or ""))
        return await _answer(service, executor, request)
    except ConnectionError:
        raise  # the client is gone
    except Exception:  # noqa: BLE001 - the log has the traceback, once
        _errors.bug("The emulator failed to handle an HTTP request")
        return web.Response(status=500)


async def _answer(service: Service, executor: Executor, request: web.BaseRequest) -> web.Response:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = await asyncio.wait_for(_body(request), _READ_SECONDS)
    except (TimeoutError, asyncio.TimeoutError):
        return web.Response(status=408)
    except web.RequestPayloadError:
        return web.Response(status=400, text="The body is not framed as its headers say.\n")
    except web.HTTPRequestEntityTooLarge:
        answer = service.refuse_body(request.raw_path, headers)
    else:
        peer = request.remote or ""
        if is_health(request.method, request.raw_path):
            return _response(service.answer(request.method, HEALTH_PATH, headers, body, peer))
        answer = await asyncio.get_running_loop().run_in_executor(
            executor, service.answer, request.method, request.raw_path, headers, body, peer
        )
    await asyncio.sleep(answer.delay)
    if answer.dropped:
        _reset(request)
        return web.Response()  # aiohttp notices that the client is gone
    return _response(answer)


async def _body(request: web.BaseRequest) -> bytes:
    size = request.content_length or 0
    if size > MAX_BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, size)
    await send_continue(request)
    return await request.read()


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def _reset(request: web.BaseRequest) -> None:
    """Reset the connection, so that the client gets an error at once."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


def _request(*parts: Any) -> web.BaseRequest:
    """Return a request as aiohttp does, but with Tablestore's limit of the body."""
    message, payload, protocol, writer, task = parts
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY_BYTES
    )


def _listen(host: str, port: int, option: str = "--port") -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except socket.gaierror as error:
        raise ListenError(f"Cannot listen on {host}:{port}: {error.strerror}") from None
    except UnicodeError:
        raise ListenError(f"Cannot listen on {host}:{port}: not a valid host name") from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)  # the message of the exception repeats the address
        advice = f". Use {option} 0 to take a free port." if error.errno == errno.EADDRINUSE else ""
        raise ListenError(f"Cannot listen on {host}:{port}: {reason}{advice}") from None


def _listen_for_oss(options: Options) -> socket.socket:
    if options.oss_port is not None:
        return _listen(options.host, options.oss_port, "--oss-port")
    following = options.port + 1 if 0 < options.port < _LAST_PORT else 0
    try:
        return _listen(options.host, following)
    except ListenError:
        return _listen(options.host, 0)


def _url(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
