"""`up`, no-op `up`, refresh and destroy, compared with dynamic providers that do nothing.

All providers have the same inputs, but `full` also has the defaults and the outputs of a delivery
task in its state: the engine's work grows with the state. The stock providers wait as long as calls
to the emulator take, so that only the work around the calls is compared. Without latency, they do
not wait, and the calls of ours count. Tasks do not wait for their initialization: a create is one
call. Each round runs all programs in turn. The results are the medians of the rounds.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulator import Emulator
from stacks import PROGRAMS, RUNS, BenchmarkStack

TITLE: Final = "Pulumi runs beside stock dynamic providers that do nothing (seconds, medians)"
COLUMNS: Final = ("run", *PROGRAMS, "ours / stock, aim", "ours / full", "native / ours")
_ROUNDS: Final = 3


@dataclass(frozen=True)
class _Case:
    """One comparison.

    Attributes:
        tasks: Resources of each stack.
        latency: Seconds that each call takes.
        parallel: The CLI's `--parallel`; its default if it is None.
        aims: The highest ratio of ours to stock for a run, where one is set.
    """

    tasks: int
    latency: float
    parallel: int | None
    aims: dict[str, float]


_AIMS: Final = {"up": 1.05, "no-op up": 1.05, "refresh": 1.10, "destroy": 1.05}
_CASES: Final = (
    _Case(1, 0, None, {}),
    _Case(100, 0, None, _AIMS),
    _Case(300, 0, None, _AIMS),
    _Case(100, 0.2, None, {"up": 0.65}),
    _Case(100, 0.2, 64, {"up": 0.40}),
)


def rows() -> Iterator[tuple[str, ...]]:
    """Run all cases; yield a row for each case, for each of its runs, and for its states."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        for case in _CASES:
            with Emulator(folder / "emulator", case.latency) as emulator:
                emulator.create_table("orders")
                yield from _compared(folder / "stacks", emulator.environment, case)
            shutil.rmtree(folder / "emulator")


def _compared(folder: Path, environment: dict[str, str], case: _Case) -> Iterator[tuple[str, ...]]:
    times: dict[tuple[str, str], list[float]] = {}
    sizes: dict[str, int] = {}
    for _ in range(_ROUNDS):
        stacks = {
            name: BenchmarkStack(folder / name, program, environment, case.tasks, case.latency)
            for name, program in PROGRAMS.items()
        }
        for run in RUNS:
            for name, stack in stacks.items():
                measured = stack.timed(run, case.parallel)
                times.setdefault((run, name), []).append(measured.seconds)
                if run == "up":
                    sizes[name] = stack.state_size()
        shutil.rmtree(folder)
    about = [f"{case.tasks} tasks"]
    about += [f"{case.latency:g} s"] if case.latency else []
    about += [f"at {case.parallel}"] if case.parallel else []
    yield tuple(about)
    for run in RUNS:
        medians = {name: statistics.median(times[run, name]) for name in PROGRAMS}
        yield (
            run, *(f"{medians[name]:.1f}" for name in PROGRAMS),
            # A ratio of a round compares runs that followed one another.
            _with_aim(_ratio(times[run, "ours"], times[run, "stock"]), case.aims.get(run)),
            f"{_ratio(times[run, 'ours'], times[run, 'full']):.2f}",
            f"{_ratio(times[run, 'native'], times[run, 'ours']):.2f}",
        )  # fmt: skip
    kilobytes = (f"{sizes[name] / 1000:.0f}" for name in PROGRAMS)
    yield (
        "state, kB", *kilobytes,
        f"{sizes['ours'] / sizes['stock']:.2f}", f"{sizes['ours'] / sizes['full']:.2f}",
    )  # fmt: skip


def _with_aim(ratio: float, aim: float | None) -> str:
    """Return a ratio beside its aim, such as `1.10 > 1.05` for a missed one."""
    return f"{ratio:.2f} {'>' if ratio > aim else '≤'} {aim:.2f}" if aim else f"{ratio:.2f}"


def _ratio(ours: list[float], others: list[float]) -> float:
    return statistics.median(mine / other for mine, other in zip(ours, others, strict=True))
