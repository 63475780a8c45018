"""Serve the emulated OSS over HTTP. Threads read and write files piece by piece."""

import asyncio
import contextlib
import logging
import uuid
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from aiohttp import web

from pulumi_tablestore_delivery.emulator.error_log import ErrorLog
from pulumi_tablestore_delivery.emulator.http.expect import send_continue
from pulumi_tablestore_delivery.emulator.http.oss.body import Body
from pulumi_tablestore_delivery.emulator.http.oss.call import (
    Call,
    FilePart,
    Operation,
    OssAnswer,
    Received,
)
from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    ACCESS_DENIED,
    INCOMPLETE_BODY,
    INTERNAL,
    MISSING_LENGTH,
    REQUEST_TIMEOUT,
    TOO_LARGE,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.operations import (
    check_headers,
    check_target,
    find_operation,
    perform,
)
from pulumi_tablestore_delivery.emulator.http.oss.request import OssRequest, parse_request
from pulumi_tablestore_delivery.emulator.http.oss.signatures import Credentials, verify
from pulumi_tablestore_delivery.emulator.http.oss.xml import MAX_XML_BYTES, document
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore
from pulumi_tablestore_delivery.emulator.storage.uploads import Uploads

_PIECE: Final = 1024 * 1024
_IDLE_SECONDS: Final = 60.0
_THREADS: Final = 8
_SERVER: Final = "tablestore-delivery-emulator"
_NO_FOLDER: Final = "The data folder cannot be used"
_BODILESS: Final = frozenset({204, 304})

_T = TypeVar("_T")


