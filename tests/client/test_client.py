"""The client over a transport in memory that answers as the service does."""

import base64
import hashlib
from datetime import datetime, timedelta, timezone

import pytest

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.client import codec, operations, signing
from pulumi_tablestore_delivery.client.client import ClientOptions, TablestoreClient
from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.client.rows import start_at
from pulumi_tablestore_delivery.client.transport import (
    NoAnswerError,
    NotSentError,
    RawResponse,
)
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from pulumi_tablestore_delivery.wire import plainbuffer, row_pb2, table_pb2

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
    """An error of the service, signed for the operation that gets it."""
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


def make(*answers, credentials=lambda: signing.Credentials("ak", SECRET), **options):
    transport = FakeTransport(*answers)
    clock = FakeClock()
    client = TablestoreClient(
        "https://inst.cn-hangzhou.ots.aliyuncs.com",
        "inst",
        credentials,
        transport=transport,
        options=ClientOptions(**options),
        clock=clock,
    )
    return client, transport, clock


DESCRIBE = "/DescribeDeliveryTask"
CREATE = "/CreateDeliveryTask"


def test_request_has_the_headers_of_the_protocol():
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


def test_request_is_signed_with_v4_and_a_security_token():
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


def test_create_returns_the_request_id_and_the_trace_id():
    client, transport, _ = make(answer(CREATE))
    ids = client.create_delivery_task(pb.CreateDeliveryTaskRequest(tableName="t"))
    assert ids.request_id == "req-1"
    assert ids.trace_id == transport.requests[0][1]["x-ots-sdk-traceid"]


def test_each_attempt_is_signed_again_with_current_credentials():
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


def test_create_is_not_repeated_after_an_unknown_outcome():
    client, transport, _ = make(NoAnswerError("reset"))
    with pytest.raises(errors.ConnectionLostError) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    assert caught.value.outcome_unknown
    assert len(transport.requests) == 1


def test_describe_is_repeated_after_an_unknown_outcome():
    client, transport, _ = make(
        NoAnswerError("reset"),
        RawResponse(502, {}, b"<html>bad gateway</html>"),
        answer(DESCRIBE, key="wrong"),
        answer(DESCRIBE),
    )
    client.describe_delivery_task("tbl", "task1")
    assert len(transport.requests) == 4


def test_deadline_ends_a_call_with_the_last_error():
    answers = [failure("OTSServerBusy", 503)] * 100
    client, transport, clock = make(*answers, retry=RetryPolicy(deadline=10))
    with pytest.raises(errors.ServiceError, match="OTSServerBusy"):
        client.describe_delivery_task("tbl", "task1")
    assert clock.elapsed < 10
    assert 3 < len(transport.requests) < 30
    assert all(request[3] <= 10 for request in transport.requests)


def test_unreachable_endpoint_is_named_with_the_remedy():
    client, _, _ = make(*[NotSentError("Connection refused")] * 3)
    with pytest.raises(errors.ConnectionFailedError) as caught:
        client.describe_delivery_task("tbl", "task1")
    assert "inst.cn-hangzhou.ots.aliyuncs.com cannot be reached" in str(caught.value)
    assert "HTTPS_PROXY" in str(caught.value)
    assert not caught.value.outcome_unknown


def test_service_error_has_code_message_status_and_ids():
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
def test_untrusted_answer_is_refused(broken, why):
    client, _, _ = make(answer(CREATE, **broken))
    with pytest.raises(errors.UntrustedResponseError, match=why) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    assert caught.value.outcome_unknown


def test_clock_skew_below_15_minutes_is_accepted():
    client, _, _ = make(answer(CREATE, date=NOON + timedelta(minutes=14)))
    client.create_delivery_task(pb.CreateDeliveryTaskRequest())


@pytest.mark.parametrize("body", [b"", b"<html>", b"\x0a\x04oops"])
def test_error_that_is_not_from_the_service_is_reported_as_such(body):
    client, _, _ = make(RawResponse(403, {}, body))
    with pytest.raises(errors.UntrustedResponseError, match="not from Tablestore"):
        client.describe_delivery_task("tbl", "task1")


def test_errors_and_reprs_do_not_show_secrets():
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
        printed = f"{caught.value} {caught.value!r} {client!r} {credentials}"
        assert SECRET not in printed
        assert TOKEN not in printed


def test_every_operation_has_a_method():
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


LIST = "/ListDeliveryTask"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"key": "wrong"}, "signature"),
        ({"authorization": "nonsense"}, "signature"),
        ({"x-ots-contentmd5": "AAAA"}, "contentmd5"),
        ({"x-ots-contentmd5": None}, "lacks x-ots-contentmd5"),
        ({"date": NOON + timedelta(minutes=20)}, "clock differs"),
    ],
    ids=str,
)
def test_signed_error_with_a_flaw_is_not_trusted(changed, why):
    client, _, _ = make(failure("OTSParameterInvalid", **changed))
    with pytest.raises(errors.UntrustedResponseError, match=why) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("version", ["v2", "v4"])
