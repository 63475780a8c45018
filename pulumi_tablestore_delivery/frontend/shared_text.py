"""Pass a long text from a program to its provider in a file.

The engine copies a property several times for each resource. All resources of a table have the same
list of entries. As a property, the lists of a stack would grow with the square of its tasks. The
engine starts a program and its provider on one machine, so a file can carry the text. The file
stays when the program ends, because the engine may still check resources then.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pulumi_tablestore_delivery.frontend.pulumi_home import own_folder

_SHORT: Final = 4_000
"""Characters of a text that a property carries itself."""

_KEPT_SECONDS: Final = 24 * 3600.0
"""How long a file stays after the last run that used it has begun."""


def as_property(text: str) -> str | dict[str, str]:
    """Return a property for `text_of`: the text, or the file that has it."""
    if len(text) <= _SHORT:
        return text
    try:
        return _used(_in_file(text))
    except FileNotFoundError:  # this process has run for days, and another one removed the file
        _in_file.cache_clear()
    except (OSError, RuntimeError):
        return text
    with suppress(OSError):
        return _used(_in_file(text))
    return text


def text_of(value: Any) -> str | None:
    """Return the text of a property that `as_property` made; None if it cannot be read."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        return None
    try:
        return _from_file(str(value.get("file")), str(value.get("sha256")))
    except (OSError, ValueError):
        return None


def _used(value: dict[str, str]) -> dict[str, str]:
    """Keep the file for another day.

    Raises:
        FileNotFoundError: The file is not there any more.
    """
    os.utime(value["file"])
    return value


@lru_cache(maxsize=8)
def _in_file(text: str) -> dict[str, str]:
    """Write a file that only this user can read, and remove old ones."""
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()
    path = own_folder("shared") / digest
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)  # in one step: another run may be reading it
    oldest = time.time() - _KEPT_SECONDS
    for other in path.parent.iterdir():
        with suppress(OSError):  # another run has just removed it
            if other.stat().st_mtime < oldest:
                other.unlink()
    return {"file": str(path), "sha256": digest}


@lru_cache(maxsize=8)
def _from_file(path: str, digest: str) -> str:
    """Read a file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file has another content.
    """
    content = Path(path).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError("the file has another content")
    return content.decode()
