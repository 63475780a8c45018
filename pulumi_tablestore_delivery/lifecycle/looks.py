"""Looks at the service in a preview: in the background, each at most once, bounded in time.

The engine checks one resource after the other. So the first check that needs a look starts the
looks of all tables that it knows of, and later checks find the answers. Only previews look, and
only for a task that is created or replaced.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.codec import table_columns
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy
from pulumi_tablestore_delivery.errors import WaitTimeoutError
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.spec.rule import TableColumns
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

ResultT = TypeVar("ResultT")

LOOK_SECONDS: Final = 5.0
"""Seconds that the checks of one run wait for optional looks, all together."""

LARGEST_DESCRIBES: Final = 50
"""Tasks of others that one run describes at most."""

_CALLS_AT_ONCE: Final = 16
_RETRY: Final = RetryPolicy(deadline=LOOK_SECONDS)


@dataclass(frozen=True)
class TableRef:
    """A table of an instance.

    Attributes:
        instance_name: The instance.
        endpoint: The endpoint that an input names; None for the configured one.
        table_name: The table.
    """

    instance_name: str
    endpoint: str | None
    table_name: str


@dataclass
class _Budget:
    """Seconds that may still be waited."""

    clock: Clock
    left: float = LOOK_SECONDS
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, future: Future[ResultT]) -> ResultT:
        """Return the future's result; raise `WaitTimeoutError` if no time is left."""
        if future.done():
            return future.result()
        started = self.clock.monotonic()
        try:
            return future.result(self.left)
        except FutureTimeoutError:
            raise WaitTimeoutError(f"no answer within {LOOK_SECONDS:.0f} s") from None
        finally:
            with self.lock:
                self.left = max(0.0, self.left - (self.clock.monotonic() - started))


class Looks:
    """The looks of one run. Safe to use from several threads.

    Args:
        connections: Clients of instances.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._futures: dict[tuple[str, TableRef, str], Future[Any]] = {}
        self._budget = _Budget(connections.clock)
        self._described = 0

    def start(self, tables: Iterable[TableRef]) -> None:
        """Start the looks at tables whose answers will be wanted."""
        for table in tables:
            self._columns(table)
            self._names(table)

    def columns(self, table: TableRef) -> TableColumns:
        """Return the columns whose type the table declares.

        Raises:
            CallError: The table could not be described.
        """
        return self._columns(table).result()

    def task_names(self, table: TableRef) -> list[str]:
        """Return the names of the table's tasks.

        Raises:
            CallError: The tasks could not be listed.
            WaitTimeoutError: There was no answer in time.
        """
        return self._budget.wait(self._names(table))

    def task(self, table: TableRef, name: str) -> pb.DescribeDeliveryTaskResponse | None:
        """Return a task as the service describes it; None if it is gone.

        Raises:
            CallError: The task could not be described.
            WaitTimeoutError: There was no answer in time.
        """
        return self._budget.wait(self._task(table, name))

    def tasks(
        self, table: TableRef, names: Iterable[str]
    ) -> tuple[dict[str, pb.DescribeDeliveryTaskResponse], list[str]]:
        """Return tasks by name, and the names that were not looked at.

        Raises:
            CallError: A task could not be described.
            WaitTimeoutError: There was no answer in time.
        """
        futures, left_out = {}, []
        for name in names:
            if self._may_describe(table, name):
                futures[name] = self._task(table, name)
            else:
                left_out.append(name)
        found = {name: self._budget.wait(future) for name, future in futures.items()}
        return {name: task for name, task in found.items() if task is not None}, left_out

    def _may_describe(self, table: TableRef, name: str) -> bool:
        with self._lock:
            if ("task", table, name) in self._futures:
                return True
            self._described += 1
            return self._described <= LARGEST_DESCRIBES

    def _columns(self, table: TableRef) -> Future[TableColumns]:
        def look(client: TablestoreClient) -> TableColumns:
            return table_columns(client.describe_table(table.table_name))

        return self._once("columns", table, "", look)

    def _names(self, table: TableRef) -> Future[list[str]]:
        def look(client: TablestoreClient) -> list[str]:
            return [task.taskName for task in client.list_delivery_tasks(table.table_name).tasks]

        return self._once("names", table, "", look)

    def _task(
        self, table: TableRef, name: str
    ) -> Future[pb.DescribeDeliveryTaskResponse | None]:
        def look(client: TablestoreClient) -> pb.DescribeDeliveryTaskResponse | None:
            return describe(client, TaskId(table.instance_name, table.table_name, name))

        return self._once("task", table, name, look)

    def _once(
        self, kind: str, table: TableRef, name: str, look: Callable[[TablestoreClient], ResultT]
    ) -> Future[ResultT]:
        client = self._connections.client(table.instance_name, table.endpoint, _RETRY)
        with self._lock:
            future = self._futures.get((kind, table, name))
            if future is None:
                if self._pool is None:
                    self._pool = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="look")
                future = self._futures[kind, table, name] = self._pool.submit(look, client)
            return future
