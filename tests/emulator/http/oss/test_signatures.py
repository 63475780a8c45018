"""Signatures, compared with published examples: AWS's documentation, Alibaba's Go SDK."""

import datetime as dt

import pytest

from pulumi_tablestore_delivery.emulator.http.oss.body import Body
from pulumi_tablestore_delivery.emulator.http.oss.errors import OssError
from pulumi_tablestore_delivery.emulator.http.oss.request import parse_request
from pulumi_tablestore_delivery.emulator.http.oss.signatures import Credentials, Dialect, verify

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
EXAMPLE = Credentials(KEY_ID, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
HOST = ("Host", "examplebucket.s3.amazonaws.com")
DATE = ("x-amz-date", "20130524T000000Z")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NOON = dt.datetime(2013, 5, 24, tzinfo=dt.timezone.utc).timestamp()


def authorization(names, signature):
    scope = f"{KEY_ID}/20130524/us-east-1/s3/aws4_request"
    return (
        "Authorization",
        f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={names},Signature={signature}",
    )


def check(method, target, *headers):
    return verify(parse_request(method, target, headers), EXAMPLE, lambda: NOON)


def test_published_aws_signature_of_get_object_is_accepted():
    signed = check(
        "GET", "/test.txt", HOST, DATE, ("Range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY),
        authorization(
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
    )  # fmt: skip
    assert (signed.dialect, signed.payload) == (Dialect.AWS, EMPTY)


def test_published_aws_signature_of_list_objects_is_accepted():
    assert check(
        "GET", "/?max-keys=2&prefix=J", HOST, DATE, ("x-amz-content-sha256", EMPTY),
        authorization(
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    )  # fmt: skip


def test_published_aws_signature_of_put_object_is_accepted():
    assert check(
        "PUT", "/test$file.text", HOST, DATE, ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        (
            "x-amz-content-sha256",
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        ),
        authorization(
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    )  # fmt: skip


def test_published_aws_signature_of_a_url_is_accepted():
    url = (
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
        "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature="
    )
    right = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    assert check("GET", url + right, HOST)
    with pytest.raises(OssError, match="SignatureDoesNotMatch"):
        check("GET", url + right[:-1] + "5", HOST)


CHUNKS = [
    (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
]


def chunked(content=b"a"):
    """The body of AWS's example, and what its head says of it."""
    headers = [
        HOST, DATE, ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", "66560"),
        ("Content-Length", "66824"),
        authorization(
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
            "x-amz-decoded-content-length;x-amz-storage-class",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
    ]  # fmt: skip
    request = parse_request("PUT", "/examplebucket/chunkObject.txt", _of_s3(headers))
    body = b"".join(
        b"%x;chunk-signature=%s\r\n%s\r\n" % (size, signature.encode(), content * size)
        for size, signature in CHUNKS
    )
    return Body(request.headers, verify(request, EXAMPLE, lambda: NOON)), body


def _of_s3(headers):
    return [("Host", "s3.amazonaws.com") if name == "Host" else (name, v) for name, v in headers]


@pytest.mark.parametrize("piece", [1, 1000, 100_000])
def test_published_aws_signature_of_chunks_is_accepted(piece):
    body, sent = chunked()
    content = b"".join(
        body.feed(sent[start : start + piece]) for start in range(0, len(sent), piece)
    )
    body.finish()
    assert content == b"a" * 66560


def test_changed_chunk_is_refused():
    body, sent = chunked(b"b")
    with pytest.raises(OssError, match="SignatureDoesNotMatch"):
        body.feed(sent)


def test_chunks_that_end_early_are_refused():
    body, sent = chunked()
    body.feed(sent[:-100])
    with pytest.raises(OssError, match="IncompleteBody"):
        body.finish()


def test_published_signature_of_the_go_sdk_is_accepted():
    query = "%2Bparam1=value3&%2Bparam2=&%7Cparam1=value4&%7Cparam2=&param1=value1&param2="
    credential = "ak/20231216/cn-hangzhou/oss/aliyun_v4_request"
    signature = "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"
    request = parse_request(
        "PUT", f"/1234%2B-/123/1.txt?{query}",
        [
            ("Host", "bucket.oss-cn-hangzhou.aliyuncs.com"), ("x-oss-head1", "value"),
            ("abc", "value"), ("ZAbc", "value"), ("XYZ", "value"), ("Content-Type", "text/plain"),
            ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"), ("x-oss-date", "20231216T162057Z"),
            (
                "Authorization",
                f"OSS4-HMAC-SHA256 Credential={credential},Signature={signature}",
            ),
        ],
    )  # fmt: skip
    assert verify(request, Credentials("ak", "sk"), lambda: 1702743657.0).dialect is Dialect.OSS


def test_repr_hides_secrets():
    credentials = Credentials("id", "my-secret", "my-token")
    assert "my-" not in repr(credentials)
