"""Fuzz targets of the emulated OSS and of the page's guard; see targets.py."""

import asyncio
import json
import posixpath
import shutil
import tempfile
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

from fuzz.targets import MisbehaviorError, Target, _Inline, _Log, _Transport, until_idle

from pulumi_tablestore_delivery.emulator.http import server as http_server
from pulumi_tablestore_delivery.emulator.http.guard import refusal
from pulumi_tablestore_delivery.emulator.http.oss import server as oss_server
from pulumi_tablestore_delivery.emulator.http.oss.body import Body, Chunks
from pulumi_tablestore_delivery.emulator.http.oss.errors import OssError
from pulumi_tablestore_delivery.emulator.http.oss.listing import parse_token
from pulumi_tablestore_delivery.emulator.http.oss.operations import check_headers, find_operation
from pulumi_tablestore_delivery.emulator.http.oss.ranges import byte_range
from pulumi_tablestore_delivery.emulator.http.oss.request import parse_request
from pulumi_tablestore_delivery.emulator.http.oss.signatures import (
    UNSIGNED_PAYLOAD,
    Credentials,
    Dialect,
    Signed,
    verify,
)
from pulumi_tablestore_delivery.emulator.http.oss.xml import XmlError, document, parse
from pulumi_tablestore_delivery.emulator.storage.object_keys import key_problem, plain_segments
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore
from pulumi_tablestore_delivery.emulator.storage.uploads import Uploads

_CREDENTIALS = Credentials("local", "local-secret")
_BUCKET = "my-lake"
_UPLOAD = "0" * 32
_KEYS = 6
_FILES_EVERY = 16  # inputs
_RESET_EVERY = 1_000  # inputs; files would pile up


def _signed(dialect: Dialect = Dialect.AWS, payload: str = UNSIGNED_PAYLOAD) -> Signed:
    return Signed(dialect, payload, "0" * 64, lambda _: "0" * 64, "20240101T000000Z", "scope")


_CHUNK_KINDS = ((None, True), (_signed(), False), (_signed(), True))
_PIECES = (1, 2, 7)
_MOST_PIECES = 96


def request(data: bytes) -> None:
    """Refuse the head of every request with an error of OSS: no input has a valid signature."""
    line, _, rest = data.partition(b"\n")
    method, _, target = line.decode("utf-8", "surrogateescape").partition(" ")
    headers = [
        tuple(part.decode("utf-8", "surrogateescape") for part in header.split(b":", 1))
        for header in rest.split(b"\n")
        if b":" in header
    ]
    with suppress(OssError):
        found = parse_request(method, target, headers, {"oss.test"})
        with suppress(OssError):
            verify(found, _CREDENTIALS)
            raise MisbehaviorError("a forged signature is accepted")
        found.check_names()
        operation = find_operation(found)
        for dialect in Dialect:
            with suppress(OssError):
                check_headers(operation, found, dialect)


def xml(data: bytes) -> None:
    """Parse or refuse XML. Parse what the writer wrote."""
    with suppress(XmlError):
        parse(data)
    text = data.decode("utf-8", "surrogateescape")
    if parse(document("a", [("b", text)])).children[0].name != "b":
        raise MisbehaviorError("the parsed document differs from the written one")


