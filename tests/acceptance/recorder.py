"""Records of each answer: its code, its signature, and whether it has a date."""

import hmac
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.messages import UnreadableMessageError, read_message
from pulumi_tablestore_delivery.client.signing import response_authorization
from pulumi_tablestore_delivery.wire import delivery_pb2

_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Answer:
    """The properties of an answer.

    Attributes:
        operation: The operation.
        status: The HTTP status.
        code: The service's code; empty for a success.
        message: The service's message; empty for a success.
        signature: `valid`, `invalid` or `none`.
        has_date: Whether it has `x-ots-date`.
    """

    operation: str
    status: int
    code: str
    message: str
    signature: str
    has_date: bool

    @property
    def is_success(self):
        return self.status in _SUCCESS


class Recorder:
    """A transport that records the answers. Several threads may use it."""

    def __init__(self, account):
        self._account = account
        self._http = RequestsTransport()
        self._lock = threading.Lock()
        self._of_thread = threading.local()
        self.answers = []

    @property
    def last(self):
        """The last answer to this thread."""
        return self._of_thread.answer

    def post(self, url, headers, body, timeout):
        raw = self._http.post(url, headers, body, timeout)
        error = _error_of(raw)
        path = urlsplit(url).path
        answer = Answer(
            operation=path.removeprefix("/"),
            status=raw.status,
            code=error.code,
            message=error.message,
            signature=self._signature(path, raw),
            has_date="x-ots-date" in raw.headers,
        )
        with self._lock:
            self.answers.append(answer)
        self._of_thread.answer = answer
        return raw

    def _signature(self, path, raw):
        if "authorization" not in raw.headers:
            return "none"
        keys = self._account.credentials
        expected = response_authorization(
            path, raw.headers, keys.access_key_id, keys.access_key_secret
        )
        is_valid = hmac.compare_digest(raw.headers["authorization"].encode(), expected.encode())
        return "valid" if is_valid else "invalid"


def _error_of(raw):
    if raw.status in _SUCCESS:
        return delivery_pb2.Error()
    try:
        return read_message(delivery_pb2.Error, raw.body)
    except UnreadableMessageError:
        return delivery_pb2.Error(code="(not a message of Tablestore)")