def test_signed_error_is_verified(version):
    key = SECRET if version == "v2" else signing.derive_v4_key(SECRET, "20260102", "cn-hangzhou")
    client, _, _ = make(
        failure("OTSObjectNotExist", 404, key=key), signature_version=version, region="cn-hangzhou"
    )
    with pytest.raises(errors.ServiceError) as caught:
        client.describe_delivery_task("tbl", "task1")
    assert caught.value.verified
    assert caught.value.is_not_found


@pytest.mark.parametrize(
    ("code", "status", "changed", "verified"),
    [
        ("OTSParameterInvalid", 400, {"authorization": None}, False),
        ("OTSAuthFailed", 403, {"authorization": None}, False),
        ("OTSAuthFailed", 403, {"key": "wrong"}, False),
        ("OTSAuthFailed", 403, {"date": NOON - timedelta(minutes=20)}, True),
        ("OTSRequestTimeTooSkewed", 400, {"date": NOON - timedelta(minutes=20)}, True),
    ],
)
def test_error_with_a_tolerated_flaw_is_a_service_error(code, status, changed, verified):
    client, _, _ = make(failure(code, status, **changed))
    with pytest.raises(errors.ServiceError) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    assert (caught.value.code, caught.value.verified) == (code, verified)


UNSIGNED = {"authorization": None}
WRONG = {"key": "wrong"}


def listed(*names):
    body = pb.ListDeliveryTaskResponse(
        tasks=[pb.DeliveryTaskInfo(tableName="tbl", taskName=name) for name in names]
    )
    return answer(LIST, body.SerializeToString())


def tables(*names):
    body = table_pb2.ListTableResponse(table_names=names).SerializeToString()
    return answer("/ListTable", body)


def missing(status=404, **changed):
    return failure("OTSObjectNotExist", status, **changed)


ON_TASKS = {
    "describe": lambda client: client.describe_delivery_task("tbl", "task1"),
    "delete": lambda client: client.delete_delivery_task("tbl", "task1"),
}
ON_TABLES = {
    "list": lambda client: client.list_delivery_tasks("tbl"),
    "describe table": lambda client: client.describe_table("tbl"),
}
METHODS = {**ON_TASKS, **ON_TABLES}


def outcome(method, *answers):
    """The error that a method raises, and the operations that it called."""
    client, transport, _ = make(*answers, retry=RetryPolicy(deadline=5))
    with pytest.raises(errors.CallError) as caught:
        METHODS[method](client)
    assert not transport.answers
    return caught.value, [url.rpartition("/")[2] for url, *_ in transport.requests]


@pytest.mark.parametrize("changed", [UNSIGNED, WRONG], ids=["unsigned", "wrongly signed"])
@pytest.mark.parametrize("status", [404, 400])
@pytest.mark.parametrize("method", ON_TASKS)
class TestMissingTask:
    def test_is_confirmed_by_the_list_of_tasks(self, method, status, changed):
        error, called = outcome(method, missing(status, **changed), listed("other"))
        assert isinstance(error, errors.ServiceError)
        assert (error.is_not_found, error.verified, error.outcome_unknown) == (True, True, False)
        assert called[1:] == ["ListDeliveryTask"]

    def test_is_confirmed_by_a_verified_error_about_the_table(self, method, status, changed):
        error, called = outcome(method, missing(status, **changed), missing())
        assert (error.is_not_found, error.verified) == (True, True)
        assert called[1:] == ["ListDeliveryTask"]

    def test_is_confirmed_by_the_list_of_tables(self, method, status, changed):
        error, called = outcome(
            method, missing(status, **changed), missing(**changed), tables("other")
        )
        assert (error.is_not_found, error.verified) == (True, True)
        assert called[1:] == ["ListDeliveryTask", "ListTable"]

    def test_is_not_confirmed_if_the_list_of_tasks_contains_it(self, method, status, changed):
        error, _ = outcome(method, missing(status, **changed), listed("task1"))
        assert isinstance(error, errors.UntrustedResponseError)
        assert error.outcome_unknown
        assert "ListDeliveryTask contains task 'task1' of table 'tbl'" in str(error)

    def test_is_not_confirmed_if_its_table_exists(self, method, status, changed):
        error, _ = outcome(method, missing(status, **changed), missing(**changed), tables("tbl"))
        assert isinstance(error, errors.UntrustedResponseError)
        assert "ListTable contains table 'tbl'" in str(error)

    def test_error_names_the_permission_that_confirmation_needs(self, method, status, changed):
        denied = failure("OTSNoPermissionAccess", 403)
        error, _ = outcome(method, missing(status, **changed), denied)
        assert isinstance(error, errors.UntrustedResponseError)
        assert "ots:ListDeliveryTask" in str(error)
        error, _ = outcome(method, missing(status, **changed), missing(**changed), denied)
        assert isinstance(error, errors.UntrustedResponseError)
        assert "ots:ListTable" in str(error)
        assert "--list-tables" in str(error)

    @pytest.mark.parametrize(
        "listings",
        [
            [RawResponse(403, {}, b"<html>")],
            [failure("OTSQuotaExhausted")],
            [missing(**UNSIGNED), missing(**UNSIGNED)],
            [missing(**UNSIGNED), missing()],
        ],
        ids=["page", "error", "unsigned nonsense", "signed nonsense"],
    )
    def test_is_an_untrusted_answer_if_confirmation_fails(self, method, status, changed, listings):
        error, _ = outcome(method, missing(status, **changed), *listings)
        assert isinstance(error, errors.UntrustedResponseError)
        assert error.outcome_unknown


