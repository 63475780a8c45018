"""The checks of every request, and the signature of every answer."""

import base64
import contextlib
import hashlib
import json
import logging
import shutil
import socket
import sqlite3
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
from support.wire_cases import REQUESTS, case_id

from pulumi_tablestore_delivery.emulator.api import operations
from pulumi_tablestore_delivery.emulator.delivery import worker
from pulumi_tablestore_delivery.emulator.http import signatures
from pulumi_tablestore_delivery.emulator.http.service import MAX_BODY_BYTES
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator
from pulumi_tablestore_delivery.emulator.storage.checkpoints import CheckpointStore
from pulumi_tablestore_delivery.wire import delivery_pb2, table_pb2

LIST = table_pb2.ListTableRequest()
INVALID = (400, "OTSParameterInvalid")
DENIED = (403, "OTSAuthFailed")


@pytest.mark.parametrize(
    ("changes", "expected", "message"),
    [
        ({"apiversion": "2014-08-08"}, INVALID, "API version"),
        ({"apiversion": None}, INVALID, "'x-ots-apiversion'"),
        ({"instancename": "other"}, DENIED, "instance is not found"),
        ({"accesskeyid": "other"}, DENIED, "AccessKeyID does not exist"),
        ({"date": None}, INVALID, "'x-ots-date'"),
        ({"date": "yesterday"}, INVALID, "Invalid date format: yesterday"),
        ({"date": "\xff"}, INVALID, r"Invalid date format: \udcff"),
        ({"date": "2026-02-30T00:00:00Z"}, INVALID, "Invalid date format"),
        ({"date": "2020-01-01T00:00:00.000Z"}, DENIED, "system time"),
        ({"contentmd5": "AAAA"}, DENIED, "MD5"),
        ({"signature": None}, INVALID, "'x-ots-signature'"),
        ({"signature": "é"}, DENIED, "Signature mismatch"),
    ],
)
def test_wrong_header_is_refused(call, refused, changes, expected, message):
    body = b""
    headers = call.headers("/ListTable", body, **changes)
    if "signature" in changes:
        headers["x-ots-signature"] = (changes["signature"] or "").encode()
        if not changes["signature"]:
            del headers["x-ots-signature"]
    answer, _, content = call.send("POST", "/ListTable", body, headers)
    error = refused(answer, content)
    assert (error.status, error.code) == expected
    assert message in error.message


