"""Forked processes: each run of the engine's model is one, as each run of Pulumi is.

The parent imports what the provider needs and has one thread, so a fork is quick and safe.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

PACKAGE = "pulumi_tablestore_delivery"
_NOT_NEEDED = ("cli", "emulator", "native", "testing")


def preload() -> None:
    """Import the provider's modules, so that no run has to."""
    import pulumi.dynamic  # noqa: F401, PLC0415 - see above
    import requests  # noqa: F401, PLC0415 - see above

    package = importlib.import_module(PACKAGE)
    for module in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        if module.name.split(".")[1] not in _NOT_NEEDED and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


def wait_for_any(children: "Iterable[Child]", seconds: float | None = None) -> "list[Child]":
    """Wait until one of them has ended, and return those that have; none if time is up."""
    return select.select(children, [], [], seconds)[0]


class Child:
    """A forked process that does some work and hands back JSON.

    Args:
        work: What it does; what it returns can be written as JSON.
        folder: Where its result and its output go.
        name: Of these files.
    """

    def __init__(self, work: Callable[[], Any], folder: Path, name: str) -> None:
        self._result = folder / f"{name}.json"
        self._output = folder / f"{name}.txt"
        self.pid = os.fork()
        if self.pid == 0:
            self._run(work)
        self._descriptor = os.pidfd_open(self.pid)

    def _run(self, work: Callable[[], Any]) -> None:
        status = 1
        try:
            output = os.open(self._output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            temporary = self._result.with_suffix(".part")
            temporary.write_text(json.dumps(work()))
            temporary.replace(self._result)
            status = 0
        except BaseException:  # noqa: BLE001 - it ends here, whatever it is
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def wait(self, seconds: float) -> bool:
        """Wait for its end, and kill it if that does not come in time.

        Returns:
            Whether it ended by itself.
        """
        in_time = self.wait_for_end(seconds)
        if not in_time:
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._descriptor)
        return in_time

    def wait_for_end(self, seconds: float) -> bool:
        """Wait for its end, and return whether it came in time."""
        return bool(wait_for_any([self], seconds))

    def fileno(self) -> int:
        """A descriptor that is readable once the process has ended."""
        return self._descriptor

    @property
    def result(self) -> Any:
        """What its work returned; None if it did not come to that."""
        return json.loads(self._result.read_text()) if self._result.exists() else None

    @property
    def output(self) -> str:
        """What it wrote to its standard output and error."""
        return self._output.read_text(errors="replace") if self._output.exists() else ""