@pytest.mark.parametrize("changed", [UNSIGNED, WRONG], ids=["unsigned", "wrongly signed"])
@pytest.mark.parametrize("method", ON_TABLES)
class TestMissingTable:
    def test_is_confirmed_by_the_list_of_tables(self, method, changed):
        error, called = outcome(method, missing(**changed), tables("other"))
        assert (error.is_not_found, error.verified) == (True, True)
        assert called[1:] == ["ListTable"]

    def test_is_not_confirmed_if_the_list_of_tables_contains_it(self, method, changed):
        error, _ = outcome(method, missing(**changed), tables("tbl"))
        assert isinstance(error, errors.UntrustedResponseError)
        assert "ListTable contains table 'tbl'" in str(error)


@pytest.mark.parametrize("method", METHODS)
def test_verified_not_found_needs_no_confirmation(method):
    error, called = outcome(method, missing())
    assert (error.is_not_found, error.verified, len(called)) == (True, True, 1)


def test_confirmation_keeps_the_deadline_of_the_call():
    client, transport, clock = make(missing(**UNSIGNED), listed())

    def late(url, headers, body, timeout):
        clock.elapsed += 1.5
        return FakeTransport.post(transport, url, headers, body, timeout)

    transport.post = late
    with pytest.raises(errors.ServiceError):
        client.describe_delivery_task("tbl", "task1", within=2)
    assert [request[3] for request in transport.requests] == [2, pytest.approx(0.9)]


@pytest.mark.parametrize("within", [0, 0.1, 2])
def test_call_gets_two_seconds_at_least(within):
    for retry, given in ((RetryPolicy(), within), (RetryPolicy(deadline=within), None)):
        client, transport, _ = make(answer(DESCRIBE), retry=retry)
        client.describe_delivery_task("tbl", "task1", within=given)
        assert transport.requests[0][3] == 2


def test_no_attempt_starts_with_less_than_a_second_left():
    client, transport, clock = make(*[failure("OTSServerBusy", 503)] * 100)
    with pytest.raises(errors.ServiceError, match="OTSServerBusy"):
        client.describe_delivery_task("tbl", "task1", within=4)
    assert all(request[3] >= 1 for request in transport.requests)
    assert clock.elapsed <= 3


class TestTextThatIsNotUtf8:
    def test_in_a_code_is_an_untrusted_answer(self):
        client, _, _ = make(answer(DESCRIBE, bytes.fromhex("0a02803d"), 403))
        with pytest.raises(errors.UntrustedResponseError, match="not from Tablestore"):
            client.describe_delivery_task("tbl", "task1")

    def test_in_the_message_of_an_error_is_repaired(self):
        body = b"\x0a\x06OTSBad\x12\x03a\xffb"
        client, _, _ = make(answer(DESCRIBE, body, 400))
        with pytest.raises(errors.ServiceError) as caught:
            client.describe_delivery_task("tbl", "task1")
        assert caught.value.detail == "a\ufffdb"

    def test_in_the_detail_of_a_task_is_repaired(self):
        client, _, _ = make(answer(DESCRIBE, b"\x12\x05\x22\x03a\xffb"))
        description = client.describe_delivery_task("tbl", "task1")
        assert codec.described_state(description).error_detail == "a\ufffdb"

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("describe", DESCRIBE, b"\x0a\x03\x0a\x01\xff"),
            ("list", LIST, b"\x0a\x03\x12\x01\xff"),
            ("describe table", "/DescribeTable", b"\x0a\x03\x0a\x01\xff"),
        ],
    )
    def test_in_names_and_configuration_is_refused(self, method, path, body):
        client, transport, _ = make(answer(path, body))
        with pytest.raises(errors.UntrustedResponseError, match="is not UTF-8"):
            METHODS[method](client)
        assert len(transport.requests) == 1


