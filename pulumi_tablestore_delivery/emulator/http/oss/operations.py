"""The operations of the emulated OSS, each with the parameters that it takes.

A parameter or header that an operation does not have is refused by name, so that nothing that a
client asks for is silently left out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal
from urllib.parse import quote

from pulumi_tablestore_delivery.emulator.http.oss.body import CHECKSUM_PREFIX
from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    ALREADY_EXISTS,
    BUCKET_NOT_EMPTY,
    INVALID_ARGUMENT,
    INVALID_PART,
    INVALID_PART_ORDER,
    MALFORMED_XML,
    METHOD_NOT_ALLOWED,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    NO_SUCH_UPLOAD,
    NOT_IMPLEMENTED,
    PRECONDITION_FAILED,
    TOO_SMALL,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.listing import Position, list_page, parse_token
from pulumi_tablestore_delivery.emulator.http.oss.ranges import (
    byte_range,
    check_conditions,
    http_date,
    iso_date,
)
from pulumi_tablestore_delivery.emulator.http.oss.request import OssRequest
from pulumi_tablestore_delivery.emulator.http.oss.signatures import (
    SIGNATURE_PARAMETERS,
    Dialect,
    Signed,
)
from pulumi_tablestore_delivery.emulator.http.oss.xml import (
    Content,
    Element,
    XmlError,
    document,
    parse,
)
from pulumi_tablestore_delivery.emulator.storage.object_keys import key_problem
from pulumi_tablestore_delivery.emulator.storage.objects import (
    BucketNotEmptyError,
    NoSuchBucketError,
    ObjectExistsError,
    ObjectStore,
    StoredObject,
)
from pulumi_tablestore_delivery.emulator.storage.uploads import (
    InvalidPartError,
    NoSuchUploadError,
    PartTooSmallError,
    Upload,
    Uploads,
)

REGION: Final = "oss-cn-hangzhou"
"""The region that buckets say they are in (assumed: the emulator does not have regions)."""

_STORAGE_CLASS: Final = "Standard"
_MOST_LISTED: Final = 1000
_MOST_DELETED: Final = 1000
_MOST_PARTS: Final = 10_000
_OWNER: Final = [("ID", "emulator"), ("DisplayName", "emulator")]
_KEPT_HEADERS: Final = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_RESPONSE_PARAMETERS: Final = {f"response-{name}": name for name in _KEPT_HEADERS}
_META: Final = "meta-"
_DEFAULT_TYPE: Final = "application/octet-stream"

# Headers without the dialect's prefix, which every request may have.
_ANY: Final = frozenset({"date", "content-sha256", "security-token", "user-agent", "api-version"})
_UPLOAD: Final = frozenset({
    "decoded-content-length", "trailer", "sdk-checksum-algorithm", "checksum-algorithm",
    "checksum-type", "mp-object-size",
})  # fmt: skip
# Headers of which only one value does what the emulator does anyway.
_ONLY: Final = {
    "acl": {"private", "default"},
    "object-acl": {"private", "default"},
    "storage-class": {"standard"},
}


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
    """What an operation works on.

    Attributes:
        request: The request.
        signed: Its signature.
        objects: The buckets and objects.
        uploads: The multipart uploads.
        endpoint: Where the emulated OSS answers, without the scheme.
        body: The body of operations that take XML.
        received: The body of operations that take content.
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

    def header(self, name: str) -> str:
        """Return a header of the request's own dialect, by its name without the prefix."""
        return self.request.headers.get(f"x-{self.signed.dialect.value}-{name}", "")


