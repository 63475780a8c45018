"""Growth of runs from 100 to 1,000 tasks: time and memory of each process (Linux only).

A value that grows more than tenfold grows faster than the number of tasks. The engine's time does,
because it writes the whole state after each step; `stock` shows that part.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from emulator import Emulator
from stacks import PROGRAMS, RUNS, BenchmarkStack, Measured

TITLE: Final = "From 100 tasks to 1,000 (seconds; of each process, processor time and peak MB)"
COLUMNS: Final = ("program", "run", "100", "1,000", "growth", "engine", "program", "provider")
_SIZES: Final = (100, 1000)
_PROGRAMS: Final = ("ours", "stock")


def rows() -> Iterator[tuple[str, ...]]:
    """Run both programs with both numbers of tasks; yield a row for each run."""
    with tempfile.TemporaryDirectory() as text, Emulator(Path(text) / "emulator") as emulator:
        emulator.create_table("orders")
        for name in _PROGRAMS:
            stacks = [
                BenchmarkStack(
                    Path(text) / f"{name}-{size}", PROGRAMS[name], emulator.environment, size, 0
                )
                for size in _SIZES
            ]
            for run in RUNS:
                few, many = (stack.timed(run) for stack in stacks)
                yield (
                    name, run, f"{few.seconds:.1f}", f"{many.seconds:.1f}",
                    f"{many.seconds / few.seconds:.1f}",
                    *(_used(few, many, kind) for kind in ("engine", "program", "provider")),
                )  # fmt: skip


def _used(few: Measured, many: Measured, kind: str) -> str:
    if kind not in few.peaks or kind not in many.peaks:
        return ""
    megabytes = f"{few.peaks[kind] / 1e6:.0f} → {many.peaks[kind] / 1e6:.0f} MB"
    return f"{few.processor[kind]:.1f} → {many.processor[kind]:.1f} s, {megabytes}"