def test_control_characters_of_the_service_are_escaped():
    client, _, _ = make(failure("OTSParameterInvalid", message="\x1b[2Jgone\nnext"))
    with pytest.raises(errors.ServiceError) as caught:
        client.create_delivery_task(pb.CreateDeliveryTaskRequest())
    assert "\\x1b[2Jgone\\nnext" in str(caught.value)
    assert caught.value.detail == "\x1b[2Jgone\nnext"


def test_calls_are_logged_without_secrets(caplog):
    client, transport, _ = make(
        NotSentError("refused"),
        NoAnswerError("reset"),
        RawResponse(502, {"x-ots-requestid": "\x1b[2J"}, b"<html>private</html>"),
        answer(DESCRIBE),
        credentials=lambda: signing.Credentials("ak", SECRET, TOKEN),
    )
    with caplog.at_level("DEBUG", logger="pulumi_tablestore_delivery.client"):
        client.describe_delivery_task("tbl", "task1")
    trace_id = transport.requests[0][1]["x-ots-sdk-traceid"]
    assert caplog.messages == [
        f"DescribeDeliveryTask: {what}, 0 ms, trace id {trace_id}"
        for what in (
            "not sent: refused",
            "no answer while reading: reset",
            "HTTP 502, request id \\x1b[2J",
            "HTTP 200, request id req-1",
        )
    ]


def test_calls_are_not_logged_by_default(capfd):
    client, _, _ = make(answer(DESCRIBE))
    client.describe_delivery_task("tbl", "task1")
    assert capfd.readouterr() == ("", "")


def rows_answer(*numbers, more=False):
    rows = [
        plainbuffer.Row([("id", number)], [plainbuffer.Cell("amount", 1.5, timestamp=1)])
        for number in numbers
    ]
    message = row_pb2.GetRangeResponse(rows=plainbuffer.write_rows(rows))
    message.consumed.capacity_unit.read = 1
    if more:
        message.next_start_primary_key = b"next"
    return answer("/GetRange", message.SerializeToString())


class TestGetRange:
    @pytest.mark.parametrize("is_backward", [False, True])
    def test_reads_one_page_from_an_end(self, is_backward):
        client, transport, _ = make(rows_answer(1, 2, more=True))
        page = client.get_range("t", ["id"], 2, ["id"], is_backward=is_backward)
        assert [row.key for row in page.rows] == [[("id", 1)], [("id", 2)]]
        assert not page.is_last
        request = row_pb2.GetRangeRequest.FromString(transport.requests[0][2])
        assert (request.limit, request.max_versions) == (2, 1)
        assert list(request.columns_to_get) == ["id"]
        bounds = [
            plainbuffer.read_row(bound).key[0][1]
            for bound in (request.inclusive_start_primary_key, request.exclusive_end_primary_key)
        ]
        ends = [plainbuffer.Marker.SMALLEST, plainbuffer.Marker.LARGEST]
        assert bounds == (ends[::-1] if is_backward else ends)
        assert request.direction == int(is_backward)

    def test_next_page_starts_where_the_last_one_ended(self):
        client, transport, _ = make(rows_answer(1, more=True), rows_answer(2), rows_answer(3))
        page = client.get_range("t", ["id"], 1)
        client.get_range("t", ["id"], 1, start=page.next_start)
        client.get_range("t", ["id"], 1, start=start_at([("id", 3)]))
        starts = [
            row_pb2.GetRangeRequest.FromString(request[2]).inclusive_start_primary_key
            for request in transport.requests[1:]
        ]
        assert starts[0] == b"next"
        assert plainbuffer.read_row(starts[1]).key == [("id", 3)]

    def test_page_that_does_not_advance_is_not_trusted(self):
        client, *_ = make(rows_answer(1, more=True))
        with pytest.raises(errors.UntrustedResponseError, match="begins where this one did"):
            client.get_range("t", ["id"], 1, start=b"next")

    def test_last_page_has_an_empty_next_start(self):
        page = make(rows_answer())[0].get_range("t", ["id"], 2)
        assert page.rows == []
        assert page.is_last

    def test_values_are_never_printed(self):
        page = make(rows_answer(1))[0].get_range("t", ["id"], 2)
        assert "1.5" not in repr(page)

    def test_call_is_repeated(self):
        client, _, _ = make(NoAnswerError("reset"), rows_answer(1))
        assert len(client.get_range("t", ["id"], 2).rows) == 1

    def test_rows_that_cannot_be_read_are_not_trusted(self):
        message = row_pb2.GetRangeResponse(rows=b"x")
        message.consumed.capacity_unit.read = 1
        client, _, _ = make(answer("/GetRange", message.SerializeToString()))
        with pytest.raises(errors.UntrustedResponseError, match="rows in the answer cannot be"):
            client.get_range("t", ["id"], 2)
