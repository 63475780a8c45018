"""Signed describes per second: this client and the official Python SDK on the same emulator.

Both describe a table, over one connection, in turns, with the checks of answers on. This client
also describes a delivery task, which the SDK cannot do.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from emulator import Emulator

TITLE: Final = "Describes a second, one sequential client on the emulator"
COLUMNS: Final = ("client", "median", "lowest", "highest", "of the SDK's")
_ROUNDS: Final = 7
_CALLS: Final = 400


def rows() -> Iterator[tuple[str, ...]]:
    """Measure both in turns; yield a row for each."""
    with tempfile.TemporaryDirectory() as folder, Emulator(Path(folder) / "emulator") as emulator:
        emulator.create_table("orders")
        emulator.create_task("orders", "task")
        ours, sdk = emulator.client(), emulator.sdk()
        calls: dict[str, Callable[[], object]] = {
            "ours, DescribeTable": lambda: ours.describe_table("orders"),
            "official Python SDK, DescribeTable": lambda: sdk.describe_table("orders"),
            "ours, DescribeDeliveryTask": lambda: ours.describe_delivery_task("orders", "task"),
        }
        rates: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(_ROUNDS):
            for name, call in calls.items():
                rates[name].append(_rate(call))
    sdk_rate = statistics.median(rates["official Python SDK, DescribeTable"])
    for name, measured in rates.items():
        rate = statistics.median(measured)
        yield (
            name,
            f"{rate:.0f}",
            f"{min(measured):.0f}",
            f"{max(measured):.0f}",
            f"{rate / sdk_rate:.2f}",
        )


def _rate(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(_CALLS):
        call()
    return _CALLS / (time.perf_counter() - started)
