"""The tasks that one run of Pulumi has created or adopted, for all its provider processes.

The engine may replace a provider together with a task (`--replace '**'`), or find two providers
in the state and the program. Then one process creates or adopts the task and another one deletes
the old entry of the same name. The processes of a run share this file, so the delete leaves a task
that the run continues with.
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
"""A file that is older is of an earlier run whose engine had the same address."""


class RunJournal:
    """A file that the provider processes of one run share. Errors of the disk are ignored.

    Args:
        engine_address: The address of the run's engine; without one, nothing is shared.
        folder: Where the files are.
    """

    def __init__(self, engine_address: str, folder: Path) -> None:
        name = hashlib.sha256(engine_address.encode()).hexdigest()[:16]
        self._path = folder / f"{name}.jsonl" if engine_address else None

    def record(self, task: str, *, is_made: bool) -> None:
        """Record that the run made a task, or take that back."""
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
        """Return whether a process of this run made the task."""
        if self._path is None:
            return False
        with contextlib.suppress(OSError, ValueError):
            if _is_current(self._path):
                lines = map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
                return bool(dict(lines).get(task, False))
        return False


def journal_of_run() -> RunJournal:
    """Return the journal of the run that this process works for, in Pulumi's own folder."""
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
