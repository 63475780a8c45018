"""Choose tasks, and read the state of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from pulumi_tablestore_delivery.client.codec import moment_of
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.stacks import Stack
from pulumi_tablestore_delivery.lifecycle import Found, Lifecycle
from pulumi_tablestore_delivery.lifecycle.waiting import remedy_of

_GONE: Final = "GONE"


@dataclass(frozen=True)
class TaskState:
    """A task and its state.

    Attributes:
        lag_seconds: Age of `synced_until`; None before the first delivery, and for a BASE task
            that has delivered everything.
    """

    id: str
    table: str
    task: str
    mode: str
    phase: str
    synced_until: str
    lag_seconds: float | None
    error_code: str
    error_detail: str
    location: str

    @property
    def is_healthy(self) -> bool:
        """Whether it exists and does not report an error."""
        return self.error_code == "OK"

    @property
    def is_gone(self) -> bool:
        """Whether it does not exist any more."""
        return self.error_code == _GONE

    @property
    def problem(self) -> str:
        """Its error with the remedy; empty if it is healthy."""
        if self.is_gone:
            return f"{self.id}: the task does not exist any more."
        if self.error_code == "OK":
            return ""
        detail = (self.error_detail or "no detail").rstrip(".")
        remedy = remedy_of(self.error_code)
        return f"{self.id}: the task reports {self.error_code}: {detail}. {remedy}"


@dataclass(frozen=True)
class TaskChoice:
    """A choice of tasks: one task, those in a stack's state, or all of a table or of the instance.

    Attributes:
        table: A table; None for any.
        task: A task of the table; None for any.
        stack: A stack; None for the tasks that the instance has.
    """

    table: str | None = None
    task: str | None = None
    stack: str | None = None

    @property
    def is_one(self) -> bool:
        """Whether this names one task."""
        return self.table is not None and self.task is not None

    def select(self, lifecycle: Lifecycle) -> SelectedTasks:
        """Find the tasks of this choice.

        Raises:
            ConfigurationError: The stack does not have any, or the Pulumi CLI failed.
            CallError: The service could not be called, or refused.
        """
        if self.stack is not None:
            return SelectedTasks(self._of_stack(self.stack))
        if self.table is not None and self.task is not None:
            return SelectedTasks({str(lifecycle.task_id(self.table, self.task)): {}})
        return SelectedTasks({str(found): {} for found, _ in lifecycle.tasks(None, self.table)})

    def _of_stack(self, stack: str) -> dict[str, Mapping[str, Any]]:
        found = {
            one.id: one.properties
            for one in Stack(stack).tasks()
            if self.table in {None, one.properties.get("table_name")}
            and self.task in {None, one.properties.get("task_name")}
        }
        if not found:
            which = f" of table {self.table}" if self.table else ""
            raise ConfigurationError(
                f"stack {stack}: its state does not have such a delivery task{which}. Run "
                f"`pulumi up --stack {stack}` first."
            )
        return found


@dataclass(frozen=True)
class SelectedTasks:
    """The ids of tasks, each with its outputs in a stack's state."""

    outputs: Mapping[str, Mapping[str, Any]]

    def states(self, lifecycle: Lifecycle) -> list[TaskState]:
        """Read the state of each; a task that does not exist has the error code `GONE`.

        Raises:
            CallError: The service could not be called, or refused.
        """
        return [_state(task, found) for task, found in lifecycle.read_all(self.outputs)]


def _state(task: str, found: Found | None) -> TaskState:
    if found is None:
        _, table, name = task.split("/", 2)
        return TaskState(task, table, name, "", "", "", None, _GONE, "", "")
    outputs = found.outputs
    return TaskState(
        id=found.id,
        table=outputs["table_name"],
        task=outputs["task_name"],
        lag_seconds=_lag(outputs),
        **{
            name: outputs[name]
            for name in (
                "mode", "phase", "synced_until", "error_code", "error_detail", "location",
            )
        },
    )  # fmt: skip


def _lag(outputs: Mapping[str, Any]) -> float | None:
    then = moment_of(outputs["synced_until"])
    if then is None or (outputs["mode"] == "BASE" and outputs["phase"] == "INCR"):
        return None
    return round(max(0.0, (datetime.now(timezone.utc) - then).total_seconds()), 3)
