"""The errors of the emulated OSS, each with its source."""

from collections.abc import Mapping
from typing import Final

from pulumi_tablestore_delivery.emulator.declared import Declared

ACCESS_DENIED: Final = Declared(
    *(403, "AccessDenied", "documented"),
    "the request is not signed, its URL expired, its security token is wrong, or a page of "
    "another site sent it",
)
UNKNOWN_KEY: Final = Declared(
    403, "InvalidAccessKeyId", "documented", "the access key is not the emulator's"
)
WRONG_SIGNATURE: Final = Declared(
    403, "SignatureDoesNotMatch", "documented", "the signature is wrong"
)
CLOCKS_APART: Final = Declared(
    403, "RequestTimeTooSkewed", "documented", "the clocks are more than 15 minutes apart"
)
INVALID_ARGUMENT: Final = Declared(
    400, "InvalidArgument", "documented", "a header or parameter is missing or breaks a rule"
)
INVALID_URI: Final = Declared(
    400, "InvalidURI", "assumed", "the path or query is not a valid UTF-8 URL"
)
NOT_IMPLEMENTED: Final = Declared(
    400,
    "NotImplemented",
    "documented",
    "the emulator does not have the operation, or not all of it",
)
METHOD_NOT_ALLOWED: Final = Declared(
    405, "MethodNotAllowed", "documented", "OSS does not have that method"
)
NO_SUCH_BUCKET: Final = Declared(404, "NoSuchBucket", "documented", "the bucket does not exist")
NO_SUCH_KEY: Final = Declared(404, "NoSuchKey", "documented", "the object does not exist")
NO_SUCH_UPLOAD: Final = Declared(
    404, "NoSuchUpload", "documented", "the multipart upload does not exist"
)
BUCKET_NOT_EMPTY: Final = Declared(
    409, "BucketNotEmpty", "documented", "a bucket with objects is deleted"
)
INVALID_BUCKET: Final = Declared(
    400, "InvalidBucketName", "documented", "the bucket's name breaks OSS's rule"
)
INVALID_KEY: Final = Declared(
    400, "InvalidObjectName", "documented", "the object's key breaks OSS's rule"
)
INVALID_RANGE: Final = Declared(
    416, "InvalidRange", "documented", "a range begins behind the object's end"
)
PRECONDITION_FAILED: Final = Declared(
    412, "PreconditionFailed", "documented", "If-Match or If-Unmodified-Since does not hold"
)
NOT_MODIFIED: Final = Declared(
    304, "NotModified", "documented", "If-None-Match or If-Modified-Since does not hold"
)
ALREADY_EXISTS: Final = Declared(
    *(409, "FileAlreadyExists", "documented"),
    "the object exists, and x-oss-forbid-overwrite is set",
)
INVALID_DIGEST: Final = Declared(
    400, "InvalidDigest", "documented", "the body does not match its MD5, SHA-256 or checksum"
)
MALFORMED_XML: Final = Declared(
    400, "MalformedXML", "documented", "the body is not the XML of the operation"
)
MISSING_LENGTH: Final = Declared(
    411, "MissingContentLength", "documented", "the body's length is not given"
)
INCOMPLETE_BODY: Final = Declared(
    400, "IncompleteBody", "assumed", "the body does not have the length that its headers give"
)
REQUEST_TIMEOUT: Final = Declared(
    400, "RequestTimeout", "documented", "the body does not arrive in time"
)
TOO_LARGE: Final = Declared(
    400, "EntityTooLarge", "documented", "an object or part is over 5 GiB, or XML over 2 MiB"
)
TOO_SMALL: Final = Declared(
    400, "EntityTooSmall", "documented", "a part that is not the last one is under 100 KiB"
)
INVALID_PART: Final = Declared(
    400, "InvalidPart", "documented", "a part was not uploaded, or has another ETag"
)
INVALID_PART_ORDER: Final = Declared(
    400, "InvalidPartOrder", "documented", "the parts are not in ascending order"
)
INTERNAL: Final = Declared(
    500, "InternalError", "documented", "the disk refuses, or the emulator has a bug"
)

DECLARED: Final = tuple(value for value in vars().values() if isinstance(value, Declared))


class OssError(Exception):
    """A refused request. Becomes OSS's XML."""

    def __init__(
        self, declared: Declared, message: str, details: Mapping[str, str] | None = None
    ) -> None:
        """Refuse with one of the declared errors.

        Args:
            declared: The error.
            message: The description of the problem.
            details: More elements of the XML, such as the key.
        """
        super().__init__(f"{declared.code}: {message}")
        self.status = declared.status
        self.code = declared.code
        self.message = message
        self.details = dict(details or {})
