"""The subject of the checks. If several checks need an answer, it makes the call once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy
from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.client.transport import (
    Fetcher,
    NoAnswerError,
    NotSentError,
    RawResponse,
    Transport,
)
from pulumi_tablestore_delivery.errors import CallError, ConfigurationError, ServiceError
from pulumi_tablestore_delivery.inspection.doctor.findings import NotCheckedError
from pulumi_tablestore_delivery.inspection.doctor.targets import Targets
from pulumi_tablestore_delivery.inspection.messages import message_of
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.surroundings import TableColumns

_CALL_SECONDS: Final = 5.0
_RETRY: Final = RetryPolicy(deadline=_CALL_SECONDS, connect_attempts=1)
_INVENTORY_SECONDS: Final = 8.0
_MOST_TABLES: Final = 10
_MOST_TASKS: Final = 20
_NO_SUCH_TASK: Final = "doctor-probe"  # describing it shows whether that is allowed
_USER_INFO: Final = re.compile(r"//\S*@")
_VISIBLE: Final = 4

_EVERYTHING: Final = Targets()

T = TypeVar("T")


class SharedAnswer(Generic[T]):
    """An answer that several threads need. The first of them makes the call."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._answer: Future[T] = Future()

    def __call__(self) -> T:
        with self._lock:
            if not self._answer.done():
                try:
                    self._answer.set_result(self._call())
                except Exception as error:  # noqa: BLE001 - each caller gets it
                    self._answer.set_exception(error)
        return self._answer.result()

    @property
    def known(self) -> T | None:
        """The answer if it is known already; None otherwise. This does not make the call."""
        is_known = self._answer.done() and self._answer.exception() is None
        return self._answer.result() if is_known else None


class Network(Transport, Fetcher, Protocol):
    """Sends signed requests, and reads public pages."""


@dataclass(frozen=True)
class Probe:
    """The result of an unsigned request, which every service answers in some way.

    Attributes:
        answer: The answer; None if there is none.
        reason: Why there is no answer.
        connected: Whether there was a connection.
        seconds: The duration.
    """

    answer: RawResponse | None
    reason: str
    connected: bool
    seconds: float


@dataclass(frozen=True)
class Listing:
    """The result of a signed ListTable: the tables or the error."""

    tables: list[str]
    error: CallError | None


@dataclass(frozen=True)
class SeenTask:
    """A task that exists: its id, its inputs and its state."""

    id: str
    inputs: dict[str, Any]
    state: codec.TaskState


@dataclass
class Inventory:
    """The tables and tasks that were read.

    Attributes:
        outcomes: By operation, the first error other than "does not exist"; None if there is none.
        tables: The columns of each table that was described; None if it does not exist.
        tasks: The tasks that were described.
        all_seen: Whether all of them were read, within the limits of time and number.
    """

    outcomes: dict[str, CallError | None] = field(default_factory=dict)
    tables: dict[str, TableColumns | None] = field(default_factory=dict)
    tasks: list[SeenTask] = field(default_factory=list)
    all_seen: bool = True

    def record(self, operation: str, call: Callable[[], T]) -> T | None:
        """Make a call and record its outcome. Return the answer; None if the call failed."""
        try:
            found = call()
        except CallError as error:
            if isinstance(error, ServiceError) and error.is_not_found:
                self.outcomes.setdefault(operation, None)
            elif self.outcomes.get(operation) is None:
                self.outcomes[operation] = error
            return None
        self.outcomes.setdefault(operation, None)
        return found