@dataclass(frozen=True)
class OssAnswer:
    """An answer.

    Attributes:
        status: The HTTP status.
        headers: The headers.
        body: The body, unless it is a file's.
        file: The file that the body is read from; the server closes it.
        start: Where in the file the body begins.
        length: How many bytes of the file are the body.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: BinaryIO | None = None
    start: int = 0
    length: int = 0


Scope = Literal["service", "bucket", "object"]
Takes = Literal["nothing", "xml", "content"]


@dataclass(frozen=True)
class Operation:
    """An operation.

    Attributes:
        name: Its name in OSS's documentation, or in S3's where OSS does not have it.
        method: The HTTP method.
        scope: What it is done to.
        marks: The parameters that tell it from others of the same method and scope.
        handle: Does it.
        parameters: The other parameters that it takes.
        headers: The headers that it takes, without the dialect's prefix; one that ends with a
            hyphen stands for all that begin so.
        takes: What its body is.
    """

    name: str
    method: str
    scope: Scope
    marks: frozenset[str]
    handle: Callable[[Call], OssAnswer]
    parameters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    takes: Takes = "nothing"


def find_operation(request: OssRequest) -> Operation:
    """Find the operation that a request asks for.

    Raises:
        OssError: The emulator does not have it, or not all of it.
    """
    scope: Scope = "object" if request.key else "bucket" if request.bucket else "service"
    given = {name for name, _ in request.parameters} - SIGNATURE_PARAMETERS - {"x-id"}
    fitting = [each for each in OPERATIONS if (each.method, each.scope) == (request.method, scope)]
    if not fitting:
        raise OssError(
            METHOD_NOT_ALLOWED,
            f"The emulator does not have {request.method} of a {scope}.",
            {"Method": request.method},
        )
    found = max(
        (each for each in fitting if each.marks <= given),
        key=lambda each: len(each.marks),
        default=None,
    )
    taken = found.marks | found.parameters if found else frozenset()
    for name in sorted(given - taken) or ([] if found else [""]):
        raise OssError(
            NOT_IMPLEMENTED,
            f"The emulator does not have {request.method} of a {scope} with the query parameter "
            f"{name!r}." if name else
            f"The emulator does not have {request.method} of a {scope} without parameters.",
        )  # fmt: skip
    assert found is not None  # noqa: S101 - or the loop above would have raised
    return found


def check_headers(operation: Operation, request: OssRequest, dialect: Dialect) -> None:
    """Check that an operation does all that a request's headers ask for.

    Raises:
        OssError: A header is not one of the operation's.
    """
    for header, value in request.headers.items():
        for each in Dialect:
            prefix = f"x-{each.value}-"
            if header.startswith(prefix):
                _check_header(operation, header, header.removeprefix(prefix), value)
                if each is not dialect:
                    raise OssError(
                        INVALID_ARGUMENT,
                        f"The header {header} is not of the kind of the request's signature.",
                    )
    if operation.takes == "content":
        for header in ("if-match", "if-modified-since", "if-unmodified-since"):
            if header in request.headers:
                raise OssError(NOT_IMPLEMENTED, _HEADER_TEXT, {"Header": header})


_HEADER_TEXT: Final = "A header you provided implies functionality that is not implemented."


def _check_header(operation: Operation, header: str, name: str, value: str) -> None:
    if name in _ANY or name in operation.headers:
        if name in _ONLY and value.lower() not in _ONLY[name]:
            raise OssError(NOT_IMPLEMENTED, _HEADER_TEXT, {"Header": header, "Value": value})
        return
    if not any(each.endswith("-") and name.startswith(each) for each in operation.headers):
        raise OssError(NOT_IMPLEMENTED, _HEADER_TEXT, {"Header": header})


def perform(operation: Operation, call: Call) -> OssAnswer:
    """Do an operation. It blocks.

    Raises:
        OssError: It is refused.
    """
    try:
        return operation.handle(call)
    except NoSuchBucketError:
        raise _no_such_bucket(call) from None
    except NoSuchUploadError as error:
        raise OssError(
            NO_SUCH_UPLOAD,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may "
            "have been aborted or completed.",
            {"UploadId": str(error)},
        ) from None
    except ObjectExistsError:
        if call.signed.dialect is Dialect.AWS:
            raise OssError(
                PRECONDITION_FAILED,
                "At least one of the pre-conditions you specified did not hold.",
                {"Condition": "If-None-Match"},
            ) from None
        raise OssError(
            ALREADY_EXISTS,
            "The object you specified already exists and can not be overwritten.",
            {"Key": call.key},
        ) from None


def check_target(operation: Operation, call: Call) -> None:
    """Check, before a body is read, that there is something to put it into. It blocks.

    Raises:
        OssError: The bucket or the upload does not exist.
    """
    if operation.scope != "service" and operation.name != "PutBucket":
        perform(Operation("", "", operation.scope, frozenset(), _check_bucket), call)
    if operation.name == "UploadPart":
        perform(Operation("", "", operation.scope, frozenset(), _check_upload), call)


def _check_bucket(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    return OssAnswer()


def _check_upload(call: Call) -> OssAnswer:
    _part_number(call)
    _upload(call)
    return OssAnswer()


def _no_such_bucket(call: Call) -> OssError:
    return OssError(
        NO_SUCH_BUCKET, "The specified bucket does not exist.", {"BucketName": call.bucket}
    )


def _xml(name: str, content: Content) -> OssAnswer:
    return OssAnswer(200, {"Content-Type": "application/xml"}, document(name, content))


# --- the service


def _list_buckets(call: Call) -> OssAnswer:
    prefix, marker = call.request.parameter("prefix"), call.request.parameter("marker")
    most = _number(call, "max-keys", 100, 1, _MOST_LISTED)
    found = [
        bucket
        for bucket in call.objects.buckets()
        if bucket.name.startswith(prefix) and bucket.name > marker
    ]
    page, rest = found[:most], found[most:]
    more: list[tuple[str, Content]] = []
    if rest:
        more = [("IsTruncated", True), ("NextMarker", page[-1].name)]
    elif prefix or marker or call.request.has("max-keys"):
        more = [("IsTruncated", False)]
    return _xml(
        "ListAllMyBucketsResult",
        [
            *more,
            ("Owner", _OWNER),
            (
                "Buckets",
                [
                    (
                        "Bucket",
                        [
                            ("CreationDate", iso_date(bucket.created)),
                            ("ExtranetEndpoint", call.endpoint),
                            ("IntranetEndpoint", call.endpoint),
                            ("Location", REGION),
                            ("Name", bucket.name),
                            ("Region", REGION.removeprefix("oss-")),
                            ("StorageClass", _STORAGE_CLASS),
                        ],
                    )
                    for bucket in page
                ],
            ),
        ],
    )


# --- buckets


def _get_bucket_info(call: Call) -> OssAnswer:
    bucket = call.objects.bucket(call.bucket)
    return _xml(
        "BucketInfo",
        [
            (
                "Bucket",
                [
                    ("AccessMonitor", "Disabled"),
                    ("CreationDate", iso_date(bucket.created)),
                    ("ExtranetEndpoint", call.endpoint),
                    ("IntranetEndpoint", call.endpoint),
                    ("Location", REGION),
                    ("Name", bucket.name),
                    ("StorageClass", _STORAGE_CLASS),
                    ("DataRedundancyType", "LRS"),
                    ("CrossRegionReplication", "Disabled"),
                    ("TransferAcceleration", "Disabled"),
                    ("Owner", _OWNER),
                    ("AccessControlList", [("Grant", "private")]),
                ],
            )
        ],
    )


def _get_bucket_location(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    return _xml("LocationConstraint", REGION)


def _head_bucket(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    return OssAnswer()


def _put_bucket(call: Call) -> OssAnswer:
    if call.body:
        given = _parsed(call, "CreateBucketConfiguration")
        for name in ("StorageClass", "DataRedundancyType"):
            value = given.value(name)
            if value not in {"", _STORAGE_CLASS, "LRS"}:
                raise OssError(
                    NOT_IMPLEMENTED, f"The emulator does not have the {name} {value!r}."
                )
    call.objects.create_bucket(call.bucket)
    return OssAnswer(headers={"Location": f"/{call.bucket}"})


def _delete_bucket(call: Call) -> OssAnswer:
    try:
        call.objects.delete_bucket(call.bucket)
    except BucketNotEmptyError:
        raise OssError(
            BUCKET_NOT_EMPTY,
            "The bucket has objects. Please delete them first.",
            {"BucketName": call.bucket},
        ) from None
    return OssAnswer(204)


def _list_objects(call: Call) -> OssAnswer:
    marker = call.request.parameter("marker")
    delimiter = call.request.parameter("delimiter")
    is_folder = bool(delimiter) and marker.endswith(delimiter)
    return _listed(call, Position(marker, is_folder), second_version=False)


def _list_objects_v2(call: Call) -> OssAnswer:
    if call.request.parameter("list-type") != "2":
        raise OssError(INVALID_ARGUMENT, "list-type must be 2.")
    token = call.request.parameter("continuation-token")
    start = Position(call.request.parameter("start-after"))
    return _listed(call, parse_token(token) if token else start, second_version=True)


def _listed(call: Call, position: Position, *, second_version: bool) -> OssAnswer:
    request = call.request
    prefix, delimiter = request.parameter("prefix"), request.parameter("delimiter")
    default = _MOST_LISTED if call.signed.dialect is Dialect.AWS else 100
    most = _number(call, "max-keys", default, 0, _MOST_LISTED)
    encode = _encoder(call)
    page = list_page(
        lambda start, after: call.objects.keys(call.bucket, start, after),
        prefix=prefix,
        delimiter=delimiter,
        position=position,
        most=most,
    )
    found = [found for key in page.keys if (found := call.objects.find(call.bucket, key))]
    content: list[tuple[str, Content]] = [
        ("Name", call.bucket),
        ("Prefix", encode(prefix)),
        ("MaxKeys", most),
        ("Delimiter", encode(delimiter)),
        ("IsTruncated", page.next is not None),
    ]
    if request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    if second_version:
        content.append(("KeyCount", len(found) + len(page.folders)))
        for name, tag in (("start-after", "StartAfter"), ("continuation-token", "ContinuationToken")):
            if request.has(name):
                content.append((tag, encode(request.parameter(name))))
        if page.next:
            content.append(("NextContinuationToken", encode(page.next.token())))
    else:
        content.append(("Marker", encode(request.parameter("marker"))))
        if page.next:
            content.append(("NextMarker", encode(page.next.after)))
    with_owner = not second_version or request.parameter("fetch-owner") == "true"
    content += [("Contents", _entry(each, encode, with_owner=with_owner)) for each in found]
    content += [("CommonPrefixes", [("Prefix", encode(folder))]) for folder in page.folders]
    return _xml("ListBucketResult", content)


def _entry(found: StoredObject, encode: Callable[[str], str], *, with_owner: bool) -> Content:
    entry: list[tuple[str, Content]] = [
        ("Key", encode(found.key)),
        ("LastModified", iso_date(found.modified)),
        ("ETag", f'"{found.etag}"'),
        ("Type", _type_of(found)),
        ("Size", found.size),
        ("StorageClass", _STORAGE_CLASS),
    ]
    return [*entry, ("Owner", _OWNER)] if with_owner else entry


def _delete_multiple_objects(call: Call) -> OssAnswer:
    given = _parsed(call, "Delete")
    encode = _encoder(call)
    chosen = list(given.all("Object"))
    if not 1 <= len(chosen) <= _MOST_DELETED:
        raise OssError(MALFORMED_XML, f"The body must name 1 to {_MOST_DELETED} objects.")
    for each in chosen:
        if each.value("VersionId") not in {"", "null"}:
            raise OssError(NOT_IMPLEMENTED, "The emulator does not have versions of objects.")
        if problem := key_problem(each.value("Key")):
            raise OssError(MALFORMED_XML, problem)
    call.objects.bucket(call.bucket)
    for each in chosen:
        call.objects.delete(call.bucket, each.value("Key"))
    quiet = given.value("Quiet").lower() == "true"
    content: list[tuple[str, Content]] = []
    if call.request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    if not quiet:
        content += [("Deleted", [("Key", encode(each.value("Key")))]) for each in chosen]
    return _xml("DeleteResult", content)


def _list_multipart_uploads(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    encode, request = _encoder(call), call.request
    prefix = request.parameter("prefix")
    after = (request.parameter("key-marker"), request.parameter("upload-id-marker") or "~")
    most = _number(call, "max-uploads", _MOST_LISTED, 1, _MOST_LISTED)
    found = [
        upload
        for upload in call.uploads.all(call.bucket)
        if upload.key.startswith(prefix) and (upload.key, upload.id) > after
    ]
    page, rest = found[:most], found[most:]
    content: list[tuple[str, Content]] = [
        ("Bucket", call.bucket),
        ("KeyMarker", encode(request.parameter("key-marker"))),
        ("UploadIdMarker", request.parameter("upload-id-marker")),
        ("Prefix", encode(prefix)),
        ("MaxUploads", most),
        ("IsTruncated", bool(rest)),
    ]
    if request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    if rest:
        content += [("NextKeyMarker", encode(page[-1].key)), ("NextUploadIdMarker", page[-1].id)]
    content += [
        (
            "Upload",
            [
                ("Key", encode(each.key)),
                ("UploadId", each.id),
                ("StorageClass", _STORAGE_CLASS),
                ("Initiated", iso_date(each.begun)),
            ],
        )
        for each in page
    ]
    return _xml("ListMultipartUploadsResult", content)


# --- objects


def _head_object(call: Call) -> OssAnswer:
    found = call.objects.find(call.bucket, call.key)
    if found is None:
        raise _no_such_key(call)
    check_conditions(call.request.headers, found)
    return OssAnswer(200, {**_headers_of(call, found), "Content-Length": str(found.size)})


def _get_object(call: Call) -> OssAnswer:
    opened = call.objects.open(call.bucket, call.key)
    if opened is None:
        raise _no_such_key(call)
    file, found = opened
    try:
        check_conditions(call.request.headers, found)
        standard = (
            call.signed.dialect is Dialect.AWS or call.header("range-behavior") == "standard"
        )
        part = byte_range(call.request.headers.get("range", ""), found.size, standard=standard)
    except BaseException:
        file.close()
        raise
    headers = _headers_of(call, found)
    for parameter, name in _RESPONSE_PARAMETERS.items():
        value = call.request.parameter(parameter)
        if value and _is_header_value(value):
            headers[name] = value
    if part is None:
        return OssAnswer(200, headers, file=file, length=found.size)
    start, length = part
    headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{found.size}"
    return OssAnswer(206, headers, file=file, start=start, length=length)


def _put_object(call: Call) -> OssAnswer:
    assert call.received is not None  # noqa: S101 - the operation takes content
    call.objects.put(
        call.received.path,
        call.bucket,
        call.key,
        etag=call.received.md5,
        headers=_kept_headers(call),
        overwrite=_may_overwrite(call),
    )
    return OssAnswer(headers={"ETag": f'"{call.received.md5}"'})


def _delete_object(call: Call) -> OssAnswer:
    call.objects.delete(call.bucket, call.key)
    return OssAnswer(204)


def _initiate_multipart_upload(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    number = call.uploads.begin(call.bucket, call.key, _kept_headers(call))
    content: list[tuple[str, Content]] = [("Bucket", call.bucket)]
    if call.request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    content += [("Key", _encoder(call)(call.key)), ("UploadId", number)]
    return _xml("InitiateMultipartUploadResult", content)


def _upload_part(call: Call) -> OssAnswer:
    assert call.received is not None  # noqa: S101 - the operation takes content
    call.uploads.put_part(_upload(call), _part_number(call), call.received.path, call.received.md5)
    return OssAnswer(headers={"ETag": f'"{call.received.md5}"'})


def _list_parts(call: Call) -> OssAnswer:
    upload = _upload(call)
    after = _number(call, "part-number-marker", 0, 0, _MOST_PARTS)
    most = _number(call, "max-parts", _MOST_LISTED, 1, _MOST_LISTED)
    found = [part for part in call.uploads.parts(upload) if part.number > after]
    page, rest = found[:most], found[most:]
    content: list[tuple[str, Content]] = [
        ("Bucket", call.bucket),
        ("Key", _encoder(call)(call.key)),
        ("UploadId", upload.id),
        ("StorageClass", _STORAGE_CLASS),
        ("PartNumberMarker", after),
        ("NextPartNumberMarker", page[-1].number if page else 0),
        ("MaxParts", most),
        ("IsTruncated", bool(rest)),
    ]
    if call.request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    content += [
        (
            "Part",
            [
                ("PartNumber", part.number),
                ("LastModified", iso_date(part.modified)),
                ("ETag", f'"{part.etag}"'),
                ("Size", part.size),
            ],
        )
        for part in page
    ]
    return _xml("ListPartsResult", content)


def _complete_multipart_upload(call: Call) -> OssAnswer:
    upload = _upload(call)
    if call.header("complete-all") == "yes":
        chosen = [(part.number, part.etag) for part in call.uploads.parts(upload)]
    else:
        chosen = list(_chosen_parts(_parsed(call, "CompleteMultipartUpload")))
    if not chosen:
        raise OssError(MALFORMED_XML, "The body must name at least one part.")
    numbers = [number for number, _ in chosen]
    if any(before >= after for before, after in zip(numbers, numbers[1:], strict=False)):
        raise OssError(
            INVALID_PART_ORDER,
            "The list of parts was not in ascending order. The parts list must be specified in "
            "order by part number.",
        )
    try:
        etag = call.uploads.complete(upload, chosen, overwrite=_may_overwrite(call))
    except InvalidPartError as error:
        raise OssError(
            INVALID_PART,
            "One or more of the specified parts could not be found, or the specified entity tag "
            "might not have matched the part's entity tag.",
            {"PartNumber": str(error), "UploadId": upload.id},
        ) from None
    except PartTooSmallError as error:
        raise OssError(
            TOO_SMALL,
            "Your proposed upload is smaller than the minimum allowed size.",
            {"PartNumber": str(error), "MinSizeAllowed": "102400"},
        ) from None
    content: list[tuple[str, Content]] = []
    if call.request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    return _xml(
        "CompleteMultipartUploadResult",
        [
            *content,
            ("Location", f"http://{call.endpoint}/{call.bucket}/{quote(call.key)}"),
            ("Bucket", call.bucket),
            ("Key", _encoder(call)(call.key)),
            ("ETag", f'"{etag}"'),
        ],
    )


def _abort_multipart_upload(call: Call) -> OssAnswer:
    call.uploads.abort(_upload(call))
    return OssAnswer(204)


# --- what the operations share


def _no_such_key(call: Call) -> OssError:
    return OssError(NO_SUCH_KEY, "The specified key does not exist.", {"Key": call.key})


def _type_of(found: StoredObject) -> str:
    return "Multipart" if "-" in found.etag else "Normal"


def _headers_of(call: Call, found: StoredObject) -> dict[str, str]:
    kept = dict(found.headers)
    headers = {name: kept.pop(name) for name in _KEPT_HEADERS if name in kept}
    headers.setdefault("content-type", _DEFAULT_TYPE)
    prefix = f"x-{call.signed.dialect.value}-"
    headers |= {f"{prefix}{name}": value for name, value in kept.items()}
    headers["ETag"] = f'"{found.etag}"'
    headers["Last-Modified"] = http_date(found.modified)
    headers["Accept-Ranges"] = "bytes"
    if call.signed.dialect is Dialect.OSS:
        headers["x-oss-object-type"] = _type_of(found)
        headers["x-oss-storage-class"] = _STORAGE_CLASS
    return headers


def _kept_headers(call: Call) -> dict[str, str]:
    headers = call.request.headers
    kept = {name: headers[name] for name in _KEPT_HEADERS if headers.get(name)}
    if "content-encoding" in kept:
        codings = [coding.strip() for coding in kept.pop("content-encoding").split(",")]
        if rest := ", ".join(coding for coding in codings if coding != "aws-chunked"):
            kept["content-encoding"] = rest
    prefix = f"x-{call.signed.dialect.value}-"
    for name, value in headers.items():
        if name.startswith(f"{prefix}{_META}"):
            kept[name.removeprefix(prefix)] = value
    for name, value in kept.items():
        if not _is_header_value(value):
            raise OssError(INVALID_ARGUMENT, f"The header {name} is not valid UTF-8.")
    return kept


def _is_header_value(value: str) -> bool:
    return not re.search(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]", value)


def _may_overwrite(call: Call) -> bool:
    none_match = call.request.headers.get("if-none-match")
    if none_match is not None and (call.signed.dialect is Dialect.OSS or none_match != "*"):
        raise OssError(NOT_IMPLEMENTED, _HEADER_TEXT, {"Header": "If-None-Match"})
    return none_match is None and call.header("forbid-overwrite").lower() != "true"


def _encoder(call: Call) -> Callable[[str], str]:
    given = call.request.parameter("encoding-type")
    if given not in {"", "url"}:
        raise OssError(INVALID_ARGUMENT, "encoding-type must be url.")
    return quote if given else str


def _number(call: Call, name: str, default: int, least: int, most: int) -> int:
    given = call.request.parameter(name)
    if not given:
        return default
    if not re.fullmatch(r"\d{1,9}", given, re.ASCII) or not least <= int(given) <= most:
        raise OssError(
            INVALID_ARGUMENT,
            f"{name} must be a number from {least} to {most}.",
            {"ArgumentName": name, "ArgumentValue": given},
        )
    return int(given)


def _part_number(call: Call) -> int:
    return _number(call, "partNumber", 0, 1, _MOST_PARTS) or 1


def _upload(call: Call) -> Upload:
    return call.uploads.find(call.request.parameter("uploadId"), call.bucket, call.key)


def _parsed(call: Call, name: str) -> Element:
    try:
        found = parse(call.body)
    except XmlError as error:
        raise OssError(MALFORMED_XML, f"The XML you provided was not well-formed: {error}") from None
    if found.name != name:
        raise OssError(MALFORMED_XML, f"The XML you provided must be a {name}.")
    return found


def _chosen_parts(given: Element) -> Iterator[tuple[int, str]]:
    for part in given.all("Part"):
        number = part.value("PartNumber").strip()
        if not re.fullmatch(r"\d{1,5}", number, re.ASCII):
            raise OssError(MALFORMED_XML, "PartNumber must be a number.")
        yield int(number), part.value("ETag").strip().strip('"')


_LISTED: Final = frozenset({"prefix", "delimiter", "max-keys", "encoding-type"})
_READ: Final = frozenset({"checksum-mode"})
_WRITE: Final = _UPLOAD | {
    _META, CHECKSUM_PREFIX.removeprefix("x-amz-"), "forbid-overwrite", "object-acl", "acl",
    "storage-class",
}  # fmt: skip

OPERATIONS: Final = (
    Operation(
        *("ListBuckets", "GET", "service", frozenset(), _list_buckets),
        frozenset({"prefix", "marker", "max-keys"}),
    ),
    Operation(
        *("GetBucketInfo", "GET", "bucket", frozenset({"bucketInfo"}), _get_bucket_info),
    ),
    Operation(
        *("GetBucketLocation", "GET", "bucket", frozenset({"location"}), _get_bucket_location),
    ),
    Operation("HeadBucket", "HEAD", "bucket", frozenset(), _head_bucket),
    Operation(
        *("PutBucket", "PUT", "bucket", frozenset(), _put_bucket),
        headers=frozenset({"acl", "storage-class"}),
        takes="xml",
    ),
    Operation("DeleteBucket", "DELETE", "bucket", frozenset(), _delete_bucket),
    Operation(
        *("ListObjects", "GET", "bucket", frozenset(), _list_objects),
        _LISTED | {"marker"},
    ),
    Operation(
        *("ListObjectsV2", "GET", "bucket", frozenset({"list-type"}), _list_objects_v2),
        _LISTED | {"start-after", "continuation-token", "fetch-owner"},
    ),
    Operation(
        *("DeleteMultipleObjects", "POST", "bucket", frozenset({"delete"})),
        _delete_multiple_objects,
        frozenset({"encoding-type"}),
        _WRITE,
        "xml",
    ),
    Operation(
        *("ListMultipartUploads", "GET", "bucket", frozenset({"uploads"})),
        _list_multipart_uploads,
        frozenset({"prefix", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"}),
    ),
    Operation("HeadObject", "HEAD", "object", frozenset(), _head_object, headers=_READ),
    Operation("GetObjectMeta", "HEAD", "object", frozenset({"objectMeta"}), _head_object),
    Operation(
        *("GetObject", "GET", "object", frozenset(), _get_object),
        frozenset(_RESPONSE_PARAMETERS),
        _READ | {"range-behavior"},
    ),
    Operation(
        *("PutObject", "PUT", "object", frozenset(), _put_object),
        headers=_WRITE,
        takes="content",
    ),
    Operation("DeleteObject", "DELETE", "object", frozenset(), _delete_object),
    Operation(
        *("InitiateMultipartUpload", "POST", "object", frozenset({"uploads"})),
        _initiate_multipart_upload,
        frozenset({"encoding-type"}),
        _WRITE,
    ),
    Operation(
        *("UploadPart", "PUT", "object", frozenset({"partNumber", "uploadId"}), _upload_part),
        headers=_UPLOAD | {CHECKSUM_PREFIX.removeprefix("x-amz-")},
        takes="content",
    ),
    Operation(
        *("ListParts", "GET", "object", frozenset({"uploadId"}), _list_parts),
        frozenset({"max-parts", "part-number-marker", "encoding-type"}),
    ),
    Operation(
        *("CompleteMultipartUpload", "POST", "object", frozenset({"uploadId"})),
        _complete_multipart_upload,
        frozenset({"encoding-type"}),
        _WRITE | {"complete-all"},
        "xml",
    ),
    Operation(
        *("AbortMultipartUpload", "DELETE", "object", frozenset({"uploadId"})),
        _abort_multipart_upload,
    ),
)
"""What the emulated OSS does."""
