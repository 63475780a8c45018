"""`tablestore-delivery wait`: a gate between a deployment and what comes after it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
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
from pulumi_tablestore_delivery.cli.durations import parse_duration, words_of
from pulumi_tablestore_delivery.cli.output import print_error, print_json
from pulumi_tablestore_delivery.cli.tasks import TableName, TaskName, TaskRow
from pulumi_tablestore_delivery.errors import ConfigurationError

_TIMEOUT: Final = 180.0
_REMINDER: Final = 15.0


class Arrival(str, Enum):
    """What a task is waited for, as the resource's input `wait_for` has it."""

    INITIALIZED = "initialized"
    SYNCHRONIZED = "synchronized"


@dataclass(frozen=True)
class Goal:
    """What a task has to be.

    Attributes:
        arrival: How far it has come.
        max_lag: Seconds that its delivery may be behind; None for any.
    """

    arrival: Arrival
    max_lag: float | None

    def missing(self, row: TaskRow) -> str:
        """What a task lacks, in words; empty if nothing."""
        finished = row.mode == "BASE" and row.phase == "INCR"
        lacks = row.problem or self._arrival_missing(row)
        if lacks or finished or self.max_lag is None:
            return lacks
        if row.lag_seconds is None:
            return f"{row.id} is in phase {row.phase} and has delivered up to no point in time yet."
        if row.lag_seconds > self.max_lag:
            return f"{row.id} is {words_of(row.lag_seconds)} behind."
        return ""

    def _arrival_missing(self, row: TaskRow) -> str:
        if row.phase == "INIT":
            return f"{row.id} still initialises."
        arrived = row.phase == "INCR" and (row.mode == "BASE" or row.synced_until)
        if self.arrival is Arrival.SYNCHRONIZED and not arrived:
            return f"{row.id} is in phase {row.phase}, not synchronized."
        return ""


def wait(  # noqa: PLR0913 - one an option
    *,
    table: TableName = None,
    task: TaskName = None,
    healthy: Annotated[
        bool,
        typer.Option(
            "--healthy",
            help="Fail at once where a task reports an error. Without it, errors may pass until "
            "the time is up.",
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
            help="When to give up.",
            show_default=f"{_TIMEOUT:.0f}s",
        ),
    ] = _TIMEOUT,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Wait until delivery tasks are healthy: one, a table's, a stack's, or all of the instance.

    A gate for pipelines. Exit code 0 lets pass; 4 says that the time was up.

    Exit code 3 says that a task reports an error (--healthy), or does not exist any more.

    Example: tablestore-delivery wait --stack dev --healthy --max-lag 10m
    """
    lifecycle = connected(endpoint, instance, stack, timeout)
    chosen = tasks.selected(lifecycle, table, task, stack)
    goal = Goal(arrival, max_lag)
    rows, code, why = _wait(lambda: chosen.rows(lifecycle), goal, timeout, healthy=healthy)
    if as_json:
        print_json({"passed": not code, "reasons": why, "tasks": [asdict(row) for row in rows]})
    elif code:
        print_error("\n  ".join(why))
    else:
        typer.echo(f"{len(rows)} delivery task{'s' * (len(rows) != 1)} as wanted.")
    if code:
        raise typer.Exit(code)


def _wait(
    look: Callable[[], list[TaskRow]], goal: Goal, timeout: float, *, healthy: bool
) -> tuple[list[TaskRow], int, list[str]]:
    """Looks until the goal is reached, cannot be, or the time is up.

    Returns:
        The tasks at the last look, the exit code, and what is missing.
    """
    from pulumi_tablestore_delivery.client.retry import SystemClock  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.lifecycle.waiting import Patience  # noqa: PLC0415 - as above

    patience = Patience(SystemClock(), timeout)
    teller = _Teller()
    while True:
        rows = look()
        if not rows:
            raise ConfigurationError(
                "there are no delivery tasks to wait for: check the instance and the table."
            )
        hopeless = [row.problem for row in rows if row.problem and (healthy or not row.phase)]
        if hopeless:
            return rows, exits.NO, hopeless
        missing = [lack for row in rows if (lack := goal.missing(row))]
        if not missing:
            return rows, 0, []
        if not patience.pause(lambda: teller.tell(patience.waited, missing)):  # noqa: B023 - called at once
            return (
                rows,
                exits.TIME_UP,
                [f"after {words_of(patience.waited)}: {it}" for it in missing],
            )


class _Teller:
    """Tells on stderr what is waited for: when it changes, and now and then."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._next = 0.0

    def tell(self, waited: float, missing: list[str]) -> None:
        if missing != self._told or waited > self._next:
            sys.stderr.write(f"waiting for {words_of(waited)}: {' '.join(missing)}\n")
            self._told, self._next = missing, waited + _REMINDER
