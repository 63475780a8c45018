"""The client over a transport in memory that answers as the service does."""

import base64
import contextlib
import hashlib
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.client import operations, signing
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.client.transport import (
    NoAnswerError,
    NotSentError,
    RawResponse,
)
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

SECRET = "a-very-secret-key"
TOKEN = "a-very-secret-token"
NOON = datetime(2026, 1, 2, 12, 0, 0, 123456, tzinfo=timezone.utc)


class FakeClock:
    def __init__(self):
        self.elapsed = 0.0
        self.sleeps = []

    def now(self):
        return NOON + timedelta(seconds=self.elapsed)

    def monotonic(self):
        return self.elapsed

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.elapsed += seconds


def answer(path, body=b"", status=200, date=NOON, key=SECRET, **changed):
    headers = {
        "x-ots-date": date.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "x-ots-requestid": "req-1",
        "x-ots-contentmd5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        "x-ots-contenttype": "protocol buffer",
    }
    headers["authorization"] = signing.response_authorization(path, headers, "ak", key)
    headers.update(changed)
    return RawResponse(status, {k: v for k, v in headers.items() if v is not None}, body)


def failure(code, status=400, message="m", **changed):
    """An error of the service, signed for whichever operation gets it."""
    body = pb.Error(code=code, message=message).SerializeToString()
    return lambda path: answer(path, body, status, **changed)


class FakeTransport:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def post(self, url, headers, body, timeout):
        self.requests.append((url, dict(headers), body, timeout))
        result = self.answers.pop(0)
        if callable(result):
            result = result(url[url.rindex("/") :])
        if isinstance(result, Exception):
            raise result
        return result


def make(*answers, **options):
    transport = FakeTransport(*answers)
    clock = FakeClock()
    client = TablestoreClient(
        "https://inst.cn-hangzhou.ots.aliyuncs.com",
        "inst",
        options.pop("credentials", lambda: signing.Credentials("ak", SECRET)),
        transport=transport,
        clock=clock,
        **options,
    )
    return client, transport, clock


DESCRIBE = "/DescribeDeliveryTask"
CREATE = "/CreateDeliveryTask"


def test_headers_of_a_request():
    client, transport, _ = make(answer(DESCRIBE))
    client.describe_delivery_task("tbl", "task1")
    url, headers, body, _ = transport.requests[0]
    assert url == "https://inst.cn-hangzhou.ots.aliyuncs.com/DescribeDeliveryTask"
    assert body.hex() == "0a0374626c12057461736b31"
    assert headers["x-ots-date"] == "2026-01-02T12:00:00.123Z"
    assert headers["x-ots-apiversion"] == "2015-12-31"
    assert headers["x-ots-instancename"] == "inst"
    assert headers["x-ots-accesskeyid"] == "ak"
    assert headers["x-ots-contentmd5"] == signing.content_md5(body)
    assert "x-ots-ststoken" not in headers
    text = signing.string_to_sign(DESCRIBE, headers, "v2")
    assert headers["x-ots-signature"] == signing.signature(SECRET, text, "v2")


def test_v4_and_security_token():
    key = signing.derive_v4_key(SECRET, "20260102", "cn-hangzhou")
    client, transport, _ = make(
        answer(DESCRIBE, key=key),
        credentials=lambda: signing.Credentials("ak", SECRET, TOKEN),
        signature_version="v4",
        region="cn-hangzhou",
    )
    client.describe_delivery_task("tbl", "task1")
    headers = transport.requests[0][1]
    assert headers["x-ots-ststoken"] == TOKEN
    assert headers["x-ots-signdate"] == "20260102"
    assert headers["x-ots-signregion"] == "cn-hangzhou"
    assert "x-ots-signature" not in headers
    text = signing.string_to_sign(DESCRIBE, headers, "v4")
    assert text.endswith("\nots")
    assert headers["x-ots-signaturev4"] == signing.signature(key, text, "v4")


def test_create_returns_its_ids():
    client, transport, _ = make(answer(CREATE))
    ids = client.create_delivery_task(pb.CreateDeliveryTaskRequest(tableName="t"))
    assert ids.request_id == "req-1"
    assert ids.trace_id == transport.requests[0][1]["x-ots-sdk-traceid"]


