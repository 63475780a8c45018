"""Stacks of delivery tasks, and of stock dynamic resources that do nothing, for benchmarks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

RUNS: Final = ("up", "no-op up", "refresh", "destroy")
"""The runs of a stack, in this order."""

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
_STOCK: Final = f"""
import os
from pulumi.dynamic import Resource
from stock_provider import Nothing
{_INPUTS}

class Stock(Resource):
    def __init__(self, name, props):
        super().__init__(Nothing(), name, props)


for number in range(int(os.environ["TASKS"])):
    Stock(f"task-{{number}}", {{**inputs, "oss_prefix": f"copies/{{number}}/"}})
"""
_FILLED_IN: Final = """
inputs.update(
    adopt_existing=False, allow_undocumented_types=False, format="Parquet", instance_name="local",
    mode="BASE_INC", oss_endpoint="oss-cn-hangzhou.aliyuncs.com", task_name="task-8u7esedzt",
    timeout_seconds=180,
    parquet_schema=[
        {"encoding": "PLAIN", "name": "order_id", "source": "order_id", "type": "UTF8"},
        {"encoding": "PLAIN", "name": "amount_cny", "source": "amount", "type": "DOUBLE"},
    ],
)
"""
_OUTPUTS: Final = {
    "error_code": "OK",
    "error_detail": "",
    "location": "oss://my-lake/copies/0/",
    "phase": "INIT",
    "request_id": "fd42247b-4176-4ec4-954c-ed9b47ff133f",
    "synced_until": "",
    "trace_id": "ed14cead-3fcb-455a-87c5-f5a75ea69286",
}
_TYPED: Final = f"""
import os
from typing import Sequence
import pulumi
from pulumi import Input, Output
from pulumi.dynamic import Resource
from stock_provider import Nothing
{_INPUTS}

@pulumi.input_type
class ColumnArgs:
    def __init__(self, source: Input[str], type: Input[str], name: Input[str] = None):
        pulumi.set(self, "source", source)
        pulumi.set(self, "type", type)
        pulumi.set(self, "name", name)

    source: Input[str] = pulumi.property("source")
    type: Input[str] = pulumi.property("type")
    name: Input[str] = pulumi.property("name")


class Typed(Resource):
    table_name: Output[str]
    oss_bucket: Output[str]
    oss_prefix: Output[str]
    role_arn: Output[str]
    wait_for: Output[str]
    parquet_schema: Output[Sequence[dict]]
    phase: Output[str]
    location: Output[str]

    def __init__(
        self, name, table_name: Input[str], oss_bucket: Input[str], oss_prefix: Input[str],
        role_arn: Input[str], wait_for: Input[str], parquet_schema: Input[Sequence[ColumnArgs]],
    ):
        super().__init__(Nothing(), name, {{
            "table_name": table_name, "oss_bucket": oss_bucket, "oss_prefix": oss_prefix,
            "role_arn": role_arn, "wait_for": wait_for, "parquet_schema": parquet_schema,
            "phase": None, "location": None,
        }})


columns = [ColumnArgs(**column) for column in inputs.pop("parquet_schema")]
for number in range(int(os.environ["TASKS"])):
    Typed(
        f"task-{{number}}", oss_prefix=f"copies/{{number}}/", parquet_schema=columns, **inputs
    )
"""
_STOCK_PROVIDER: Final = f"""
import os
import time
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, ResourceProvider

OUTPUTS = {_OUTPUTS!r}

class Nothing(ResourceProvider):
    serialize_as_secret_always = False

    def wait(self):
        time.sleep(float(os.environ["LATENCY"]))

    def create(self, props):
        self.wait()
        return CreateResult("id", {{**props, **OUTPUTS}} if "timeout_seconds" in props else props)

    def diff(self, _id, _olds, _news):
        return DiffResult(changes=False)

    def read(self, id_, props):
        self.wait()
        return ReadResult(id_, props)

    def delete(self, _id, _props):
        self.wait()
