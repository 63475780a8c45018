"""The lifecycle of a delivery task: check, diff, create, read, update, delete.

Properties are plain dicts, in which a value that a preview does not know yet is `UNKNOWN`. The
front ends convert them from and to Pulumi's values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.codec import task_mode
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy, SystemClock
from pulumi_tablestore_delivery.client.transport import Transport
from pulumi_tablestore_delivery.errors import InvalidInputError, TaskMissingError
from pulumi_tablestore_delivery.lifecycle.check import Checker
from pulumi_tablestore_delivery.lifecycle.connections import CALLS_AT_ONCE, Connections
from pulumi_tablestore_delivery.lifecycle.create import create
from pulumi_tablestore_delivery.lifecycle.delete import delete
from pulumi_tablestore_delivery.lifecycle.diff import diff
from pulumi_tablestore_delivery.lifecycle.engine_call import EngineCall
from pulumi_tablestore_delivery.lifecycle.outputs import previewed_outputs
from pulumi_tablestore_delivery.lifecycle.read import read
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import (
    Checked,
    Declaration,
    Diff,
    Found,
    Reporter,
    TaskId,
)
from pulumi_tablestore_delivery.lifecycle.update import update
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.properties import draft_of


class Lifecycle:
    """The operations on delivery tasks, for one configuration.

    Safe to use from several threads.

    Args:
        settings: Endpoint, region and keys.
        transport: Sends the requests; HTTP by default.
        clock: Time.
        retry: When a call is repeated.
        registry: The tasks that this process has seen; shared by the objects of one process.
    """

    def __init__(
        self,
        settings: Settings,
        transport: Transport | None = None,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        registry: Registry | None = None,
    ) -> None:
        self._connections = Connections(
            settings, transport, clock or SystemClock(), retry or RetryPolicy()
        )
        self._registry = registry or Registry()
        self._checker = Checker(self._connections, self._registry)

    def _call(
        self, report: Reporter, scope: Scope | None, timeout: float | None = None
    ) -> EngineCall:
        return EngineCall(self._connections, self._registry, report, scope, timeout)

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        declaration: Declaration,
        report: Reporter,
    ) -> Checked:
        """Fill in defaults and apply the rules. Nothing is created or changed.

        Args:
            olds: The inputs that the stack has for this resource; empty for a new one.
            news: The inputs that the program gives.
            declaration: What is known about the resource beside its inputs.
            report: Where warnings go.
        """
        return self._checker.check(olds, news, declaration, report)

    def diff(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        report: Reporter,
        scope: Scope | None = None,
    ) -> Diff:
        """Return what differs and whether it replaces the task. In a preview, warn of the cost.

        Args:
            olds: The resource's outputs in the state.
            news: The checked inputs.
            report: Where the cost of a replacement is shown.
            scope: Where the resource is declared; None if the front end cannot know it.

        Raises:
            TaskConflictError: A replacement under the same name would delete somebody else's task.
            ConfigurationError: This version cannot read the state.
        """
        return diff(self._call(report, scope), olds, news)

    def create(
        self,
        inputs: Mapping[str, Any],
        report: Reporter,
        timeout: float | None = None,
        scope: Scope | None = None,
    ) -> Found:
        """Create the task, and wait for it as `wait_for` says.

        Args:
            inputs: The checked inputs.
            report: Where progress is shown.
            timeout: Seconds to wait; the input `timeout_seconds` if None.
            scope: Where the resource is declared; None if the front end cannot know it.

        Raises:
            TaskConflictError: A task of that name exists and is not this resource's own.
            InitializationError: The task was created and the wait for it failed, or create was
                sent and its outcome is not known. The resource is to stay in the state.
            CallError: The service could not be called, or refused.
        """
        return create(self._call(report, scope, timeout), inputs)

    def preview(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        report: Reporter,
        scope: Scope | None = None,
    ) -> dict[str, Any]:
        """Return what a preview knows of a task's outputs; the rest is `UNKNOWN`.

        Some front ends cannot tell check that it is a preview. For them, this method compares a
        new task with the service and shows the replacement's cost.

        Args:
            olds: The resource's outputs in the state; empty for a new one.
            news: The checked inputs.
            report: Where warnings go.
            scope: Where the resource is declared; None if the front end cannot know it.

        Raises:
            InvalidInputError: The task conflicts with what is on the service.
        """
        if not olds:
            if scope is not None and (cost := self._registry.cost_of(scope)):
                report.warn(cost)
            if violations := self._checker.check_create(news, scope, report):
                raise InvalidInputError(violations)
        return previewed_outputs(draft_of(news), olds)

    def cancel(self) -> None:
        """Cancel all waits. Requests that are under way are not interrupted."""
        self._connections.stop.set()

    def read(self, task_id: str, state: Mapping[str, Any]) -> Found | None:
        """Read the task from the service. Return None if it does not exist.

        Args:
            task_id: `<instance>/<table>/<task>`.
            state: The outputs that the stack has; empty for a task that is new to it.

        Raises:
            CallError: The answer is not clear. A failure never means that the task is gone.
            ConfigurationError: The id is not valid, or the service is in another region.
        """
        return read(self._connections, task_id, state)

    def read_all(
        self, tasks: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[tuple[str, Found | None]]:
        """Read many tasks, several at a time. Return them in the given order. See `read`.

        Args:
            tasks: Ids, each with the outputs that a stack has.
        """
        with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
            yield from zip(tasks, pool.map(self.read, tasks, tasks.values()), strict=True)

    def existing(self, task_id: str, state: Mapping[str, Any] | None = None) -> Found:
        """Read a task that is new to the stack.

        Args:
            task_id: `<instance>/<table>/<task>`.
            state: Marks for its outputs; none by default.

        Raises:
            TaskMissingError: It does not exist.
            CallError: The answer is not clear.
            ConfigurationError: The id is not valid.
        """
        found = self.read(task_id, state or {})
        if found is None:
            raise TaskMissingError(task_id)
        return found

    def update(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        report: Reporter,
        timeout: float | None = None,
        scope: Scope | None = None,
    ) -> Found:
        """Apply inputs that only this package knows, and finish what an earlier run began.

        An unconfirmed task is confirmed or created. A failed wait is resumed.

        Args:
            olds: The resource's outputs in the state.
            news: The checked inputs.
            report: Where progress is shown.
            timeout: Seconds to wait; the input `timeout_seconds` if None.
            scope: Where the resource is declared; None if the front end cannot know it.

        Raises:
            InitializationError: The wait failed.
            TaskConflictError: An unconfirmed task turned out to be somebody else's.
            CallError: An unconfirmed task could not be described.
        """
        return update(self._call(report, scope, timeout), olds, news)

    def delete(
        self,
        task_id: str,
        state: Mapping[str, Any],
        report: Reporter,
        timeout: float | None = None,
    ) -> None:
        """Delete the task. The files that it delivered stay.

        A task that is gone already is a success. One that still initializes is waited for. Two
        kinds of tasks stay on the service, with a warning. One is a task that this run continues
        with: the call then removes a spare entry of the state. The other is a task whose content
        differs from the state, because somebody created it anew under the same name. Delete
        compares it only if its name does not show that it is the stack's own. It compares the
        values that this version can read; an unconfirmed task is deleted only if it can read all.

        Args:
            task_id: `<instance>/<table>/<task>`.
            state: The outputs that the stack has.
            report: Where progress is shown.
            timeout: Seconds to wait; the input `timeout_seconds` if None.

        Raises:
            CallError: The service could not be called, or refused.
            WaitTimeoutError: The task could not be deleted in time, or the wait was cancelled.
        """
        delete(self._call(report, None, timeout), task_id, state)

    def task_id(self, table_name: str, task_name: str, instance_name: str | None = None) -> TaskId:
        """Return the id of a task.

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
        """Return the client of the configured instance.

        Raises:
            ConfigurationError: Instance, endpoint or keys are missing.
        """
        return self._connections.client(self._connections.settings.required_instance_name, None)

    def client_of(self, spec: DeliveryTaskSpec) -> TablestoreClient:
        """Return the client of a task's instance.

        Raises:
            ConfigurationError: Endpoint or keys are missing.
        """
        return self._connections.client_of(spec)

    def tasks(
        self, instance_name: str | None, table_name: str | None
    ) -> Iterator[tuple[TaskId, str]]:
        """List tasks with their mode.

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
        with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
            for table, listed in zip(
                tables, pool.map(client.list_delivery_tasks, tables), strict=True
            ):
                for task in listed.tasks:
                    yield TaskId(instance, table, task.taskName), task_mode(task)
