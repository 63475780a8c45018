"""The lock of a killed Pulumi run, which stays and makes every later run fail."""

import contextlib
import json
import os
import socket
from pathlib import Path


def has_stale_lock(state: Path) -> bool:
    """Return whether a run that no longer exists has left a lock in a file backend.

    A lock from another machine, or one that cannot be read, does not count as stale.

    Args:
        state: The backend's folder.
    """
    locks = list((state / ".pulumi" / "locks").rglob("*.json"))
    return bool(locks) and all(_is_stale(lock) for lock in locks)


def _is_stale(lock: Path) -> bool:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        holder = json.loads(lock.read_text(encoding="utf-8"))
        return holder["hostname"] == socket.gethostname() and not _exists(int(holder["pid"]))
    return False


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