"""
PROGRAMS: Final = {
    "ours": _OURS,
    "native": _OURS.replace(f"{_PACKAGE} as", f"{_PACKAGE}.native as"),
    "stock": _STOCK,
    "typed": _TYPED,
    "full": _STOCK.replace(_INPUTS, _INPUTS + _FILLED_IN),
}
"""Programs by name.

`stock` is a dynamic provider that only waits as long as the emulator does. `typed` is the same
with typed inputs and outputs, as a person would write it by hand. `full` is `stock` with as many
inputs and outputs in the state as a delivery task has.
"""

_PROCESSES: Final = {
    "provider": ("pulumi.dynamic", "pulumi-resource-tablestore-delivery"),
    "program": ("pulumi-language-python-exec",),
    "engine": ("pulumi ",),
}
_PAUSE: Final = 0.1


@dataclass
class Measured:
    """One run of the CLI.

    Attributes:
        seconds: Wall time.
        peaks: Peak memory of each kind of process in bytes, where Linux tells it.
        processor: Processor time of each kind of process in seconds, likewise.
    """

    seconds: float
    peaks: dict[str, int] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)


class BenchmarkStack:
    """A project with one stack on a file backend.

    Args:
        folder: A new folder.
        program: The program, of `PROGRAMS`.
        environment: What the program needs, beside the number of tasks and the latency.
        tasks: The number of resources.
        latency: Seconds that the stock provider waits in each call.
    """

    def __init__(
        self, folder: Path, program: str, environment: dict[str, str], tasks: int, latency: float
    ) -> None:
        (folder / "state").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")
        (folder / "__main__.py").write_text(program)
        (folder / "stock_provider.py").write_text(_STOCK_PROVIDER)
        self._folder = folder
        self._environment = {
            **os.environ,
            **environment,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "passphrase",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "TASKS": str(tasks),
            "LATENCY": str(latency),
        }
        self._call("stack", "init", "bench")

    def timed(self, run: str, parallel: int | None = None) -> Measured:
        """Run one of `RUNS`.

        Args:
            run: Its name.
            parallel: The CLI's `--parallel`; its default if it is None.
        """
        arguments = ["up" if run.endswith("up") else run, "--skip-preview", "--yes"]
        if parallel is not None:
            arguments += ["--parallel", str(parallel)]
        watch = _Watch(self._folder)
        watch.start()
        started = time.perf_counter()
        try:
            self._call(*arguments)
        finally:
            seconds = time.perf_counter() - started
            watch.stop()
        return Measured(seconds, watch.peaks, watch.processor)

    def state_size(self) -> int:
        """The size of the stack's state in bytes."""
        checkpoints = self._folder.joinpath("state", ".pulumi", "stacks").rglob("bench.json")
        return sum(path.stat().st_size for path in checkpoints)

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


class _Watch(threading.Thread):
    """Notes the peak memory and the processor time of the processes of a project's runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.peaks: dict[str, int] = {}
        self.processor: dict[str, float] = {}
        self._home = f"PULUMI_HOME={folder}/home".encode()
        self._is_over = threading.Event()

    def stop(self) -> None:
        self._is_over.set()
        self.join()

    def run(self) -> None:
        while not self._is_over.wait(_PAUSE):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    kind = self._kind(process)
                    status = process.joinpath("status").read_text()
                    # After the name, which may hold spaces: state is field 3, utime is field 14.
                    stat = process.joinpath("stat").read_text().rpartition(")")[2].split()
                except (OSError, UnicodeDecodeError):
                    continue
                peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "")
                if kind is None or not peak:  # a process that has ended has no memory
                    continue
                used = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
                self.peaks[kind] = max(self.peaks.get(kind, 0), int(peak.split()[1]) * 1024)
                self.processor[kind] = max(self.processor.get(kind, 0), used)

    def _kind(self, process: Path) -> str | None:
        """Return the kind of a process of the project; None for any other process."""
        command = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
        if self._home not in process.joinpath("environ").read_bytes().split(b"\0"):
            return None
        kinds = (
            name for name, words in _PROCESSES.items() if any(word in command for word in words)
        )
        return next(kinds, None)
