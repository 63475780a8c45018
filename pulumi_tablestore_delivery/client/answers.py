"""Check the service's answers before they are used.

A success must have a valid signature, MD5 and clock. An error may be unsigned, because it is not
known whether the service signs all errors. If an error is signed, its signature must be valid (seen
in the official Python SDK). Two errors are exceptions:

- OTSAuthFailed with HTTP 403: the service may not know the key, so it cannot sign (seen in the
  same SDK). The answer is used with any signature.
- OTSObjectNotExist: callers remove resources from the state because of it. Without a valid
  signature, the client confirms it with other calls (see `confirmation.py`).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any, Final

from pulumi_tablestore_delivery.client.messages import (
    MessageT,
    UnreadableMessageError,
    read_message,
)
from pulumi_tablestore_delivery.client.operations import Operation
from pulumi_tablestore_delivery.client.signing import content_md5, response_authorization
from pulumi_tablestore_delivery.client.transport import RawResponse
from pulumi_tablestore_delivery.errors import (
    CallError,
    ServiceError,
    UntrustedResponseError,
    printable,
)
from pulumi_tablestore_delivery.wire import delivery_pb2

LARGEST_SKEW: Final = timedelta(minutes=15)
"""The largest difference between the service's clock and this machine's (seen in an SDK)."""

_SIGNED_HEADERS: Final = ("x-ots-requestid", "x-ots-date", "x-ots-contentmd5", "authorization")
_AUTH_FAILED: Final = "OTSAuthFailed"
_CLOCK_ERROR: Final = "TimeTooSkewed"


@dataclass(frozen=True)
class AnswerReader:
    """Reads the answer to one request.

    Attributes:
        operation: The operation.
        trace_id: The id that the request was sent with.
        access_key_id: The key of the request.
        key: The key that the service signs its answer with.
        received: The time at which the answer came, UTC.
    """

    operation: Operation[Any, Any]
    trace_id: str
    access_key_id: str
    key: str
    received: datetime

    def message(self, raw: RawResponse, kind: type[MessageT]) -> MessageT:
        """Return the message of a successful answer.

        Raises:
            UntrustedResponseError: The answer is not the service's, or it is unreadable.
        """
        if flaw := self._signature_flaw(raw) or self._clock_flaw(raw):
            raise self._untrusted(raw, flaw)
        try:
            return read_message(kind, raw.body)
        except UnreadableMessageError as error:
            flaw = f"its body cannot be read: {error}"
            raise self._untrusted(raw, flaw, is_signed=True) from None

    def error(self, raw: RawResponse) -> CallError:
        """Return the error for an answer that is not a success."""
        try:
            message = read_message(delivery_pb2.Error, raw.body)
        except UnreadableMessageError:
            message = delivery_pb2.Error()
        if not _is_code(message.code):
            return self._untrusted(raw, "it is not from Tablestore (a proxy's page?)")
        is_about_clock = message.code == _AUTH_FAILED or message.code.endswith(_CLOCK_ERROR)
        flaw = self._signature_flaw(raw) or ("" if is_about_clock else self._clock_flaw(raw))
        error = ServiceError(
            operation=self.operation.name,
            code=message.code,
            detail=message.message,
            status=raw.status,
            request_id=raw.headers.get("x-ots-requestid", ""),
            trace_id=self.trace_id,
        )
        if not flaw:
            return error.as_verified()
        is_signed = "authorization" in raw.headers
        is_about_access = raw.status == HTTPStatus.FORBIDDEN and error.code == _AUTH_FAILED
        can_be_confirmed = error.is_not_found and self.operation.subject is not None
        if is_signed and not is_about_access and not can_be_confirmed:
            return self._untrusted(raw, flaw)
        return error

    def _untrusted(
        self, raw: RawResponse, flaw: str, *, is_signed: bool = False
    ) -> UntrustedResponseError:
        request_id = printable(raw.headers.get("x-ots-requestid", "")) or "none"
        return UntrustedResponseError(
            f"{self.operation.name}: the answer (HTTP {raw.status}) is not trusted: {flaw}. Check "
            "the endpoint, the proxy settings, the access key secret and this machine's clock "
            f"[request id {request_id}, trace id {self.trace_id}]",
            operation=self.operation.name,
            trace_id=self.trace_id,
            status=raw.status,
            is_signed=is_signed,
        )

    def _signature_flaw(self, raw: RawResponse) -> str:
        """Return why the service may not have signed this answer; empty if it did."""
        missing = [name for name in _SIGNED_HEADERS if name not in raw.headers]
        if missing:
            return f"it lacks {', '.join(missing)}"
        if raw.headers["x-ots-contentmd5"] != content_md5(raw.body):
            return "its body does not match its x-ots-contentmd5"
        expected = response_authorization(
            self.operation.path, raw.headers, self.access_key_id, self.key
        )
        if not hmac.compare_digest(raw.headers["authorization"].encode(), expected.encode()):
            return "its signature is not the service's"
        return ""

    def _clock_flaw(self, raw: RawResponse) -> str:
        """Return why an answer may be a replay of an old one; empty if it is not."""
        skew = clock_skew(raw.headers["x-ots-date"], self.received)
        if skew is None:
            return f"its x-ots-date cannot be read: {raw.headers['x-ots-date']!r}"
        if abs(skew) > LARGEST_SKEW:
            return f"its clock differs from this machine's by {int(skew.total_seconds())} s"
        return ""


def clock_skew(date: str, now: datetime) -> timedelta | None:
    """Return how far the service's clock is ahead of this machine's; None if the date is invalid.

    Args:
        date: The `x-ots-date` of an answer.
        now: This machine's time at which the answer came, UTC.
    """
    try:
        return datetime.fromisoformat(date[:19]).replace(tzinfo=timezone.utc) - now
    except ValueError:
        return None


def _is_code(text: str) -> bool:
    return text.startswith("OTS") and text.isascii() and text.isalnum()
