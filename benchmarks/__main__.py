"""`make bench`: run the benchmarks, or those that are named as arguments.

A benchmark is a module in this folder with TITLE, COLUMNS and rows(), which measures and yields.
"""

import importlib
import sys
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Column, Table

BENCHMARKS: Final = (
    "import_time",
    "client_calls",
    "pulumi_runs",
    "scale",
    "preview_lookups",
    "delivery",
    "verification",
    "row_codec",
    "many_clients",
)


_NARROW: Final[dict[str, Any]] = {"box": SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False}


def main(chosen: list[str]) -> int:
    """Run benchmarks one after the other."""
    if unknown := set(chosen) - set(BENCHMARKS):
        print(f"No benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
        return 2
    console = Console()
    for name in chosen or BENCHMARKS:
        benchmark = importlib.import_module(name)
        columns = (Column(name, vertical="bottom") for name in benchmark.COLUMNS)
        table = Table(*columns, title=benchmark.TITLE, title_justify="left", **_NARROW)
        with Live(table, console=console, auto_refresh=False) as live:
            for row in benchmark.rows():
                table.add_row(*row)
                live.refresh()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
