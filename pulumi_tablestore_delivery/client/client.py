"""One way to call the service: make, sign, send, check, read; again where that is right."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from google.protobuf.message import DecodeError

from pulumi_tablestore_delivery.client import operations
from pulumi_tablestore_delivery.client.operations import Operation, RequestT, ResponseT
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy, SystemClock
from pulumi_tablestore_delivery.client.signing import (
    Credentials,
    SignatureVersion,
    content_md5,
    response_authorization,
    sign_request,
)
from pulumi_tablestore_delivery.client.transport import (
    NoAnswerError,
    NotSentError,
    RawResponse,
    Transport,
)
from pulumi_tablestore_delivery.errors import (
    CallError,
    ConnectionFailedError,
    ConnectionLostError,
    ServiceError,
    UntrustedResponseError,
)
from pulumi_tablestore_delivery.wire import delivery_pb2, table_pb2
from pulumi_tablestore_delivery.wire.enums import API_VERSION

LARGEST_SKEW: Final = timedelta(minutes=15)
"""How far the service's clock and this machine's may be apart (seen in an SDK)."""

_SHORTEST_ATTEMPT: Final = 0.1  # seconds
_TRACE_THRESHOLD: Final = "500"  # milliseconds; the Java SDK's value


@dataclass(frozen=True)
class CallIds:
    """The ids under which a call can be found again.

    Attributes:
        request_id: The service's.
        trace_id: Ours, sent along and signed, as the Java SDK does.
    """

    request_id: str
    trace_id: str


class TablestoreClient:
    """Calls one instance of Tablestore.

    Safe to use from several threads; each keeps its own connection.

    Args:
        endpoint: The instance's URL, such as `https://inst.cn-hangzhou.ots.aliyuncs.com`.
        instance_name: The instance.
        credentials: Asked before each attempt, so that temporary ones may change.
        signature_version: `v2` (default) or `v4`.
        region: The instance's region; V4 signs it.
        transport: What carries the requests.
        retry: When a call is repeated.
        clock: Time.
    """

    def __init__(  # noqa: PLR0913 - seams for tests, with defaults
        self,
        endpoint: str,
        instance_name: str,
        credentials: Callable[[], Credentials],
        *,
        signature_version: SignatureVersion = "v2",
        region: str = "",
        transport: Transport,
        retry: RetryPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.instance_name = instance_name
        self._credentials = credentials
        self._signature_version: SignatureVersion = signature_version
        self._region = region
        self._transport = transport
        self._retry = retry or RetryPolicy()
        self._clock = clock or SystemClock()

    def create_delivery_task(self, request: delivery_pb2.CreateDeliveryTaskRequest) -> CallIds:
        """Creates a delivery task."""
        return self.call(operations.CREATE_DELIVERY_TASK, request)[1]

    def describe_delivery_task(
        self, table_name: str, task_name: str, within: float | None = None
    ) -> delivery_pb2.DescribeDeliveryTaskResponse:
        """Reads a delivery task's configuration and state (`within`: see `call`)."""
        request = delivery_pb2.DescribeDeliveryTaskRequest(tableName=table_name, taskName=task_name)
        return self.call(operations.DESCRIBE_DELIVERY_TASK, request, within)[0]

    def list_delivery_tasks(self, table_name: str) -> delivery_pb2.ListDeliveryTaskResponse:
        """Lists a table's delivery tasks."""
        request = delivery_pb2.ListDeliveryTaskRequest(tableName=table_name)
        return self.call(operations.LIST_DELIVERY_TASK, request)[0]

    def delete_delivery_task(self, table_name: str, task_name: str) -> None:
        """Deletes a delivery task; what it delivered stays."""
        request = delivery_pb2.DeleteDeliveryTaskRequest(tableName=table_name, taskName=task_name)
        self.call(operations.DELETE_DELIVERY_TASK, request)

    def describe_table(self, table_name: str) -> table_pb2.DescribeTableResponse:
        """Reads a table's keys, defined columns and options."""
        request = table_pb2.DescribeTableRequest(table_name=table_name)
        return self.call(operations.DESCRIBE_TABLE, request)[0]

    def list_tables(self) -> list[str]:
        """Lists the instance's tables."""
        answer, _ = self.call(operations.LIST_TABLE, table_pb2.ListTableRequest())
        return list(answer.table_names)

    def call(
        self,
        operation: Operation[RequestT, ResponseT],
        request: RequestT,
        within: float | None = None,
    ) -> tuple[ResponseT, CallIds]:
        """Calls an operation, again where that is right, until the deadline.

        Args:
            operation: The operation.
            request: What it is asked.
            within: Seconds after which no further attempt starts, if fewer than usual.

        Raises:
            CallError: The last attempt's error. An operation that is not repeatable is never
                sent again after an attempt whose outcome is unknown, so `outcome_unknown` of
                this one error tells all.
        """
        body = request.SerializeToString()
        deadline = self._retry.deadline
        if within is not None:
            deadline = min(deadline, within)
        trace_id = str(uuid.uuid4())
        started = self._clock.monotonic()
        attempt = 0
        while True:
            attempt += 1
            left = max(_SHORTEST_ATTEMPT, deadline - (self._clock.monotonic() - started))
            try:
                return self._attempt(operation, body, trace_id, left)
            except CallError as error:
                if not self._retry.repeats(error, repeatable=operation.repeatable, attempt=attempt):
                    raise
                delay = self._retry.delay(attempt)
                if self._clock.monotonic() - started + delay >= deadline - _SHORTEST_ATTEMPT:
                    raise
            self._clock.sleep(delay)

    def _attempt(
        self, operation: Operation[RequestT, ResponseT], body: bytes, trace_id: str, left: float
    ) -> tuple[ResponseT, CallIds]:
        credentials = self._credentials()
        headers = self._headers(body, credentials, trace_id)
        key = sign_request(
            operation.path, headers, credentials, self._signature_version, self._region
        )
        try:
            raw = self._transport.post(self.endpoint + operation.path, headers, body, left)
        except NotSentError as error:
            raise ConnectionFailedError(
                f"{operation.name}: {self.endpoint} cannot be reached: {error}. Check "
                "tablestore:endpoint (or TABLESTORE_ENDPOINT), the network and the proxy "
                f"settings (HTTPS_PROXY, NO_PROXY) [trace id {trace_id}]",
                operation=operation.name,
                trace_id=trace_id,
            ) from None
        except NoAnswerError as error:
            raise ConnectionLostError(
                f"{operation.name}: {self.endpoint} gave no whole answer: {error}. Check the "
                "endpoint, the network and the proxy settings, and try again "
                f"[trace id {trace_id}]",
                operation=operation.name,
                trace_id=trace_id,
            ) from None
        reader = _ResponseReader(operation.name, trace_id, self._clock.now)
        if not 200 <= raw.status < 300:  # noqa: PLR2004
            raise reader.error(raw)
        expected = response_authorization(
            operation.path, raw.headers, credentials.access_key_id, key
        )
        reader.verify(raw, expected)
        message = reader.parse(raw, operation.response)
        return message, CallIds(raw.headers["x-ots-requestid"], trace_id)

    def _headers(self, body: bytes, credentials: Credentials, trace_id: str) -> dict[str, str]:
        now = self._clock.now()
        headers = {
            "x-ots-apiversion": API_VERSION,
            "x-ots-instancename": self.instance_name,
            "x-ots-accesskeyid": credentials.access_key_id,
            "x-ots-date": now.isoformat(timespec="milliseconds")[:23] + "Z",
            "x-ots-contentmd5": content_md5(body),
            "x-ots-sdk-traceid": trace_id,
            "x-ots-trace-threshold": _TRACE_THRESHOLD,
        }
        if credentials.security_token:
            headers["x-ots-ststoken"] = credentials.security_token
        return headers


