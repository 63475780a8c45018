"""`make bench`: run the benchmarks, or those that are named as arguments.

A benchmark is a module in this folder with TITLE, COLUMNS and rows(), which measures and yields.
"""

import importlib
import sys
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

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


def main(chosen: list[str]) -> int:
    """Run benchmarks one after the other."""
    if unknown := set(chosen) - set(BENCHMARKS):
        print(f"No benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
        return 2
    console = Console()
    for name in chosen or BENCHMARKS:
        benchmark = importlib.import_module(name)
        table = Table(*benchmark.COLUMNS, title=benchmark.TITLE, title_justify="left")
        with Live(table, console=console, auto_refresh=False) as live:
            for row in benchmark.rows():
                table.add_row(*row)
                live.refresh()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
