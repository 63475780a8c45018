"""Raw requests: signatures, ranges, conditions, bodies, and refusals."""

import base64
import datetime as dt
import errno
import http.client
import os
import shutil
import socket
import threading
import time
import xml.etree.ElementTree as ET
import zlib
from hashlib import md5, sha256
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import pytest
from support.oss_world import BUCKET

from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore

MINUTE = dt.timedelta(minutes=1)


def error(reply, status, code):
    assert (reply.status, reply.code) == (status, code), reply.body
    return ET.fromstring(reply.body)


# --- signatures


def test_unsigned_request_is_refused(oss):
    found = error(oss.raw("GET", f"/{BUCKET}/"), 403, "AccessDenied")
    assert found.findtext("HostId") == oss.host
    assert found.findtext("RequestId")


@pytest.mark.parametrize("in_url", [False, True], ids=["header", "URL"])
def test_oss_signature_is_verified(oss, in_url):
    oss.put_file("a")
    assert oss.oss("GET", "a", in_url=in_url).body == b"content"
    error(oss.oss("GET", "a", in_url=in_url, secret="other"), 403, "SignatureDoesNotMatch")
    error(oss.oss("GET", "a", in_url=in_url, key_id="other"), 403, "InvalidAccessKeyId")
    error(oss.oss("GET", "a", in_url=in_url, sent_method="DELETE"), 403, "SignatureDoesNotMatch")
    changed = {"x-oss-range-behavior": "standard"}
    error(oss.oss("GET", "a", in_url=in_url, afterwards=changed), 403, "SignatureDoesNotMatch")
    assert (oss.bucket / "a").exists()


def test_aws_signature_is_verified(oss):
    oss.put_file("a")
    target = f"/{BUCKET}/a"
    assert oss.aws("GET", target).body == b"content"
    error(oss.aws("GET", target, secret="other"), 403, "SignatureDoesNotMatch")
    error(oss.aws("GET", target, sent_target=f"/{BUCKET}/b"), 403, "SignatureDoesNotMatch")
    error(oss.aws("GET", target, sent_method="DELETE"), 403, "SignatureDoesNotMatch")
    late = {"x-amz-meta-added": "later"}
    error(oss.aws("PUT", target, b"new", afterwards=late), 403, "AccessDenied")
    assert (oss.bucket / "a").read_bytes() == b"content"


@pytest.mark.parametrize("minutes", [-16, 16])
def test_clock_skew_of_up_to_15_minutes_is_accepted(oss, now, minutes):
    assert oss.oss("GET", time=now + minutes * MINUTE * 14 / 16).status == 200
    error(oss.oss("GET", time=now + minutes * MINUTE), 403, "RequestTimeTooSkewed")


def test_signed_url_expires(oss, now):
    oss.put_file("a")
    past = now - 60 * MINUTE
    fine = oss.oss("GET", "a", in_url=True, time=past, expires=now + MINUTE)
    assert fine.body == b"content"
    over = oss.oss("GET", "a", in_url=True, time=past, expires=past + MINUTE)
    assert "expired" in error(over, 403, "AccessDenied").findtext("Message")
    early = oss.oss("GET", "a", in_url=True, time=now + 60 * MINUTE, expires=now + 90 * MINUTE)
    error(early, 403, "AccessDenied")
    long = oss.oss("GET", "a", in_url=True, expires=now + dt.timedelta(days=8))
    error(long, 400, "InvalidArgument")


def test_wrong_security_token_is_refused(start):
    oss = start(security_token="token")
    error(oss.oss("GET"), 403, "AccessDenied")
    assert oss.oss("GET", headers={"x-oss-security-token": "token"}).status == 200
    error(oss.oss("GET", headers={"x-oss-security-token": "other"}), 403, "AccessDenied")
    assert oss.aws("GET", f"/{BUCKET}", headers={"x-amz-security-token": "token"}).status == 200


