"""The types and helpers that operations share."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal
from urllib.parse import quote

from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    INVALID_ARGUMENT,
    MALFORMED_XML,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.request import OssRequest
from pulumi_tablestore_delivery.emulator.http.oss.signatures import Dialect, Signed
from pulumi_tablestore_delivery.emulator.http.oss.xml import (
    Content,
    Element,
    XmlError,
    document,
    parse,
)
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore, StoredObject
from pulumi_tablestore_delivery.emulator.storage.uploads import Uploads

REGION: Final = "oss-cn-hangzhou"
STORAGE_CLASS: Final = "Standard"
MOST_LISTED: Final = 1000
OWNER: Final = [("ID", "emulator"), ("DisplayName", "emulator")]
HEADER_TEXT: Final = "A header you provided implies functionality that is not implemented."


@dataclass(frozen=True)
class Received:
    """A body that has arrived in a file.

    Attributes:
        path: The file.
        md5: The MD5 of its content, in upper-case hexadecimal.
    """

    path: Path
    md5: str


@dataclass(frozen=True)
class Call:
    """A request to perform, with everything that operations need.

    Attributes:
        request: The request.
        signed: Its signature.
        objects: The buckets and objects.
        uploads: The multipart uploads.
        endpoint: The host and port of the emulated OSS.
        body: The body of operations that take XML.
        received: The body of operations that take content; `content` is for them.
    """

    request: OssRequest
    signed: Signed
    objects: ObjectStore
    uploads: Uploads
    endpoint: str
    body: bytes = b""
    received: Received | None = None

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.request.bucket

    @property
    def key(self) -> str:
        """The object's key."""
        return self.request.key

    @property
    def content(self) -> Received:
        """The body of an operation that takes content."""
        if self.received is None:
            raise TypeError("The operation does not take content")
        return self.received

    def header(self, name: str) -> str:
        """Return a header of the request's own dialect, by its name without the prefix."""
        return self.request.headers.get(f"x-{self.signed.dialect.value}-{name}", "")


@dataclass(frozen=True)
class FilePart:
    """A part of a file.

    Attributes:
        file: The open file; the server closes it.
        start: The position of the first byte.
        length: The number of bytes.
    """

    file: BinaryIO
    start: int
    length: int


@dataclass(frozen=True)
class OssAnswer:
    """An answer.

    Attributes:
        status: The HTTP status.
        headers: The headers.
        body: The body, unless it is a file's.
        part: The part of a file that is the body.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    part: FilePart | None = None


Takes = Literal["nothing", "xml", "content"]


@dataclass(frozen=True)
class Operation:
    """An operation.

    Attributes:
        name: Its name in OSS's documentation, or in S3's if OSS does not have it.
        target: Its method and scope, and the parameters that distinguish it from operations with
            the same method and scope, such as `GET bucket?location`.
        handle: The handler.
        parameters: The other parameters that it accepts.
        headers: The headers that it accepts, without the dialect's prefix. A name that ends with a
            hyphen is a prefix of names.
        takes: The kind of body that it accepts.
        has_checksums: Whether headers with a checksum describe its body. They describe the object
            in CompleteMultipartUpload, and are not compared.
        conditions: The conditions that it has as a write, such as `if-none-match`.
    """

    name: str
    target: str
    handle: Callable[[Call], OssAnswer]
    parameters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    takes: Takes = "nothing"
    has_checksums: bool = True
    conditions: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """Its method and scope."""
        return self.target.partition("?")[0]

    @property
    def marks(self) -> frozenset[str]:
        """The parameters that distinguish it from others of the same method and scope."""
        return frozenset(filter(None, self.target.partition("?")[2].split("&")))


def xml_answer(name: str, content: Content) -> OssAnswer:
    return OssAnswer(200, {"Content-Type": "application/xml"}, document(name, content))


def encoder(call: Call) -> Callable[[str], str]:
    given = call.request.parameter("encoding-type")
    if given not in {"", "url"}:
        raise OssError(INVALID_ARGUMENT, "encoding-type must be url.")
    return quote if given else str


def number(call: Call, name: str, default: int, least: int, most: int) -> int:
    given = call.request.parameter(name)
    if not given:
        return default
    is_number = re.fullmatch(r"\d{1,9}", given, re.ASCII) is not None
    if is_number and int(given) > most and call.signed.dialect is Dialect.AWS:
        return most
    if not is_number or not least <= int(given) <= most:
        raise OssError(
            INVALID_ARGUMENT,
            f"{name} must be a number from {least} to {most}.",
            {"ArgumentName": name, "ArgumentValue": given},
        )
    return int(given)


def parsed_body(call: Call, name: str) -> Element:
    try:
        found = parse(call.body)
    except XmlError as error:
        raise OssError(
            MALFORMED_XML, f"The XML you provided was not well-formed: {error}"
        ) from None
    if found.name != name:
        raise OssError(MALFORMED_XML, f"The XML you provided must be a {name}.")
    return found


def type_of(found: StoredObject) -> str:
    return "Multipart" if "-" in found.etag else "Normal"
