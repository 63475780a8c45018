"""`tablestore-delivery status`: show the state of tasks, once or again and again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Annotated, Final

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import Form, print_data, to_json, to_yaml
from pulumi_tablestore_delivery.cli.durations import parse_duration
from pulumi_tablestore_delivery.cli.forms import (
    AsJson,
    MetricsForm,
    MetricsOutputForm,
    chosen_form,
)
from pulumi_tablestore_delivery.cli.tables import make_table, print_table
from pulumi_tablestore_delivery.cli.task_arguments import TableName, TaskName
from pulumi_tablestore_delivery.cli.task_table import NO_TASKS, task_table
from pulumi_tablestore_delivery.cli.terminal import (
    escaped,
    print_error,
    print_line,
    print_note,
    print_text,
)
from pulumi_tablestore_delivery.errors import CallError, DeliveryError, TaskMissingError
from pulumi_tablestore_delivery.inspection.messages import message_of
from pulumi_tablestore_delivery.inspection.task_states import TaskChoice, TaskState
from pulumi_tablestore_delivery.lifecycle.polling import is_transient, summary_of

_INTERVAL: Final = 5.0
_SHORTEST_INTERVAL: Final = 0.1


def status(
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
            help="Time between two requests for the states, with --watch.",
            show_default=f"{_INTERVAL:.0f}s",
        ),
    ] = _INTERVAL,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    form: MetricsOutputForm = MetricsForm.TABLE,
    as_json: AsJson = False,
) -> None:
    """Show the state of delivery tasks: one, a table's, a stack's, or all of the instance.

    Exit code 3: a task reports an error, or a task of the stack does not exist any more.
    """
    if interval < _SHORTEST_INTERVAL:
        raise typer.BadParameter(
            f"must be at least {_SHORTEST_INTERVAL} s.", param_hint="--interval"
        )
    lifecycle = Connection(endpoint, instance, region, profile, stack).lifecycle()
    choice = TaskChoice(table, task, stack)

    def look() -> list[TaskState]:
        return choice.select(lifecycle).states(lifecycle)

    if form is MetricsForm.PROMETHEUS:
        _print_metrics(look, is_alone=not (watch or as_json))
        return
    data_form = chosen_form(form, as_json=as_json)
    if watch:
        _watch(_looks(look, interval), data_form, is_one=choice.is_one)
        return
    states = look()
    if choice.is_one:
        _require(states[0])
    _show(states, data_form, is_one=choice.is_one)
    if not all(state.is_healthy for state in states):
        raise typer.Exit(exits.NO)


def _print_metrics(look: Callable[[], list[TaskState]], *, is_alone: bool) -> None:
    """Print metrics. If the service cannot be asked, they only say that."""
    if not is_alone:
        raise typer.BadParameter(
            "cannot be combined with --watch or --json. To serve metrics all the time, use "
            "`tablestore-delivery exporter`.",
            param_hint="-o prometheus",
        )
    # Other forms do without the extra `metrics`.
    from pulumi_tablestore_delivery.inspection import metrics  # noqa: PLC0415 - an extra

    states: list[TaskState] | None = None
    failure = ""
    try:
        states = look()
    except DeliveryError as error:
        failure = message_of(error)
    print_text(metrics.text_of(metrics.task_metrics(states)))
    if states is None:
        print_error(failure)
        raise typer.Exit(exits.FAILED)


def _require(state: TaskState) -> None:
    """Refuse a task that does not exist."""
    if state.is_gone:
        raise TaskMissingError(state.id)


def _show(states: Sequence[TaskState], form: Form, *, is_one: bool) -> None:
    if form is not Form.TABLE:
        data = [asdict(state) for state in states]
        print_data(data[0] if is_one else data, form)
    elif is_one:
        for name, value in asdict(states[0]).items():
            text = "-" if value in {None, ""} else str(value)
            print_line(f"{name.replace('_', ' '):13} {text}")
    elif states:
        print_table(*task_table(states))
    else:
        print_line(NO_TASKS)


Look = tuple[list[TaskState] | None, str]
"""The tasks as last seen (None before that), and why the newest look failed (empty if not)."""


def _looks(look: Callable[[], list[TaskState]], interval: float) -> Iterator[Look]:
    """Look again and again; a look that fails for a while does not end it."""
    states: list[TaskState] | None = None
    while True:
        try:
            states, trouble = look(), ""
        except CallError as error:
            if not is_transient(error):
                raise
            trouble = f"{summary_of(error)}, retrying"
        yield states, trouble
        time.sleep(interval)


def _watch(looks: Iterator[Look], form: Form, *, is_one: bool) -> None:
    """Show each look: in place on a terminal, else one after the other."""
    try:
        first, trouble = next(looks)
        while first is None:
            print_note(trouble)
            first, trouble = next(looks)
        if is_one:
            _require(first[0])
        if sys.stdout.isatty() and form is Form.TABLE:
            _show_in_place((first, trouble), looks)
            return
        _SHOW_AGAIN[form](first)
        for states, trouble in looks:
            if trouble or states is None:
                print_note(trouble)
            else:
                _SHOW_AGAIN[form](states)
    except KeyboardInterrupt:
        return


def _show_json(states: Sequence[TaskState]) -> None:
    sys.stdout.write(to_json([asdict(state) for state in states]))
    sys.stdout.flush()


def _show_yaml(states: Sequence[TaskState]) -> None:
    sys.stdout.write(f"---\n{to_yaml([asdict(state) for state in states])}")
    sys.stdout.flush()


def _show_table(states: Sequence[TaskState]) -> None:
    print_table(*task_table(states))
    sys.stdout.flush()


_SHOW_AGAIN: Final = {Form.JSON: _show_json, Form.YAML: _show_yaml, Form.TABLE: _show_table}


def _show_in_place(first: Look, looks: Iterator[Look]) -> None:
    with Live(auto_refresh=False) as live:
        for states, trouble in chain([first], looks):
            live_table = make_table(*task_table(states or []), width=live.console.width)
            live.update(Group(live_table, Text(escaped(trouble), style="red")), refresh=True)