class Subject:
    """The subject of the checks.

    Args:
        settings: Endpoint, instance, region and keys.
        network: Sends the requests.
        clock: The clock.
        resolve: Returns a host's addresses; raises OSError.
        targets: The tables, buckets and roles to check.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        network: Network,
        clock: Clock,
        resolve: Callable[[str], list[str]],
        targets: Targets = _EVERYTHING,
    ) -> None:
        self.settings = settings
        self.network = network
        self.clock = clock
        self.resolve = resolve
        self.targets = targets
        self.keys = SharedAnswer(self._find_keys)
        self.probe = SharedAnswer(self._probe)
        self.listing = SharedAnswer(self._list)
        self.inventory = SharedAnswer(self._take_inventory)

    @property
    def endpoint(self) -> str:
        """The endpoint.

        Raises:
            NotCheckedError: There is none.
        """
        try:
            endpoint = self.settings.endpoint(self.settings.instance_name, None)
        except ConfigurationError as error:
            reason = "no endpoint is set" if error.property_name else "the endpoint cannot be used"
            raise NotCheckedError(f"{reason} (see endpoint).") from None
        if not endpoints.is_endpoint(endpoint, with_scheme=True):
            raise NotCheckedError("the endpoint is not valid (see endpoint).")
        return endpoint.rstrip("/")

    @property
    def is_emulated(self) -> bool:
        """Whether the endpoint is on this machine."""
        return endpoints.is_loopback(self.endpoint)

    def hide(self, text: str) -> str:
        """Return text without keys, and without the user and password of a URL."""
        keys = self.keys.known
        if keys is not None:
            for secret in (keys.access_key_secret, keys.security_token):
                text = text.replace(secret, "…") if secret else text
            if len(keys.access_key_id) > 2 * _VISIBLE:  # a shorter one is the emulator's
                text = text.replace(keys.access_key_id, shortened(keys.access_key_id))
        return _USER_INFO.sub("//…@", text)

    def _find_keys(self) -> Credentials:
        return self.settings.credentials()

    def _probe(self) -> Probe:
        started = self.clock.monotonic()
        answer, reason, connected = None, "", True
        try:
            answer = self.network.post(f"{self.endpoint}/ListTable", {}, b"", _CALL_SECONDS)
        except NotSentError as error:
            reason, connected = str(error), False
        except NoAnswerError as error:
            reason = str(error)
        return Probe(answer, reason, connected, self.clock.monotonic() - started)

    def client(self) -> TablestoreClient:
        """Return the instance's client.

        Raises:
            NotCheckedError: The service cannot be called.
        """
        if not self.probe().connected:
            raise NotCheckedError("the endpoint cannot be reached (see connection).")
        try:
            self.keys()
        except ConfigurationError:
            raise NotCheckedError("there are no keys (see credentials).") from None
        try:
            instance = self.settings.required_instance_name
            connections = Connections(self.settings, self.network, self.clock, _RETRY)
            return connections.client(instance, self.endpoint)
        except ConfigurationError as error:
            raise NotCheckedError(message_of(error)) from None

    def _list(self) -> Listing:
        client = self.client()
        try:
            return Listing(client.list_tables(), None)
        except CallError as error:
            return Listing([], error)

    def _take_inventory(self) -> Inventory:
        listing = self.listing()
        if listing.error is not None and not is_forbidden(listing.error):
            raise NotCheckedError("ListTable failed (see signature).")
        tables = list(self.targets.tables) or listing.tables[:_MOST_TABLES]
        found = Inventory(all_seen=bool(self.targets.tables) or tables == listing.tables)
        found.outcomes["ListTable"] = listing.error
        client = self.client()
        ends = self.clock.monotonic() + _INVENTORY_SECONDS
        for table in tables:
            if self.clock.monotonic() > ends:
                found.all_seen = False
                break
            self._read_table(client, table, found)
        return found

    def _read_table(self, client: TablestoreClient, table: str, found: Inventory) -> None:
        described = found.record("DescribeTable", lambda: {table: _columns_of(client, table)})
        found.tables.update(described or {})
        listed = found.record("ListDeliveryTask", lambda: client.list_delivery_tasks(table))
        names = [task.taskName for task in listed.tasks] if listed is not None else []
        room = max(0, _MOST_TASKS - len(found.tasks))
        found.all_seen = found.all_seen and len(names) <= room
        for name in names[:room] or [_NO_SUCH_TASK]:
            answer = found.record(
                "DescribeDeliveryTask",
                lambda: client.describe_delivery_task(table, name),  # noqa: B023 - called at once
            )
            if answer is not None:
                found.tasks.append(
                    SeenTask(
                        f"{client.instance_name}/{table}/{name}",
                        codec.described_inputs(answer),
                        codec.described_state(answer),
                    )
                )


def _columns_of(client: TablestoreClient, table: str) -> TableColumns | None:
    """Return a table's columns; None if the table does not exist."""
    try:
        return codec.table_columns(client.describe_table(table))
    except ServiceError as error:
        if not error.is_not_found:
            raise
        return None


def shortened(key_id: str) -> str:
    """Return the end of an access key's id. Its owner recognizes the key by it."""
    return f"…{key_id[-_VISIBLE:]}" if len(key_id) > 2 * _VISIBLE else "…"


def is_forbidden(error: CallError) -> bool:
    """Return whether the service knows the caller, but does not allow this call."""
    return isinstance(error, ServiceError) and error.code == "OTSNoPermissionAccess"
