"""The life of a delivery task: check, diff, create, read, update, delete. No Pulumi in it.

Bags of properties come in and go out as plain dicts; a value that a preview does not know
yet is `spec.model.UNKNOWN`. A front end translates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.codec import task_mode
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy, SystemClock
from pulumi_tablestore_delivery.client.transport import Transport
from pulumi_tablestore_delivery.errors import InvalidInputError, TaskMissingError
from pulumi_tablestore_delivery.lifecycle import creating, deleting, reading, replacing, waiting
from pulumi_tablestore_delivery.lifecycle.checking import Checker
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.ledger import Ledger
from pulumi_tablestore_delivery.lifecycle.types import (
    OUTPUT_DOCS,
    OUTPUTS,
    Checked,
    Declaration,
    Diff,
    Found,
    InitializationError,
    Reporter,
    TaskId,
    location_of,
    state_outputs,
)
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.model import UNKNOWN, is_known
from pulumi_tablestore_delivery.spec.properties import properties_of, spec_of

__all__ = [
    "OUTPUTS",
    "OUTPUT_DOCS",
    "Checked",
    "Declaration",
    "Diff",
    "Found",
    "InitializationError",
    "Lifecycle",
    "Reporter",
    "TaskId",
]


_CALLS_AT_ONCE: Final = 16


class Lifecycle:
    """What can be done with delivery tasks, for one configuration.

    Safe to use from several threads. It remembers, for this run, which tasks the stack
    already has and which it made, so that none is taken for another.

    Args:
        settings: Endpoint, region and keys.
        transport: What carries the requests.
        clock: Time.
        retry: When a call is repeated.
    """

    def __init__(
        self,
        settings: Settings,
        transport: Transport | None = None,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._connections = Connections(
            settings, transport, clock or SystemClock(), retry or RetryPolicy()
        )
        self._ledger = Ledger()
        self._checker = Checker(self._connections, self._ledger)

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        declaration: Declaration,
        report: Reporter,
    ) -> Checked:
        """Fills in defaults and judges the inputs; nothing is created or changed.

        Args:
            olds: The inputs the stack has for this resource; empty for a new one.
            news: The inputs the program gives.
            declaration: Where the resource is declared.
            report: Where warnings go.
        """
        return self._checker.check(olds, news, declaration, report)

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any], report: Reporter) -> Diff:
        """Tells what differs and what that takes; in a preview, warns of what it costs.

        Args:
            olds: The resource's outputs in the state.
            news: The checked inputs.
            report: Where the cost of a replacement is told.
        """
        return replacing.diff(self._ledger, olds, news, report)

    def create(
        self, inputs: Mapping[str, Any], report: Reporter, timeout: float | None = None
    ) -> Found:
        """Creates the task and waits for it as the inputs say.

        Args:
            inputs: The checked inputs.
            report: Where progress is shown.
            timeout: Seconds to wait; the input `timeout_seconds` if None.

        Raises:
            TaskConflictError: A task of that name exists and is not ours to use.
            InitializationError: The task was created, and the wait for it failed.
            CallError: The service could not be called, or refused.
        """
        spec = spec_of(inputs)
        grace = self._connections.settings.health_grace
        ids, state = creating.create(self._connections, self._ledger, spec, report)
        outputs = {
            **properties_of(spec),
            **state_outputs(state),
            "location": location_of(spec),
            "request_id": ids.request_id,
            "trace_id": ids.trace_id,
        }
        created_here = state is codec.NEW_TASK
        return waiting.awaited(
            self._connections, spec, outputs, timeout, report, grace=grace if created_here else 0.0
        )

    def expected(
        self, olds: Mapping[str, Any], news: Mapping[str, Any], report: Reporter
    ) -> dict[str, Any]:
        """What a task will look like, for a preview: what it has by then is known, the rest not.

        A new one is judged by its table, as in a check that knows that it is part of a preview.

        Args:
            olds: The resource's outputs in the state; empty for a new one.
            news: The checked inputs.
            report: Where warnings go.

        Raises:
            InvalidInputError: The table does not fit.
        """
        if not olds and (violations := self._checker.check_table(news, report)):
            raise InvalidInputError(violations)
        spec = spec_of(news)
        where = (spec.oss_bucket, spec.oss_prefix)
        kept = {name: olds[name] for name in ("request_id", "trace_id") if name in olds}
        return {
            **properties_of(spec),
            **dict.fromkeys(OUTPUTS, UNKNOWN),
            **kept,
            "location": location_of(spec) if is_known(where) else UNKNOWN,
        }

    def cancel(self) -> None:
        """Lets every wait end soon; calls that are under way end by themselves."""
        self._connections.stop.set()

    def read(self, task_id: str, state: Mapping[str, Any]) -> Found | None:
        """Reads the task as it is; None if the service says that it does not exist.

        Args:
            task_id: `<instance>/<table>/<task>`.
            state: The outputs the stack has; empty for a task that is new to it.

        Raises:
            CallError: Anything but a clear answer; never taken for absence.
            ConfigurationError: The id has another form, or somebody else was asked.
        """
        return reading.read(self._connections, task_id, state)

    def read_all(
        self, tasks: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[tuple[str, Found | None]]:
        """Reads many tasks, several at a time; see `read`.

        Args:
            tasks: Ids, each with the outputs that a stack has; in this order they come back.
        """
        with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
            yield from zip(tasks, pool.map(self.read, tasks, tasks.values()), strict=True)

    def existing(self, task_id: str) -> Found:
        """Reads a task that is new to the stack.

        Args:
            task_id: `<instance>/<table>/<task>`.

        Raises:
            TaskMissingError: It does not exist.
            CallError: Anything but a clear answer.
            ConfigurationError: The id has another form.
        """
        found = self.read(task_id, {})
        if found is None:
            raise TaskMissingError(task_id)
        return found

    def update(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        report: Reporter,
        timeout: float | None = None,
    ) -> Found:
        """Takes over inputs that the service does not know, and goes on waiting if need be.

        Args:
            olds: The resource's outputs in the state.
            news: The checked inputs.
            report: Where progress is shown.
            timeout: Seconds to wait; the input `timeout_seconds` if None.

        Raises:
            InitializationError: The wait failed.
        """
        spec = spec_of(news)
        kept = {name: olds[name] for name in OUTPUTS if name in olds}
        outputs = {**properties_of(spec), **kept}
        return waiting.awaited(self._connections, spec, outputs, timeout, report)

    def delete(
        self,
        task_id: str,
        state: Mapping[str, Any],
        report: Reporter,
        timeout: float | None = None,
    ) -> None:
        """Deletes the task, for sure; what it delivered stays.

        A task that is gone already is a success. One that still initialises is waited for.

        Args:
            task_id: `<instance>/<table>/<task>`.
            state: The outputs the stack has.
            report: Where progress is shown.
            timeout: Seconds to wait; the input `timeout_seconds` if None.

        Raises:
            CallError: The service could not be called, or refused.
            WaitTimeoutError: The task would not be deleted in time.
        """
        deleting.delete(self._connections, self._ledger, task_id, state, timeout, report)

    def task_id(self, table_name: str, task_name: str, instance_name: str | None = None) -> TaskId:
        """The id of a task.

        Args:
            table_name: Its table.
            task_name: Its name in the table.
            instance_name: The instance; the configured one if None.

        Raises:
            ConfigurationError: No instance is configured.
        """
        instance = instance_name or self._connections.settings.required_instance_name
        return TaskId(instance, table_name, task_name)

    def client(self) -> TablestoreClient:
        """The client of the configured instance, for what is not about one delivery task.

        Raises:
            ConfigurationError: Instance, endpoint or keys are missing.
        """
        return self._connections.client(self._connections.settings.required_instance_name, None)

    def tasks(
        self, instance_name: str | None, table_name: str | None
    ) -> Iterator[tuple[TaskId, str]]:
        """Lists tasks with their mode.

        Args:
            instance_name: The instance; the configured one if None.
            table_name: The table; all tables of the instance if None.

        Raises:
            ConfigurationError: No instance is configured.
            CallError: The service could not be called, or refused.
        """
        instance = instance_name or self._connections.settings.required_instance_name
        client = self._connections.client(instance, None)
        tables = [table_name] if table_name else client.list_tables()
        with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
            for table, listed in zip(
                tables, pool.map(client.list_delivery_tasks, tables), strict=True
            ):
                for task in listed.tasks:
                    yield TaskId(instance, table, task.taskName), task_mode(task)
