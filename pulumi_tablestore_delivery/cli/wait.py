"""`tablestore-delivery wait`: a gate between a deployment and what comes after it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_tablestore_delivery.cli import exits, tasks
from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    connected,
)
from pulumi_tablestore_delivery.cli.durations import parse_duration, words_of
from pulumi_tablestore_delivery.cli.output import print_error, print_json, printable
from pulumi_tablestore_delivery.cli.tasks import Selected, TableName, TaskName, TaskRow
from pulumi_tablestore_delivery.errors import CallError, ConfigurationError

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.lifecycle import Lifecycle

_TIMEOUT: Final = 180.0
_REMINDER: Final = 15.0


class Arrival(str, Enum):
    """The phase to wait for, as in the resource's input `wait_for`."""

    INITIALIZED = "initialized"
    SYNCHRONIZED = "synchronized"


@dataclass(frozen=True)
class Goal:
    """The state that every task has to reach.

    Attributes:
        arrival: The phase.
        max_lag: Seconds that delivery may be behind; None for any.
        healthy: Whether a task that reports an error ends the wait.
    """

    arrival: Arrival
    max_lag: float | None
    healthy: bool

    def missing(self, row: TaskRow) -> str:
        """Say what a task lacks; empty if it has reached the goal."""
        finished = row.mode == "BASE" and row.phase == "INCR"
        lacks = row.problem or self._arrival_missing(row)
        if lacks or finished or self.max_lag is None:
            return lacks
        if row.lag_seconds is None:
            return f"{row.id} is in phase {row.phase} and has not delivered anything yet."
        if row.lag_seconds > self.max_lag:
            return f"{row.id} is {words_of(row.lag_seconds)} behind."
        return ""

    def is_out_of_reach(self, row: TaskRow) -> bool:
        """Whether waiting for a task is useless."""
        return bool(row.problem) and (self.healthy or row.is_gone)

    def _arrival_missing(self, row: TaskRow) -> str:
        if row.phase == "INIT":
            return f"{row.id} is still initializing."
        arrived = row.phase == "INCR" and (row.mode == "BASE" or row.synced_until)
        if self.arrival is Arrival.SYNCHRONIZED and not arrived:
            return f"{row.id} is in phase {row.phase}, not synchronized."
        return ""


@dataclass(frozen=True)
class Outcome:
    """The end of a wait.

    Attributes:
        code: The exit code.
        reasons: What is missing; empty if every task has reached the goal.
        rows: The tasks as last seen.
    """

    code: int
    reasons: list[str]
    rows: list[TaskRow]


def wait(  # noqa: PLR0913 - one parameter per option
    *,
    table: TableName = None,
    task: TaskName = None,
    healthy: Annotated[
        bool,
        typer.Option(
            "--healthy",
            help="Fail at once where a task reports an error. Without it, the wait goes on until "
            "its time-out.",
        ),
    ] = False,
    arrival: Annotated[
        Arrival, typer.Option("--for", help="What to wait for.")
    ] = Arrival.INITIALIZED,
    max_lag: Annotated[
        float | None,
        typer.Option(
            parser=parse_duration,
            metavar="DURATION",
            help="Wait until delivery is at most this far behind, such as 10m.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            parser=parse_duration,
            metavar="DURATION",
            help="When to give up; 0 looks once.",
            show_default=f"{_TIMEOUT:.0f}s",
        ),
    ] = _TIMEOUT,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Wait until delivery tasks are healthy: one, a table's, a stack's, or all of the instance.

    A gate for pipelines. It keeps looking while the service cannot be reached.

    Exit code 0: every task is ready. 3: a task reports an error (--healthy) or does not exist.

    Exit code 4: the time is up. 1: no look succeeded, or the service refused.

    Example: tablestore-delivery wait --stack dev --healthy --max-lag 10m
    """
    from pulumi_tablestore_delivery.lifecycle.polling import (  # noqa: PLC0415 - slow to import
        SHORTEST_POLL,
    )

    lifecycle = connected(endpoint, instance, stack, max(timeout, SHORTEST_POLL))
    look = _Look(lifecycle, lambda: tasks.selected(lifecycle, table, task, stack))
    outcome = _wait(look, Goal(arrival, max_lag, healthy), timeout)
    if as_json:
        print_json(
            {
                "passed": not outcome.code,
                "reasons": outcome.reasons,
                "tasks": [asdict(row) for row in outcome.rows],
            }
        )
    elif outcome.code:
        print_error("\n  ".join(outcome.reasons))
    else:
        count = len(outcome.rows)
        typer.echo(
            "1 delivery task is ready." if count == 1 else f"{count} delivery tasks are ready."
        )
    if outcome.code:
        raise typer.Exit(outcome.code)


@dataclass
class _Look:
    """Looks at the same tasks again and again; they are selected once.

    Attributes:
        rows: The tasks as last seen; empty before the first look that succeeds.
    """

    lifecycle: Lifecycle
    select: Callable[[], Selected]
    rows: list[TaskRow] = field(default_factory=list)
    _selected: Selected | None = None

    def again(self) -> None:
        """Read every task's state.

        Raises:
            ConfigurationError: There are no tasks.
            CallError: The service could not be called, or refused.
        """
        if self._selected is None:
            self._selected = self.select()
        self.rows = self._selected.rows(self.lifecycle)
        if not self.rows:
            raise ConfigurationError(
                "there are no delivery tasks to wait for. Check the instance and the table."
            )


def _wait(look: _Look, goal: Goal, timeout: float) -> Outcome:
    """Look until every task has reached the goal, one cannot reach it, or the time is up."""
    from pulumi_tablestore_delivery.client.retry import SystemClock  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.lifecycle.polling import (  # noqa: PLC0415 - slow to import
        Backoff,
        is_transient,
        summary_of,
    )

    backoff = Backoff(SystemClock(), timeout)
    progress = _Progress()
    while True:
        failure = ""
        try:
            look.again()
        except CallError as error:
            if not is_transient(error):
                raise
            failure, retrying = printable(str(error)), f"{summary_of(error)}, retrying."
        else:
            out_of_reach = [row.problem for row in look.rows if goal.is_out_of_reach(row)]
            if out_of_reach:
                return Outcome(exits.NO, out_of_reach, look.rows)
        missing = [lack for row in look.rows if (lack := goal.missing(row))]
        if not (missing or failure):
            return Outcome(0, [], look.rows)
        if backoff.is_over:
            after = f"after {words_of(backoff.waited)}"
            reasons = [f"{after}: {lack}" for lack in missing]
            if failure:
                reasons.append(f"{after}: the last look failed: {failure}")
            return Outcome(exits.TIME_UP if look.rows else exits.FAILED, reasons, look.rows)
        progress.show(backoff.waited, [retrying] if failure else missing)
        backoff.sleep()


class _Progress:
    """Shows on stderr what is missing: when it changes, and every few seconds."""

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._next = 0.0

    def show(self, waited: float, missing: list[str]) -> None:
        if missing != self._shown or waited > self._next:
            sys.stderr.write(f"waiting for {words_of(waited)}: {' '.join(missing)}\n")
            self._shown, self._next = missing, waited + _REMINDER
