"""The tasks that one run of Pulumi continues with, for all its provider processes.

The engine may replace a provider together with a task (`--replace '**'`), or find two providers
in the state and the program. Then one process creates, adopts or keeps the task and another one
deletes the old entry of the same name. The processes of a run share this file, so the delete
leaves a task that the run continues with.

A later run's engine may have the same address. So each process that records in the file holds a
lock on it until the process ends: a file that nobody has locked is of an earlier run. Where there
are no such locks, the file's age decides.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Final, TextIO

from pulumi_tablestore_delivery.frontend import engine_process
from pulumi_tablestore_delivery.frontend.pulumi_home import own_folder

if sys.platform != "win32":
    import fcntl

_MAX_AGE_SECONDS: Final = 24 * 3600
"""Without locks (Windows, some file systems): an older file is of an earlier run."""


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
        self._lock = threading.Lock()
        self._descriptor: int | None = None

    def record(self, task: str, *, is_continued: bool) -> None:
        """Record that the run continues with the task, or take that back."""
        if self._path is None:
            return
        with contextlib.suppress(OSError), self._lock:
            if self._descriptor is None:  # the first task that this process records
                self._path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
                _remove_old_files(self._path.parent)
                self._descriptor = _opened(self._path)
            line = json.dumps([task, is_continued]) + "\n"
            os.write(self._descriptor, line.encode())

    def is_continued(self, task: str) -> bool:
        """Return whether a process of this run continues with the task."""
        if self._path is None:
            return False
        with contextlib.suppress(OSError, ValueError), _for_lock(self._path) as file:
            if self._descriptor is not None or _is_in_use(file.fileno()):
                named = json.dumps(task)
                lines = (line for line in file if named in line)
                return bool(dict(map(json.loads, lines)).get(task, False))
        return False


def journal_of_run() -> RunJournal:
    """Return the journal of this process's run, in Pulumi's own folder."""
    return RunJournal(engine_process.engine().address, own_folder("runs"))


def _opened(path: Path) -> int:
    """Open a file and lock it until this process ends. Empty it if it is of an earlier run."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        if not _is_in_use(descriptor):
            os.ftruncate(descriptor, 0)
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # no such locks: the age decides
                fcntl.flock(descriptor, fcntl.LOCK_SH)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # another run has just removed the file


def _remove_old_files(folder: Path) -> None:
    for file in folder.glob("*.jsonl"):
        with contextlib.suppress(OSError), _for_lock(file) as opened:
            if not _is_in_use(opened.fileno()):
                file.unlink(missing_ok=True)


def _for_lock(path: Path) -> TextIO:
    """Open a file for reading. NFS needs a writable descriptor for an exclusive lock."""
    return path.open("r+", encoding="utf-8")


def _is_in_use(descriptor: int) -> bool:
    """Return whether a process that still lives has recorded in the file.

    Without locks, return whether the file is recent.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # the file system does not have such locks
            pass
        else:
            return False
    return time.time() - os.fstat(descriptor).st_mtime < _MAX_AGE_SECONDS
