"""`tablestore-delivery wait`: wait until tasks are ready, as a gate in a pipeline."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Annotated, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.durations import format_duration, parse_duration
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.task_arguments import TableName, TaskName
from pulumi_tablestore_delivery.cli.terminal import print_error, print_line, print_note
from pulumi_tablestore_delivery.client.retry import SystemClock
from pulumi_tablestore_delivery.errors import CallError, ConfigurationError, TaskMissingError
from pulumi_tablestore_delivery.inspection.messages import message_of
from pulumi_tablestore_delivery.inspection.task_states import (
    SelectedTasks,
    TaskChoice,
    TaskState,
)
from pulumi_tablestore_delivery.lifecycle import Lifecycle
from pulumi_tablestore_delivery.lifecycle.polling import (
    SHORTEST_POLL,
    Backoff,
    is_transient,
    summary_of,
)

_TIMEOUT: Final = 180.0
_REMINDER: Final = 15.0
"""Seconds after which the reasons of the wait are printed again."""


class Arrival(str, Enum):
    """The phase to wait for, as in the resource's input `wait_for`."""

    INITIALIZED = "initialized"
    SYNCHRONIZED = "synchronized"


@dataclass(frozen=True)
class Goal:
    """The state that every task must reach.

    Attributes:
        arrival: The phase.
        max_lag: The largest lag in seconds; None for any.
        fails_on_error: Whether a task that reports an error ends the wait.
    """

    arrival: Arrival
    max_lag: float | None
    fails_on_error: bool

    def unmet(self, state: TaskState) -> str:
        """Return why a task has not reached the goal; an empty text if it has."""
        is_finished = state.mode == "BASE" and state.phase == "INCR"
        reason = state.problem or self._unmet_arrival(state)
        if reason or is_finished or self.max_lag is None:
            return reason
        if state.lag_seconds is None:
            return f"{state.id} is in phase {state.phase} and has not delivered anything yet."
        if state.lag_seconds > self.max_lag:
            lag = format_duration(state.lag_seconds) if state.lag_seconds >= 1 else "less than 1 s"
            return f"{state.id} is {lag} behind."
        return ""

    def is_out_of_reach(self, state: TaskState) -> bool:
        """Whether a task cannot reach the goal."""
        return bool(state.problem) and (self.fails_on_error or state.is_gone)

    def _unmet_arrival(self, state: TaskState) -> str:
        if state.phase == "INIT":
            return f"{state.id} is still initializing."
        is_synchronized = state.phase == "INCR" and (state.mode == "BASE" or state.synced_until)
        if self.arrival is Arrival.SYNCHRONIZED and not is_synchronized:
            return f"{state.id} is in phase {state.phase}, not synchronized."
        return ""


@dataclass(frozen=True)
class Outcome:
    """The result of a wait.

    Attributes:
        code: The exit code.
        reasons: Why tasks have not reached the goal; empty if all have.
        states: The last known states.
    """

    code: int
    reasons: list[str]
    states: list[TaskState]


