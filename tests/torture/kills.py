"""Kills: the real CLI, the provider or both are killed during a run of 12 tasks."""

import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from torture.cli import TaskStack, inputs, named_as, new_project
from torture.server import FaultServer

TASKS = 12
_LATENCY = 0.15
_INIT_SECONDS = 0.3
_PAUSE = 0.05
_STACKS = 3
VICTIMS = ("cli", "provider", "both")
_CALLS = {"up": 30, "replace": 42, "destroy": 14}
"""About as many requests as a run makes."""


@dataclass
class Kill:
    """A run that was killed, and what came of it.

    Attributes:
        action: up, replace or destroy, and how tasks are named.
        victim: cli, provider or both.
        seed: Decides when it was killed.
        after_calls: Requests that the service had seen by then.
        converged: What made the stack whole again: the first documented command, the same one
            again, `adopt_existing` with it, or never.
        commands: What was run.
        lost: Tasks that the state has and the service does not.
        orphaned: Tasks that the service has and the state does not.
        tracebacks: Outputs with a traceback.
        is_state_torn: Whether the kill cut off the CLI's state file.
        plugins_left: Processes of the provider that lived on when the stack was whole.
        problem: What differed at the end.
    """

    action: str
    victim: str
    seed: int
    after_calls: int = 0
    converged: str = "never"
    commands: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    is_state_torn: bool = False
    plugins_left: int = 0
    problem: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether the stack was repaired by a documented command."""
        return self.converged != "never" and not (self.lost or self.orphaned or self.tracebacks)


def run(
    kills: int,
    seed: int,
    server: FaultServer,
    folder: Path,
    report: Callable[[Kill], None] = lambda _: None,
) -> list[Kill]:
    """Run so many kills, in some stacks at once.

    Args:
        kills: How many.
        seed: Decides what is killed when.
        server: The fault server.
        folder: A folder for the projects.
        report: Called with each result.
    """
    shares = [kills // _STACKS + (number < kills % _STACKS) for number in range(_STACKS)]
    with ThreadPoolExecutor(_STACKS) as pool:
        jobs = [
            pool.submit(_one_stack, share, seed * 1000 + number, server, folder, report)
            for number, share in enumerate(shares)
            if share
        ]
        return [kill for job in jobs for kill in job.result()]


def _one_stack(
    kills: int, seed: int, server: FaultServer, folder: Path, report: Callable[[Kill], None]
) -> list[Kill]:
    chance = random.Random(seed)
    done = []
    with server.cell("orders", init_seconds=_INIT_SECONDS, latency=_LATENCY) as cell:
        stack = TaskStack(new_project(folder / str(seed), cell), cell)
        names = "derived"
        for number in range(kills):
            if not stack.declared:
                names = chance.choice(["derived", "explicit"])
                verb = "up"
            else:
                verb = chance.choice(["replace", "replace", "destroy"])
            kill = Kill(f"{verb}, {names}", chance.choice(VICTIMS), seed * 1000 + number)
            _kill_once(stack, verb, names, kill)
            report(kill)
            done.append(kill)
            if kill.converged == "never":  # begin again, so that one fault is counted once
                _start_afresh(stack)
    return done


def _declaration(names: str, mode: str, **more: object) -> dict[str, dict[str, object]]:
    tasks = [f"task-{number:02}" for number in range(TASKS)]
    return {name: inputs(name, **named_as(names, name), mode=mode, **more) for name in tasks}


def _kill_once(stack: TaskStack, verb: str, names: str, kill: Kill) -> None:
    chance = random.Random(kill.seed)
    mode = "BASE_INC"
    if stack.declared:
        mode = next(iter(stack.declared.values()))["mode"]
        if verb == "replace":
            mode = "BASE" if mode == "BASE_INC" else "BASE_INC"
    stack.declare(_declaration(names, mode))
    stack.service.set_fault("*", "none")  # begins a new log
    calls = chance.randrange(_CALLS[verb])
    with stack.start("destroy" if verb == "destroy" else "up") as session:
        while len(stack.service.log()) < calls and not session.has_ended():
            time.sleep(_PAUSE)
        time.sleep(chance.random() * _LATENCY)
        session.kill(kill.victim)
        session.wait()
        kill.after_calls = len(stack.service.log())
        kill.is_state_torn = stack.restore_torn_state()
        again = verb == "destroy" and chance.random() < 0.5
        if again:
            stack.declare({})
        _converge(stack, "destroy" if again else "up", names, mode, kill)
        kill.plugins_left = len(session.plugins())
        kill.tracebacks += [session.output] if "Traceback" in session.output else []


def _converge(stack: TaskStack, command: str, names: str, mode: str, kill: Kill) -> None:
    """Run the documented commands until the service, the state and the program agree."""
    option = [] if command == "destroy" else ["--refresh"]
    for way in ("first", "again", "adopt_existing"):
        if way == "adopt_existing":
            if names != "explicit" or command == "destroy":
                return
            stack.declare(_declaration(names, mode, adopt_existing=True))
        stack.cancel()
        done = stack.run(command, *option)
        kill.commands.append(" ".join(["cancel;", command, *option, f"({done.returncode})"]))
        kill.tracebacks += [done.output] if "Traceback" in done.output else []
        lost, orphaned, other = stack.differences()
        if done.returncode == 0 and not (lost or orphaned or other):
            kill.converged = way
            kill.problem = ""
            return
        kill.problem = "; ".join([*other, done.errors])[:400]
    kill.lost, kill.orphaned = lost, orphaned


def _start_afresh(stack: TaskStack) -> None:
    """Empty state and service."""
    state = {"version": 3, "deployment": {"manifest": {}, "resources": []}}
    path = stack.project.folder / "empty.json"
    path.write_text(json.dumps(state))
    stack.cancel()
    stack.stack.call("stack", "import", "--force", "--file", str(path), "--stack", "dev")
    for id_ in stack.tasks():
        _, table, name = id_.split("/")
        stack.service.delete(table, name)
    stack.declare({})
