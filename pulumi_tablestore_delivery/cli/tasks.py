"""`tablestore-delivery list` and `status`: the tasks there are, and how they are doing."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli.connection import AsJson, Endpoint, Instance, connected

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.client.client import TablestoreClient

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
    with connected(endpoint, instance) as client:
        rows = [
            _row(client, name, task.taskName)
            for name in table or client.list_tables()
            for task in client.list_delivery_tasks(name).tasks
        ]
    if as_json:
        _print_json([asdict(row) for row in rows])
    elif rows:
        _print_table(rows)
    else:
        typer.echo("There are no delivery tasks.")


def status(
    *,
    table: Annotated[str, typer.Argument(help="The table.")],
    task: Annotated[str, typer.Argument(help="The task.")],
    endpoint: Endpoint = None,
    instance: Instance = None,
    as_json: AsJson = False,
) -> None:
    """Show how a delivery task is doing; exit code 3 says that it reports an error."""
    with connected(endpoint, instance) as client:
        row = _row(client, table, task)
    if as_json:
        _print_json(asdict(row))
    else:
        for name, value in asdict(row).items():
            typer.echo(f"{name.replace('_', ' '):13} {value or '-'}")
    if row.error_code != "OK":
        raise typer.Exit(UNHEALTHY)


def _row(client: TablestoreClient, table: str, task: str) -> TaskRow:
    from pulumi_tablestore_delivery.client import codec  # noqa: PLC0415 - slow to import

    answer = client.describe_delivery_task(table, task)
    state = codec.described_state(answer)
    inputs = codec.described_inputs(answer)
    return TaskRow(
        id=f"{client.instance_name}/{table}/{task}",
        table=table,
        task=task,
        mode=inputs["mode"],
        phase=state.phase,
        synced_until=state.synced_until,
        error_code=state.error_code,
        error_detail=state.error_detail,
        location=f"oss://{inputs['oss_bucket']}/{inputs['oss_prefix']}",
    )


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
