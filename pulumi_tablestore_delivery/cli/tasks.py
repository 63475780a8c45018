"""Select the tasks of a command, and read the state of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.errors import ConfigurationError

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.lifecycle import Found, Lifecycle

TableName = Annotated[
    str | None, typer.Argument(metavar="TABLE", help="The table.", show_default=False)
]
TaskName = Annotated[
    str | None, typer.Argument(metavar="TASK", help="The task.", show_default=False)
]

_TITLES: Final = ("Table", "Task", "Mode", "Phase", "Synced until", "Lag", "State", "Location")
_DISPENSABLE: Final = ("Synced until", "Location")
_GONE: Final = "GONE"


@dataclass(frozen=True)
class TaskRow:
    """A task and its state, as the commands show them.

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
        from pulumi_tablestore_delivery.lifecycle.waiting import remedy_of  # noqa: PLC0415 - slow

        detail = (self.error_detail or "no detail").rstrip(".")
        remedy = remedy_of(self.error_code)
        return f"{self.id}: the task reports {self.error_code}: {detail}. {remedy}"


@dataclass(frozen=True)
class Selected:
    """The tasks of a command: their ids, each with its outputs in a stack's state."""

    tasks: Mapping[str, Mapping[str, Any]]

    def rows(self, lifecycle: Lifecycle) -> list[TaskRow]:
        """Read the state of each; a task that does not exist has the error code `GONE`.

        Raises:
            CallError: The service could not be called, or refused.
        """
        return [_row(task, found) for task, found in lifecycle.read_all(self.tasks)]


def selected(
    lifecycle: Lifecycle, table: str | None, task: str | None, stack: str | None
) -> Selected:
    """Select one task, those in a stack's state, or all of a table or of the instance.

    Raises:
        ConfigurationError: The stack does not have any, or the Pulumi CLI failed.
        CallError: The service could not be called, or refused.
    """
    if stack is None:
        if table is not None and task is not None:
            return Selected({str(lifecycle.task_id(table, task)): {}})
        return Selected({str(found): {} for found, _ in lifecycle.tasks(None, table)})
    from pulumi_tablestore_delivery.cli.stacks import Stack  # noqa: PLC0415 - slow to import

    found = {
        one.id: one.properties
        for one in Stack(stack).tasks()
        if table in {None, one.properties.get("table_name")}
        and task in {None, one.properties.get("task_name")}
    }
    if not found:
        which = f" of table {table}" if table else ""
        raise ConfigurationError(
            f"stack {stack}: its state does not have such a delivery task{which}. Run `pulumi up "
            f"--stack {stack}` first."
        )
    return Selected(found)


def _row(task: str, found: Found | None) -> TaskRow:
    if found is None:
        _, table, name = task.split("/", 2)
        return TaskRow(task, table, name, "", "", "", None, _GONE, "", "")
    outputs = found.outputs
    return TaskRow(
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
    if not outputs["synced_until"] or (outputs["mode"] == "BASE" and outputs["phase"] == "INCR"):
        return None
    then = datetime.fromisoformat(outputs["synced_until"].replace("Z", "+00:00"))
    return round(max(0.0, (datetime.now(timezone.utc) - then).total_seconds()), 3)


def cells(
    rows: Sequence[TaskRow],
) -> tuple[Sequence[str], list[list[str]], list[str], Sequence[str]]:
    """Arrange rows for `output.print_table`: titles, cells, styles, dispensable titles."""
    return (
        _TITLES,
        [
            [
                row.table, row.task, row.mode, row.phase, row.synced_until,
                "" if row.lag_seconds is None else f"{row.lag_seconds:.0f} s",
                row.error_code, row.location,
            ]
            for row in rows
        ],
        ["" if row.is_healthy else "red" for row in rows],
        _DISPENSABLE,
    )  # fmt: skip