class _ResponseReader:
    """Checks an answer before anything in it is believed."""

    def __init__(self, operation: str, trace_id: str, now: Callable[[], datetime]) -> None:
        self._operation = operation
        self._trace_id = trace_id
        self._now = now

    def verify(self, raw: RawResponse, authorization: str) -> None:
        missing = [
            name
            for name in ("x-ots-requestid", "x-ots-date", "x-ots-contentmd5", "authorization")
            if name not in raw.headers
        ]
        if missing:
            raise self._untrusted(raw, f"it lacks {', '.join(missing)}")
        if raw.headers["x-ots-contentmd5"] != content_md5(raw.body):
            raise self._untrusted(raw, "its body does not match its x-ots-contentmd5")
        if not hmac.compare_digest(raw.headers["authorization"].encode(), authorization.encode()):
            raise self._untrusted(raw, "its signature is not the service's")
        skew = clock_skew(raw.headers["x-ots-date"], self._now())
        if skew is None:
            text = raw.headers["x-ots-date"]
            raise self._untrusted(raw, f"its x-ots-date cannot be read: {text!r}")
        if abs(skew) > LARGEST_SKEW:
            raise self._untrusted(
                raw, f"its clock differs from this machine's by {int(skew.total_seconds())} s"
            )

    def parse(self, raw: RawResponse, response: type[ResponseT]) -> ResponseT:
        try:
            return _parse(response, raw.body)
        except DecodeError:
            raise self._untrusted(raw, "its body cannot be read") from None

    def error(self, raw: RawResponse) -> CallError:
        """The error an answer other than 2xx stands for; errors need no signature."""
        try:
            message = _parse(delivery_pb2.Error, raw.body)
        except DecodeError:
            message = None
        if message is None or not _looks_like_a_code(message.code):
            return self._untrusted(raw, "it is not from Tablestore (a proxy's page?)")
        return ServiceError(
            operation=self._operation,
            code=message.code,
            detail=message.message,
            status=raw.status,
            request_id=_request_id(raw.headers),
            trace_id=self._trace_id,
        )

    def _untrusted(self, raw: RawResponse, why: str) -> UntrustedResponseError:
        return UntrustedResponseError(
            f"{self._operation}: the answer (HTTP {raw.status}) is not trusted: {why}. Check the "
            "endpoint, the proxy settings, the access key secret and this machine's clock "
            f"[request id {_request_id(raw.headers) or 'none'}, trace id {self._trace_id}]",
            operation=self._operation,
            trace_id=self._trace_id,
            status=raw.status,
        )


def clock_skew(date: str, now: datetime) -> timedelta | None:
    """How far the service's clock is ahead of this machine's; None if its date cannot be read.

    Args:
        date: An answer's `x-ots-date`.
        now: This machine's time when the answer came, UTC.
    """
    try:
        return datetime.fromisoformat(date[:19]).replace(tzinfo=timezone.utc) - now
    except ValueError:
        return None


def _parse(kind: type[ResponseT], body: bytes) -> ResponseT:
    message = kind()
    message.ParseFromString(body)
    return message


def _looks_like_a_code(text: str) -> bool:
    return text.startswith("OTS") and text.isascii() and text.isalnum()


def _request_id(headers: Mapping[str, str]) -> str:
    return headers.get("x-ots-requestid", "")
