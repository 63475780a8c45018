"""Lookups of checks: requests in the background, each sent at most once, bounded in time.

The engine checks one resource after the other. So the first check of a preview that needs a lookup
starts the lookups of all tables that it knows, and later checks find the answers. Only the check of
a task that is created or replaced sends lookups. Outside a preview, it looks up only the old task
of a replacement under the same name.

A table's description comes first. Its tasks and rows are optional: all checks of a run together
wait for them at most `LOOKUP_SECONDS`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.codec import table_columns
from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.errors import ConnectionLostError, WaitTimeoutError
from pulumi_tablestore_delivery.lifecycle.connections import CALLS_AT_ONCE, Connections, describe
from pulumi_tablestore_delivery.lifecycle.row_sample import sample_rows
from pulumi_tablestore_delivery.lifecycle.types import TaskId
from pulumi_tablestore_delivery.spec.surroundings import RowSample, TableColumns
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

ResultT = TypeVar("ResultT")

LOOKUP_SECONDS: Final = 5.0
"""Seconds that all checks of a run together wait for optional lookups."""

MOST_DESCRIBED: Final = 50
"""Tasks outside the stack that a run describes at most.

A task that a resource names does not count.
"""

_RETRY: Final = RetryPolicy(deadline=LOOKUP_SECONDS)


@dataclass(frozen=True)
class TableRef:
    """A table of an instance.

    Attributes:
        endpoint: The URL of the instance.
        instance_name: The instance.
        table_name: The table.
    """

    endpoint: str
    instance_name: str
    table_name: str

    def task(self, name: str) -> TaskId:
        """Return the id of a task of this table."""
        return TaskId(self.instance_name, self.table_name, name)


@dataclass(frozen=True)
class Tasks:
    """Tasks of a table as the service describes them.

    Attributes:
        found: The tasks by name, without those that are gone.
        skipped: The number of tasks that were not described because of the limit.
    """

    found: dict[str, pb.DescribeDeliveryTaskResponse]
    skipped: int


class _Budget:
    """The seconds that a run may still wait. Waits that overlap count once.

    Args:
        monotonic: The clock.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._left = LOOKUP_SECONDS
        self._waiting = 0
        self._since = 0.0

    @property
    def left(self) -> float:
        """Seconds that are left."""
        with self._lock:
            return self._left_now()

    def result_of(self, future: Future[ResultT]) -> ResultT:
        """Wait for a result.

        Raises:
            WaitTimeoutError: No time is left.
        """
        if future.done():
            return future.result()
        with self._counted():
            try:
                return future.result(self.left)
            except FutureTimeoutError:
                if future.done():
                    return future.result()
                with self._lock:
                    self._left = 0.0
                raise _no_answer() from None

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            if not self._waiting:
                self._since = self._monotonic()
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._left = self._left_now()
                self._since = self._monotonic()
                self._waiting -= 1

    def _left_now(self) -> float:
        waited = self._monotonic() - self._since if self._waiting else 0.0
        return max(0.0, self._left - waited)


