"""Bodies of uploads: decode AWS's chunks, and compare the content with the headers."""

import binascii
import hmac
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from hashlib import md5, sha1, sha256
from typing import Final, Protocol

from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    INCOMPLETE_BODY,
    INVALID_ARGUMENT,
    INVALID_DIGEST,
    NOT_IMPLEMENTED,
    TOO_LARGE,
    WRONG_SIGNATURE,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.signatures import UNSIGNED_PAYLOAD, Signed
from pulumi_tablestore_delivery.emulator.http.signatures import sent_bytes

MAX_OBJECT_BYTES: Final = 5 * 1024**3
"""The largest object or part of one request (documented)."""

CHECKSUM_PREFIX: Final = "x-amz-checksum-"
_CHUNKED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_CHUNKED_TRAILER: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
_UNSIGNED_TRAILER: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SIZE: Final = re.compile(r"[0-9a-fA-F]{1,10}")
_LINE_END: Final = b"\r\n"
_LONGEST_LINE: Final = 8 * 1024
_MOST_TRAILERS: Final = 16
_EMPTY: Final = sha256(b"").hexdigest()


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


# CRC-32C and CRC-64 are accepted and not compared: they are too slow in pure Python.
_CHECKSUMS: Final[Mapping[str, Callable[[], _Digest]]] = {
    "crc32": _Crc32,
    "sha1": lambda: sha1(usedforsecurity=False),
    "sha256": sha256,
}


class Body:
    """A body that arrives piece by piece. `finish` compares it with its headers."""

    def __init__(
        self, headers: Mapping[str, str], signed: Signed, *, has_checksums: bool = True
    ) -> None:
        """Read the headers.

        Args:
            headers: The headers.
            signed: The signature of the request.
            has_checksums: Whether headers with a checksum describe this body.

        Raises:
            OssError: The headers contradict each other, or announce too many bytes.
        """
        self.size = 0
        self._md5 = md5(usedforsecurity=False)
        self._given_md5 = _decoded("Content-MD5", headers.get("content-md5", ""), 16)
        self._payload = signed.payload
        self._sha256 = sha256() if _SHA256.fullmatch(signed.payload) else None
        self._chunks = None if self._sha256 else _chunks_of(signed)
        self._announced = _announced_size(headers, chunked=self._chunks is not None)
        self._checksums: dict[str, tuple[_Digest, str]] = {}
        trailers = headers.get("x-amz-trailer", "").lower().split(",")
        for name, make in _CHECKSUMS.items() if has_checksums else ():
            header = f"{CHECKSUM_PREFIX}{name}"
            if header in headers or header in map(str.strip, trailers):
                self._checksums[header] = (make(), headers.get(header, ""))

    @property
    def md5(self) -> str:
        """The MD5 of the content so far, in upper-case hexadecimal, as in OSS's ETags."""
        return self._md5.hexdigest().upper()

    def feed(self, data: bytes) -> bytes:
        """Read the next bytes. Return the part of them that is content.

        Raises:
            OssError: The body does not have the announced framing, or it is too large.
        """
        content = self._chunks.feed(data) if self._chunks else data
        self.size += len(content)
        if self.size > MAX_OBJECT_BYTES:
            raise _too_large()
        self._md5.update(content)
        if self._sha256:
            self._sha256.update(content)
        for digest, _ in self._checksums.values():
            digest.update(content)
        return content

    def finish(self) -> None:
        """Check the whole body.

        Raises:
            OssError: The content does not match the headers.
        """
        trailers = self._chunks.finish() if self._chunks else {}
        if self._announced is not None and self.size != self._announced:
            raise OssError(
                INCOMPLETE_BODY, f"The body has {self.size} bytes instead of {self._announced}."
            )
        if self._given_md5 and not hmac.compare_digest(self._given_md5, self._md5.digest()):
            raise OssError(
                INVALID_DIGEST, "The Content-MD5 you specified did not match what we received."
            )
        if self._sha256 and not hmac.compare_digest(
            self._sha256.hexdigest().encode(), sent_bytes(self._payload)
        ):
            raise OssError(
                INVALID_DIGEST,
                "The content's SHA-256 you specified did not match what we received.",
            )
        for header, (digest, given) in self._checksums.items():
            expected = b64encode(digest.digest())
            if not hmac.compare_digest(sent_bytes(trailers.get(header) or given), expected):
                raise OssError(
                    INVALID_DIGEST, f"The {header} you specified did not match what we received."
                )


