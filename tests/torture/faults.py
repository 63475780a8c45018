"""All faults between a client and the service, as one table.

A fault has three parts: whether the service carries out the request, its answer, and the
transmission of the answer.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from torture import service
from torture.service import Answer

CarriedOut = Literal["yes", "no", "soon", "late"]
Travel = Literal[
    "whole", "reset", "close", "hang", "slow", "drip head", "drip body", "continue",
    "continue first", "truncated", "chunked", "kill",
]  # fmt: skip

SOON_SECONDS = 0.5
SLOW_SECONDS = 3.0
DRIP_SECONDS = 1.0
TEN_MEGABYTES = 10_000_000


@dataclass(frozen=True)
class Exchange:
    """A request, and what the service without faults would answer.

    Attributes:
        operation: The operation's name.
        answer: The answer; that of a refusal if the service refuses the request.
    """

    operation: str
    answer: Answer

    @property
    def path(self) -> str:
        """The request's path."""
        return f"/{self.operation}"


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with a request.

    Attributes:
        name: Its name in tables.
        family: What it belongs to in tables.
        carried_out: Whether the service carries the request out: yes (at once), no, soon (half a
            second after it has answered, or when the run is over if that is earlier) or late (when
            the run is over).
        answers: Makes the answer.
        travels: How the answer travels.
        waits: Whether the client learns of the fault only at its deadline.
    """

    name: str
    family: str
    carried_out: CarriedOut = "no"
    answers: Callable[[Exchange], Answer] = lambda exchange: exchange.answer
    travels: Travel = "whole"
    waits: bool = False


def _code(status: int, code: str, message: str = "A fault.") -> Callable[[Exchange], Answer]:
    return lambda exchange: service.answer(exchange.path, status, service.error_body(code, message))


def _page(status: int, size: int = 0) -> Callable[[Exchange], Answer]:
    text = f"<html><body><h1>{status}</h1></body></html>\n".encode() + b" " * size
    return lambda _: Answer(status, text, {"Content-Type": "text/html"})


def _redirect(status: int, location: str) -> Callable[[Exchange], Answer]:
    return lambda _: Answer(status, b"moved\n", {"Location": location})


def _unsigned(make: Callable[[Exchange], Answer]) -> Callable[[Exchange], Answer]:
    return lambda exchange: replace(make(exchange), headers={})


def _forged(make: Callable[[Exchange], Answer]) -> Callable[[Exchange], Answer]:
    def forge(exchange: Exchange) -> Answer:
        answer = make(exchange)
        forged = f"OTS {service.ACCESS_KEY_ID}:AAAAAAAAAAAAAAAAAAAAAAAAAAA="
        return replace(answer, headers={**answer.headers, "Authorization": forged})

    return forge


def _body(make: Callable[[Exchange], bytes], status: int = 200) -> Callable[[Exchange], Answer]:
    return lambda exchange: service.answer(exchange.path, status, make(exchange))


def _real(exchange: Exchange) -> Answer:
    return exchange.answer


def _headers(**more: str) -> Callable[[Exchange], Answer]:
    added = {name.replace("_", "-"): value for name, value in more.items()}
    return lambda exchange: replace(exchange.answer, headers={**exchange.answer.headers, **added})


def _many_headers(exchange: Exchange) -> Answer:
    added = {f"X-Filler-{number}": "x" for number in range(200)}
    return replace(exchange.answer, headers={**added, **exchange.answer.headers})


def _wrong_md5(exchange: Exchange) -> Answer:
    signed = service.answer(exchange.path, exchange.answer.status, exchange.answer.body + b"x")
    return replace(signed, body=exchange.answer.body)


def _skewed(seconds: float) -> Callable[[Exchange], Answer]:
    return lambda exchange: service.answer(
        exchange.path, exchange.answer.status, exchange.answer.body, skew=seconds
    )


def _gzipped(exchange: Exchange) -> Answer:
    headers = {**exchange.answer.headers, "Content-Encoding": "gzip"}
    return replace(exchange.answer, body=gzip.compress(exchange.answer.body), headers=headers)


def _padded(exchange: Exchange) -> bytes:
    """The message with a field that nobody knows, of ten megabytes."""
    size = TEN_MEGABYTES
    length = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14 & 127 | 128, size >> 21])
    return exchange.answer.body + b"\xaa\x06" + length + bytes(size)  # field 101


def _not_utf8_detail(exchange: Exchange) -> bytes:
    """A description whose `detail` is not UTF-8; for other operations, such a field."""
    if exchange.operation != "DescribeDeliveryTask" or exchange.answer.status != 200:
        return exchange.answer.body + b"\x0a\x01\xff"
    message = pb.DescribeDeliveryTaskResponse.FromString(exchange.answer.body)
    message.task_sync_stat.detail = "?"
    return message.SerializeToString().replace(b"\x22\x01?", b"\x22\x01\xff")


NO_TASK = _code(404, "OTSObjectNotExist", "Requested delivery task does not exist.")
BUSY = _code(503, "OTSServerBusy")

_CONNECTION = [
    Fault("refused", "connection", "yes"),  # the port is closed: no request meets it
    Fault("reset before", "connection", travels="reset"),
    Fault("reset after", "connection", "yes", travels="reset"),
    Fault("reset, carried out soon", "connection", "soon", travels="reset"),
    Fault("reset, carried out late", "connection", "late", travels="reset"),
    Fault("closed before", "connection", travels="close"),
    Fault("closed after", "connection", "yes", travels="close"),
    Fault("lost request", "connection", travels="hang", waits=True),
    Fault("lost answer", "connection", "yes", travels="hang", waits=True),
    Fault("lost answer, carried out late", "connection", "late", travels="hang", waits=True),
    Fault("slow answer", "connection", "yes", travels="slow"),
    Fault("dripping headers", "connection", "yes", travels="drip head", waits=True),
    Fault("dripping body", "connection", "yes", travels="drip body", waits=True),
    Fault("endless 100 Continue", "connection", "yes", travels="continue", waits=True),
    Fault("dripping headers, not carried out", "connection", travels="drip head", waits=True),
    Fault("endless 100 Continue, not carried out", "connection", travels="continue", waits=True),
    Fault("truncated body", "connection", "yes", travels="truncated"),
]
_STRANGERS = [
    Fault("HTML 403", "stranger", answers=_page(403)),
    Fault("HTML 404", "stranger", answers=_page(404)),
    Fault("HTML 502", "stranger", answers=_page(502)),
    Fault("HTML 504 after", "stranger", "yes", answers=_page(504)),
    Fault("HTML 200", "stranger", answers=_page(200)),
    Fault("HTML 407", "stranger", answers=_page(407)),
    Fault("empty 200", "stranger", answers=lambda _: Answer(200)),
    Fault("empty 204", "stranger", answers=lambda _: Answer(204)),
    Fault("empty 500", "stranger", answers=lambda _: Answer(500)),
    Fault("redirect 302", "stranger", answers=_redirect(302, "/elsewhere")),
    Fault("redirect 307", "stranger", answers=_redirect(307, "http://127.0.0.1:1/")),
    Fault("unsigned 404", "stranger", answers=_unsigned(NO_TASK)),
    Fault("wrongly signed 404", "stranger", answers=_forged(NO_TASK)),
    Fault("unsigned error", "stranger", answers=_unsigned(BUSY)),
    Fault("wrongly signed error", "stranger", answers=_forged(BUSY)),
]
_ANSWERS = [
    Fault("garbage", "answer", "yes", _body(lambda _: b"\xff\xff\xff garbage")),
    Fault("unsigned garbage", "answer", "yes", _unsigned(_body(lambda _: b"\xff\xff garbage"))),
    Fault("wrong signature", "answer", "yes", _forged(_real)),
    Fault("unsigned", "answer", "yes", _unsigned(_real)),
    Fault("wrong MD5", "answer", "yes", _wrong_md5),
    Fault("clock 20 minutes ahead", "answer", "yes", _skewed(1200)),
    Fault("clock 20 minutes behind", "answer", "yes", _skewed(-1200)),
    Fault("text is not UTF-8", "answer", "yes", _body(_not_utf8_detail)),
    Fault("error code is not UTF-8", "answer", answers=_body(lambda _: b"\x0a\x02\x80\x3d", 400)),
    Fault("error text is not UTF-8", "answer", answers=_body(
        lambda _: service.error_body("OTSServerBusy", "?").replace(b"?", b"\xff"), 503)),
    Fault("chunked", "answer", "yes", travels="chunked"),
    Fault("gzip", "answer", "yes", _gzipped),
    Fault("gzip that is not", "answer", "yes", _headers(Content_Encoding="gzip")),
    Fault("100 Continue first", "answer", "yes", travels="continue first"),
    Fault("10 MB", "answer", "yes", _body(_padded)),
    Fault("HTML 502 of 10 MB", "answer", answers=_page(502, TEN_MEGABYTES)),
    Fault("header of 100 KB", "answer", "yes", _headers(X_Filler="x" * 100_000)),
    Fault("200 headers", "answer", "yes", _many_headers),
    Fault("Content-Length is not a number", "answer", "yes", _headers(Content_Length="many"),
          waits=True),
]  # fmt: skip
CODES = [
    (400, "OTSParameterInvalid"), (400, "OTSInvalidPK"), (400, "OTSOutOfRowSizeLimit"),
    (400, "OTSOutOfColumnCountLimit"), (400, "OTSUnsupportOperation"), (403, "OTSAuthFailed"),
    (403, "OTSNoPermissionAccess"), (403, "OTSQuotaExhausted"), (403, "OTSNotEnoughCapacityUnit"),
    (403, "OTSCapacityUnitExhausted"), (403, "OTSConditionCheckFail"), (404, "OTSObjectNotExist"),
    (404, "OTSTableNotReady"), (405, "OTSMethodNotAllowed"), (408, "OTSRequestTimeout"),
    (409, "OTSObjectAlreadyExist"), (409, "OTSOperationConflict"),
    (409, "OTSRowOperationConflict"), (413, "OTSRequestBodyTooLarge"),
    (503, "OTSOperationThrottled"), (503, "OTSPartitionUnavailable"), (503, "OTSServerBusy"),
    (500, "OTSInternalServerError"), (503, "OTSServerUnavailable"),
    (503, "OTSStorageServerBusy"), (503, "OTSTimeout"),
    (400, "OTSNewCode"), (500, "OTSNewCode"), (502, "OTSNewCode"), (503, "OTSNewCode"),
]  # fmt: skip
"""Codes that the documentation or an SDK knows, with a usual status, and one that nobody knows."""
_UNDECIDED = {"OTSInternalServerError", "OTSServerUnavailable", "OTSStorageServerBusy",
              "OTSTimeout", "OTSNewCode"}  # fmt: skip
_REFUSALS = [
    *(Fault(f"{status} {code}", "code", answers=_code(status, code)) for status, code in CODES),
    Fault("403 OTSQuotaExhausted, too frequent", "code", answers=_code(
        403, "OTSQuotaExhausted", "Too frequent table operations.")),
    *(
        Fault(f"{status} {code} after", "code", "yes", _code(status, code))
        for status, code in CODES
        if code in _UNDECIDED and status >= 500
    ),
]  # fmt: skip
_KILLS = [
    Fault("killed before", "kill", travels="kill"),
    Fault("killed after", "kill", "yes", travels="kill"),
]
NONE = Fault("none", "none", "yes")
FAULTS = {
    fault.name: fault for fault in [NONE, *_CONNECTION, *_STRANGERS, *_ANSWERS, *_REFUSALS, *_KILLS]
}
"""Every fault by name."""
REMOVED_BEFORE = {"404 OTSObjectNotExist"}
"""Faults by which the service says that a task is gone. The server then makes that true."""
