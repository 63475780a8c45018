"""The table of tasks and their states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from pulumi_tablestore_delivery.inspection.task_states import TaskState

NO_TASKS: Final = "There are no delivery tasks."

_TITLES: Final = ("Table", "Task", "Mode", "Phase", "Synced until", "Lag", "State", "Location")
_DISPENSABLE: Final = ("Synced until", "Location")


class TaskTable(NamedTuple):
    """The arguments of `tables.print_table`."""

    titles: Sequence[str]
    rows: list[list[str]]
    styles: list[str]
    dispensable: Sequence[str]


def task_table(states: Sequence[TaskState]) -> TaskTable:
    """Arrange the states of tasks as a table."""
    return TaskTable(
        _TITLES,
        [
            [
                state.table,
                state.task,
                state.mode,
                state.phase,
                state.synced_until,
                "" if state.lag_seconds is None else f"{state.lag_seconds:.0f} s",
                state.error_code,
                state.location,
            ]
            for state in states
        ],
        ["" if state.is_healthy else "red" for state in states],
        _DISPENSABLE,
    )
