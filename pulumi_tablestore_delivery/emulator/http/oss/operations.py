"""The operations of the emulated OSS, each with the parameters and headers that it accepts.

Other parameters and headers are refused by name, so none is silently ignored.
"""

from typing import Final

from pulumi_tablestore_delivery.emulator.http.oss import buckets, lists, multipart, objects
from pulumi_tablestore_delivery.emulator.http.oss.body import CHECKSUM_PREFIX
from pulumi_tablestore_delivery.emulator.http.oss.call import (
    HEADER_TEXT,
    Call,
    Operation,
    OssAnswer,
)
from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    ALREADY_EXISTS,
    INVALID_ARGUMENT,
    METHOD_NOT_ALLOWED,
    NO_SUCH_BUCKET,
    NO_SUCH_UPLOAD,
    NOT_IMPLEMENTED,
    PRECONDITION_FAILED,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.objects import META, RESPONSE_PARAMETERS
from pulumi_tablestore_delivery.emulator.http.oss.request import OssRequest
from pulumi_tablestore_delivery.emulator.http.oss.signatures import SIGNATURE_PARAMETERS, Dialect
from pulumi_tablestore_delivery.emulator.storage.objects import NoSuchBucketError, ObjectExistsError
from pulumi_tablestore_delivery.emulator.storage.uploads import NoSuchUploadError

# Names of headers are without the dialect's prefix. Every request may have these.
_ANY: Final = frozenset({"date", "content-sha256", "security-token", "user-agent", "api-version"})
# A request with a body may have these.
_UPLOAD: Final = frozenset({
    "decoded-content-length", "trailer", "sdk-checksum-algorithm", "checksum-algorithm",
    "checksum-type", "mp-object-size",
})  # fmt: skip
# Conditions of a write. Those of a read are checked, or do not have a meaning for a list.
_CONDITIONS: Final = frozenset({
    "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
})  # fmt: skip
# Of these, the emulator accepts only the values that match its behavior.
_ONLY: Final = {
    "acl": {"private", "default"},
    "object-acl": {"private", "default"},
    "storage-class": {"standard"},
}


def find_operation(request: OssRequest) -> Operation:
    """Find the operation of a request.

    Raises:
        OssError: The emulator does not have it, or not all of it.
    """
    scope = "object" if request.key else "bucket" if request.bucket else "service"
    given = {name for name, _ in request.parameters} - SIGNATURE_PARAMETERS - {"x-id"}
    fitting = [each for each in OPERATIONS if each.kind == f"{request.method} {scope}"]
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
    unknown = sorted(given - taken)
    if found is None or unknown:
        which = f"with the parameter {unknown[0]!r}" if unknown else "without parameters"
        raise OssError(
            NOT_IMPLEMENTED, f"The emulator does not have {request.method} of a {scope} {which}."
        )
    return found


def check_headers(operation: Operation, request: OssRequest, dialect: Dialect) -> None:
    """Check that an operation accepts all headers of a request.

    Raises:
        OssError: The operation does not accept a header.
    """
    if f"x-{dialect.value}-copy-source" in request.headers:
        raise OssError(NOT_IMPLEMENTED, "The emulator does not have CopyObject.")
    for header, value in request.headers.items():
        for each in Dialect:
            prefix = f"x-{each.value}-"
            if not header.startswith(prefix):
                continue
            if each is not dialect:
                raise OssError(
                    INVALID_ARGUMENT,
                    f"The header {header} does not go with the request's kind of signature.",
                )
            _check_header(operation, header, header.removeprefix(prefix), value)
    if request.method not in {"GET", "HEAD"}:
        for header in sorted(_CONDITIONS - operation.conditions):
            if header in request.headers:
                raise OssError(NOT_IMPLEMENTED, HEADER_TEXT, {"Header": header})


def _check_header(operation: Operation, header: str, name: str, value: str) -> None:
    if name in _ANY or name in operation.headers:
        if name in _ONLY and value.lower() not in _ONLY[name]:
            raise OssError(NOT_IMPLEMENTED, HEADER_TEXT, {"Header": header, "Value": value})
        return
    if not any(each.endswith("-") and name.startswith(each) for each in operation.headers):
        raise OssError(NOT_IMPLEMENTED, HEADER_TEXT, {"Header": header})


