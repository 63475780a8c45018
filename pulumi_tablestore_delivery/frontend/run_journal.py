"""The tasks that one run of Pulumi has created or adopted, for all its provider processes.

The engine may replace a provider together with a task (`--replace '**'`), or the state and the
program may have different providers. Then one process creates or adopts the task, and another
process deletes the old entry with the same name. The processes of a run share a file, so that the
delete does not remove a task that the run continues with.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Final

from pulumi_tablestore_delivery.frontend import engine_process

_MAX_AGE_SECONDS: Final = 24 * 3600
"""An older file belongs to an earlier run whose engine had the same address."""


class RunJournal:
    """A file that the provider processes of one run share. Disk errors are ignored.

    Args:
        engine_address: The address of the run's engine; empty if it is not known. Then nothing is
            shared.
        folder: The folder of these files.
    """

    def __init__(self, engine_address: str, folder: Path) -> None:
        name = hashlib.sha256(engine_address.encode()).hexdigest()[:16]
        self._path = folder / f"{name}.jsonl" if engine_address else None

    def record(self, task: str, *, is_made: bool) -> None:
        """Record that the run created or adopted a task, or remove that record."""
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            if not _is_current(self._path):  # the first task of this run
                self._path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
                _remove_old_files(self._path.parent)
            line = json.dumps([task, is_made]) + "\n"
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)

    def is_made(self, task: str) -> bool:
        """Return whether a process of this run created or adopted the task."""
        if self._path is None:
            return False
        with contextlib.suppress(OSError, ValueError):
            if _is_current(self._path):
                lines = map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
                return bool(dict(lines).get(task, False))
        return False


def journal_of_run() -> RunJournal:
    """Return the journal of this process's run, in Pulumi's own folder."""
    home = os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi"
    folder = Path(home) / "tablestore-delivery" / "runs"
    return RunJournal(engine_process.engine().address, folder)


def _remove_old_files(folder: Path) -> None:
    for file in folder.glob("*.jsonl"):
        if not _is_current(file):
            file.unlink(missing_ok=True)


def _is_current(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime < _MAX_AGE_SECONDS
    except FileNotFoundError:
        return False
