"""`make torture`: run the faults, the kills and the races, print tables and write JSON."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from torture import kills, matrix, processes, races, report
from torture.server import FaultServer

PARTS = ("matrix", "kills", "races")


def main() -> int:
    """Run what the arguments say; the status tells whether everything was sound."""
    arguments = _arguments()
    started = time.monotonic()
    results: list[matrix.Result] = []
    killed: list[kills.Kill] = []
    raced: list[races.Race] = []
    sections: dict[str, str] = {}

    def show(title: str, text: str) -> None:
        sections[title] = text
        _print(f"\n### {title}\n\n{text}\n")

    with FaultServer() as server, tempfile.TemporaryDirectory() as text:
        if "matrix" in arguments.parts:
            processes.preload()
            cells = _cells(arguments)
            results = matrix.run(cells, server.control, report=_progress(len(cells)))
            show("Faults", report.matrix_tables(results))
            show("Runs that met a fault", report.outcome_table(results))
            _print(report.unsound_cells(results))
        if "kills" in arguments.parts:
            killed = kills.run(
                arguments.kills, arguments.seed, server, Path(text) / "kills",
                report=_progress(arguments.kills),
            )  # fmt: skip
            show("Kills", report.kills_table(killed))
        if "races" in arguments.parts:
            raced = races.run(arguments.races, server, Path(text) / "races")
            show("Races", report.races_table(raced))
    about = _about(arguments, time.monotonic() - started)
    Path(arguments.json).write_text(
        json.dumps(report.as_json(results, killed, raced, about), indent=1) + "\n"
    )
    if arguments.docs:
        report.write_page(sections, about)
    unsound = sum(not each.is_sound for each in [*results, *killed, *raced])
    _print(f"{unsound} unsound; {about['seconds']} s; details: {arguments.json}")
    return 1 if unsound else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--short", action="store_true", help="the faults that do not wait")
    parser.add_argument("--situations", nargs="+", choices=matrix.SITUATIONS)
    parser.add_argument("--faults", nargs="+", choices=matrix.FAULTS)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--races", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", default="torture.json", help="where the results go")
    parser.add_argument("--docs", action="store_true", help="write docs/reliability.md too")
    return parser.parse_args()


def _cells(arguments: argparse.Namespace) -> list[matrix.CellId]:
    faults = arguments.faults or (
        ("none", *matrix.FEW_FAULTS) if arguments.short else matrix.FAULTS
    )
    cells = matrix.cells(arguments.situations or matrix.SITUATIONS, faults)
    return [cell for cell in cells if not arguments.short or cell.times == "first" or
            cell.fault == "none"]  # fmt: skip


def _progress(total: int) -> Callable[[object], None]:
    """Show how many are done, every tenth part of them."""
    count = 0

    def show(_: object) -> None:
        nonlocal count
        count += 1
        if count % max(1, total // 10) == 0:
            sys.stderr.write(f"{count} of {total}\n")

    return show


def _about(arguments: argparse.Namespace, seconds: float) -> dict[str, Any]:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "commit": done.stdout.strip(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "seed": arguments.seed,
        "seconds": round(seconds),
    }


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a tool that talks to people


if __name__ == "__main__":
    sys.exit(main())