def perform(operation: Operation, call: Call) -> OssAnswer:
    """Perform an operation. This blocks.

    Raises:
        OssError: The operation is refused.
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
    """Check that the bucket and the upload of a body exist. This blocks.

    Raises:
        OssError: The bucket or the upload does not exist.
    """
    if call.bucket and operation.name != "PutBucket":
        perform(Operation("", "", _check_bucket), call)
    if operation.name == "UploadPart":
        perform(Operation("", "", multipart.check_upload), call)


def _check_bucket(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    return OssAnswer()


def _no_such_bucket(call: Call) -> OssError:
    return OssError(
        NO_SUCH_BUCKET, "The specified bucket does not exist.", {"BucketName": call.bucket}
    )


_LISTED: Final = frozenset({"prefix", "delimiter", "max-keys", "encoding-type"})
_READ: Final = frozenset({"checksum-mode"})
_CHECKSUMS: Final = CHECKSUM_PREFIX.removeprefix("x-amz-")
_WRITE: Final = _UPLOAD | {
    META, _CHECKSUMS, "forbid-overwrite", "object-acl", "acl", "storage-class",
}  # fmt: skip


OPERATIONS: Final = (
    Operation(
        "ListBuckets",
        "GET service",
        buckets.list_buckets,
        frozenset({"prefix", "marker", "max-keys"}),
    ),
    Operation("GetBucketInfo", "GET bucket?bucketInfo", buckets.get_bucket_info),
    Operation("GetBucketLocation", "GET bucket?location", buckets.get_bucket_location),
    Operation("GetBucketAcl", "GET bucket?acl", buckets.get_bucket_acl),
    Operation("HeadBucket", "HEAD bucket", buckets.head_bucket),
    Operation(
        "PutBucket",
        "PUT bucket",
        buckets.put_bucket,
        headers=frozenset({"acl", "storage-class"}),
        takes="xml",
    ),
    Operation("DeleteBucket", "DELETE bucket", buckets.delete_bucket),
    Operation("ListObjects", "GET bucket", lists.list_objects, _LISTED | {"marker"}),
    Operation(
        "ListObjectsV2",
        "GET bucket?list-type",
        lists.list_objects_v2,
        _LISTED | {"start-after", "continuation-token", "fetch-owner"},
    ),
    Operation(
        "DeleteMultipleObjects",
        "POST bucket?delete",
        lists.delete_multiple_objects,
        frozenset({"encoding-type"}),
        _UPLOAD | {_CHECKSUMS},
        "xml",
    ),
    Operation(
        "ListMultipartUploads",
        "GET bucket?uploads",
        multipart.list_multipart_uploads,
        frozenset({"prefix", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"}),
    ),
    Operation("HeadObject", "HEAD object", objects.head_object, headers=_READ),
    Operation("GetObjectMeta", "HEAD object?objectMeta", objects.head_object),
    Operation(
        "GetObject",
        "GET object",
        objects.get_object,
        frozenset(RESPONSE_PARAMETERS),
        _READ | {"range-behavior"},
    ),
    Operation(
        "PutObject",
        "PUT object",
        objects.put_object,
        headers=_WRITE,
        takes="content",
        conditions=frozenset({"if-none-match"}),
    ),
    Operation("DeleteObject", "DELETE object", objects.delete_object),
    Operation(
        "InitiateMultipartUpload",
        "POST object?uploads",
        multipart.initiate_multipart_upload,
        frozenset({"encoding-type"}),
        _WRITE,
    ),
    Operation(
        "UploadPart",
        "PUT object?partNumber&uploadId",
        multipart.upload_part,
        headers=_UPLOAD | {_CHECKSUMS},
        takes="content",
    ),
    Operation(
        "ListParts",
        "GET object?uploadId",
        multipart.list_parts,
        frozenset({"max-parts", "part-number-marker", "encoding-type"}),
    ),
    Operation(
        "CompleteMultipartUpload",
        "POST object?uploadId",
        multipart.complete_multipart_upload,
        frozenset({"encoding-type"}),
        _WRITE | {"complete-all"},
        "xml",
        has_checksums=False,
        conditions=frozenset({"if-none-match"}),
    ),
    Operation("AbortMultipartUpload", "DELETE object?uploadId", multipart.abort_multipart_upload),
)
"""The operations that the emulated OSS has."""
