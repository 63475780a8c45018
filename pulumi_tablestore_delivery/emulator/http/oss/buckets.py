"""Operations on the service and on buckets."""

from pulumi_tablestore_delivery.emulator.http.oss.call import (
    MOST_LISTED,
    OWNER,
    REGION,
    STORAGE_CLASS,
    Call,
    OssAnswer,
    number,
    parsed_body,
    xml_answer,
)
from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    BUCKET_NOT_EMPTY,
    NOT_IMPLEMENTED,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.ranges import iso_date
from pulumi_tablestore_delivery.emulator.http.oss.signatures import Dialect
from pulumi_tablestore_delivery.emulator.http.oss.xml import Content
from pulumi_tablestore_delivery.emulator.storage.objects import BucketNotEmptyError


def list_buckets(call: Call) -> OssAnswer:
    prefix, marker = call.request.parameter("prefix"), call.request.parameter("marker")
    most = number(call, "max-keys", 100, 1, MOST_LISTED)
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
    return xml_answer(
        "ListAllMyBucketsResult",
        [
            *more,
            ("Owner", OWNER),
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
                            ("StorageClass", STORAGE_CLASS),
                        ],
                    )
                    for bucket in page
                ],
            ),
        ],
    )


def get_bucket_info(call: Call) -> OssAnswer:
    bucket = call.objects.bucket(call.bucket)
    return xml_answer(
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
                    ("StorageClass", STORAGE_CLASS),
                    ("DataRedundancyType", "LRS"),
                    ("CrossRegionReplication", "Disabled"),
                    ("TransferAcceleration", "Disabled"),
                    ("Owner", OWNER),
                    ("AccessControlList", [("Grant", "private")]),
                ],
            )
        ],
    )


def get_bucket_location(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    return xml_answer("LocationConstraint", REGION)


def get_bucket_acl(call: Call) -> OssAnswer:
    """Answer that the bucket is private, in OSS's form. S3's form differs and is refused."""
    if call.signed.dialect is Dialect.AWS:
        raise OssError(NOT_IMPLEMENTED, "The emulator has GetBucketAcl for OSS's signature only.")
    call.objects.bucket(call.bucket)
    return xml_answer(
        "AccessControlPolicy",
        [("Owner", OWNER), ("AccessControlList", [("Grant", "private")])],
    )


def head_bucket(call: Call) -> OssAnswer:
    call.objects.bucket(call.bucket)
    return OssAnswer()


def put_bucket(call: Call) -> OssAnswer:
    if call.body:
        given = parsed_body(call, "CreateBucketConfiguration")
        for name in ("StorageClass", "DataRedundancyType"):
            value = given.value(name)
            if value not in {"", STORAGE_CLASS, "LRS"}:
                raise OssError(NOT_IMPLEMENTED, f"The emulator does not have the {name} {value!r}.")
    call.objects.create_bucket(call.bucket)
    return OssAnswer(headers={"Location": f"/{call.bucket}"})


def delete_bucket(call: Call) -> OssAnswer:
    try:
        call.objects.delete_bucket(call.bucket)
    except BucketNotEmptyError:
        raise OssError(
            BUCKET_NOT_EMPTY,
            "The bucket has objects. Please delete them first.",
            {"BucketName": call.bucket},
        ) from None
    return OssAnswer(204)