@pytest.mark.parametrize("fraction", ["", ".", ".1", ".123456789", ".000"])
def test_date_with_any_fraction_is_accepted(call, fraction):
    now = datetime.now(timezone.utc) - timedelta(minutes=14)
    call("ListTable", LIST, date=now.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z")


def test_changed_body_is_refused(call, refused):
    headers = call.headers("/ListDeliveryTask", b"\n\x03tbl")
    status, _, content = call.send("POST", "/ListDeliveryTask", b"\n\x03tbx", headers)
    error = refused(status, content)
    assert (error.code, "MD5" in error.message) == ("OTSAuthFailed", True)


def test_wrong_secret_is_refused(call, refused, make_caller):
    with pytest.raises(refused, match="403 OTSAuthFailed: Signature mismatch"):
        make_caller(call.emulator.url, secret="other")("ListTable", LIST)


@pytest.mark.parametrize("v4", [False, True])
def test_any_signed_token_is_accepted_unless_one_is_required(
    start, refused, make_caller, tmp_path, v4
):
    make_caller(start().emulator.url, token="any", v4=v4)("ListTable", LIST)
    strict = start(security_token="the-token", data_dir=tmp_path / "other")
    make_caller(strict.emulator.url, token="the-token", v4=v4)("ListTable", LIST)
    for token in (None, "another"):
        with pytest.raises(refused, match="403 OTSAuthFailed: The security token"):
            make_caller(strict.emulator.url, token=token, v4=v4)("ListTable", LIST)


@pytest.mark.parametrize("v4", [False, True])
@pytest.mark.parametrize("operation", ["ListTable", "NoSuchThing"])
def test_every_answer_is_signed(call, make_caller, v4, operation):
    caller = make_caller(call.emulator.url, v4=v4)
    path = f"/{operation}"
    asked = caller.headers(path, b"")
    _, headers, body = caller.send("POST", path, b"", asked)
    assert headers["x-ots-contenttype"] == "protocol buffer"
    assert headers["x-ots-requestid"]
    assert headers["x-ots-contentmd5"] == base64.b64encode(hashlib.md5(body).digest()).decode()
    datetime.strptime(headers["x-ots-date"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    key = (
        signatures.derived_key("local-secret", "20261123", "cn-hangzhou") if v4 else b"local-secret"
    )
    signature = signatures.sign_sha1(key, signatures.response_string(path, headers))
    assert headers["authorization"] == f"OTS local:{signature}"


def test_unknown_operation_is_named(call, refused):
    with pytest.raises(refused, match=r"400 OTSUnsupportOperation: .*SQLQuery"):
        call("SQLQuery", b"")


def test_method_other_than_post_is_refused(call, refused):
    status, _, body = call.send("GET", "/ListTable")
    assert (status, refused(status, body).code) == (405, "OTSMethodNotAllowed")


@pytest.mark.parametrize(
    "operation", sorted(set(operations.OPERATIONS) - {"ListTable", "ListTimeseriesTable"})
)
@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"\n\x02\xff\xfe"])
def test_body_that_is_not_a_message_is_refused(call, refused, operation, body):
    with pytest.raises(refused, match=r"OTSParameterInvalid|OTSObjectNotExist"):
        call(operation, body)


def test_body_over_the_limit_is_refused(call, refused):
    body = bytes(MAX_BODY_BYTES + 1)
    status, _, content = call.send("POST", "/ListTable", body, call.headers("/ListTable", body))
    assert (status, refused(status, content).code) == (413, "OTSRequestBodyTooLarge")


def test_bug_is_answered_as_an_error(call, refused, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("a fault")

    broken = operations.Operation(table_pb2.ListTableRequest, fail)
    monkeypatch.setitem(operations.OPERATIONS, "ListTable", broken)
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(refused, match="500 OTSInternalServerError"),
    ):
        call("ListTable", LIST)
    assert "RuntimeError: a fault" in caplog.text
    assert "local-secret" not in caplog.text


def test_bucket_that_cannot_be_created_is_one_line_in_the_log(call, refused, tmp_path, caplog):
    shutil.rmtree(tmp_path / "oss", ignore_errors=True)
    (tmp_path / "oss").write_text("not a folder")
    for name in ("task1", "task2"):
        with pytest.raises(refused, match=r"500 .*cannot use its data folder: Not a directory"):
            call.create(name)
    assert caplog.text.count("\n") == 1
    assert "Traceback" not in caplog.text
    assert call.list() == []


def test_unusable_database_is_an_error_of_the_control_routes(call, monkeypatch, caplog):
    def fail(*_):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(CheckpointStore, "all", fail)
    for _ in range(2):
        status, _, content = call.send("GET", "/_emulator/deliveries")
        assert (status, json.loads(content)) == (
            500, {"error": "The emulator's database cannot be used: disk I/O error."}
        )  # fmt: skip
    assert "Traceback" not in caplog.text


def test_each_outage_of_the_worker_is_one_line_in_the_log(call, monkeypatch, caplog):
    look = CheckpointStore.all
    looks = []

    def fail(*_):
        looks.append("failed")
        raise sqlite3.OperationalError("disk I/O error")

    def succeed(*given):
        looks.append("succeeded")
        return look(*given)

    monkeypatch.setattr(worker, "_FAILED_SECONDS", 0.01)
    for outages in (1, 2):
        for attempt in (fail, succeed):
            looks.clear()
            monkeypatch.setattr(CheckpointStore, "all", attempt)
            give_up = time.monotonic() + 10
            while len(looks) < 3:
                assert time.monotonic() < give_up
                time.sleep(0.01)
        lines = [line for line in caplog.messages if line.startswith("Cannot look for delivery")]
        assert len(lines) == outages


def test_emulator_that_is_not_started_does_not_have_an_address(tmp_path):
    with pytest.raises(RuntimeError, match="call start"):
        _ = Emulator(Options(port=0, data_dir=tmp_path)).url


def test_health_check_needs_no_signature(call):
    status, _, body = call.send("GET", "/_emulator/health")
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert call.send("POST", "/_emulator/other")[0] == 404


def test_slow_operation_does_not_block_the_event_loop(call, make_caller, monkeypatch):
    def dawdle(*_):
        time.sleep(1)
        return table_pb2.ListTableResponse()

    slow = operations.Operation(table_pb2.ListTableRequest, dawdle)
    monkeypatch.setitem(operations.OPERATIONS, "ListTable", slow)
    thread = threading.Thread(target=call, args=("ListTable", LIST))
    thread.start()
    time.sleep(0.2)
    started = time.monotonic()
    other = make_caller(call.emulator.url)
    assert other.send("GET", "/_emulator/health")[0] == 200
    assert time.monotonic() - started < 0.5
    thread.join()


def exchange(call, data):
    """Send bytes on a connection of their own; return what comes back within a second."""
    address = (call.connection.host, call.connection.port)
    received = b""
    with contextlib.closing(socket.create_connection(address, timeout=1)) as connection:
        connection.sendall(data)
        with contextlib.suppress(TimeoutError):
            while piece := connection.recv(65536):
                received += piece
    return received


def test_client_that_expects_100_continue_gets_it(call):
    head = b"POST /ListTable HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
    assert exchange(call, head + b"Content-Length: 3\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    refused = exchange(call, head + b"Content-Length: 99999999999\r\n\r\n")
    assert refused.startswith(b"HTTP/1.1 413 ")


def test_body_with_wrong_content_encoding_is_refused(call, caplog):
    answer = exchange(
        call,
        b"POST /ListTable HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: 3\r\n\r\nabc",
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert caplog.text == ""


def test_compressed_request_is_refused_by_name(call, refused):
    changes = {"request-compress-type": "deflate", "request-compress-size": "3"}
    with pytest.raises(refused, match=r"OTSUnsupportOperation.*x-ots-request-compress-type"):
        call("ListTable", b"abc", **changes)


def test_health_check_answers_head(call):
    assert call.send("HEAD", "/_emulator/health")[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"\xff" * 1000,
        b"POST /PutRow HTTP/1.1\r\nContent-Length: -8\r\n\r\n",
        b"POST /PutRow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_bytes_that_are_not_http_leave_the_log_empty(call, data, capfd, caplog):
    address = (call.connection.host, call.connection.port)
    with contextlib.closing(socket.create_connection(address, timeout=5)) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    assert call.send("GET", "/_emulator/health")[0] == 200
    assert (capfd.readouterr().err, caplog.text) == ("", "")


def test_same_failure_is_logged_once(call, refused, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("a bug")

    broken = operations.Operation(table_pb2.ListTableRequest, fail)
    monkeypatch.setitem(operations.OPERATIONS, "ListTable", broken)
    for _ in range(5):
        with pytest.raises(refused, match="500 OTSInternalServerError"):
            call("ListTable", LIST)
    assert caplog.text.count("RuntimeError: a bug") == 1


def test_repr_of_options_hides_secrets():
    shown = repr(Options(access_key_secret="the-secret", security_token="the-token"))
    assert "the-secret" not in shown
    assert "the-token" not in shown


@pytest.mark.parametrize(
    "case", [case for case in REQUESTS if case["name"].startswith("create")], ids=case_id
)
def test_captured_create_is_described_as_it_was_sent(call, case):
    body = bytes.fromhex(case["body_hex"])
    call("CreateDeliveryTask", body)
    sent = delivery_pb2.CreateDeliveryTaskRequest.FromString(body)
    described = call.describe()
    assert described.taskConfig == sent.taskConfig
    assert described.taskType == sent.taskType
    for other in REQUESTS:  # and the captured calls on it
        if other["name"] in {"describe", "list", "describe_sts", "delete"}:
            call(other["path"].removeprefix("/"), bytes.fromhex(other["body_hex"]))
            if other["name"] == "delete":
                call("CreateDeliveryTask", body)
