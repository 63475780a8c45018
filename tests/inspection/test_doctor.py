"""The checks of doctor, against a cloud in memory."""

import base64
import hashlib
import re
import socket
import threading
from datetime import datetime, timezone
from importlib import metadata

import pytest
from support.delivery_world import task_request

from pulumi_tablestore_delivery.client import signing
from pulumi_tablestore_delivery.client.retry import SystemClock
from pulumi_tablestore_delivery.client.transport import NotSentError, RawResponse
from pulumi_tablestore_delivery.inspection.doctor import machine
from pulumi_tablestore_delivery.inspection.doctor.findings import NotCheckedError, Status, ok
from pulumi_tablestore_delivery.inspection.doctor.run import diagnose
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject
from pulumi_tablestore_delivery.inspection.doctor.targets import Bucket, Targets
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.wire import delivery_pb2, table_pb2

SECRET = "a-very-secret-key"
TOKEN = "a-very-secret-token"
KEY_ID = "LTAI-a-long-key-id-WXYZ"
MISSING_BUCKET = "<Error><Code>NoSuchBucket</Code></Error>"
NO_ACCESS = "<Error><Code>AccessDenied</Code><Message>no right</Message></Error>"
ELSEWHERE = (
    "<Error><Code>AccessDenied</Code><Message>The bucket you are attempting to access must be "
    "addressed using the specified endpoint.</Message>"
    "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>"
)


class Cloud:
    """Tablestore and OSS in memory: signed answers of the service, and the given answer of OSS."""

    def __init__(self, status=403, body=NO_ACCESS, error=None):
        self.status, self.body, self.error = status, body, error
        self.fetched = []

    def post(self, url, headers, body, timeout):
        path = url[url.rindex("/") :]
        status, message = 200, b""
        if self.error:
            status, message = 403, self.error.SerializeToString()
        elif path == "/ListTable":
            message = table_pb2.ListTableResponse(table_names=["t"]).SerializeToString()
        elif path == "/DescribeDeliveryTask":
            wanted = task_request("one", "t").taskConfig
            answer = delivery_pb2.DescribeDeliveryTaskResponse(taskConfig=wanted)
            message = answer.SerializeToString()
        now = datetime.now(timezone.utc)
        answered = {
            "x-ots-date": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "x-ots-requestid": "req-1",
            "x-ots-contentmd5": base64.b64encode(hashlib.md5(message).digest()).decode(),
        }
        answered["authorization"] = signing.response_authorization(path, answered, KEY_ID, SECRET)
        return RawResponse(status, answered, message)

    def get(self, url, timeout):
        self.fetched.append(url)
        if self.status is None:
            raise NotSentError("refused")
        return RawResponse(self.status, {"x-oss-request-id": "1"}, self.body.encode())


class Tables(Cloud):
    """A cloud where the table `denied` may not be described and the table `missing` is missing."""

    def post(self, url, headers, body, timeout):
        self.error = None
        if url.endswith("/DescribeTable"):
            name = table_pb2.DescribeTableRequest.FromString(body).table_name
            code = "OTSNoPermissionAccess" if name == "denied" else "OTSObjectNotExist"
            self.error = delivery_pb2.Error(code=code, message="no")
        return super().post(url, headers, body, timeout)


BUCKET = Targets(buckets=(Bucket("my-lake"),))


def examined(
    cloud, resolve=lambda _: ["192.0.2.1"], region="cn-hangzhou", targets=BUCKET, **environment
):
    settings = Settings(
        {
            "TABLESTORE_ENDPOINT": f"https://inst.{region}.ots.aliyuncs.com",
            "TABLESTORE_INSTANCE": "inst",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
            "ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN,
            **environment,
        },
        lambda _: "",
    )
    subject = Subject(
        settings,
        network=cloud,
        clock=SystemClock(),
        resolve=resolve,
        targets=targets,
    )
    found = dict(diagnose(subject))
    for finding in found.values():
        for secret in (SECRET, TOKEN, KEY_ID):
            assert secret not in finding.detail + finding.remedy
    return found