class Lookups:
    """The lookups of one `Lifecycle`, which serves one run. Safe to use from several threads.

    Args:
        connections: Clients of instances.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._budget = _Budget(connections.clock.monotonic)
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._futures: dict[tuple[str, TableRef, str], Future[Any]] = {}
        self._described = 0

    def table(self, instance_name: str, table_name: str, endpoint: str | None = None) -> TableRef:
        """Return a table of an instance.

        Raises:
            ConfigurationError: No endpoint is configured.
        """
        url = self._connections.settings.endpoint(instance_name, endpoint).rstrip("/")
        return TableRef(url, instance_name, table_name)

    def start(self, table: TableRef, columns: Sequence[str]) -> None:
        """Start the lookups of a table: its description, then its tasks and a sample of its rows.

        Args:
            table: The table.
            columns: The columns to sample; no row is read if there are none.
        """

        def go_on(described: Future[TableColumns]) -> None:
            if described.exception() is not None:
                return
            with suppress(RuntimeError):  # the interpreter is exiting
                self._names(table)
                if columns and self._connections.settings.sample_rows:
                    self._rows(table, described.result(), columns)

        self._columns(table).add_done_callback(go_on)

    def columns(self, table: TableRef) -> TableColumns:
        """Return the columns that the table declares.

        Raises:
            CallError: The table could not be described.
        """
        return self._columns(table).result()

    def rows(self, table: TableRef, columns: Sequence[str]) -> RowSample:
        """Return a sample of rows. The first caller, or `start`, chooses the columns.

        Raises:
            CallError: The table could not be described or read.
            WaitTimeoutError: There was no answer in time.
        """
        if not self._connections.settings.sample_rows:
            return RowSample()
        return self._budget.result_of(self._rows(table, self.columns(table), columns))

    def task_names(self, table: TableRef) -> frozenset[str]:
        """Return the names of the table's tasks.

        Raises:
            CallError: The tasks could not be listed.
            WaitTimeoutError: There was no answer in time.
        """
        return self._budget.result_of(self._names(table))

    def task(self, table: TableRef, name: str) -> pb.DescribeDeliveryTaskResponse | None:
        """Return a task as the service describes it; None if it does not exist.

        Raises:
            CallError: The task could not be described.
            WaitTimeoutError: There was no answer in time.
        """
        return self._budget.result_of(self._task(table, name))

    def tasks(self, table: TableRef, names: Iterable[str]) -> Tasks:
        """Return several tasks as the service describes them.

        Raises:
            CallError: A task could not be described.
            WaitTimeoutError: There was no answer in time.
        """
        futures = {}
        skipped = 0
        for name in names:
            if self._may_describe(table, name):
                futures[name] = self._task(table, name)
            else:
                skipped += 1
        answers = {name: self._budget.result_of(future) for name, future in futures.items()}
        found = {name: answer for name, answer in answers.items() if answer is not None}
        return Tasks(found, skipped)

    def _may_describe(self, table: TableRef, name: str) -> bool:
        with self._lock:
            if ("task", table, name) in self._futures:
                return True
            if self._described == MOST_DESCRIBED:
                return False
            self._described += 1
            return True

    def _columns(self, table: TableRef) -> Future[TableColumns]:
        def lookup(client: TablestoreClient) -> TableColumns:
            return table_columns(client.describe_table(table.table_name))

        return self._lookup("columns", table, "", lookup)

    def _names(self, table: TableRef) -> Future[frozenset[str]]:
        def lookup(client: TablestoreClient) -> frozenset[str]:
            with self._within_budget():
                tasks = client.list_delivery_tasks(table.table_name).tasks
                return frozenset(task.taskName for task in tasks)

        return self._lookup("names", table, "", lookup)

    def _rows(
        self, table: TableRef, described: TableColumns, columns: Sequence[str]
    ) -> Future[RowSample]:
        count = self._connections.settings.sample_rows

        def lookup(client: TablestoreClient) -> RowSample:
            with self._within_budget():
                return sample_rows(client, table.table_name, list(described.keys), columns, count)

        return self._lookup("rows", table, "", lookup)

    def _task(self, table: TableRef, name: str) -> Future[pb.DescribeDeliveryTaskResponse | None]:
        def lookup(client: TablestoreClient) -> pb.DescribeDeliveryTaskResponse | None:
            with self._within_budget():
                return describe(client, table.task(name))

        return self._lookup("task", table, name, lookup)

    @contextmanager
    def _within_budget(self) -> Iterator[None]:
        """Skip a call that nobody will wait for. Report a call that took too long as such."""
        if not self._budget.left:
            raise _no_answer()
        started = self._connections.clock.monotonic()
        try:
            yield
        except ConnectionLostError:
            if self._connections.clock.monotonic() - started < LOOKUP_SECONDS:
                raise
            raise _no_answer() from None

    def _lookup(
        self, kind: str, table: TableRef, name: str, lookup: Callable[[TablestoreClient], ResultT]
    ) -> Future[ResultT]:
        client = self._connections.client(table.instance_name, table.endpoint, _RETRY)
        with self._lock:
            future = self._futures.get((kind, table, name))
            if future is None:
                if self._pool is None:
                    self._pool = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="lookup")
                future = self._futures[kind, table, name] = self._pool.submit(lookup, client)
            return future


def _no_answer() -> WaitTimeoutError:
    return WaitTimeoutError(f"no answer within {LOOKUP_SECONDS:g} s")
