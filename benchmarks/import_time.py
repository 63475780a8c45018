"""What importing the package adds to importing Pulumi, which every program does anyway."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

TITLE: Final = "Import time of a program's process (seconds, in turns)"
COLUMNS: Final = ("import", "median", "lowest", "highest", "ours / pulumi")
_ROUNDS: Final = 15
_CODE: Final = {
    "pulumi": "import pulumi",
    "ours": "import pulumi, pulumi_tablestore_delivery as d; d.DeliveryTask",
}


def rows() -> Iterator[tuple[str, ...]]:
    """Measures both in turns; a row for each."""
    times: dict[str, list[float]] = {name: [] for name in _CODE}
    for _ in range(_ROUNDS):
        for name, code in _CODE.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times[name].append(time.perf_counter() - started)
    ratio = statistics.median(times["ours"]) / statistics.median(times["pulumi"])
    for name, measured in times.items():
        yield (
            name,
            f"{statistics.median(measured):.3f}",
            f"{min(measured):.3f}",
            f"{max(measured):.3f}",
            f"{ratio:.2f}" if name == "ours" else "",
        )
