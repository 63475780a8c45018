"""Which tasks a command is about, and how each is doing."""

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
        lag_seconds: How long ago `synced_until` was; None where it does not apply: nothing is
            delivered yet, or the mode is BASE and everything is.
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
        """Whether it exists and reports no error of its own."""
        return self.error_code == "OK"

    @property
    def problem(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        if self.error_code == _GONE:
            return f"{self.id}: the task does not exist any more."
        if self.error_code == "OK":
            return ""
        from pulumi_tablestore_delivery.lifecycle.waiting import remedy_of  # noqa: PLC0415 - slow

        detail = (self.error_detail or "no detail").rstrip(".")
        remedy = remedy_of(self.error_code)
        return f"{self.id}: the task reports {self.error_code}: {detail}. {remedy}"


@dataclass(frozen=True)
class Selected:
    """The tasks that a command is about: their ids, each with what a stack's state has of it."""

    tasks: Mapping[str, Mapping[str, Any]]

    def rows(self, lifecycle: Lifecycle) -> list[TaskRow]:
        """How each is doing now; a task that is gone has the error code `GONE`."""
        return [_row(task, found) for task, found in lifecycle.read_all(self.tasks)]


def selected(
    lifecycle: Lifecycle, table: str | None, task: str | None, stack: str | None
) -> Selected:
    """One task; or those in a stack's state; or all, of a table or of the instance.

    Raises:
        ConfigurationError: The stack has none, or the Pulumi CLI could not tell.
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
            f"stack {stack}: its state has no such delivery task{which}. Run `pulumi up --stack "
            f"{stack}` first."
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
    """The rows as `output.print_table` takes them: titles, cells, styles, dispensable titles."""
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
