"""The time that importing the package adds to importing Pulumi, which every program does."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

TITLE: Final = "Time of a process that imports (seconds, measured in turns)"
COLUMNS: Final = ("import", "median", "lowest", "highest", "median / pulumi's")
_ROUNDS: Final = 15
_CODE: Final = {
    "pulumi": "import pulumi",
    "the package": "import pulumi, pulumi_tablestore_delivery",
    "DeliveryTask": "import pulumi, pulumi_tablestore_delivery as d; d.DeliveryTask",
}


def rows() -> Iterator[tuple[str, ...]]:
    """Measure each import in turns; yield a row for each."""
    times: dict[str, list[float]] = {name: [] for name in _CODE}
    for _ in range(_ROUNDS):
        for name, code in _CODE.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times[name].append(time.perf_counter() - started)
    of_pulumi = statistics.median(times["pulumi"])
    for name, measured in times.items():
        median = statistics.median(measured)
        yield (
            name,
            f"{median:.3f}",
            f"{min(measured):.3f}",
            f"{max(measured):.3f}",
            f"{median / of_pulumi:.3f}",
        )
