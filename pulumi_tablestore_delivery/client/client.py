"""Call the service: build, sign, send, check and read. Repeat the call if that is safe."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from pulumi_tablestore_delivery.client import operations
from pulumi_tablestore_delivery.client.answers import AnswerReader
from pulumi_tablestore_delivery.client.confirmation import confirmed_missing
from pulumi_tablestore_delivery.client.operations import Operation, RequestT, ResponseT
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy, SystemClock
from pulumi_tablestore_delivery.client.rows import RowPage, range_request, row_page
from pulumi_tablestore_delivery.client.signing import (
    Credentials,
    SignatureVersion,
    content_md5,
    sign_request,
)
from pulumi_tablestore_delivery.client.transport import (
    NoAnswerError,
    NotSentError,
    Phase,
    RawResponse,
    Transport,
)
from pulumi_tablestore_delivery.errors import (
    CallError,
    ConnectionFailedError,
    ConnectionLostError,
    ServiceError,
    UntrustedResponseError,
    printable,
)
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.wire import delivery_pb2, row_pb2, table_pb2
from pulumi_tablestore_delivery.wire.enums import API_VERSION
from pulumi_tablestore_delivery.wire.plainbuffer import PlainBufferError

_LOG: Final = logging.getLogger("pulumi_tablestore_delivery.client")

_SHORTEST_CALL: Final = 2.0
"""The fewest seconds of a call, so that a healthy service can answer."""
_SHORTEST_ATTEMPT: Final = 1.0
"""The fewest seconds of a further attempt. With fewer, its timeout would hide the real error."""
_SHORTEST_CONFIRMATION: Final = 0.9
"""Seconds for the confirmation of a "does not exist" that came just before the deadline."""
_SHORTEST_WAIT: Final = 0.05
"""Seconds; a transport does not accept a timeout of 0."""
_TRACE_THRESHOLD: Final = "500"  # milliseconds; the Java SDK's value


@dataclass(frozen=True)
class ClientOptions:
    """The settings of a client.

    Attributes:
        signature_version: `v2` or `v4`.
        region: The instance's region; V4 signs it.
        retry: Decides when a call is repeated.
    """

    signature_version: SignatureVersion = "v2"
    region: str = ""
    retry: RetryPolicy = field(default_factory=RetryPolicy)


_DEFAULTS: Final = ClientOptions()


@dataclass(frozen=True)
class CallIds:
    """The ids that identify a call.

    Attributes:
        request_id: The service's id.
        trace_id: This client's id. It is sent and signed, as in the Java SDK.
    """

    request_id: str
    trace_id: str


class TablestoreClient:
    """A client of one Tablestore instance.

    Several threads may share a client. Each call logs one line per attempt at level DEBUG to the
    logger `pulumi_tablestore_delivery.client`.

    Every call may raise a `CallError`. OTSObjectNotExist is raised as a `ServiceError` only if its
    signature is valid or signed lists confirm it.

    Args:
        endpoint: The instance's URL, such as `https://inst.cn-hangzhou.ots.aliyuncs.com`.
        instance_name: The instance.
        credentials: Returns the keys. Called before each attempt, because keys may expire.
        transport: Sends the requests.
        options: The settings.
        clock: The clock.
    """

    def __init__(
        self,
        endpoint: str,
        instance_name: str,
        credentials: Callable[[], Credentials],
        *,
        transport: Transport,
        options: ClientOptions = _DEFAULTS,
        clock: Clock | None = None,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.instance_name = instance_name
        self._credentials = credentials
        self._transport = transport
        self._options = options
        self._retry = options.retry
        self._clock = clock or SystemClock()

    def create_delivery_task(self, request: delivery_pb2.CreateDeliveryTaskRequest) -> CallIds:
        """Create a delivery task."""
        return self.call(operations.CREATE_DELIVERY_TASK, request)[1]

    def describe_delivery_task(
        self, table_name: str, task_name: str, within: float | None = None
    ) -> delivery_pb2.DescribeDeliveryTaskResponse:
        """Return a delivery task's configuration and state (`within`: see `call`)."""
        request = delivery_pb2.DescribeDeliveryTaskRequest(tableName=table_name, taskName=task_name)
        return self.call(operations.DESCRIBE_DELIVERY_TASK, request, within)[0]

    def list_delivery_tasks(self, table_name: str) -> delivery_pb2.ListDeliveryTaskResponse:
        """List a table's delivery tasks."""
        request = delivery_pb2.ListDeliveryTaskRequest(tableName=table_name)
        return self.call(operations.LIST_DELIVERY_TASK, request)[0]

    def delete_delivery_task(
        self, table_name: str, task_name: str, within: float | None = None
    ) -> None:
        """Delete a delivery task; the delivered files stay (`within`: see `call`)."""
        request = delivery_pb2.DeleteDeliveryTaskRequest(tableName=table_name, taskName=task_name)
        self.call(operations.DELETE_DELIVERY_TASK, request, within)

    def describe_table(self, table_name: str) -> table_pb2.DescribeTableResponse:
        """Return a table's keys, defined columns and options."""
        request = table_pb2.DescribeTableRequest(table_name=table_name)
        return self.call(operations.DESCRIBE_TABLE, request)[0]

    def list_tables(self) -> list[str]:
        """List the instance's tables."""
        answer, _ = self.call(operations.LIST_TABLE, table_pb2.ListTableRequest())
        return list(answer.table_names)

    def get_range(
        self,
        table_name: str,
        keys: Sequence[str],
        limit: int,
        columns: Sequence[str] = (),
        *,
        is_backward: bool = False,
        start: bytes = b"",
    ) -> RowPage:
        """Read one page of rows from the beginning of a table, from its end, or from a key on.

        Args:
            table_name: The table.
            keys: Names of its primary key columns, in order.
            limit: The most rows to read.
            columns: Names of the columns to read; all columns if empty. The service omits rows
                without any of these columns. To get every row, name the keys too.
            is_backward: Whether to read from the end, the last row first.
            start: Where to start: a page's `next_start`, or `rows.start_at` of a key. Empty for
                the end of the table.
        """
        request = range_request(
            table_name, keys, limit, columns, is_backward=is_backward, start=start
        )
        return read_page(self, request)

    def call(
        self,
        operation: Operation[RequestT, ResponseT],
        request: RequestT,
        within: float | None = None,
    ) -> tuple[ResponseT, CallIds]:
        """Call an operation. Repeat the call if that is safe, until the deadline.

        Args:
            operation: The operation.
            request: The request.
            within: The most seconds of the whole call, if fewer than the retry policy's deadline.
                Every call gets at least 2 seconds.

        Raises:
            CallError: The last attempt's error. After an attempt whose outcome is unknown, only a
                repeatable operation is sent again, so this error's `outcome_unknown` holds for
                the whole call.
        """
        seconds = self._retry.deadline if within is None else min(self._retry.deadline, within)
        ends = self._clock.monotonic() + max(_SHORTEST_CALL, seconds)
        try:
            return self._repeat(operation, request, ends)
        except ServiceError as error:
            if operation.subject is None or error.verified or not error.is_not_found:
                raise
            unverified = error
        ends = max(ends, self._clock.monotonic() + _SHORTEST_CONFIRMATION)
        subject = operation.subject(request)
        raise confirmed_missing(
            unverified,
            subject,
            lambda: self._list_tasks(subject.table, ends),
            lambda: self._list_tables(ends),
        )

    def _list_tasks(self, table: str, ends: float) -> set[str]:
        request = delivery_pb2.ListDeliveryTaskRequest(tableName=table)
        answer, _ = self._repeat(operations.LIST_DELIVERY_TASK, request, ends)
        return {task.taskName for task in answer.tasks}

    def _list_tables(self, ends: float) -> set[str]:
        answer, _ = self._repeat(operations.LIST_TABLE, table_pb2.ListTableRequest(), ends)
        return set(answer.table_names)

    def _repeat(
        self, operation: Operation[RequestT, ResponseT], request: RequestT, ends: float
    ) -> tuple[ResponseT, CallIds]:
        body = request.SerializeToString()
        trace_id = str(uuid.uuid4())
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._attempt(operation, body, trace_id, ends)
            except CallError as error:
                if not self._retry.repeats(error, repeatable=operation.repeatable, attempt=attempt):
                    raise
                delay = self._retry.delay(attempt)
                if self._clock.monotonic() + delay + _SHORTEST_ATTEMPT > ends:
                    raise
            self._clock.sleep(delay)

    def _attempt(
        self, operation: Operation[RequestT, ResponseT], body: bytes, trace_id: str, ends: float
    ) -> tuple[ResponseT, CallIds]:
        credentials = self._credentials()
        headers = self._headers(body, credentials, trace_id)
        options = self._options
        key = sign_request(
            operation.path, headers, credentials, options.signature_version, options.region
        )
        raw = self._send(operation, headers, body, ends)
        reader = AnswerReader(
            operation, trace_id, credentials.access_key_id, key, self._clock.now()
        )
        if not HTTPStatus.OK <= raw.status < HTTPStatus.MULTIPLE_CHOICES:
            raise reader.error(raw)
        message = reader.message(raw, operation.response)
        return message, CallIds(raw.headers["x-ots-requestid"], trace_id)

    def _send(
        self,
        operation: Operation[RequestT, ResponseT],
        headers: dict[str, str],
        body: bytes,
        ends: float,
    ) -> RawResponse:
        trace_id = headers["x-ots-sdk-traceid"]
        started = self._clock.monotonic()
        seconds = max(ends - started, _SHORTEST_WAIT)
        outcome = ""
        try:
            raw = self._transport.post(self.endpoint + operation.path, headers, body, seconds)
            request_id = printable(raw.headers.get("x-ots-requestid", "")) or "none"
            outcome = f"HTTP {raw.status}, request id {request_id}"
        except NotSentError as error:
            outcome = f"not sent: {error}"
            raise ConnectionFailedError(
                Message(
                    "{operation}: {endpoint} cannot be reached: {error}. Check "
                    "{.tablestore:endpoint} (or TABLESTORE_ENDPOINT), the network and the proxy "
                    "settings (HTTPS_PROXY, NO_PROXY) [trace id {trace_id}]",
                    operation=operation.name,
                    endpoint=self.endpoint,
                    error=error,
                    trace_id=trace_id,
                ),
                operation=operation.name,
                trace_id=trace_id,
            ) from None
        except NoAnswerError as error:
            outcome = f"no answer while {error.phase.value}: {error}"
            raise ConnectionLostError(
                f"{operation.name}: {self.endpoint} gave no whole answer: {error}. Check the "
                "endpoint, the network and the proxy settings, and try again "
                f"[trace id {trace_id}]",
                operation=operation.name,
                trace_id=trace_id,
                was_secured=error.phase is not Phase.SECURING,
            ) from None
        finally:
            milliseconds = (self._clock.monotonic() - started) * 1000
            _LOG.debug(
                "%s: %s, %.0f ms, trace id %s", operation.name, outcome, milliseconds, trace_id
            )
        return raw

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


def read_page(client: TablestoreClient, request: row_pb2.GetRangeRequest) -> RowPage:
    """Read the page of rows that a request describes.

    Raises:
        CallError: The call failed, or the rows in the answer cannot be read.
    """
    answer, ids = client.call(operations.GET_RANGE, request)
    try:
        page = row_page(answer)
    except PlainBufferError as error:
        raise _unreadable_rows(str(error), ids) from None
    if not page.is_last and page.next_start == request.inclusive_start_primary_key:
        raise _unreadable_rows("the next page begins where this one did", ids)
    return page


def _unreadable_rows(problem: str, ids: CallIds) -> UntrustedResponseError:
    name = operations.GET_RANGE.name
    return UntrustedResponseError(
        f"{name}: the rows in the answer cannot be read: {problem} "
        f"[request id {printable(ids.request_id)}, trace id {ids.trace_id}]",
        operation=name,
        trace_id=ids.trace_id,
        status=HTTPStatus.OK,
        is_signed=True,
    )