def test_every_attempt_is_signed_anew_with_fresh_credentials():
    keys = iter([signing.Credentials("ak", SECRET), signing.Credentials("ak", SECRET, TOKEN)])
    client, transport, clock = make(
        failure("OTSServerBusy", 503),
        answer(DESCRIBE, date=NOON),
        credentials=lambda: next(keys),
    )
    client.describe_delivery_task("tbl", "task1")
    first, second = (request[1] for request in transport.requests)
    assert first["x-ots-date"] != second["x-ots-date"]
    assert first["x-ots-signature"] != second["x-ots-signature"]
    assert second["x-ots-ststoken"] == TOKEN
    assert first["x-ots-sdk-traceid"] == second["x-ots-sdk-traceid"]
    assert len(clock.sleeps) == 1


def test_an_ambiguous_create_is_not_sent_again():
    client, transport, _ = make(NoAnswerError("reset"))
    with pytest.raises(errors.ConnectionLostError) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    assert caught.value.outcome_unknown
    assert len(transport.requests) == 1


def test_an_ambiguous_describe_is_sent_again():
    client, transport, _ = make(
        NoAnswerError("reset"),
        RawResponse(502, {}, b"<html>bad gateway</html>"),
        answer(DESCRIBE, key="wrong"),
        answer(DESCRIBE),
    )
    client.describe_delivery_task("tbl", "task1")
    assert len(transport.requests) == 4


def test_the_deadline_ends_it_and_the_last_error_is_told():
    answers = [failure("OTSServerBusy", 503)] * 100
    client, transport, clock = make(*answers, retry=RetryPolicy(deadline=10))
    with pytest.raises(errors.ServiceError, match="OTSServerBusy"):
        client.describe_delivery_task("tbl", "task1")
    assert clock.elapsed < 10
    assert 3 < len(transport.requests) < 30
    assert all(request[3] <= 10 for request in transport.requests)


def test_unreachable_names_endpoint_and_remedy():
    client, _, _ = make(*[NotSentError("Connection refused")] * 3)
    with pytest.raises(errors.ConnectionFailedError) as caught:
        client.describe_delivery_task("tbl", "task1")
    assert "inst.cn-hangzhou.ots.aliyuncs.com cannot be reached" in str(caught.value)
    assert "HTTPS_PROXY" in str(caught.value)
    assert not caught.value.outcome_unknown


def test_error_carries_everything():
    client, _, _ = make(failure("OTSParameterInvalid", 400, "Invalid task name."))
    with pytest.raises(errors.ServiceError) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    error = caught.value
    assert (error.code, error.detail, error.status) == (
        "OTSParameterInvalid",
        "Invalid task name.",
        400,
    )
    assert (error.request_id, error.operation) == ("req-1", "CreateDeliveryTask")
    assert error.trace_id
    for part in ("OTSParameterInvalid", "400", "Invalid task name.", "req-1", error.trace_id):
        assert part in str(error)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"authorization": "OTS ak:nonsense"}, "signature"),
        ({"authorization": None}, "lacks authorization"),
        ({"x-ots-requestid": None}, "lacks x-ots-requestid"),
        ({"x-ots-contentmd5": "AAAA"}, "contentmd5"),
        ({"x-ots-requestid": "other"}, "signature"),
        ({"date": NOON + timedelta(minutes=16)}, "clock differs"),
        ({"date": NOON - timedelta(minutes=16)}, "clock differs"),
        ({"body": b"\xff\xff\xff"}, "cannot be read"),
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_trusted_is_not_believed(broken, why):
    client, _, _ = make(answer(CREATE, **broken))
    with pytest.raises(errors.UntrustedResponseError, match=why) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    assert caught.value.outcome_unknown


def test_a_skew_of_less_than_15_minutes_is_fine():
    client, _, _ = make(answer(CREATE, date=NOON + timedelta(minutes=14)))
    client.create_delivery_task(pb.CreateDeliveryTaskRequest())


