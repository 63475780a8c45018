"""Verify a request, call its operation and sign the answer, without an HTTP server."""

import hmac
import logging
import re
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import md5
from threading import Event, Lock
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.answers import Answer
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.api.errors import (
    AUTH_FAILED,
    BODY_TOO_LARGE,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    PARAMETER_INVALID,
    UNSUPPORTED,
    ServiceError,
)
from pulumi_tablestore_delivery.emulator.api.operations import OPERATIONS
from pulumi_tablestore_delivery.emulator.api.requests import parse
from pulumi_tablestore_delivery.emulator.delivery.progress import ProgressReport
from pulumi_tablestore_delivery.emulator.delivery.task import Setting
from pulumi_tablestore_delivery.emulator.delivery.worker import Worker
from pulumi_tablestore_delivery.emulator.error_log import ErrorLog
from pulumi_tablestore_delivery.emulator.faults import TaskError
from pulumi_tablestore_delivery.emulator.http import signatures
from pulumi_tablestore_delivery.emulator.http.control import CONTROL_PREFIX, Control, is_health
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.database import DatabaseError
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask, Store, Table
from pulumi_tablestore_delivery.wire.delivery_pb2 import Error
from pulumi_tablestore_delivery.wire.enums import API_VERSION

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""The largest request body (assumed). A write may have 4 MB of data (documented)."""

_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d*)?Z")
_REQUIRED: Final = (
    "x-ots-apiversion",
    "x-ots-instancename",
    "x-ots-accesskeyid",
    "x-ots-date",
    "x-ots-contentmd5",
)
_COMPRESSION: Final = "x-ots-request-compress-type"
_NANOSECONDS_PER_SECOND: Final = 1_000_000_000
_MOST_CHARACTERS: Final = 200  # of a path in a message
_NO_DATABASE: Final = "The database cannot be used"
_NO_FOLDER: Final = "The data folder cannot be used"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Overview:
    """The contents of an instance at one time.

    Attributes:
        tables: The tables, sorted by name.
        tasks: Their delivery tasks, sorted by table and name.
        deliveries: The progress of the tasks, see `ProgressReport.all`.
        faults: The requested faults, see `Faults.report`.
        now: The time in nanoseconds since 1970.
    """

    tables: list[Table]
    tasks: list[DeliveryTask]
    deliveries: list[dict[str, Any]]
    faults: list[dict[str, Any]]
    now: int


class Service:
    """An emulated instance. Safe to call from several threads: operations run one at a time.

    Attributes:
        worker: Delivers the tasks. The caller runs it in a thread and stops it.
        objects: The buckets that the tasks deliver to, and their objects.
    """

    def __init__(
        self, options: Options, store: Store, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """Serve the contents of a store.

        Args:
            options: The instance's name, credentials and settings.
            store: Its tables and tasks. The caller closes it.
            clock: Returns nanoseconds since 1970, for the tasks' phases. The dates of requests and
                answers use the machine's clock, because clients compare them with their clocks.

        Raises:
            StoreError: The folder of the buckets cannot be used.
        """
        self._options = options
        self._errors = ErrorLog(_log)
        self._lock = Lock()
        self._control = Control(options.host)
        for fault in options.faults:
            self._control.faults.add(fault)
        self.objects = ObjectStore(options.buckets_dir)
        stop = Event()
        setting = Setting(
            store=store.checkpoints,
            objects=self.objects,
            flush=round(options.flush_seconds * _NANOSECONDS_PER_SECOND),
            now=clock,
            is_held=lambda: self._control.faults.pending(TaskError) is not None,
            is_stopping=stop.is_set,
        )
        self.worker = Worker(options.instance, setting, stop)
        progress = ProgressReport(store.progress, options.instance, self.worker, clock)
        self._control.deliveries = progress.all
        self._context = Context(
            instance=options.instance,
            store=store,
            objects=self.objects,
            create_buckets=options.create_buckets,
            progress=progress,
            init=round(options.init_seconds * _NANOSECONDS_PER_SECOND),
            faults=self._control.faults,
            now=clock,
        )

    def answer(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        peer: str = "127.0.0.1",
    ) -> Answer:
        """Answer a request. Raise an error only if a control route has a bug.

        Args:
            method: The HTTP method.
            path: The path and query, undecoded.
            headers: The headers, their names in lower case.
            body: The whole body.
            peer: The address of the client.
        """
        if is_health(method, path):
            return self._control.health()
        if path.startswith(CONTROL_PREFIX):
            route = path.removeprefix(CONTROL_PREFIX)
            try:
                with self._lock:
                    return self._control.answer(method, route, headers, body, peer)
            except (DatabaseError, OSError) as error:
                return self._control.failure(self._report(error, path).message)
        name = path.removeprefix("/")
        if name not in OPERATIONS:
            return self._operate(method, path, headers, body)
        self._control.count_call(name)
        fault = self._control.faults.of_request(name)
        try:
            instead = fault.instead()
        except ServiceError as error:
            return self._signed(error.status, _error(error), path, headers)
        return instead or fault.alter(self._operate(method, path, headers, body))

    def deliveries(self) -> list[dict[str, Any]]:
        """Describe the progress of every task; see `ProgressReport.all`."""
        with self._lock:
            return self._control.deliveries()

    def overview(self) -> Overview:
        """Describe the tables, their tasks and the requested faults."""
        store, instance = self._context.store, self._options.instance
        with self._lock:
            names = store.table_names(instance)
            found = {name: store.table(instance, name) for name in names}
            return Overview(
                tables=[table for table in found.values() if table],
                tasks=[task for name in names for task in store.tasks(instance, name)],
                deliveries=self._control.deliveries(),
                faults=self._control.faults.report(),
                now=self._context.now(),
            )

    def announce_oss(self, url: str) -> None:
        """Set the URL that the control route `oss` returns."""
        self._control.oss_url = url

    def refuse_body(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer a request whose body is over MAX_BODY_BYTES and was not read (documented)."""
        error = ServiceError(BODY_TOO_LARGE, "The size of POST data is too large.")
        return self._signed(error.status, _error(error), path, headers)

    def _operate(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            status, content = 200, self._perform(method, path, headers, body)
        except Exception as error:  # noqa: BLE001 - answered as an error; the log has the traceback
            refusal = error if isinstance(error, ServiceError) else self._report(error, path)
            status, content = refusal.status, _error(refusal)
        else:
            self._errors.over(_NO_DATABASE)
            self._errors.over(_NO_FOLDER)
        return self._signed(status, content, path, headers)

    def _report(self, error: Exception, path: str) -> ServiceError:
        """Log a failure of the emulator. Return the error to answer."""
        if isinstance(error, DatabaseError):
            self._errors.trouble(_NO_DATABASE, error)
            text = f"The emulator's database cannot be used: {error}."
        elif isinstance(error, OSError):
            self._errors.trouble(_NO_FOLDER, error)
            text = f"The emulator cannot use its data folder: {error.strerror}."
        else:
            self._errors.bug(f"The emulator failed in {path[:_MOST_CHARACTERS]}")
            text = "The emulator failed. The traceback is in its log on stderr."
        return ServiceError(INTERNAL, text)

    def _perform(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        if method != "POST":
            raise ServiceError(METHOD_NOT_ALLOWED, "Only POST method for requests is supported.")
        self._authenticate(path, headers, body)
        if _COMPRESSION in headers:
            raise ServiceError(
                UNSUPPORTED, f"The emulator does not have compressed requests: {_COMPRESSION}."
            )
        operation = OPERATIONS.get(path.removeprefix("/"))
        if operation is None:
            name = path.removeprefix("/")[:_MOST_CHARACTERS]
            raise ServiceError(UNSUPPORTED, f"Unsupported operation: {name}.")
        name = operation.request.__name__
        request = parse(operation.request, body, f"The body is not a valid {name}.")
        with self._lock:
            answer = operation.handle(self._context, request)
        return answer.SerializeToString()

    def _authenticate(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Check the headers. Codes and messages are documented unless a comment says otherwise."""
        options = self._options
        for name in _REQUIRED:
            if name not in headers:
                raise ServiceError(PARAMETER_INVALID, f"Missing header: '{name}'.")
        if headers["x-ots-apiversion"] != API_VERSION:  # assumed
            raise ServiceError(
                PARAMETER_INVALID,
                f"Invalid API version: {headers['x-ots-apiversion']}; it must be {API_VERSION}.",
            )
        if headers["x-ots-instancename"] != options.instance:
            raise ServiceError(AUTH_FAILED, "The instance is not found.")
        if headers["x-ots-accesskeyid"] != options.access_key_id:
            raise ServiceError(AUTH_FAILED, "The AccessKeyID does not exist.")
        _check_date(headers["x-ots-date"])
        if headers["x-ots-contentmd5"] != _md5(body):
            raise ServiceError(
                AUTH_FAILED,
                "Mismatch between MD5 value of request body and x-ots-contentmd5 in header.",
            )
        signatures.verify(options.access_key_secret, path, headers)
        if options.security_token is not None:
            token = headers.get("x-ots-ststoken", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(token, options.security_token.encode()):  # assumed
                raise ServiceError(AUTH_FAILED, "The security token is missing or wrong.")

    def _signed(self, status: int, body: bytes, path: str, asked: Mapping[str, str]) -> Answer:
        """Sign an answer. Errors are signed too (seen in an SDK, which accepts it)."""
        now = datetime.now(timezone.utc)
        headers = {
            "x-ots-contentmd5": _md5(body),
            "x-ots-contenttype": "protocol buffer",
            "x-ots-date": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z",
            "x-ots-requestid": str(uuid.uuid4()),
        }
        options = self._options
        key = signatures.signing_key(options.access_key_secret, asked)
        signature = signatures.sign_sha1(key, signatures.response_string(path, headers))
        headers["Authorization"] = f"OTS {options.access_key_id}:{signature}"
        return Answer(status, headers, body)


def _check_date(given: str) -> None:
    """Check the date. Its fraction may have any length (seen in the Go SDK)."""
    parts = _DATE.fullmatch(given)
    year, month, day, hour, minute, second = map(int, parts.groups()) if parts else (0,) * 6
    try:
        sent = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:  # so is a year of 0
        raise ServiceError(PARAMETER_INVALID, f"Invalid date format: {given}.") from None
    if abs(time.time() - sent.timestamp()) > signatures.SKEW_SECONDS:
        raise ServiceError(AUTH_FAILED, f"Mismatch between system time and x-ots-date: {given}.")


def _md5(body: bytes) -> str:
    return b64encode(md5(body, usedforsecurity=False).digest()).decode()


def _error(error: ServiceError) -> bytes:
    # A path or a header may have bytes that are not UTF-8. protobuf refuses them.
    message = error.message.encode("utf-8", "backslashreplace").decode()
    return Error(code=error.code, message=message).SerializeToString()
