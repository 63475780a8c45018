"""The fault matrix: every fault, in every operation, in every situation.

A cell is one stack in one service. It is brought to where the situation starts, a run meets the
fault, and then clean runs show whether stack and service come to agree.
"""

import base64
import itertools
import os
import pickle
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from torture import engine, service
from torture.engine import NO_OPTIONS, Engine, Options, Outcome, Program, Resource
from torture.faults import FAULTS, Fault
from torture.processes import Child, wait_for_any
from torture.server import Entry, RemoteCell

TABLE = "orders"
WAIT_SECONDS = 10
DEADLINE = 30.0
"""Seconds that one call may take, its repetitions included."""
PREVIEW_DEADLINE = 5.0
_HUNG = 240.0
_FAR = DEADLINE + 15
_LOOK = 5.0
_ROLE = "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery"
_INPUTS = {
    "table_name": TABLE,
    "oss_bucket": "my-lake",
    "oss_prefix": "orders/year=$yyyy/",
    "role_arn": _ROLE,
    "parquet_schema": [{"source": "id", "type": "UTF8"}],
    "timeout_seconds": WAIT_SECONDS,
    "mode": "BASE_INC",
}
_MODES = {"BASE": 0, "INC": 1, "BASE_INC": 2}
CREATE, DESCRIBE, DELETE, DESCRIBE_TABLE, ANY = (
    "CreateDeliveryTask", "DescribeDeliveryTask", "DeleteDeliveryTask", "DescribeTable", "*",
)  # fmt: skip


def task(options: Options = NO_OPTIONS, protocol: int = 4, **changes: Any) -> Program:
    """A program with the resource `orders`."""
    return {"orders": Resource({**_INPUTS, **changes}, options, pickled(protocol))}


def pickled(protocol: int) -> str:
    """The provider as the SDK writes it into the state, by the protocol of some Python."""
    from pulumi_tablestore_delivery.provider import load_provider  # noqa: PLC0415 - in a child

    return base64.b64encode(pickle.dumps(load_provider(), protocol)).decode()


def request(name: str, **changes: Any) -> dict[str, Any]:
    """A create request with the content of `task()`, for a task that somebody else makes."""
    return {
        "tableName": TABLE,
        "taskName": name,
        "taskType": _MODES[_INPUTS["mode"]],
        "taskConfig": {
            "ossPrefix": _INPUTS["oss_prefix"],
            "ossBucket": _INPUTS["oss_bucket"],
            "ossEndpoint": "oss-cn-hangzhou.aliyuncs.com",
            "ossStsRole": _ROLE,
            "format": 0,
            "schema": [{"columnName": "id", "ossColumnName": "id", "type": 2, "encode": 0}],
        },
        **changes,
    }


@dataclass(frozen=True)
class Situation:
    """What a run is about to do.

    Attributes:
        name: Its name in tables.
        program: The program.
        operations: Operations that it calls, each with the one before it (None for the first).
        before: The program that the stack was brought up with; None for an empty stack.
        action: The run that meets the fault: up, preview, refresh or destroy.
        ours: Tasks that exist, and that the stack adopts.
        theirs: Tasks that exist, and that are never the stack's.
        conflict: Whether the program asks for a task of somebody else, so that `up` has to fail.
        few_faults: Whether only `FEW_FAULTS` are tried, because the situation is like another.
    """

    name: str
    program: Callable[[], Program]
    operations: dict[str, str | None]
    before: Callable[[], Program] | None = None
    action: str = "up"
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ("by-others",)
    conflict: bool = False
    few_faults: bool = False

    @property
    def may_adopt(self) -> bool:
        """Whether the error of a create names `adopt_existing`."""
        return self.program in {_by_name, _by_name_incremental} and not self.conflict


def _by_name(**changes: Any) -> Program:
    """An explicit name; the order of a replacement is as the installed front end sets it."""
    return task(explicit_options(), task_name="orders", **changes)


_INCREMENTAL: dict[str, Any] = {"mode": "INC", "ignore_rules": ["replacement-gap"]}


def _by_name_incremental() -> Program:
    return _by_name(**_INCREMENTAL)


