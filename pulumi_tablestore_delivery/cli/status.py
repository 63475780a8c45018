"""`tablestore-delivery status`: how tasks are doing, once or for as long as somebody watches."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Final

import typer

from pulumi_tablestore_delivery.cli import exits, tasks
from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    connected,
)
from pulumi_tablestore_delivery.cli.durations import parse_duration
from pulumi_tablestore_delivery.cli.output import (
    print_error,
    print_json,
    print_table,
    printable,
    table,
)
from pulumi_tablestore_delivery.cli.tasks import TableName, TaskName, TaskRow

_INTERVAL: Final = 5.0
_SHORTEST_INTERVAL: Final = 0.1


def status(  # noqa: PLR0913 - one an option
    *,
    table: TableName = None,
    task: TaskName = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")
    ] = False,
    interval: Annotated[
        float,
        typer.Option(
            parser=parse_duration,
            metavar="DURATION",
            help="Time between looks, with --watch.",
            show_default=f"{_INTERVAL:.0f}s",
        ),
    ] = _INTERVAL,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Show how delivery tasks are doing: one, a table's, a stack's, or all of the instance.

    Exit code 3 says that a task reports an error, or that the stack has one that is gone.
    """
    if interval < _SHORTEST_INTERVAL:
        raise typer.BadParameter(
            f"looks are at least {_SHORTEST_INTERVAL} s apart.", param_hint="--interval"
        )
    lifecycle = connected(endpoint, instance, stack)

    def look() -> list[TaskRow]:
        return tasks.selected(lifecycle, table, task, stack).rows(lifecycle)

    rows = look()
    if task is not None and not rows[0].phase:
        print_error(f"{rows[0].id}: there is no such delivery task, or no such table.")
        raise typer.Exit(exits.FAILED)
    if watch:
        _watch(rows, look, interval, as_json=as_json)
        return
    if as_json:
        print_json(asdict(rows[0]) if task is not None else [asdict(row) for row in rows])
    elif task is not None:
        for name, value in asdict(rows[0]).items():
            shown = "-" if value in {None, ""} else printable(str(value))
            typer.echo(f"{name.replace('_', ' '):13} {shown}")
    elif rows:
        print_table(*tasks.cells(rows))
    else:
        typer.echo("There are no delivery tasks.")
    if not all(row.is_healthy for row in rows):
        raise typer.Exit(exits.NO)


def _watch(
    rows: list[TaskRow], look: Callable[[], list[TaskRow]], interval: float, *, as_json: bool
) -> None:
    """Shows the rows again and again, in place; as JSON, one line a look.

    Where there is no terminal, nothing can be in place: each look is a table of its own.
    """
    from rich.live import Live  # noqa: PLC0415 - slow to import

    try:
        if as_json:
            while True:
                typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
                time.sleep(interval)
                rows = look()
        while not sys.stdout.isatty():
            print_table(*tasks.cells(rows))
            sys.stdout.flush()
            time.sleep(interval)
            rows = look()
        with Live(auto_refresh=False) as live:
            while True:
                width = live.console.width
                live.update(table(*tasks.cells(rows), width=width), refresh=True)
                time.sleep(interval)
                rows = look()
    except KeyboardInterrupt:
        return
