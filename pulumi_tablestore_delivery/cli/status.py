"""`tablestore-delivery status`: show the state of tasks, once or repeatedly."""

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
        bool, typer.Option("--watch", help="Poll the tasks and show their state, until Ctrl-C.")
    ] = False,
    interval: Annotated[
        float,
        typer.Option(
            parser=parse_duration,
            metavar="DURATION",
            help=f"Time between two polls of --watch. Default: {_INTERVAL:.0f}s.",
            show_default=False,
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

    Example: tablestore-delivery status --stack dev --watch
    """
    if interval < _SHORTEST_INTERVAL:
        raise typer.BadParameter(
            f"must be at least {_SHORTEST_INTERVAL} s.", param_hint="--interval"
        )
    lifecycle = Connection(endpoint, instance, region, profile, stack).lifecycle()
    choice = TaskChoice(table, task, stack)

    def read_states() -> list[TaskState]:
        return choice.select(lifecycle).states(lifecycle)

    if form is MetricsForm.PROMETHEUS:
        _print_metrics(read_states, is_alone=not (watch or as_json))
        return
    data_form = chosen_form(form, as_json=as_json)
    if watch:
        _watch(_polls(read_states, interval), data_form, is_one=choice.is_one)
        return
    states = read_states()
    if choice.is_one:
        _require(states[0])
    _print_states(states, data_form, is_one=choice.is_one)
    if not all(state.is_healthy for state in states):
        raise typer.Exit(exits.NO)


def _print_metrics(read_states: Callable[[], list[TaskState]], *, is_alone: bool) -> None:
    """Print metrics. If the tasks cannot be read, only `up` is printed, with the value 0."""
    if not is_alone:
        raise typer.BadParameter(
            "cannot be combined with --watch or --json. Use `tablestore-delivery exporter` to "
            "serve metrics continuously.",
            param_hint="-o prometheus",
        )
    # Only metrics need the extra `metrics`.
    from pulumi_tablestore_delivery.inspection import metrics  # noqa: PLC0415 - an extra

    states: list[TaskState] | None = None
    failure = ""
    try:
        states = read_states()
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


def _print_states(states: Sequence[TaskState], form: Form, *, is_one: bool) -> None:
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


Poll = tuple[list[TaskState] | None, str]
"""The last known states (None before the first), and why the newest poll failed, if it did."""


def _polls(read_states: Callable[[], list[TaskState]], interval: float) -> Iterator[Poll]:
    """Poll without end. A transient failure does not end it."""
    states: list[TaskState] | None = None
    while True:
        try:
            states, failure = read_states(), ""
        except CallError as error:
            if not is_transient(error):
                raise
            failure = f"{summary_of(error)}, retrying"
        yield states, failure
        time.sleep(interval)


def _watch(polls: Iterator[Poll], form: Form, *, is_one: bool) -> None:
    """Print each poll: in place on a terminal, otherwise one after the other."""
    try:
        first, failure = next(polls)
        while first is None:
            print_note(failure)
            first, failure = next(polls)
        if is_one:
            _require(first[0])
        if sys.stdout.isatty() and form is Form.TABLE:
            _print_in_place((first, failure), polls)
            return
        _PRINTERS[form](first)
        for states, failure in polls:
            if failure or states is None:
                print_note(failure)
            else:
                _PRINTERS[form](states)
    except KeyboardInterrupt:
        return


def _print_json(states: Sequence[TaskState]) -> None:
    sys.stdout.write(to_json([asdict(state) for state in states]))
    sys.stdout.flush()


def _print_yaml(states: Sequence[TaskState]) -> None:
    sys.stdout.write(f"---\n{to_yaml([asdict(state) for state in states])}")
    sys.stdout.flush()


def _print_table(states: Sequence[TaskState]) -> None:
    if states:
        print_table(*task_table(states))
    else:
        print_line(NO_TASKS)
    sys.stdout.flush()


_PRINTERS: Final = {Form.JSON: _print_json, Form.YAML: _print_yaml, Form.TABLE: _print_table}


def _print_in_place(first: Poll, polls: Iterator[Poll]) -> None:
    with Live(auto_refresh=False) as live:
        for states, failure in chain([first], polls):
            tasks = Text(NO_TASKS)
            if states:
                tasks = make_table(*task_table(states), width=live.console.width)
            live.update(Group(tasks, Text(escaped(failure), style="red")), refresh=True)