def _adopted(**changes: Any) -> Program:
    return _by_name(adopt_existing=True, **changes)


FEW_FAULTS = (
    "refused", "reset after", "reset, carried out soon", "unsigned 404", "wrongly signed 404",
    "HTML 502", "text is not UTF-8", "403 OTSQuotaExhausted", "403 OTSNoPermissionAccess",
    "500 OTSInternalServerError after", "killed before", "killed after",
)  # fmt: skip
"""One of each kind that does not wait."""
_REPLACE_FIRST = {DELETE: None, CREATE: DELETE, DESCRIBE: CREATE}
_REPLACE_LAST = {CREATE: None, DESCRIBE: CREATE, DELETE: DESCRIBE}
SITUATIONS = {
    each.name: each
    for each in [
        Situation("create", task, {CREATE: None, DESCRIBE: CREATE}),
        Situation("create explicit", _by_name, {CREATE: None, DESCRIBE: CREATE}),
        Situation("refresh", _by_name, {DESCRIBE: None}, before=_by_name, action="refresh"),
        Situation("replace derived", lambda: task(mode="INC"), _REPLACE_LAST, before=task),
        Situation(
            "replace explicit", _by_name_incremental, _REPLACE_FIRST, before=_by_name
        ),
        Situation("delete", dict, {DELETE: None}, before=_by_name, action="destroy"),
        Situation("adopt", _adopted, {DESCRIBE: None}, ours=("orders",)),
        Situation(
            "replace adopted", lambda: _adopted(**_INCREMENTAL), _REPLACE_FIRST, before=_adopted,
            ours=("orders",), few_faults=True,
        ),
        Situation("conflict", _by_name, {CREATE: None}, theirs=("orders",), conflict=True),
        Situation("preview", task, {DESCRIBE_TABLE: None}, action="preview"),
        Situation(
            "replace derived, two objects", lambda: task(mode="INC"), _REPLACE_LAST,
            before=lambda: task(protocol=5), few_faults=True,
        ),
        Situation(
            "replace explicit, two objects", _by_name_incremental, _REPLACE_FIRST,
            before=lambda: task(explicit_options(), protocol=5, task_name="orders"),
            few_faults=True,
        ),
    ]
}  # fmt: skip


def _with_adoption(program: Program) -> Program:
    """The program that adopts what exists."""
    return {
        name: replace(each, inputs={**each.inputs, "adopt_existing": True})
        for name, each in program.items()
    }


def explicit_options() -> Options:
    """The options of a resource with `task_name`, as the installed front end sets them."""
    return Options(delete_before_replace=_set_by_the_front_end())


def _set_by_the_front_end() -> bool | None:
    """What `DeliveryTask` sets `delete_before_replace` to when a program gives `task_name`."""
    import pulumi  # noqa: PLC0415 - in a child
    from pulumi.resource import Resource as Registered  # noqa: PLC0415 - likewise

    seen: list[Any] = []

    def register(_self: Any, _type: Any, _name: Any, _custom: Any, _props: Any, opts: Any,
                 *_: Any, **__: Any) -> None:  # fmt: skip
        seen.append(opts)

    original = Registered.__init__
    pulumi.runtime.configure(pulumi.runtime.Settings(project="shop", stack="dev", dry_run=True))
    try:
        Registered.__init__ = register  # type: ignore[method-assign]
        from pulumi_tablestore_delivery import DeliveryTask  # noqa: PLC0415 - likewise

        DeliveryTask("orders", **{**_INPUTS, "task_name": "orders"})
    finally:
        Registered.__init__ = original  # type: ignore[method-assign]
    return seen[0].delete_before_replace if seen and seen[0] else None


@dataclass(frozen=True)
class CellId:
    """Where in the matrix a cell is.

    Attributes:
        situation: Name of the situation.
        operation: The operation that meets the fault; `*` for every one.
        fault: Name of the fault.
        times: Whether the first request meets it, or every one of the run.
    """

    situation: str
    operation: str
    fault: str
    times: str

    @property
    def is_slow(self) -> bool:
        """Whether the cell mostly waits."""
        return FAULTS[self.fault].waits or self.times == "run"


