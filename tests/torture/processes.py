"""Forked processes: each run of the engine's model is one, as each run of Pulumi is.

The parent imports what the provider needs and has one thread, so a fork is quick and safe.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
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
        self.status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            self._run(work)

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
        end = time.monotonic() + seconds
        while not self.has_ended():
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                return False
            time.sleep(0.01)
        return True

    def has_ended(self) -> bool:
        """Whether it has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    @property
    def result(self) -> Any:
        """What its work returned; None if it did not come to that."""
        return json.loads(self._result.read_text()) if self._result.exists() else None

    @property
    def output(self) -> str:
        """What it wrote to its standard output and error."""
        return self._output.read_text(errors="replace") if self._output.exists() else ""