@pytest.mark.parametrize(
    "authorization",
    ["OSS local:abc=", "AWS local:abc="],
)
def test_older_signature_is_refused_by_name(oss, authorization):
    reply = oss.raw("GET", f"/{BUCKET}/", headers={"Authorization": authorization})
    assert "version 4" in error(reply, 400, "NotImplemented").findtext("Message")


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic bG9jYWw6bG9jYWw=", "OSS4-HMAC-SHA256", "OSS4-HMAC-SHA256 Credential=local",
        "AWS4-HMAC-SHA256 Credential=local/20240101/r/s3/aws4_request", "AWS4-HMAC-SHA256 ,,,=,",
        "OSS4-HMAC-SHA256 Credential=local/20240101/r/oss/aliyun_v4_request,Signature=\xff",
    ],
)  # fmt: skip
def test_broken_signature_is_refused(oss, authorization):
    reply = oss.raw("GET", f"/{BUCKET}/", headers={"Authorization": authorization})
    assert reply.status in {400, 403}
    assert reply.code in {"InvalidArgument", "AccessDenied"}


def test_page_of_another_site_is_refused(oss):
    oss.put_file("a")
    error(oss.oss("GET", "a", headers={"Origin": "http://evil.example"}), 403, "AccessDenied")
    error(oss.oss("GET", "a", headers={"Origin": "null"}), 403, "AccessDenied")
    assert oss.oss("GET", "a", headers={"Origin": f"http://{oss.host}"}).status == 200


# --- buckets


@pytest.mark.parametrize(
    "host",
    [f"{BUCKET}.localhost", f"{BUCKET}.127.0.0.1", f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com",
     f"{BUCKET}.oss-cn-hangzhou-internal.aliyuncs.com", f"{BUCKET.upper()}.LOCALHOST:80"],
)  # fmt: skip
def test_bucket_is_read_from_the_host_name(oss, host):
    oss.put_file("a/b")
    reply = oss.aws("GET", "/a/b", headers={"Host": host})
    assert (reply.status, reply.body) == (200, b"content")


def test_missing_or_misnamed_bucket_is_refused(oss):
    error(oss.aws("GET", "/missing/a"), 404, "NoSuchBucket")
    error(oss.aws("PUT", "/missing/a", b"x"), 404, "NoSuchBucket")
    error(oss.aws("PUT", "/Bad_Name"), 400, "InvalidBucketName")
    error(oss.aws("PUT", "/.objects/a", b"x"), 400, "InvalidBucketName")
    error(oss.aws("PUT", "/../a", b"x"), 400, "InvalidBucketName")


HOSTILE = [
    "../escaped",
    "a/../../x",
    "a//b",
    "a/",
    "a%00b",
    "..\\x",
    "%2e%2e/%2f",
    "x" * 1023,
    "a\nb",
    "é/😀",
]


@pytest.mark.parametrize("key", HOSTILE, ids=ascii)
def test_hostile_key_is_put_read_listed_and_deleted(oss, key):
    target = f"/{BUCKET}/{quote(key)}"
    assert oss.aws("PUT", target, key.encode()).status == 200
    assert oss.aws("GET", target).body == key.encode()
    listed = ET.fromstring(oss.aws("GET", f"/{BUCKET}?list-type=2").body)
    assert [each.text for each in listed.iter("Key")] == [key.replace("\0", "\ufffd")]
    listed = ET.fromstring(oss.aws("GET", f"/{BUCKET}?list-type=2&encoding-type=url").body)
    assert [each.text for each in listed.iter("Key")] == [quote(key)]
    assert not (oss.folder / "escaped").exists()
    assert not (oss.folder.parent / "x").exists()
    assert oss.aws("DELETE", target).status == 204
    assert oss.aws("GET", target).status == 404


@pytest.mark.parametrize(
    "key", ["x" * 1024, "%FF", "%zz", "/absolute", "%2Fabsolute", "%5Cbackslash"], ids=ascii
)
def test_key_that_breaks_a_rule_is_refused(oss, key):
    reply = oss.aws("PUT", f"/{BUCKET}/{key}", b"x")
    assert (reply.status, reply.code in {"InvalidObjectName", "InvalidURI"}) == (400, True)


# --- reading


