"""Operations on many objects of a bucket: the lists, and DeleteMultipleObjects."""

from collections.abc import Callable
from typing import Final

from pulumi_tablestore_delivery.emulator.http.oss.call import (
    MOST_LISTED,
    OWNER,
    STORAGE_CLASS,
    Call,
    OssAnswer,
    encoder,
    number,
    parsed_body,
    type_of,
    xml_answer,
)
from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    INVALID_ARGUMENT,
    MALFORMED_XML,
    NOT_IMPLEMENTED,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.listing import (
    Page,
    Position,
    folder_of,
    list_page,
    parse_token,
)
from pulumi_tablestore_delivery.emulator.http.oss.ranges import iso_date
from pulumi_tablestore_delivery.emulator.http.oss.signatures import Dialect
from pulumi_tablestore_delivery.emulator.http.oss.xml import Content
from pulumi_tablestore_delivery.emulator.storage.object_keys import key_problem
from pulumi_tablestore_delivery.emulator.storage.objects import StoredObject

_MOST_DELETED: Final = 1000


def list_objects(call: Call) -> OssAnswer:
    prefix, marker, delimiter = map(call.request.parameter, ("prefix", "marker", "delimiter"))
    folder = folder_of(marker, prefix, delimiter) if marker.startswith(prefix) else None
    return _listed(call, Position(marker, marker == folder), second_version=False)


def list_objects_v2(call: Call) -> OssAnswer:
    if call.request.parameter("list-type") != "2":
        raise OssError(INVALID_ARGUMENT, "list-type must be 2.")
    token = call.request.parameter("continuation-token")
    start = Position(call.request.parameter("start-after"))
    return _listed(call, parse_token(token) if token else start, second_version=True)


def _listed(call: Call, position: Position, *, second_version: bool) -> OssAnswer:
    request = call.request
    prefix, delimiter = request.parameter("prefix"), request.parameter("delimiter")
    default = MOST_LISTED if call.signed.dialect is Dialect.AWS else 100
    least = 0 if call.signed.dialect is Dialect.AWS else 1
    most = number(call, "max-keys", default, least, MOST_LISTED)
    encode = encoder(call)
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
    content += (_markers_v2 if second_version else _markers)(call, page)
    with_owner = not second_version or request.parameter("fetch-owner") == "true"
    content += [("Contents", _entry(each, encode, with_owner=with_owner)) for each in found]
    content += [("CommonPrefixes", [("Prefix", encode(folder))]) for folder in page.folders]
    return xml_answer("ListBucketResult", content)


def _markers(call: Call, page: Page) -> list[tuple[str, Content]]:
    """Return where the page begins and where the next one does, for ListObjects."""
    encode = encoder(call)
    markers: list[tuple[str, Content]] = [("Marker", encode(call.request.parameter("marker")))]
    if page.next:
        markers.append(("NextMarker", encode(page.next.after)))
    return markers


def _markers_v2(call: Call, page: Page) -> list[tuple[str, Content]]:
    """Return where the page begins and where the next one does, for ListObjectsV2."""
    request, encode = call.request, encoder(call)
    tags = {"start-after": "StartAfter", "continuation-token": "ContinuationToken"}
    markers: list[tuple[str, Content]] = [
        (tag, encode(request.parameter(name))) for name, tag in tags.items() if request.has(name)
    ]
    if page.next:
        markers.append(("NextContinuationToken", page.next.token()))
    return markers


def _entry(found: StoredObject, encode: Callable[[str], str], *, with_owner: bool) -> Content:
    entry: list[tuple[str, Content]] = [
        ("Key", encode(found.key)),
        ("LastModified", iso_date(found.modified)),
        ("ETag", f'"{found.etag}"'),
        ("Type", type_of(found)),
        ("Size", found.size),
        ("StorageClass", STORAGE_CLASS),
    ]
    return [*entry, ("Owner", OWNER)] if with_owner else entry


def delete_multiple_objects(call: Call) -> OssAnswer:
    given = parsed_body(call, "Delete")
    encode = encoder(call)
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
    return xml_answer("DeleteResult", content)
