"""`tablestore-delivery list` and `status`: the tasks there are, and how they are doing."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli.connection import AsJson, Endpoint, Instance, connected

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.lifecycle import Lifecycle, TaskId

UNHEALTHY: Final = 3
"""Exit code of `status` for a task that reports an error of its own."""


@dataclass(frozen=True)
class TaskRow:
    """A task and its state, as the commands show them."""

    id: str
    table: str
    task: str
    mode: str
    phase: str
    synced_until: str
    error_code: str
    error_detail: str
    location: str


def list_tasks(
    *,
    table: Annotated[
        list[str] | None,
        typer.Option(help="A table; may be given again. All tables by default."),
    ] = None,
    endpoint: Endpoint = None,
    instance: Instance = None,
    as_json: AsJson = False,
) -> None:
    """List the delivery tasks of an instance, and how each is doing."""
    with connected(endpoint, instance) as lifecycle:
        rows = [
            row
            for name in table or (None,)
            for task, _ in lifecycle.tasks(None, name)
            if (row := _row(lifecycle, task)) is not None
        ]
    if as_json:
        _print_json([asdict(row) for row in rows])
    elif rows:
        _print_table(rows)
    else:
        typer.echo("There are no delivery tasks.")


def status(
    *,
    table: Annotated[str, typer.Argument(help="The table.", show_default=False)],
    task: Annotated[str, typer.Argument(help="The task.", show_default=False)],
    endpoint: Endpoint = None,
    instance: Instance = None,
    as_json: AsJson = False,
) -> None:
    """Show how a delivery task is doing; exit code 3 says that it reports an error."""
    with connected(endpoint, instance) as lifecycle:
        named = lifecycle.task_id(table, task)
        row = _row(lifecycle, named)
    if row is None:
        sys.stderr.write(f"error: {named}: there is no such delivery task, or no such table.\n")
        raise typer.Exit(1)
    if as_json:
        _print_json(asdict(row))
    else:
        for name, value in asdict(row).items():
            typer.echo(f"{name.replace('_', ' '):13} {value or '-'}")
    if row.error_code != "OK":
        raise typer.Exit(UNHEALTHY)


def _row(lifecycle: Lifecycle, task: TaskId) -> TaskRow | None:
    """A task's row; None if it is gone meanwhile."""
    found = lifecycle.read(str(task), {})
    if found is None:
        return None
    outputs = found.outputs
    return TaskRow(
        id=found.id,
        table=outputs["table_name"],
        task=outputs["task_name"],
        **{
            name: outputs[name]
            for name in (
                "mode", "phase", "synced_until", "error_code", "error_detail", "location",
            )
        },
    )  # fmt: skip


def _print_json(value: Any) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _print_table(rows: list[TaskRow]) -> None:
    from rich import box  # noqa: PLC0415 - slow to import
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415 - slow to import

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("Table", "Task", "Mode", "Phase", "Synced until", "State"):
        shown.add_column(title, no_wrap=True)
    shown.add_column("Location", overflow="fold")
    for row in rows:
        style = "" if row.error_code == "OK" else "red"
        shown.add_row(
            row.table, row.task, row.mode, row.phase, row.synced_until or "-", row.error_code,
            row.location, style=style,
        )  # fmt: skip
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 200  # a pipe has no width; lines are not to be folded for it
    console.print(shown)
