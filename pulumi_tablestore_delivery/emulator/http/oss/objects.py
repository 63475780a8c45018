"""Operations on one object."""

import re
from typing import Final

from pulumi_tablestore_delivery.emulator.http.oss.call import (
    HEADER_TEXT,
    STORAGE_CLASS,
    Call,
    FilePart,
    OssAnswer,
    type_of,
)
from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    INVALID_ARGUMENT,
    NO_SUCH_KEY,
    NOT_IMPLEMENTED,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.ranges import (
    byte_range,
    check_conditions,
    http_date,
    wanted_range,
)
from pulumi_tablestore_delivery.emulator.http.oss.signatures import Dialect
from pulumi_tablestore_delivery.emulator.storage.objects import StoredObject

KEPT_HEADERS: Final = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
RESPONSE_PARAMETERS: Final = {f"response-{name}": name for name in KEPT_HEADERS}
META: Final = "meta-"
_DEFAULT_TYPE: Final = "application/octet-stream"


def head_object(call: Call) -> OssAnswer:
    found = call.objects.find(call.bucket, call.key)
    if found is None:
        raise _no_such_key(call)
    check_conditions(call.request.headers, found)
    return OssAnswer(200, {**_headers_of(call, found), "Content-Length": str(found.size)})


def get_object(call: Call) -> OssAnswer:
    opened = call.objects.open(call.bucket, call.key)
    if opened is None:
        raise _no_such_key(call)
    file, found = opened
    try:
        _check_response_parameters(call)
        check_conditions(call.request.headers, found)
        standard = call.signed.dialect is Dialect.AWS or call.header("range-behavior") == "standard"
        wanted = wanted_range(call.request.headers, found)
        part = byte_range(wanted, found.size, standard=standard)
    except BaseException:
        file.close()
        raise
    headers = _headers_of(call, found)
    for parameter, name in RESPONSE_PARAMETERS.items():
        if value := call.request.parameter(parameter):
            headers[name] = value
    if part is None:
        return OssAnswer(200, headers, part=FilePart(file, 0, found.size))
    start, length = part
    headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{found.size}"
    return OssAnswer(206, headers, part=FilePart(file, start, length))


def _check_response_parameters(call: Call) -> None:
    for parameter in RESPONSE_PARAMETERS:
        if not _is_header_value(call.request.parameter(parameter)):
            raise OssError(INVALID_ARGUMENT, f"{parameter} cannot be the value of a header.")


def put_object(call: Call) -> OssAnswer:
    call.objects.put(
        call.content.path,
        call.bucket,
        call.key,
        etag=call.content.md5,
        headers=kept_headers(call),
        overwrite=may_overwrite(call),
    )
    return OssAnswer(headers={"ETag": f'"{call.content.md5}"'})


def delete_object(call: Call) -> OssAnswer:
    call.objects.delete(call.bucket, call.key)
    return OssAnswer(204)


def _no_such_key(call: Call) -> OssError:
    return OssError(NO_SUCH_KEY, "The specified key does not exist.", {"Key": call.key})


def _headers_of(call: Call, found: StoredObject) -> dict[str, str]:
    kept = dict(found.headers)
    headers: dict[str, str] = {name: kept.pop(name) for name in KEPT_HEADERS if name in kept}
    headers.setdefault("content-type", _DEFAULT_TYPE)
    prefix = f"x-{call.signed.dialect.value}-"
    headers |= {f"{prefix}{name}": value for name, value in kept.items()}
    headers["ETag"] = f'"{found.etag}"'
    headers["Last-Modified"] = http_date(found.modified)
    headers["Accept-Ranges"] = "bytes"
    if call.signed.dialect is Dialect.OSS:
        headers["x-oss-object-type"] = type_of(found)
        headers["x-oss-storage-class"] = STORAGE_CLASS
    return headers


def kept_headers(call: Call) -> dict[str, str]:
    headers = call.request.headers
    kept = {name: headers[name] for name in KEPT_HEADERS if headers.get(name)}
    if "content-encoding" in kept:
        codings = [coding.strip() for coding in kept.pop("content-encoding").split(",")]
        if rest := ", ".join(coding for coding in codings if coding != "aws-chunked"):
            kept["content-encoding"] = rest
    prefix = f"x-{call.signed.dialect.value}-"
    for name, value in headers.items():
        if name.startswith(f"{prefix}{META}"):
            kept[name.removeprefix(prefix)] = value
    for name, value in kept.items():
        if not _is_header_value(value):
            raise OssError(INVALID_ARGUMENT, f"The header {name} is not valid UTF-8.")
    return kept


def _is_header_value(value: str) -> bool:
    return not re.search(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]", value)


def may_overwrite(call: Call) -> bool:
    none_match = call.request.headers.get("if-none-match")
    if none_match is not None and (call.signed.dialect is Dialect.OSS or none_match != "*"):
        raise OssError(NOT_IMPLEMENTED, HEADER_TEXT, {"Header": "If-None-Match"})
    return none_match is None and call.header("forbid-overwrite").lower() != "true"