@pytest.mark.parametrize("body", [b"", b"<html>", b"\x0a\x04oops"])
def test_an_error_that_is_not_the_services_is_said_to_be_so(body):
    client, _, _ = make(RawResponse(403, {}, body))
    with pytest.raises(errors.UntrustedResponseError, match="not from Tablestore"):
        client.describe_delivery_task("tbl", "task1")


def test_no_error_and_no_repr_shows_a_secret():
    credentials = signing.Credentials("ak", SECRET, TOKEN)
    client, _, _ = make(
        NoAnswerError("x"),
        failure("OTSAuthFailed", 403),
        answer(CREATE, key="wrong"),
        credentials=lambda: credentials,
    )
    for _ in range(3):
        with pytest.raises(errors.CallError) as caught:
            client.create_delivery_task(pb.CreateDeliveryTaskRequest())
        shown = f"{caught.value} {caught.value!r} {client!r} {credentials}"
        assert SECRET not in shown
        assert TOKEN not in shown


def test_the_table_of_operations_is_complete():
    names = [operation.name for operation in operations.OPERATIONS]
    assert len(names) == len(set(names))
    for operation in operations.OPERATIONS:
        assert operation.request.DESCRIPTOR.name == f"{operation.name}Request"
        assert operation.response.DESCRIPTOR.name == f"{operation.name}Response"
    methods = [
        name for name, value in vars(TablestoreClient).items()
        if callable(value) and not name.startswith("_") and name != "call"
    ]  # fmt: skip
    assert len(methods) == len(names)


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@pytest.fixture
def server():
    """A server that counts its connections and answers as it is told."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            super().setup()
            server.connections += 1

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            server.seen.append(self.path)
            if server.behave == "reset":
                self.close_connection = True
                return
            if server.behave == "drip":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                with contextlib.suppress(OSError):
                    for _ in range(100):
                        self.wfile.write(b"x")
                        time.sleep(0.1)
                return
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args):
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    server.connections, server.seen, server.behave = 0, [], "ok"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class TestRequestsTransport:
    def test_keeps_one_connection_a_thread(self, server):
        transport = RequestsTransport()
        url = f"http://127.0.0.1:{server.server_port}/Op"

        def ten():
            for _ in range(10):
                assert transport.post(url, {"x-ots-date": "d"}, b"b", 5).body == b"ok"

        ten()
        assert server.connections == 1
        thread = threading.Thread(target=ten)
        thread.start()
        thread.join()
        assert server.connections == 2

    def test_a_lost_answer_is_told_from_a_missing_server(self, server):
        transport = RequestsTransport()
        url = f"http://127.0.0.1:{server.server_port}/Op"
        server.behave = "reset"
        with pytest.raises(NoAnswerError):
            transport.post(url, {}, b"b", 5)
        assert server.seen == ["/Op"]  # the transport itself repeats nothing
        with pytest.raises(NotSentError, match="refused"):
            transport.post("http://127.0.0.1:1/Op", {}, b"b", 5)
        with pytest.raises(NotSentError):
            transport.post("http://does-not-exist.invalid/Op", {}, b"b", 5)

    def test_an_answer_that_drips_does_not_hold_a_call(self, server):
        server.behave = "drip"
        url = f"http://127.0.0.1:{server.server_port}/Op"
        with pytest.raises(NoAnswerError, match="timed out"):
            RequestsTransport().post(url, {}, b"b", 0.5)

    @pytest.mark.parametrize("value", ["hush\r\nhush", "hush\u2028hush"])
    def test_what_http_cannot_carry_is_told_without_its_value(self, server, value):
        url = f"http://127.0.0.1:{server.server_port}/Op"
        with pytest.raises(NotSentError) as caught:
            RequestsTransport().post(url, {"x-ots-ststoken": value}, b"b", 5)
        assert "hush" not in str(caught.value)

    def test_proxies_of_the_environment_are_honoured(self, server, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "direct.invalid")
        monkeypatch.setenv("no_proxy", "direct.invalid")
        transport = RequestsTransport()
        assert transport.post("http://proxied.invalid/Op", {}, b"b", 5).status == 200
        assert server.seen == ["http://proxied.invalid/Op"]
        with pytest.raises(NotSentError):
            transport.post("http://direct.invalid/Op", {}, b"b", 5)