@pytest.mark.parametrize(
    ("status", "body", "ended", "message"),
    [
        (403, NO_ACCESS, Status.OK, "my-lake exists"),
        (404, MISSING_BUCKET, Status.PROBLEM, "does not exist"),
        (403, ELSEWHERE, Status.PROBLEM, "in another region (oss-cn-beijing.aliyuncs.com)"),
        (500, "<html>", Status.NOT_CHECKED, "HTTP 500"),
        (None, "", Status.NOT_CHECKED, "cannot be reached"),
    ],
)
def test_bucket_checks_report_each_answer_of_oss(status, body, ended, message):
    cloud = Cloud(status, body)
    found = examined(cloud)
    assert (found["bucket"].status, message in found["bucket"].detail) == (ended, True)
    assert cloud.fetched == ["https://my-lake.oss-cn-hangzhou.aliyuncs.com/?max-keys=1"]
    assert found["credentials"].detail == (
        "key id …WXYZ, from ALIBABA_CLOUD_ACCESS_KEY_ID, with a security token"
    )


def test_secrets_in_the_services_message_are_hidden():
    error = delivery_pb2.Error(code="OTSAuthFailed", message=f"{KEY_ID} {SECRET} {TOKEN} differ.")
    found = examined(Cloud(error=error))
    assert "…WXYZ … … differ." in found["signature"].detail


@pytest.mark.parametrize("tables", [("missing", "denied"), ("denied", "missing")])
def test_missing_table_is_reported_beside_one_that_may_not_be_described(tables):
    found = examined(Tables(), targets=Targets(tables=tables))
    assert found["table"].status is Status.PROBLEM
    assert found["table"].detail == "missing: the table does not exist."


def test_bucket_with_an_invalid_name_or_region_is_reported():
    def nowhere(host):
        raise socket.gaierror(-2, "Name or service not known")

    found = examined(Cloud(), nowhere, region="eu-west-1", TABLESTORE_REGION="cn-hangzhou")
    assert found["name"].detail == (
        "inst.eu-west-1.ots.aliyuncs.com does not resolve: Name or service not known."
    )
    assert found["region"].status is Status.WARNING
    assert found["delivery-region"].status is Status.WARNING


def test_plain_http_and_another_instances_endpoint_are_reported():
    found = examined(Cloud(), TABLESTORE_ENDPOINT="http://inst.cn-hangzhou.ots.aliyuncs.com")
    assert found["endpoint"].status is Status.WARNING
    found = examined(Cloud(), TABLESTORE_ENDPOINT="https://other.cn-hangzhou.ots.aliyuncs.com")
    assert "belongs to instance other" in found["endpoint"].detail
    found = examined(Cloud(), TABLESTORE_ENDPOINT="HTTP://inst.cn-hangzhou.ots.aliyuncs.com")
    assert found["endpoint"].status is Status.WARNING


@pytest.mark.parametrize("password", [SECRET, "a/b", "a//b", "a@b"])
def test_password_in_the_endpoint_is_not_reported(password):
    found = examined(Cloud(), TABLESTORE_ENDPOINT=f"https://me:{password}@inst.example")
    assert found["endpoint"].detail.startswith("https://…@inst.example")
    assert all(password not in f"{each.detail} {each.remedy}" for each in found.values())


def test_slow_or_broken_check_does_not_hide_others():
    def broken(_):
        raise RuntimeError("oops")

    def undecided(_):
        raise NotCheckedError("why")

    held = threading.Event()
    checks = {
        "slow": lambda _: held.wait(60),
        "broken": broken,
        "undecided": undecided,
        "fine": lambda _: ok("yes"),
    }
    subject = Subject(
        Settings({}, lambda _: ""), network=Cloud(), clock=SystemClock(), resolve=lambda _: []
    )
    found = list(diagnose(subject, checks, seconds=1.0))
    held.set()
    assert [name for name, _ in found] == ["broken", "undecided", "fine", "slow"]
    assert found[-1][1].detail == "it took longer than 1 s."
    assert "RuntimeError" in found[0][1].detail


def test_missing_pulumi_is_reported(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert machine.pulumi_cli(None).status is Status.PROBLEM


@pytest.mark.parametrize(
    ("version", "status"),
    [("3.219.0", Status.PROBLEM), ("3.272.1", Status.OK), ("3.273.0", Status.WARNING)],
)
def test_unsupported_sdk_versions_are_reported(monkeypatch, version, status):
    monkeypatch.setattr("importlib.metadata.version", lambda _: version)
    assert machine.pulumi_sdk(None).status is status


def test_oldest_sdk_in_the_message_is_that_of_the_package_metadata():
    (needed,) = (
        each
        for each in metadata.requires("pulumi-tablestore-delivery")
        if re.match(r"pulumi\b(?!-)", each)
    )
    assert f">={'.'.join(map(str, machine.TESTED_SDKS[0]))}" in needed