class OssHandler:
    """Answers requests. Close it after the server has stopped."""

    def __init__(
        self,
        objects: ObjectStore,
        uploads: Uploads,
        credentials: Credentials,
        endpoint: str,
        bases: Iterable[str] = (),
    ) -> None:
        """Serve buckets.

        Args:
            objects: The buckets and objects.
            uploads: The multipart uploads.
            credentials: The access key that the emulator accepts.
            endpoint: The host and port of the emulated OSS, such as `127.0.0.1:8088`.
            bases: Host names whose subdomains are buckets, besides `localhost` and OSS's own.
        """
        self._objects = objects
        self._errors = ErrorLog(logging.getLogger(__name__))
        self._uploads = uploads
        self._credentials = credentials
        self._endpoint = endpoint
        self._bases = frozenset(bases)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tablestore-oss")

    def close(self) -> None:
        """Stop the threads."""
        self._threads.shutdown()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request. Raise an error only if the client is gone."""
        request_id = uuid.uuid4().hex[:24].upper()
        try:
            answer = await self._answer(request)
            self._errors.over(_NO_FOLDER)
        except OssError as error:
            answer = _refusal(error, request, request_id)
        except ConnectionError:
            raise
        except OSError as error:
            self._errors.trouble(_NO_FOLDER, error)
            text = f"The emulator cannot use its data folder: {error.strerror}."
            answer = _refusal(OssError(INTERNAL, text), request, request_id)
        except Exception:  # noqa: BLE001 - the client gets an error, stderr has the traceback
            self._errors.bug(f"The emulated OSS failed in {request.method}")
            text = "The emulator failed. The traceback is in its log on stderr."
            answer = _refusal(OssError(INTERNAL, text), request, request_id)
        return await self._send(request, answer, request_id)

    async def _answer(self, http: web.BaseRequest) -> OssAnswer:
        request = parse_request(http.method, http.raw_path, http.headers.items(), self._bases)
        _refuse_other_sites(request)
        signed = verify(request, self._credentials)
        request.check_names()
        operation = find_operation(request)
        check_headers(operation, request, signed.dialect)
        call = Call(request, signed, self._objects, self._uploads, self._endpoint)
        if operation.takes == "content":
            return await self._receive(http, operation, call)
        if operation.takes == "xml":
            body = Body(request.headers, signed, has_checksums=operation.has_checksums)
            await send_continue(http)
            content = bytearray()
            async for data in _pieces(http):
                content += body.feed(data)
                if len(content) > MAX_XML_BYTES:
                    raise OssError(TOO_LARGE, f"The XML exceeds {MAX_XML_BYTES} bytes.")
            body.finish()
            call = replace(call, body=bytes(content))
        return await self._in_thread(perform, operation, call)

    async def _receive(self, http: web.BaseRequest, operation: Operation, call: Call) -> OssAnswer:
        """Write a body to a file, then perform the operation with it."""
        headers = call.request.headers
        if "content-length" not in headers and "transfer-encoding" not in headers:
            raise OssError(MISSING_LENGTH, "You must provide the Content-Length HTTP header.")
        body = Body(headers, call.signed)
        await self._in_thread(check_target, operation, call)
        await send_continue(http)
        path = await self._in_thread(self._objects.new_file)
        try:
            file = await self._in_thread(_create, path)
            try:
                async for data in _pieces(http):
                    await self._in_thread(lambda data=data: file.write(body.feed(data)))
            finally:
                await self._in_thread(file.close)
            body.finish()
            received = Received(path, body.md5)
            return await self._in_thread(perform, operation, replace(call, received=received))
        finally:
            with contextlib.suppress(FileNotFoundError):
                await self._in_thread(path.unlink)

    async def _send(
        self, request: web.BaseRequest, answer: OssAnswer, request_id: str
    ) -> web.StreamResponse:
        headers = {
            **answer.headers,
            "x-oss-request-id": request_id,
            "x-amz-request-id": request_id,
            "Server": _SERVER,
        }
        try:
            response = web.StreamResponse(status=answer.status, headers=headers)
            if answer.part is not None:
                response.content_length = answer.part.length
            elif answer.status not in _BODILESS and "Content-Length" not in headers:
                response.content_length = len(answer.body)
            await response.prepare(request)
            if request.method != "HEAD":
                if answer.part is not None:
                    await self._send_file(response, answer.part)
                elif answer.body:
                    await response.write(answer.body)
        finally:
            if answer.part is not None:
                answer.part.file.close()
        await response.write_eof()
        return response

    async def _send_file(self, response: web.StreamResponse, part: FilePart) -> None:
        left = part.length
        await self._in_thread(part.file.seek, part.start)
        while left:
            piece = await self._in_thread(part.file.read, min(left, _PIECE))
            if not piece:  # the file was truncated meanwhile
                raise ConnectionResetError
            left -= len(piece)
            await response.write(piece)

    def _in_thread(self, work: Callable[..., _T], *arguments: Any) -> Awaitable[_T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *arguments))


def _create(path: Path) -> BinaryIO:
    return path.open("wb")


def _refuse_other_sites(request: OssRequest) -> None:
    """Refuse requests from pages of other sites in a browser: the default secret is public."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise OssError(
            ACCESS_DENIED, "The emulator does not answer pages of other sites (CORS is not on)."
        )


async def _pieces(http: web.BaseRequest) -> Any:
    """Yield the body in pieces of limited size as it arrives."""
    while True:
        try:
            data = await asyncio.wait_for(http.content.read(_PIECE), _IDLE_SECONDS)
        except asyncio.TimeoutError:
            raise OssError(REQUEST_TIMEOUT, "The body did not arrive in time.") from None
        except web.RequestPayloadError:
            raise OssError(INCOMPLETE_BODY, "The body is not framed as its headers say.") from None
        if not data:
            return
        yield data


def _refusal(error: OssError, http: web.BaseRequest, request_id: str) -> OssAnswer:
    host = http.headers.get("Host", "")
    body = document(
        "Error",
        [
            ("Code", error.code),
            ("Message", error.message),
            ("RequestId", request_id),
            ("HostId", host),
            *error.details.items(),
        ],
    )
    if error.status in _BODILESS:
        return OssAnswer(error.status)
    headers = {"Content-Type": "application/xml"}
    if http.method == "HEAD":
        headers["x-oss-err"] = b64encode(body).decode()  # seen in an SDK
        headers["Content-Length"] = "0"
        return OssAnswer(error.status, headers)
    return OssAnswer(error.status, headers, body)