@dataclass
class Result:
    """What came of a cell.

    Attributes:
        outcome: ok, error, kept (an error, and the entry is in the state), killed, hung, or harness
            (the cell could not be run).
        converged: The command after which stack and service agree; never if none helped.
        calls: Requests of the run that met the fault, by operation.
        lost: Tasks that the state or the program has and the service does not.
        orphaned: Tasks that the service has and no entry of the state.
        taken_over: Tasks of others that are gone, changed, or in the state.
        tracebacks: Messages with a traceback.
        overrun: Seconds by which the slowest call was late; negative if it was in time.
        seconds: How long the run took that met the fault.
        errors: What the run said.
    """

    cell: CellId
    outcome: str = ""
    converged: str = ""
    calls: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    taken_over: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    overrun: float = 0.0
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with the cell.

        Only a kill leaves no trace of a create, so only then `adopt_existing` may be needed.
        """
        killed = FAULTS[self.cell.fault].family == "kill"
        converged = self.converged not in ({"never"} if killed else {"never", "adopt_existing"})
        wrong = self.lost or self.orphaned or self.taken_over or self.tracebacks
        return converged and self.overrun <= 1 and not wrong


def cells(
    situations: Iterable[str] = SITUATIONS, fault_names: Iterable[str] = FAULTS
) -> Iterator[CellId]:
    """The matrix, or the part of it with these situations and faults."""
    for situation, name in itertools.product(situations, fault_names):
        fault = FAULTS[name]
        for operation in (*SITUATIONS[situation].operations, ANY):
            for times in ("first", "run"):
                if _is_distinct(SITUATIONS[situation], fault, operation, times):
                    yield CellId(situation, operation, name, times)


def _is_distinct(situation: Situation, fault: Fault, operation: str, times: str) -> bool:
    """Whether a cell tells something that no other one tells."""
    if fault.family == "none":
        return operation == ANY and times == "run"
    if situation.few_faults and fault.name not in FEW_FAULTS:
        return False
    if operation == ANY:  # an outage
        return times == "run" and fault.family in {"connection", "stranger"}
    if fault.family in {"kill", "code"}:  # a refusal is the same once or for the whole run
        return times == "first"
    # A request that was carried out is looked up, and not sent again.
    is_looked_up = operation in {CREATE, DELETE} and fault.carried_out == "yes"
    return times == "first" or fault.name == "refused" or not is_looked_up


class CellRun:
    """Runs one cell.

    Args:
        cell: The cell.
        control: Address of the fault server.
        folder: A folder for its files.
    """

    def __init__(self, cell: CellId, control: str, folder: Path) -> None:
        self._cell, self._folder = cell, folder
        self._situation = SITUATIONS[cell.situation]
        self._service = RemoteCell(control, [TABLE], 0, 0)
        self.state = folder / "state.json"
        self.result = Result(cell)
        self._runs = 0

    def run(self) -> Result:
        """Run it."""
        with self._service:
            self.bring_about()
            self.meet_the_fault()
            self._converge()
            self._end()
        return self.result

    def bring_about(self) -> None:
        """Make the situation."""
        for name in (*self._situation.ours, *self._situation.theirs):
            self._service.create(request(name))
        self._theirs = {f"{TABLE}/{name}" for name in self._situation.theirs}
        self._before = self._service.tasks()
        if self._situation.before:
            outcome = self._clean("up", self._situation.before)
            assert outcome
            assert not outcome.errors, outcome.errors

    def meet_the_fault(self) -> list[str]:
        """Do the run that meets the fault, and return its requests."""
        result, situation = self.result, self._situation
        attempts = [1] if self._cell.times == "first" else None
        operation = self._cell.operation
        after = None if operation == ANY else situation.operations[operation]

        def work() -> Any:
            self._service.set_fault(operation, self._cell.fault, attempts, after, os.getpid())
            return self._act(situation.action, situation.program)

        started = time.monotonic()
        child = self._child(work)
        in_time = self._wait(child)
        result.seconds = time.monotonic() - started
        log = self._service.log()
        self._service.clear_faults()
        result.calls = dict(Counter(entry.operation for entry in log))
        if child.result is None:
            result.outcome = "killed" if in_time else "hung"
            result.overrun = 0.0 if in_time else result.seconds
        else:
            outcome = _outcome(child.result)
            result.errors = outcome.errors
            kept = any(what for what, _ in engine.entries_of(self.state))
            result.outcome = ("kept" if kept else "error") if outcome.errors else "ok"
            result.overrun = self._overrun(outcome, log)
            self._note_tracebacks(outcome)
        self._note_output(child)
        return [entry.operation for entry in log]

    def _wait(self, child: Child) -> bool:
        """Wait for a run, but not for a call that is far beyond its deadline."""
        end = time.monotonic() + _HUNG
        while not child.wait_for_end(_LOOK):
            open_calls = [entry for entry in self._service.log() if not entry.ended]
            is_late = any(time.monotonic() - each.started > _FAR for each in open_calls)
            if is_late or time.monotonic() > end:
                return child.wait(0)
        return child.wait(0)

    def _converge(self) -> None:
        """Run the documented commands, until stack and service agree."""
        program = self._situation.program
        action = "destroy" if self._situation.action == "destroy" else "up"
        ways = dict.fromkeys((action, f"{action} again", f"{action} --refresh"), program)
        if action == "up" and self._situation.may_adopt:
            ways["adopt_existing"] = lambda: _with_adoption(program())
        for way, wanted in ways.items():
            outcome = self._clean("up" if way == "adopt_existing" else way, wanted)
            if self._agree(outcome):
                self.result.converged = way
                return
        self.result.converged = "never"
        self._note_differences()

    def _end(self) -> None:
        """Destroy the stack, and look what stays."""
        done = self._clean("destroy", dict)
        if done is None or done.errors:
            self._clean("destroy again", dict)
        tasks = self._service.tasks()
        theirs = {name: tasks.get(name) for name in self._theirs}
        result = self.result
        result.taken_over += [
            _id(name) for name, found in theirs.items() if found != self._before[name]
        ]
        left = {_id(name) for name in tasks if name not in self._theirs}
        result.orphaned = sorted(left | set(result.orphaned))

    def _agree(self, outcome: Outcome | None) -> bool:
        """Whether the service, the state and the program have the same tasks."""
        tasks = self._service.tasks()
        owned = list(engine.entries_of(self.state))
        own = {name: found for name, found in tasks.items() if name not in self._theirs}
        if self._situation.conflict:
            return bool(outcome and outcome.errors) and not owned and not own
        wanted = sorted(
            (each.inputs["mode"], each.inputs["oss_prefix"], each.inputs.get("task_name"))
            for each in self._situation.program().values()
        )
        found = sorted(
            (
                next(mode for mode, number in _MODES.items() if number == each["taskType"]),
                each["taskConfig"]["ossPrefix"],
                each["taskName"] if any(name for *_, name in wanted) else None,
            )
            for each in own.values()
        )
        ids = sorted(("", _id(name)) for name in own)
        return outcome is not None and not outcome.errors and wanted == found and owned == ids

    def _note_differences(self) -> None:
        """Note what is lost and what nobody owns."""
        owned = {id_ for what, id_ in engine.entries_of(self.state) if "pending" not in what}
        tasks = {_id(name) for name in self._service.tasks()}
        theirs = {_id(name) for name in self._theirs}
        self.result.lost += sorted(owned - tasks)
        self.result.orphaned += sorted(tasks - owned - theirs)
        self.result.taken_over += sorted(owned & theirs)

    def _clean(self, command: str, program: Callable[[], Program]) -> Outcome | None:
        """A run without faults."""
        child = self._child(lambda: self._act(command, program))
        child.wait(_HUNG)
        self._note_output(child)
        outcome = None if child.result is None else _outcome(child.result)
        if outcome:
            self._note_tracebacks(outcome)
        return outcome

    def _child(self, work: Callable[[], Any]) -> Child:
        self._runs += 1
        return Child(work, self._folder, f"run-{self._runs}")

    def _act(self, command: str, program: Callable[[], Program]) -> Any:
        """Do a run, in the child."""
        os.environ.update(self._service.environment)
        verb, _, option = command.partition(" ")
        run = Engine(self.state)
        if verb == "refresh":
            outcome = run.refresh()
        elif verb == "destroy":
            if option == "--refresh":
                run.refresh()
                run = Engine(self.state)
            outcome = run.destroy()
        elif verb == "preview":
            outcome = run.preview(program())
        else:
            outcome = run.up(program(), refresh=option == "--refresh")
        return asdict(outcome)

    def _overrun(self, outcome: Outcome, log: list[Entry]) -> float:
        """Seconds by which the latest call was late."""
        late = [0.0]
        for verb in outcome.verbs:
            deadline = PREVIEW_DEADLINE if verb.method == "check" else DEADLINE
            within = [each for each in log if verb.started <= each.started <= verb.ended]
            starts: dict[str, float] = {}
            ends: dict[str, float] = {}
            for each in within:
                starts.setdefault(each.trace, each.started)
                ends[each.trace] = each.ended or verb.ended
            following = [*starts.values(), verb.ended][1:]
            for (trace, start), then in zip(starts.items(), following, strict=True):
                late.append(min(ends[trace], then) - start - deadline)
            created = [each.ended for each in within if each.operation == CREATE]
            # Where the task exists already, a look with a deadline of its own follows, not a wait.
            is_new = not SITUATIONS[self._cell.situation].ours
            if created and is_new and self._cell.operation == DESCRIBE:
                late.append(verb.ended - created[-1] - WAIT_SECONDS)
        return max(late)

    def _note_tracebacks(self, outcome: Outcome) -> None:
        self.result.tracebacks += [text for text in outcome.errors if "Traceback" in text]

    def _note_output(self, child: Child) -> None:
        if "Traceback" in child.output:
            self.result.tracebacks.append(child.output)


def _id(name: str) -> str:
    """The id of a task of the service, which the service calls `table/task`."""
    return f"{service.INSTANCE}/{name}"


def _outcome(bag: dict[str, Any]) -> Outcome:
    return Outcome(
        bag["errors"],
        [tuple(step) for step in bag["steps"]],
        [engine.Verb(**verb) for verb in bag["verbs"]],
    )


@dataclass(frozen=True)
class Slots:
    """How many cells run at once: those that work, and those that wait."""

    quick: int = 4
    slow: int = 160


def run(
    chosen: Iterable[CellId], control: str, slots: Slots = Slots(),
    report: Callable[[Result], None] = lambda _: None,
) -> list[Result]:  # fmt: skip
    """Run cells, several at once, in the processes that this one forks."""
    with tempfile.TemporaryDirectory() as text:
        results = _run_all(list(chosen), control, slots, report, Path(text))
        late = [each.cell for each in results if each.overrun > 1]
        if late:  # again with the machine at rest, so that a busy one is no fault of the package
            again = _run_all(late, control, slots, report, Path(text) / "again")
            kept = [each for each in results if each.overrun <= 1]
            results = kept + again
    return results


def _run_all(
    chosen: list[CellId], control: str, slots: Slots, report: Callable[[Result], None], home: Path
) -> list[Result]:
    waiting = {slow: [cell for cell in chosen if cell.is_slow == slow] for slow in (True, False)}
    free = {True: slots.slow, False: slots.quick}
    running: dict[Child, CellId] = {}
    results: list[Result] = []
    numbers = itertools.count()
    while any(waiting.values()) or running:
        for slow, cells_ in waiting.items():
            while cells_ and free[slow]:
                cell = cells_.pop(0)
                folder = home / str(next(numbers))
                folder.mkdir(parents=True)
                running[_start(cell, control, folder)] = cell
                free[slow] -= 1
        for child in wait_for_any(running):
            cell = running.pop(child)
            child.wait(0)
            free[cell.is_slow] += 1
            results.append(_result(cell, child))
            report(results[-1])
    return results


def _start(cell: CellId, control: str, folder: Path) -> Child:
    return Child(lambda: asdict(CellRun(cell, control, folder).run()), folder, "cell")


def _result(cell: CellId, child: Child) -> Result:
    if child.result is None:
        return Result(cell, "harness", "never", tracebacks=[child.output])
    return Result(**{**child.result, "cell": cell})