@pytest.mark.parametrize(
    ("given", "status", "body"),
    [
        ("bytes=0-2", 206, b"012"), ("bytes=7-", 206, b"789"), ("bytes=-3", 206, b"789"),
        ("bytes=0-0,5-6", 206, b"0"), ("bytes=9-9", 206, b"9"),
        ("bytes=5-20", 200, b"0123456789"), ("bytes=10-", 200, b"0123456789"),
        ("bytes=-20", 200, b"0123456789"), ("bytes=5-2", 200, b"0123456789"),
        ("byte=0-2", 200, b"0123456789"), ("bytes=a-b", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"), ("bytes=-0", 200, b"0123456789"),
        ("bytes=99999999999999999999-", 200, b"0123456789"),
    ],
)  # fmt: skip
def test_range_follows_the_rules_of_oss(oss, given, status, body):
    oss.put_file("a", b"0123456789")
    reply = oss.oss("GET", "a", headers={"Range": given})
    assert (reply.status, reply.body) == (status, body)
    assert ("content-range" in reply.headers) == (status == 206)


@pytest.mark.parametrize(
    ("given", "status", "body"),
    [("bytes=5-20", 206, b"56789"), ("bytes=-20", 206, b"0123456789"), ("bytes=2-3", 206, b"23")],
)
@pytest.mark.parametrize("kind", ["oss", "aws"])
def test_range_follows_the_standard_on_request(oss, given, status, body, kind):
    oss.put_file("a", b"0123456789")
    if kind == "oss":
        headers = {"Range": given, "x-oss-range-behavior": "standard"}
        reply = oss.oss("GET", "a", headers=headers)
    else:
        reply = oss.aws("GET", f"/{BUCKET}/a", headers={"Range": given})
    assert (reply.status, reply.body) == (status, body)


@pytest.mark.parametrize("given", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_range_after_the_end_cannot_be_satisfied(oss, given):
    oss.put_file("a", b"0123456789")
    reply = oss.aws("GET", f"/{BUCKET}/a", headers={"Range": given})
    assert error(reply, 416, "InvalidRange").findtext("ActualObjectSize") == "10"
    oss.put_file("empty", b"")
    assert oss.aws("GET", f"/{BUCKET}/empty", headers={"Range": given}).status == 416


def test_range_of_a_changed_object_is_the_whole_object(oss, now):
    oss.put_file("a", b"0123456789")
    etag = oss.oss("HEAD", "a").headers["etag"]
    past = (now - 60 * MINUTE).strftime("%a, %d %b %Y %H:%M:%S GMT")
    future = (now + 60 * MINUTE).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for validator, status in [(etag, 206), (future, 206), ('"other"', 200), (past, 200)]:
        reply = oss.oss("GET", "a", headers={"Range": "bytes=2-3", "If-Range": validator})
        assert (reply.status, validator) == (status, validator)
        assert reply.body == (b"23" if status == 206 else b"0123456789")


def test_conditions_are_evaluated(oss, now):
    oss.put_file("a")
    etag = oss.oss("HEAD", "a").headers["etag"]
    past = (now - 60 * MINUTE).strftime("%a, %d %b %Y %H:%M:%S GMT")
    future = (now + 60 * MINUTE).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for headers, status in [
        ({"If-Match": etag}, 200), ({"If-Match": '"other"'}, 412),
        ({"If-None-Match": etag}, 304), ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": future}, 304), ({"If-Modified-Since": past}, 200),
        ({"If-Unmodified-Since": past}, 412), ({"If-Unmodified-Since": future}, 200),
        ({"If-Modified-Since": "not a date"}, 200),
    ]:  # fmt: skip
        reply = oss.oss("GET", "a", headers=headers)
        assert (reply.status, headers) == (status, headers)


def test_head_of_a_missing_object_has_its_error_in_a_header(oss):
    reply = oss.oss("HEAD", "missing")
    assert (reply.status, reply.body) == (404, b"")
    told = ET.fromstring(base64.b64decode(reply.headers["x-oss-err"]))
    assert told.findtext("Code") == "NoSuchKey"


def test_response_parameters_override_headers_of_the_answer(oss):
    oss.put_file("a")
    query = "response-content-type=text%2Fcsv&response-content-disposition=attachment"
    headers = oss.oss("GET", "a", query).headers
    assert (headers["content-type"], headers["content-disposition"]) == ("text/csv", "attachment")
    query = "response-content-type=text%2Fcsv%0D%0AX-Evil%3A%201"
    headers = oss.oss("GET", "a", query).headers
    assert "x-evil" not in headers


# --- writing


def test_put_keeps_the_headers_of_the_object(oss):
    headers = {"Content-Type": "text/csv", "Cache-Control": "no-cache", "x-oss-meta-who": "me"}
    assert oss.oss("PUT", "a", body=b"1,2", headers=headers).status == 200
    found = oss.oss("HEAD", "a").headers
    assert (found["content-type"], found["cache-control"], found["x-oss-meta-who"]) == (
        "text/csv", "no-cache", "me",
    )  # fmt: skip
    assert oss.aws("HEAD", f"/{BUCKET}/a").headers["x-amz-meta-who"] == "me"


def test_compressed_object_stays_compressed(oss):
    content = base64.b64decode("H4sIAAAAAAAAA0vOzyvISSzJBADKiHrPBwAAAA==")
    headers = {"Content-Encoding": "gzip"}
    assert oss.oss("PUT", "a.gz", body=content, headers=headers).status == 200
    assert (oss.bucket / "a.gz").read_bytes() == content
    reply = oss.oss("GET", "a.gz")
    assert (reply.body, reply.headers["content-encoding"]) == (content, "gzip")


def test_upload_with_a_wrong_digest_keeps_the_old_object(oss):
    oss.put_file("a", b"old")
    other = base64.b64encode(md5(b"other").digest()).decode()
    error(oss.oss("PUT", "a", body=b"new", headers={"Content-MD5": other}), 400, "InvalidDigest")
    error(oss.oss("PUT", "a", body=b"new", headers={"Content-MD5": "bad"}), 400, "InvalidDigest")
    wrong = {"x-amz-content-sha256": sha256(b"other").hexdigest()}
    reply = oss.aws("PUT", f"/{BUCKET}/a", b"new", afterwards=wrong)
    assert reply.code == "SignatureDoesNotMatch"  # which covers the digest
    wrong = {"x-amz-checksum-crc32": "AAAAAA=="}
    error(oss.aws("PUT", f"/{BUCKET}/a", b"new", headers=wrong), 400, "InvalidDigest")
    assert (oss.bucket / "a").read_bytes() == b"old"
    assert not list((oss.folder / ".incoming").iterdir())


def test_upload_without_a_length_or_too_long_is_refused(oss):
    error(oss.oss("PUT", "a", afterwards={"Content-Length": None}), 411, "MissingContentLength")
    error(oss.oss("PUT", "a", afterwards={"Content-Length": "5368709121"}), 400, "EntityTooLarge")
    assert not list(oss.bucket.iterdir())


def test_interrupted_upload_leaves_no_object(oss):
    oss.put_file("a", b"old")
    request = oss_request(oss, "a", 1_000_000)
    incoming = oss.folder / ".incoming"
    with socket.create_connection(tuple_of(oss.host), timeout=10) as connection:
        connection.sendall(request + b"x" * 300_000)
        wait_until(lambda: list(incoming.glob("*")))
    wait_until(lambda: not list(incoming.glob("*")))
    assert (oss.bucket / "a").read_bytes() == b"old"


def test_client_that_expects_100_continue_gets_it(oss):
    request = oss_request(oss, "a", 3, "Expect: 100-continue\r\n")
    with socket.create_connection(tuple_of(oss.host), timeout=10) as connection:
        connection.sendall(request)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert (oss.bucket / "a").read_bytes() == b"abc"


def test_client_that_expects_100_continue_is_refused_before_it_sends(oss):
    request = oss_request(oss, "a", 3, "Expect: 100-continue\r\n", secret="wrong")
    with socket.create_connection(tuple_of(oss.host), timeout=10) as connection:
        connection.sendall(request)
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


def test_many_clients_write_and_read_at_the_same_time(oss):
    contents = [bytes([number]) * 300_000 for number in range(16)]

    def work(content):
        for _ in range(5):
            assert oss.oss("PUT", "shared", body=content).status == 200
            assert oss.oss("GET", "shared").body in contents

    threads = [threading.Thread(target=work, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert oss.oss("GET", "shared").body in contents


def test_read_continues_while_the_object_is_replaced(oss):
    old = b"o" * 50_000_000
    oss.put_file("a", old)
    connection = http.client.HTTPConnection(oss.host, timeout=20)
    url = oss.s3().generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a"})
    connection.request("GET", url.partition(oss.host)[2])
    answer = connection.getresponse()
    first = answer.read(1000)
    assert oss.oss("PUT", "a", body=b"new").status == 200
    assert first + answer.read() == old
    connection.close()


def test_full_disk_is_logged_in_one_line_and_keeps_the_old_object(oss, monkeypatch, caplog):
    oss.put_file("a", b"old")

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ObjectStore, "put", fail)
    found = error(oss.oss("PUT", "a", body=b"new"), 500, "InternalError")
    assert found.findtext("Message") == (
        "The emulator cannot use its data folder: No space left on device."
    )
    assert (oss.bucket / "a").read_bytes() == b"old"
    assert not list((oss.folder / ".incoming").iterdir())
    error(oss.oss("PUT", "a", body=b"new"), 500, "InternalError")
    (line,) = caplog.messages
    assert line == "The data folder cannot be used: [Errno 28] No space left on device"
    monkeypatch.undo()
    assert oss.oss("PUT", "a", body=b"new").status == 200
    monkeypatch.setattr(ObjectStore, "put", fail)
    error(oss.oss("PUT", "a", body=b"newer"), 500, "InternalError")
    assert len(caplog.messages) == 2


def test_bug_is_logged_once(oss, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr(ObjectStore, "buckets", fail)
    for _ in range(3):
        error(oss.aws("GET", "/"), 500, "InternalError")
    assert len(caplog.records) == 1
    assert "Traceback" in caplog.text


# --- multipart uploads


def begin(oss, key="a"):
    reply = oss.oss("POST", key, "uploads")
    return ET.fromstring(reply.body).findtext("UploadId")


def part(oss, upload, number, content, key="a"):
    reply = oss.oss("PUT", key, f"partNumber={number}&uploadId={upload}", content)
    assert reply.status == 200, reply.body
    return reply.headers["etag"]


def complete(oss, upload, parts, key="a"):
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in parts
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return oss.oss("POST", key, f"uploadId={upload}", body)


def test_completed_upload_becomes_an_object(oss):
    upload = begin(oss)
    big = b"1" * 102_400
    first = part(oss, upload, 1, b"replaced" * 20_000)
    last = part(oss, upload, 9, b"end")
    first = part(oss, upload, 1, big)
    listed = ET.fromstring(oss.oss("GET", "a", f"uploadId={upload}").body)
    assert [each.text for each in listed.iter("PartNumber")] == ["1", "9"]
    uploads = ET.fromstring(oss.oss("GET", None, "uploads").body)
    assert [each.text for each in uploads.iter("UploadId")] == [upload]
    assert oss.oss("GET", "a").status == 404
    assert complete(oss, upload, [(1, first), (9, last)]).status == 200
    assert (oss.bucket / "a").read_bytes() == big + b"end"
    assert oss.oss("HEAD", "a").headers["x-oss-object-type"] == "Multipart"
    error(complete(oss, upload, [(1, first)]), 404, "NoSuchUpload")
    assert not list((oss.folder / ".uploads").iterdir())


def test_long_complete_holds_up_no_other_upload(oss, monkeypatch):
    upload, other = begin(oss), begin(oss, "other")
    etag = part(oss, upload, 1, b"content")
    has_begun, may_end = threading.Event(), threading.Event()
    copy = shutil.copyfileobj

    def wait(*given):
        has_begun.set()
        assert may_end.wait(10)
        copy(*given)

    monkeypatch.setattr(shutil, "copyfileobj", wait)
    replies = []
    thread = threading.Thread(target=lambda: replies.append(complete(oss, upload, [(1, etag)])))
    thread.start()
    assert has_begun.wait(10)
    part(oss, other, 1, b"other", key="other")
    assert oss.oss("DELETE", "a", f"uploadId={upload}").status == 204
    may_end.set()
    thread.join()
    error(replies[0], 404, "NoSuchUpload")
    assert not (oss.bucket / "a").exists()
    assert not list((oss.folder / ".incoming").iterdir())


def test_checksum_of_the_whole_object_is_not_that_of_the_xml(oss):
    s3 = oss.s3()
    where = {"Bucket": BUCKET, "Key": "a"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"content")["ETag"]
    s3.complete_multipart_upload(
        **upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]},
        ChecksumCRC32=base64.b64encode(zlib.crc32(b"content").to_bytes(4, "big")).decode(),
    )
    assert (oss.bucket / "a").read_bytes() == b"content"


def test_part_that_a_kill_left_twice_is_one_part(oss):
    upload = begin(oss)
    older, last = part(oss, upload, 1, b"1" * 102_400), part(oss, upload, 2, b"end")
    folder = oss.folder / ".uploads" / upload
    paths = {etag: folder / f"1-{etag.strip(chr(34))}" for etag in (older,)}
    left = paths[older].rename(oss.folder / "left")
    newer = part(oss, upload, 1, b"2" * 102_400)
    left.rename(paths[older])
    path = folder / f"1-{newer.strip(chr(34))}"
    path.rename(oss.folder / "newest").rename(path)
    listed = ET.fromstring(oss.oss("GET", "a", f"uploadId={upload}").body)
    assert [each.text for each in listed.iter("ETag")] == [newer, last]
    assert complete(oss, upload, [(1, older), (2, last)]).status == 200
    assert (oss.bucket / "a").read_bytes() == b"1" * 102_400 + b"end"


def test_invalid_parts_are_refused(oss):
    upload = begin(oss)
    small, last = part(oss, upload, 1, b"small"), part(oss, upload, 2, b"end")
    error(complete(oss, upload, [(1, small), (2, last)]), 400, "EntityTooSmall")
    error(complete(oss, upload, [(2, last), (1, small)]), 400, "InvalidPartOrder")
    error(complete(oss, upload, [(1, last)]), 400, "InvalidPart")
    error(complete(oss, upload, [(3, last)]), 400, "InvalidPart")
    error(complete(oss, upload, []), 400, "MalformedXML")
    error(complete(oss, upload, [(1, small)], key="other"), 404, "NoSuchUpload")
    error(oss.oss("PUT", "a", f"partNumber=0&uploadId={upload}", b"x"), 400, "InvalidArgument")
    error(oss.oss("PUT", "a", "partNumber=1&uploadId=..%2F..", b"x"), 404, "NoSuchUpload")
    assert oss.oss("DELETE", "a", f"uploadId={upload}").status == 204
    error(oss.oss("DELETE", "a", f"uploadId={upload}"), 404, "NoSuchUpload")


# --- XML


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE Delete [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Delete><Object><Key>&b;</Key></Object></Delete>"""
OUTSIDE = b"""<!DOCTYPE Delete [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<Delete><Object><Key>&f;</Key></Object></Delete>"""


@pytest.mark.parametrize(
    "body",
    [
        BOMB, OUTSIDE, b"", b"<", b"<Delete>", b"<Other/>", b"<Delete></Delete>", b"\xff\xfe",
        b"<a>" * 100_000, b"<Delete>" + b"<Object><Key>a</Key></Object>" * 1001 + b"</Delete>",
        b"<Delete><Object><Key>/absolute</Key></Object></Delete>",
        b'<?xml version="1.0" encoding="utf-7"?><Delete/>',
    ],
    ids=lambda body: ascii(body[:30]),
)  # fmt: skip
def test_bad_xml_is_refused(oss, body):
    oss.put_file("a")
    error(oss.oss("POST", None, "delete", body), 400, "MalformedXML")
    assert (oss.bucket / "a").exists()


def test_large_or_deep_xml_is_refused(oss):
    error(oss.oss("POST", None, "delete", b"<" * 3_000_000), 400, "EntityTooLarge")


# --- unsupported requests


@pytest.mark.parametrize(
    ("method", "key", "query"),
    [
        ("GET", None, "versions"), ("GET", None, "website"), ("PUT", None, "acl"),
        ("GET", "a", "tagging"), ("PUT", "a", "append&position=0"), ("POST", "a", "restore"),
        ("GET", "a", "x-oss-process=image%2Fresize"), ("GET", None, "list-type=2&unknown=1"),
        ("POST", None, ""),
    ],
)  # fmt: skip
def test_unsupported_parameter_is_refused_by_name(oss, method, key, query):
    oss.put_file("a")
    found = error(oss.oss(method, key, query), 400, "NotImplemented")
    name = query.rpartition("&")[2].partition("=")[0]
    assert name in {"", "position"} or repr(name) in found.findtext("Message")


@pytest.mark.parametrize(
    "header",
    ["x-oss-tagging", "x-oss-server-side-encryption", "x-oss-callback", "x-oss-unknown",
     "x-oss-copy-source", "If-Match"],
)  # fmt: skip
def test_unsupported_header_is_refused_by_name(oss, header):
    error(oss.oss("PUT", "a", body=b"x", headers={header: "1"}), 400, "NotImplemented")
    assert not (oss.bucket / "a").exists()


@pytest.mark.parametrize(
    ("method", "query", "header"),
    [
        ("PUT", "", "If-Match"),
        ("PUT", "partNumber=1&uploadId=0", "If-None-Match"),
        ("POST", "uploadId=0", "If-Match"),
        ("POST", "uploads", "If-None-Match"),
        ("DELETE", "", "If-Match"),
        ("DELETE", "", "If-Unmodified-Since"),
    ],
)
def test_condition_that_a_write_does_not_have_is_refused_by_name(oss, method, query, header):
    oss.put_file("a")
    found = error(
        oss.aws(method, f"/{BUCKET}/a?{query}", headers={header: '"x"'}), 400, "NotImplemented"
    )
    assert found.findtext("Header") == header.lower()
    assert (oss.bucket / "a").exists()


def test_header_of_the_answer_that_cannot_be_one_is_refused(oss):
    oss.put_file("a")
    asked = {"Bucket": BUCKET, "Key": "a", "ResponseContentType": "text\r\nX-Evil: 1"}
    url = oss.s3().generate_presigned_url("get_object", Params=asked)
    error(oss.raw("GET", url.partition(oss.host)[2]), 400, "InvalidArgument")


def test_bucket_that_is_not_private_and_standard_is_refused(oss):
    private = {"x-oss-acl": "private", "x-oss-storage-class": "Standard"}
    assert oss.oss("PUT", headers=private).status == 200
    error(oss.oss("PUT", headers={"x-oss-acl": "public-read"}), 400, "NotImplemented")
    body = b"<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>"
    error(oss.oss("PUT", body=body), 400, "NotImplemented")


def test_method_that_oss_does_not_have_is_refused(oss):
    assert oss.oss("PATCH", "a").status == 405
    assert oss.raw("OPTIONS", "/").status == 403


def test_bucket_is_deleted_when_it_is_empty(oss):
    oss.put_file("a/b")
    error(oss.oss("DELETE"), 409, "BucketNotEmpty")
    assert oss.oss("DELETE", "a/b").status == 204
    assert oss.oss("DELETE").status == 204
    assert not oss.bucket.exists()


@pytest.mark.parametrize("prefix", ["", "a/"])
def test_pages_by_marker_are_all_entries(oss, prefix):
    """An object may be named like the folder that is listed."""
    for key in ("a/", "a/1", "a/b/2", "a/b/3", "c"):
        assert oss.oss("PUT", key, body=b"x").status == 200
    found, marker = [], ""
    while marker is not None:
        query = f"prefix={prefix}&delimiter=/&max-keys=1&marker={marker}".replace("/", "%2F")
        page = ET.fromstring(oss.oss("GET", None, query).body)
        found += [each.text for each in page.iter("Key")]
        found += [each.findtext("Prefix") for each in page.iter("CommonPrefixes")]
        marker = page.findtext("NextMarker")
    assert found == (["a/", "a/1", "a/b/"] if prefix else ["a/", "c"])


def test_invalid_list_parameters_are_refused(oss):
    for query in ("list-type=3", "list-type=2&max-keys=0", "list-type=2&max-keys=x",
                  "list-type=2&encoding-type=base64", "list-type=2&continuation-token=%FF%FE",
                  "list-type=2&continuation-token=bm90IGpzb24%3D"):  # fmt: skip
        assert oss.oss("GET", None, query).status == 400


def wait_until(condition):
    give_up = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def tuple_of(host):
    parts = urlsplit(f"//{host}")
    return parts.hostname, parts.port


def oss_request(oss, key, length, more="", secret=None):
    """The head of a PutObject whose URL is signed."""
    s3 = oss.s3()
    if secret:
        s3 = type(oss).s3(_with(oss, secret))
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": key})
    target = url.partition(oss.host)[2]
    return (
        f"PUT {target} HTTP/1.1\r\nHost: {oss.host}\r\nContent-Length: {length}\r\n{more}\r\n"
    ).encode()


def _with(oss, secret):
    other = object.__new__(type(oss))
    other.__dict__.update(oss.__dict__)
    other.secret = secret
    return other


def test_signed_url_works_without_credentials(oss):
    oss.put_file("a")
    url = oss.s3().generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a"})
    with urlopen(url) as answer:
        assert answer.read() == b"content"