def chunks(data: bytes) -> None:
    """Read chunks with the same result, in whatever pieces they arrive.

    The first byte chooses the kind of chunks and the size of the pieces.
    """
    choice, data = (data[0] if data else 0), data[1:]
    signed, has_trailers = _CHUNK_KINDS[choice % len(_CHUNK_KINDS)]
    step = _PIECES[choice // len(_CHUNK_KINDS) % len(_PIECES)]
    whole = _read_chunks(data, len(data) + 1, signed, has_trailers=has_trailers)
    step = max(step, len(data) // _MOST_PIECES)
    pieces = _read_chunks(data, step, signed, has_trailers=has_trailers)
    if whole != pieces:
        raise MisbehaviorError(f"pieces of {step} bytes are read differently: {whole}, {pieces}")
    body = Body({"x-amz-trailer": "x-amz-checksum-crc32"}, _signed(payload=UNSIGNED_PAYLOAD))
    body.feed(data)
    with suppress(OssError):
        body.finish()


def _read_chunks(data: bytes, step: int, signed: Signed | None, *, has_trailers: bool):
    reader, content = Chunks(signed, trailers=has_trailers), b""
    try:
        for start in range(0, len(data), step):
            content += reader.feed(data[start : start + step])
        return content, reader.finish()
    except OssError as error:
        return error.code


def texts(data: bytes) -> None:
    """Pass any text as a range, a token, a host and an origin."""
    text = data.decode("utf-8", "surrogateescape")
    for standard in (False, True):
        with suppress(OssError):
            part = byte_range(text, 1000, standard=standard)
            if part and not (0 <= part[0] < 1000 and 0 < part[1] <= 1000 - part[0]):
                raise MisbehaviorError(f"a range outside of the object: {part}")
    with suppress(OssError):
        parse_token(text)
    if not refusal({"host": "localhost", "origin": f"{text}."}, "127.0.0.1", "127.0.0.1"):
        raise MisbehaviorError("another origin is accepted")
    refusal({"host": text}, text, "127.0.0.1")


class Keys:
    """Keys that a store keeps apart, inside its bucket.

    The path of every key is checked. Files are slow, so the checksum of an input decides whether
    its keys become files.
    """

    def __init__(self) -> None:
        self._folder = _memory()
        self._store = ObjectStore(self._folder / "oss")

    def __call__(self, data: bytes) -> None:
        keys = {
            key
            for key in data.decode("utf-8", "surrogateescape").split("\n")[:_KEYS]
            if key and not key_problem(key)
        }
        for key in keys:
            segments = plain_segments(key)
            if (
                segments
                and posixpath.normpath("/".join((_BUCKET, *segments))) != f"{_BUCKET}/{key}"
            ):
                raise MisbehaviorError(f"the path of another key: {key!r}")
        if keys and zlib.crc32(data) % _FILES_EVERY == 0:
            self._check_files(keys)

    def _check_files(self, keys: set[str]) -> None:
        self._store.create_bucket(_BUCKET)
        for key in keys:
            path = self._store.new_file()
            path.write_bytes(key.encode())
            self._store.put(path, _BUCKET, key, etag="E", headers={})
        if list(self._store.keys(_BUCKET)) != sorted(keys):
            raise MisbehaviorError(f"keys are lost or mixed: {sorted(keys)}")
        for key in keys:
            file, _ = self._store.open(_BUCKET, key)
            with file:
                if file.read() != key.encode():
                    raise MisbehaviorError(f"another object's content: {key!r}")
            self._store.delete(_BUCKET, key)
        if [path.name for path in self._folder.iterdir()] != ["oss"]:
            raise MisbehaviorError("a file outside of the buckets")
        self._store.delete_bucket(_BUCKET)  # fails if the file of a deleted object is still there


class Http:
    """A connection that sends any bytes. Every signature is accepted."""

    def __init__(self) -> None:
        self._log = _Log()
        self._loop = asyncio.new_event_loop()
        self._count = 0
        self._folder = Path()
        oss_server.verify = lambda request, _: _signed(
            Dialect.OSS if "authorization" in request.headers else Dialect.AWS,
            request.headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD),
        )

    def __call__(self, data: bytes) -> None:
        if self._count % _RESET_EVERY == 0:
            self._reset()
        self._count += 1
        self._loop.run_until_complete(self._talk(data))
        self._log.check()
        if self._transport.is_broken:
            raise MisbehaviorError(f"an error of the emulator: {self._transport.written[:2000]!r}")

    async def _talk(self, data: bytes) -> None:
        server = http_server.make_oss_server(self._handler)
        protocol = server()
        self._transport = _Answers()
        protocol.connection_made(self._transport)
        protocol.data_received(data)
        await until_idle()
        if not self._transport.is_closing():
            protocol.eof_received()
        protocol.connection_lost(None)
        await until_idle()
        await server.shutdown(0)

    def _reset(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True) if self._count else None
        self._folder = _memory()
        objects = ObjectStore(self._folder)
        objects.create_bucket(_BUCKET)
        (self._folder / _BUCKET / "a").write_bytes(b"content")
        upload = self._folder / ".uploads" / _UPLOAD
        upload.mkdir(parents=True)
        about = {"bucket": _BUCKET, "key": "b", "headers": {}}
        (upload / "upload.json").write_text(json.dumps(about))
        uploads = Uploads(self._folder, objects)
        self._handler = oss_server.OssHandler(objects, uploads, _CREDENTIALS, "127.0.0.1:1")
        self._handler._threads = _Inline()


class _Answers(_Transport):
    """A transport that keeps the answers."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data) -> None:
        self.written += bytes(data)

    def writelines(self, data) -> None:
        self.written += b"".join(data)

    @property
    def is_broken(self) -> bool:
        return b"HTTP/1.1 500 " in self.written or b"HTTP/1.0 500 " in self.written


def _memory() -> Path:
    shm = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))


_HEAD = (
    b"x-oss-date:20240101T000000Z\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nauthorization:"
    b"OSS4-HMAC-SHA256 Credential=local/20240101/r/oss/aliyun_v4_request,Signature=00\n"
)


_COMPLETE = (
    b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
    b"<ETag>F4C9385F1902F7334B00B9B4ECD164DE</ETag></Part></CompleteMultipartUpload>"
)


def _request_seeds() -> list[bytes]:
    return [
        b"GET /my-lake/a%2Fb/../c?response-content-type=x\nhost:127.0.0.1:8088\n" + _HEAD,
        b"PUT /my-lake/?acl\nhost:my-lake.localhost\nx-oss-acl:private\n" + _HEAD,
        b"GET /my-lake?list-type=2&prefix=a%20b&continuation-token=x\nhost:oss.test\n" + _HEAD,
        (
            b"GET http://x/my-lake/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Date="
            b"20240101T000000Z&X-Amz-Credential=local%2F20240101%2Fr%2Fs3%2Faws4_request"
            b"&X-Amz-SignedHeaders=host&X-Amz-Signature=00\nhost:a\n"
        ),
    ]


def _http_seeds() -> list[bytes]:
    heads = [
        b"GET / HTTP/1.1", b"GET /my-lake HTTP/1.1",
        b"GET /my-lake?list-type=2&max-keys=1 HTTP/1.1",
        b"GET /my-lake/a HTTP/1.1\r\nRange: bytes=1-3", b"HEAD /my-lake/a HTTP/1.1",
        b"DELETE /my-lake/a HTTP/1.1", b"POST /my-lake/b?uploads HTTP/1.1",
        b"GET /my-lake?bucketInfo HTTP/1.1\r\nAuthorization: x",
        b"GET /my-lake?acl HTTP/1.1\r\nAuthorization: x", b"GET /my-lake?uploads HTTP/1.1",
        b"PUT /new-lake HTTP/1.1", b"DELETE /new-lake HTTP/1.1", b"GET /my-lake?location HTTP/1.0",
    ]  # fmt: skip
    bodies = [
        (b"PUT /my-lake/x/y HTTP/1.1\r\nx-amz-meta-a: b", b"content"),
        (b"POST /my-lake?delete HTTP/1.1", b"<Delete><Object><Key>a</Key></Object></Delete>"),
        (
            (
                b"PUT /my-lake/z HTTP/1.1\r\n"
                b"x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"
                b"x-amz-decoded-content-length: 3\r\nx-amz-trailer: x-amz-checksum-crc32"
            ),
            b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n",
        ),
        (b"PUT /my-lake/b?partNumber=1&uploadId=" + _UPLOAD.encode() + b" HTTP/1.1", b"part"),
        (
            b"POST /my-lake/b?uploadId=" + _UPLOAD.encode() + b" HTTP/1.1",
            _COMPLETE,
        ),
    ]
    return [
        *(head + b"\r\nHost: 127.0.0.1\r\n\r\n" for head in heads),
        *(
            head + b"\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            for head, body in bodies
        ),
        b"PUT /lake HTTP/1.1\r\nHost: \r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ]


@cache
def _instance(kind):
    return kind()


def _run_keys(data: bytes) -> None:
    _instance(Keys)(data)


def _run_http(data: bytes) -> None:
    _instance(Http)(data)


OSS_TARGETS = {
    "oss_request": Target(request, _request_seeds),
    "oss_xml": Target(
        xml,
        lambda: [
            b"<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object></Delete>",
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a xmlns="d">&b;&#65;</a>',
        ],
    ),
    "oss_chunks": Target(
        chunks,
        lambda: [
            b"\03\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n",
            b"\1a;chunk-signature=%s\r\n0123456789\r\n0;chunk-signature=%s\r\n\r\n"
            % (b"0" * 64, b"0" * 64),
        ],
    ),
    "oss_texts": Target(
        texts,
        lambda: [
            b"bytes=0-5",
            b"bytes=-3,4-",
            b"WyJhIiwgdHJ1ZV0=",
            b"http://localhost",
            b"[::1]:1",
        ],
    ),
    "oss_keys": Target(
        _run_keys,
        lambda: [b"a/b\na\na/b/c\n../x\na//b\na/", "a\\b\n%2e\n.objects/a\né/😀".encode()],
    ),
    "oss_http": Target(_run_http, _http_seeds),
}
