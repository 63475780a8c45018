"""Races: two stacks with the same task name, and two runs of a stack at the same time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from torture.cli import Session, TaskStack, inputs, named_as, new_project
from torture.server import FaultServer, RemoteCell

_LATENCY = 0.3
_UNTIL_SECOND_RUN = 8  # longer than the second run takes to read the state
_PAUSE = 0.05
_TASKS = 4


@dataclass
class Race:
    """A race and what came of it.

    Attributes:
        name: What raced.
        lost: Tasks that a state has and the service does not.
        orphaned: Tasks that the service has and no state.
        taken_over: Tasks that two states have, or that the wrong stack deleted.
        problem: What was not as expected; empty if all was.
        needed: The command after which all agreed; empty if none was needed.
    """

    name: str
    lost: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    taken_over: list[str] = field(default_factory=list)
    problem: str = ""
    needed: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether it ended as expected."""
        return not (self.problem or self.lost or self.orphaned or self.taken_over)


def run(
    times: int, server: FaultServer, folder: Path, report: Callable[[Race], None] = lambda _: None
) -> list[Race]:
    """Run each race so many times."""
    races = []
    for number in range(times):
        for race in (_two_stacks, _second_run, _lock_removed("derived"), _lock_removed("explicit")):
            home = folder / f"{race.__name__}-{number}-{len(races)}"
            with server.cell("orders", latency=_LATENCY) as cell:
                races.append(race(home, cell))
            report(races[-1])
    return races


def _two_stacks(folder: Path, cell: RemoteCell) -> Race:
    """Two stacks create the task of one explicit name: one wins, and keeps it."""
    race = Race("two stacks, one explicit name")
    project = new_project(folder, cell)
    stacks = [TaskStack(project, cell, name) for name in ("dev", "other")]
    stacks[0].declare({"orders": inputs("orders", task_name="shared")})
    with stacks[0].start("up") as first, stacks[1].start("up") as second:
        sessions = (first, second)
        _wait(race, *sessions)
    winners = [stack for stack, session in zip(stacks, sessions, strict=True) if session.succeeded]
    owners = [stack for stack in stacks if stack.owned()]
    if len(winners) != 1:
        race.problem += f"{len(winners)} stacks succeeded. "
    if len(owners) > 1:
        race.taken_over += list(owners[0].owned())
    loser = next(stack for stack in stacks if stack not in winners) if winners else stacks[0]
    loser.run("destroy")
    if not cell.tasks():
        race.taken_over.append("the loser's destroy deleted the task")
    for stack in stacks:
        stack.run("destroy")
    race.orphaned += list(cell.tasks())
    return race


def _second_run(folder: Path, cell: RemoteCell) -> Race:
    """A second run of a stack that is being brought up is refused."""
    race = Race("two runs of one stack")
    stack = _declared(folder, cell, "derived")
    with stack.start("up") as first:
        _until_busy(cell, first.has_ended)
        with stack.start("up") as second:
            _wait(race, second, first)
    if second.succeeded or "locked" not in second.output:
        race.problem += "the lock did not refuse the second run. "
    if not first.succeeded:
        race.problem += "the first run failed. "
    return _settle(stack, race)


def _lock_removed(names: str) -> Callable[[Path, RemoteCell], Race]:
    def race_without_lock(folder: Path, cell: RemoteCell) -> Race:
        """`pulumi cancel` removes the lock while creates are under way, and a second run starts."""
        race = Race(f"two runs of one stack, lock removed, {names}")
        stack = _declared(folder, cell, names)
        cell.set_latency(_UNTIL_SECOND_RUN)
        with stack.start("up") as first:
            _until_busy(cell, first.has_ended)
            stack.cancel()
            with stack.start("up") as second:
                _wait(race, first, second)
        cell.set_latency(_LATENCY)
        return _settle(stack, race)

    return race_without_lock


def _declared(folder: Path, cell: RemoteCell, names: str) -> TaskStack:
    stack = TaskStack(new_project(folder, cell), cell)
    stack.declare(
        {
            name: inputs(name, **named_as(names, name))
            for name in (f"task-{number}" for number in range(_TASKS))
        }
    )
    return stack


def _wait(race: Race, *sessions: Session) -> None:
    for session in sessions:
        session.wait()
        race.problem += "traceback. " if "Traceback" in session.output else ""


def _until_busy(cell: RemoteCell, has_ended: Callable[[], bool]) -> None:
    while not cell.log() and not has_ended():
        time.sleep(_PAUSE)


def _settle(stack: TaskStack, race: Race) -> Race:
    """Run the documented commands, and look whether all agree."""
    for needed in ("", "up --refresh", "adopt_existing"):
        if needed == "adopt_existing":
            stack.declare(
                {name: {**each, "adopt_existing": True} for name, each in stack.declared.items()}
            )
        failed = False
        if needed:
            stack.cancel()
            failed = stack.run("up", "--refresh").returncode != 0
        lost, orphaned, other = stack.differences()
        if not (failed or lost or orphaned or other):
            race.needed = needed
            break
    else:
        race.lost, race.orphaned = lost, orphaned
        race.problem += "; ".join(other)
    stack.run("destroy")
    race.orphaned += list(stack.service.tasks())
    return race