class Chunks:
    """A reader of AWS's `aws-chunked` framing, piece by piece."""

    def __init__(self, signed: Signed | None, *, trailers: bool) -> None:
        """Start before the first chunk.

        Args:
            signed: The signature of the request, which starts the chain of the chunks' signatures;
                None if chunks are not signed.
            trailers: Whether trailers may follow the last chunk.
        """
        self._signed = signed
        self._with_trailers = trailers
        self._previous = signed.signature if signed else ""
        self._buffer = bytearray()
        self._left = 0  # bytes of the chunk that have not arrived
        self._digest = sha256()
        self._chunk_signature = ""
        self._state: Callable[[], bytes | None] = self._head
        self._trailers: dict[str, str] = {}

    def feed(self, data: bytes) -> bytes:
        """Read the next bytes. Return the part of them that is content."""
        self._buffer += data
        content = bytearray()
        while (found := self._state()) is not None:
            content += found
        return bytes(content)

    def finish(self) -> dict[str, str]:
        """Return the trailers by their names in lower case.

        Raises:
            OssError: The last chunk is missing, or bytes follow it.
        """
        if self._state != self._end or self._buffer:
            raise OssError(INCOMPLETE_BODY, "The body does not end with an empty chunk.")
        return self._trailers

    def _line(self) -> str | None:
        end = self._buffer.find(_LINE_END, 0, _LONGEST_LINE)
        if end < 0:
            if len(self._buffer) >= _LONGEST_LINE:
                raise OssError(INCOMPLETE_BODY, "A line between chunks is too long.")
            return None
        line = self._buffer[:end].decode("latin-1")
        del self._buffer[: end + len(_LINE_END)]
        return line

    def _head(self) -> bytes | None:
        line = self._line()
        if line is None:
            return None
        size, _, extension = line.partition(";")
        if not _SIZE.fullmatch(size):
            raise OssError(INCOMPLETE_BODY, "The size of a chunk is not a hexadecimal number.")
        self._left = int(size, 16)
        self._chunk_signature = extension.partition("chunk-signature=")[2]
        self._digest = sha256()
        if self._left:
            self._state = self._data
        else:
            self._verify_chunk()
            self._state = self._trailer
        return b""

    def _data(self) -> bytes | None:
        if not self._buffer:
            return None
        piece = bytes(self._buffer[: self._left])
        del self._buffer[: len(piece)]
        self._left -= len(piece)
        if self._signed:
            self._digest.update(piece)
        if not self._left:
            self._verify_chunk()
            self._state = self._data_end
        return piece

    def _data_end(self) -> bytes | None:
        if len(self._buffer) < len(_LINE_END):
            return None
        if not self._buffer.startswith(_LINE_END):
            raise OssError(INCOMPLETE_BODY, "A chunk is longer than its size says.")
        del self._buffer[: len(_LINE_END)]
        self._state = self._head
        return b""

    def _trailer(self) -> bytes | None:
        line = self._line()
        if line is None:
            return None
        if line:
            name, _, value = line.partition(":")
            self._trailers[name.strip().lower()] = value.strip()
            if not self._with_trailers or len(self._trailers) > _MOST_TRAILERS:
                raise OssError(INCOMPLETE_BODY, "Trailers follow that were not announced.")
        else:
            self._verify_trailers()
            self._state = self._end
        return b""

    def _end(self) -> None:
        return None

    def _verify_chunk(self) -> None:
        if self._signed:
            self._compare(f"{_EMPTY}\n{self._digest.hexdigest()}", "PAYLOAD", self._chunk_signature)

    def _verify_trailers(self) -> None:
        if not self._signed or not self._with_trailers:
            return
        given = self._trailers.pop("x-amz-trailer-signature", "")
        lines = "".join(f"{name}:{value}\n" for name, value in sorted(self._trailers.items()))
        self._compare(sha256(sent_bytes(lines)).hexdigest(), "TRAILER", given)

    def _compare(self, text: str, kind: str, given: str) -> None:
        if self._signed is None:
            return
        expected = self._signed.sign(
            f"AWS4-HMAC-SHA256-{kind}\n{self._signed.date}\n{self._signed.scope}\n"
            f"{self._previous}\n{text}"
        )
        if not hmac.compare_digest(sent_bytes(given), expected.encode()):
            raise OssError(WRONG_SIGNATURE, f"The signature of a {kind.lower()} is wrong.")
        self._previous = expected


def _chunks_of(signed: Signed) -> Chunks | None:
    if signed.payload == UNSIGNED_PAYLOAD:
        return None
    if signed.payload in {_CHUNKED, _CHUNKED_TRAILER}:
        return Chunks(signed, trailers=signed.payload == _CHUNKED_TRAILER)
    if signed.payload == _UNSIGNED_TRAILER:
        return Chunks(None, trailers=True)
    raise OssError(
        NOT_IMPLEMENTED,
        f"x-{signed.dialect.value}-content-sha256 must be a SHA-256 in lower case, "
        f"{UNSIGNED_PAYLOAD}, {_CHUNKED}, {_CHUNKED_TRAILER} or {_UNSIGNED_TRAILER}.",
    )


def _announced_size(headers: Mapping[str, str], *, chunked: bool) -> int | None:
    """Return the content's size if the headers announce it."""
    name = "x-amz-decoded-content-length" if chunked else "content-length"
    given = headers.get(name, "")
    if not given:
        return None
    if not re.fullmatch(r"\d{1,19}", given, re.ASCII):
        raise OssError(INVALID_ARGUMENT, f"{name} must be a number.")
    if int(given) > MAX_OBJECT_BYTES:
        raise _too_large()
    return int(given)


def _too_large() -> OssError:
    return OssError(
        TOO_LARGE, f"Your proposed upload exceeds the maximum of {MAX_OBJECT_BYTES} bytes."
    )


def _decoded(name: str, given: str, size: int) -> bytes:
    try:
        digest = b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if given and len(digest) != size:
        raise OssError(INVALID_DIGEST, f"The {name} you specified is not valid.")
    return digest
