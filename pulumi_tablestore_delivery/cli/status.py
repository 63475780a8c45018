"""`tablestore-delivery status`: show the state of tasks, once or again and again."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import chain
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
from pulumi_tablestore_delivery.cli.formats import Output, OutputFormat
from pulumi_tablestore_delivery.cli.output import (
    print_error,
    print_json,
    print_table,
    printable,
    table,
)
from pulumi_tablestore_delivery.cli.tasks import TableName, TaskName, TaskRow
from pulumi_tablestore_delivery.errors import CallError, DeliveryError

_INTERVAL: Final = 5.0
_SHORTEST_INTERVAL: Final = 0.1


def status(  # noqa: PLR0913 - one parameter per option
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
    output: Output = OutputFormat.TEXT,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Show the state of delivery tasks: one, a table's, a stack's, or all of the instance.

    Exit code 3: a task reports an error, or a task of the stack does not exist any more.
    """
    if interval < _SHORTEST_INTERVAL:
        raise typer.BadParameter(
            f"looks are at least {_SHORTEST_INTERVAL} s apart.", param_hint="--interval"
        )
    lifecycle = connected(endpoint, instance, stack)

    def look() -> list[TaskRow]:
        return tasks.selected(lifecycle, table, task, stack).rows(lifecycle)

    if output is OutputFormat.PROMETHEUS:
        _print_metrics(look, is_alone=not (watch or as_json))
        return
    is_one = task is not None
    if watch:
        _watch(_looks(look, interval), is_one=is_one, as_json=as_json)
        return
    _show_once(look(), is_one=is_one, as_json=as_json)


def _show_once(rows: list[TaskRow], *, is_one: bool, as_json: bool) -> None:
    if is_one:
        _require(rows[0])
    if as_json:
        print_json(asdict(rows[0]) if is_one else [asdict(row) for row in rows])
    elif is_one:
        for name, value in asdict(rows[0]).items():
            text = "-" if value in {None, ""} else printable(str(value))
            typer.echo(f"{name.replace('_', ' '):13} {text}")
    elif rows:
        print_table(*tasks.cells(rows))
    else:
        typer.echo("There are no delivery tasks.")
    if not all(row.is_healthy for row in rows):
        raise typer.Exit(exits.NO)


def _print_metrics(look: Callable[[], list[TaskRow]], *, is_alone: bool) -> None:
    """Print metrics; where the service cannot be asked, only that it cannot."""
    if not is_alone:
        raise typer.BadParameter(
            "cannot be combined with --watch or --json. To serve metrics all the time, use "
            "`tablestore-delivery exporter`.",
            param_hint="--output prometheus",
        )
    from pulumi_tablestore_delivery.inspection import metrics  # noqa: PLC0415 - an extra

    try:
        rows, failure = look(), ""
    except DeliveryError as error:
        rows, failure = None, str(error)
    typer.echo(metrics.text_of(metrics.task_metrics(rows)), nl=False)
    if rows is None:
        print_error(printable(failure))
        raise typer.Exit(exits.FAILED)


def _require(row: TaskRow) -> None:
    """Refuse a task that does not exist."""
    if row.is_gone:
        print_error(f"{row.id}: there is no such delivery task, or no such table.")
        raise typer.Exit(exits.FAILED)


Look = tuple[list[TaskRow] | None, str]
"""The tasks as last seen (None before that), and why the newest look failed (empty if not)."""


def _looks(look: Callable[[], list[TaskRow]], interval: float) -> Iterator[Look]:
    """Look again and again; a look that fails for a while does not end it."""
    from pulumi_tablestore_delivery.lifecycle.polling import (  # noqa: PLC0415 - slow to import
        is_transient,
        summary_of,
    )

    rows: list[TaskRow] | None = None
    while True:
        try:
            rows, trouble = look(), ""
        except CallError as error:
            if not is_transient(error):
                raise
            trouble = f"{summary_of(error)}, retrying"
        yield rows, trouble
        time.sleep(interval)


def _watch(looks: Iterator[Look], *, is_one: bool, as_json: bool) -> None:
    """Show each look: in place on a terminal, else one after the other; as JSON, a line each."""
    try:
        first, trouble = next(looks)
        while first is None:
            sys.stderr.write(f"{trouble}\n")
            first, trouble = next(looks)
        if is_one:
            _require(first[0])
        show = _show_json if as_json else _show_table
        if sys.stdout.isatty() and not as_json:
            _show_in_place((first, trouble), looks)
            return
        show(first)
        for rows, trouble in looks:
            if trouble or rows is None:
                sys.stderr.write(f"{trouble}\n")
            else:
                show(rows)
    except KeyboardInterrupt:
        return


def _show_json(rows: list[TaskRow]) -> None:
    typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False))


def _show_table(rows: list[TaskRow]) -> None:
    print_table(*tasks.cells(rows))
    sys.stdout.flush()


def _show_in_place(first: Look, looks: Iterator[Look]) -> None:
    from rich.console import Group  # noqa: PLC0415 - slow to import
    from rich.live import Live  # noqa: PLC0415 - slow to import
    from rich.text import Text  # noqa: PLC0415 - slow to import

    with Live(auto_refresh=False) as live:
        for rows, trouble in chain([first], looks):
            shown = table(*tasks.cells(rows or []), width=live.console.width)
            live.update(Group(shown, Text(trouble, style="red")), refresh=True)
