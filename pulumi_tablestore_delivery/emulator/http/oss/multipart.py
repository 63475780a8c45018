"""Operations on multipart uploads."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from pulumi_tablestore_delivery.emulator.http.oss.call import (
    MOST_LISTED,
    STORAGE_CLASS,
    Call,
    OssAnswer,
    encoder,
    number,
    parsed_body,
    xml_answer,
)
from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    INVALID_PART,
    INVALID_PART_ORDER,
    MALFORMED_XML,
    TOO_SMALL,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.objects import kept_headers, may_overwrite
from pulumi_tablestore_delivery.emulator.http.oss.ranges import iso_date
from pulumi_tablestore_delivery.emulator.http.oss.xml import Content, Element
from pulumi_tablestore_delivery.emulator.storage.uploads import (
    SMALLEST_PART,
    InvalidPartError,
    PartTooSmallError,
    Upload,
)

_MOST_PARTS: Final = 10_000


def list_multipart_uploads(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    encode, request = encoder(call), call.request
    prefix = request.parameter("prefix")
    # Without an id, the uploads of the marker's key are skipped: `~` sorts after every id.
    after = (request.parameter("key-marker"), request.parameter("upload-id-marker") or "~")
    most = number(call, "max-uploads", MOST_LISTED, 1, MOST_LISTED)
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
                ("StorageClass", STORAGE_CLASS),
                ("Initiated", iso_date(each.begun)),
            ],
        )
        for each in page
    ]
    return xml_answer("ListMultipartUploadsResult", content)


def initiate_multipart_upload(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    upload_id = call.uploads.begin(call.bucket, call.key, kept_headers(call))
    content: list[tuple[str, Content]] = [("Bucket", call.bucket)]
    if call.request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    content += [("Key", encoder(call)(call.key)), ("UploadId", upload_id)]
    return xml_answer("InitiateMultipartUploadResult", content)


def check_upload(call: Call) -> OssAnswer:
    _part_number(call)
    _upload(call)
    return OssAnswer()


def upload_part(call: Call) -> OssAnswer:
    call.uploads.put_part(_upload(call), _part_number(call), call.content.path, call.content.md5)
    return OssAnswer(headers={"ETag": f'"{call.content.md5}"'})


def list_parts(call: Call) -> OssAnswer:
    upload = _upload(call)
    after = number(call, "part-number-marker", 0, 0, _MOST_PARTS)
    most = number(call, "max-parts", MOST_LISTED, 1, MOST_LISTED)
    found = [part for part in call.uploads.parts(upload) if part.number > after]
    page, rest = found[:most], found[most:]
    content: list[tuple[str, Content]] = [
        ("Bucket", call.bucket),
        ("Key", encoder(call)(call.key)),
        ("UploadId", upload.id),
        ("StorageClass", STORAGE_CLASS),
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
    return xml_answer("ListPartsResult", content)


def complete_multipart_upload(call: Call) -> OssAnswer:
    upload = _upload(call)
    if call.header("complete-all") == "yes":
        chosen = [(part.number, part.etag) for part in call.uploads.parts(upload)]
    else:
        chosen = list(_chosen_parts(parsed_body(call, "CompleteMultipartUpload")))
    _check_order([number for number, _ in chosen])
    try:
        etag = call.uploads.complete(upload, chosen, overwrite=may_overwrite(call))
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
            {"PartNumber": str(error), "MinSizeAllowed": str(SMALLEST_PART)},
        ) from None
    content: list[tuple[str, Content]] = []
    if call.request.parameter("encoding-type"):
        content.append(("EncodingType", "url"))
    return xml_answer(
        "CompleteMultipartUploadResult",
        [
            *content,
            ("Location", f"http://{call.endpoint}/{call.bucket}/{quote(call.key)}"),
            ("Bucket", call.bucket),
            ("Key", encoder(call)(call.key)),
            ("ETag", f'"{etag}"'),
        ],
    )


def _check_order(numbers: list[int]) -> None:
    if not numbers:
        raise OssError(MALFORMED_XML, "The body must name at least one part.")
    if any(before >= after for before, after in pairwise(numbers)):
        raise OssError(
            INVALID_PART_ORDER,
            "The list of parts was not in ascending order. The parts list must be specified in "
            "order by part number.",
        )


def abort_multipart_upload(call: Call) -> OssAnswer:
    call.uploads.abort(_upload(call))
    return OssAnswer(204)


def _part_number(call: Call) -> int:
    return number(call, "partNumber", 0, 1, _MOST_PARTS) or 1


def _upload(call: Call) -> Upload:
    return call.uploads.find(call.request.parameter("uploadId"), call.bucket, call.key)


def _chosen_parts(given: Element) -> Iterator[tuple[int, str]]:
    for part in given.all("Part"):
        number = part.value("PartNumber").strip()
        if not re.fullmatch(r"\d{1,5}", number, re.ASCII):
            raise OssError(MALFORMED_XML, "PartNumber must be a number.")
        yield int(number), part.value("ETag").strip().strip('"')