def wait(
    *,
    table: TableName = None,
    task: TaskName = None,
    healthy: Annotated[
        bool,
        typer.Option(
            "--healthy",
            help="Fail at once if a task reports an error. Otherwise the wait continues until its "
            "timeout.",
        ),
    ] = False,
    arrival: Annotated[
        Arrival,
        typer.Option(
            "--for",
            metavar="initialized|synchronized",
            help="The phase to wait for. initialized: INIT has ended. synchronized: all "
            "existing rows are delivered.",
        ),
    ] = Arrival.INITIALIZED,
    max_lag: Annotated[
        float | None,
        typer.Option(
            parser=parse_duration,
            metavar="DURATION",
            help="Wait until the lag of delivery is at most this, such as 10m.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            parser=parse_duration,
            metavar="DURATION",
            help=f"The longest time to wait. 0 polls once. Default: {_TIMEOUT:.0f}s.",
            show_default=False,
        ),
    ] = _TIMEOUT,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Wait until delivery tasks are ready: one, a table's, a stack's, or all of the instance.

    Use the command as a gate in a pipeline. The wait continues while the service cannot be
    reached.

    Exit code 0: every task is ready. 3: a task reports an error (--healthy) or does not exist.
    4: timeout. 1: no poll succeeded, or the service refused.

    Example: tablestore-delivery wait --stack dev --healthy --max-lag 10m
    """
    connection = Connection(endpoint, instance, region, profile, stack)
    poller = _Poller(
        connection.lifecycle(max(timeout, SHORTEST_POLL)), TaskChoice(table, task, stack)
    )
    outcome = _wait(poller, Goal(arrival, max_lag, healthy), timeout)
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(
            {
                "passed": not outcome.code,
                "reasons": outcome.reasons,
                "tasks": [asdict(state) for state in outcome.states],
            },
            form,
        )
    elif outcome.code:
        first, *others = outcome.reasons
        print_error(first, *(f"  {other}" for other in others))
    else:
        count = len(outcome.states)
        print_line(
            "1 delivery task is ready." if count == 1 else f"{count} delivery tasks are ready."
        )
    if outcome.code:
        raise typer.Exit(outcome.code)


@dataclass
class _Poller:
    """Polls the states of tasks, which it selects once.

    Attributes:
        states: The last known states; empty before the first successful poll.
    """

    lifecycle: Lifecycle
    choice: TaskChoice
    states: list[TaskState] = field(default_factory=list)
    _selected: SelectedTasks | None = None

    def poll(self) -> None:
        """Read the state of every task.

        Raises:
            ConfigurationError: There are no tasks.
            CallError: The service could not be called, or refused.
        """
        if self._selected is None:
            self._selected = self.choice.select(self.lifecycle)
        self.states = self._selected.states(self.lifecycle)
        if not self.states:
            raise ConfigurationError(
                "there are no delivery tasks to wait for. Check the instance and the table."
            )

    def problem_of(self, state: TaskState) -> str:
        """Return why the wait for a task is over."""
        if state.is_gone and self.choice.is_one:
            return str(TaskMissingError(state.id))  # perhaps it never existed
        return state.problem


def _wait(poller: _Poller, goal: Goal, timeout: float) -> Outcome:
    """Poll until every task has reached the goal, one cannot reach it, or the timeout."""
    backoff = Backoff(SystemClock(), timeout)
    progress = _Progress()
    while True:
        failure = retrying = ""
        try:
            poller.poll()
        except CallError as error:
            if not is_transient(error):
                raise
            failure, retrying = message_of(error), f"{summary_of(error)}, retrying."
        else:
            hopeless = [
                poller.problem_of(state) for state in poller.states if goal.is_out_of_reach(state)
            ]
            if hopeless:
                return Outcome(exits.NO, hopeless, poller.states)
        unmet = [reason for state in poller.states if (reason := goal.unmet(state))]
        if not (unmet or failure):
            return Outcome(0, [], poller.states)
        if backoff.is_over:
            after = f"not ready after {format_duration(backoff.waited)}"
            reasons = [f"{after}: {reason}" for reason in unmet]
            if failure:
                reasons.append(f"{after}: the last poll failed: {failure}")
            return Outcome(exits.TIME_UP if poller.states else exits.FAILED, reasons, poller.states)
        progress.report(backoff.waited, [retrying] if failure else unmet)
        backoff.sleep()


class _Progress:
    """Prints on stderr why the wait continues: when that changes, and every 15 seconds."""

    def __init__(self) -> None:
        self._reasons: list[str] = []
        self._next = 0.0

    def report(self, waited: float, reasons: list[str]) -> None:
        if reasons != self._reasons or waited > self._next:
            print_note(f"waiting for {format_duration(waited)}: {' '.join(reasons)}")
            self._reasons, self._next = reasons, waited + _REMINDER
