"""`up`, no-op `up`, refresh and destroy, by either provider, beside one that does nothing.

That one is dynamic, has the same inputs and waits as long as the emulator lets ours wait, so
what is compared is the work around the call. All run with `--parallel 64`, one after the
other in the same run; what counts is the ratio. Tasks do not wait for their initialisation:
a create is one call.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from emulator import Emulator

TITLE: Final = "Pulumi runs beside a stock dynamic provider that does nothing (seconds)"
COLUMNS: Final = (
    "tasks", "latency", "run", "ours", "native", "stock", "ours / stock", "native / ours",
)  # fmt: skip
_TASKS: Final = (1, 10, 100, 300)
_LATENCIES: Final = (0.0, 0.2)

_INPUTS: Final = """
inputs = {
    "table_name": "orders",
    "oss_bucket": "my-lake",
    "role_arn": "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery",
    "wait_for": "none",
    "parquet_schema": [
        {"source": "order_id", "type": "UTF8"},
        {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
    ],
}
"""
_OURS: Final = f"""
import os
import pulumi_tablestore_delivery as delivery
{_INPUTS}
for number in range(int(os.environ["TASKS"])):
    delivery.DeliveryTask(f"task-{{number}}", oss_prefix=f"copies/{{number}}/", **inputs)
"""
_PACKAGE: Final = "pulumi_tablestore_delivery"
_NATIVE: Final = _OURS.replace(f"{_PACKAGE} as", f"{_PACKAGE}.native as")
_STOCK: Final = f"""
import os
from pulumi.dynamic import Resource
from stock_provider import Nothing
{_INPUTS}

class Stock(Resource):
    def __init__(self, name, props):
        super().__init__(Nothing(), name, props)


for number in range(int(os.environ["TASKS"])):
    props = {{**inputs, "oss_prefix": f"copies/{{number}}/"}}
    Stock(f"task-{{number}}", props)
"""
_STOCK_PROVIDER: Final = """
import os
import time
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, ResourceProvider


class Nothing(ResourceProvider):
    serialize_as_secret_always = False

    def wait(self):
        time.sleep(float(os.environ["LATENCY"]))

    def create(self, props):
        self.wait()
        return CreateResult("id", props)

    def diff(self, _id, _olds, _news):
        return DiffResult(changes=False)

    def read(self, id_, props):
        self.wait()
        return ReadResult(id_, props)

    def delete(self, _id, _props):
        self.wait()
"""


def rows() -> Iterator[tuple[str, ...]]:
    """Runs everything; a row for each pair of runs."""
    with tempfile.TemporaryDirectory() as folder:
        for latency in _LATENCIES:
            with Emulator(Path(folder) / f"emulator-{latency}", latency) as emulator:
                emulator.create_table("orders")
                for tasks in _TASKS:
                    place = Path(folder) / f"{latency}-{tasks}"
                    yield from _pair(place, emulator, tasks, latency)


def _pair(place: Path, emulator: Emulator, tasks: int, latency: float) -> Iterator[tuple[str, ...]]:
    environment = {
        **os.environ,
        **emulator.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(place / "stock"),
        "PULUMI_HOME": str(place / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "passphrase",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "TASKS": str(tasks),
        "LATENCY": str(latency),
    }
    stacks = {
        name: _Stack(place / name, program, environment)
        for name, program in (("ours", _OURS), ("native", _NATIVE), ("stock", _STOCK))
    }
    (place / "stock" / "stock_provider.py").write_text(_STOCK_PROVIDER)
    for run in ("up", "no-op up", "refresh", "destroy"):
        command = ("up", "--skip-preview") if "up" in run else (run, "--skip-preview")
        ours, native, stock = (stacks[name].timed(*command) for name in stacks)
        yield (
            str(tasks), f"{latency:g} s", run, f"{ours:.1f}", f"{native:.1f}", f"{stock:.1f}",
            f"{ours / stock:.2f}", f"{native / ours:.2f}",
        )  # fmt: skip
    shutil.rmtree(place)


class _Stack:
    def __init__(self, folder: Path, program: str, environment: dict[str, str]) -> None:
        (folder / "state").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")
        (folder / "__main__.py").write_text(program)
        self._folder = folder
        self._environment = {**environment, "PULUMI_BACKEND_URL": f"file://{folder}/state"}
        self._call("stack", "init", "bench")

    def timed(self, *command: str) -> float:
        started = time.perf_counter()
        self._call(*command, "--yes", "--parallel", "64")
        return time.perf_counter() - started

    def _call(self, *arguments: str) -> None:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"pulumi {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
