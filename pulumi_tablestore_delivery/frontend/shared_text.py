"""Pass a long text from a program to its provider in a file.

The engine copies a property several times for each resource. All resources of a table have the same
list of entries. As a property, the lists of a stack would grow with the square of its tasks. The
engine starts a program and its provider on one machine, so a file can carry the text. The file
stays when the program ends, because the engine may still check resources then.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pulumi_tablestore_delivery.errors import DeliveryError
from pulumi_tablestore_delivery.frontend.pulumi_home import own_folder

_SHORT: Final = 4_000
"""Characters of a text that a property carries itself."""

_KEPT_SECONDS: Final = 24 * 3600.0


class UnreadableFileError(DeliveryError):
    """A file that the program wrote for its provider cannot be read."""


def as_property(text: str) -> str | dict[str, str]:
    """Return a property for `text_of`: the text, or a file that has it for a day."""
    if len(text) <= _SHORT:
        return text
    try:
        return _in_file(text)
    except (OSError, RuntimeError):
        return text


def text_of(value: Any) -> str | None:
    """Return the text of a property that `as_property` made; None if it is anything else.

    Raises:
        UnreadableFileError: The file cannot be read.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        return None
    try:
        return _from_file(str(value.get("file")), str(value.get("sha256")))
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{value.get('file')}: {error}") from None


def _in_file(text: str) -> dict[str, str]:
    """Write a file that only this user can read."""
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()
    path = own_folder("shared") / digest
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_old_files(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)  # in one step: another run may be reading it
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return {"file": str(path), "sha256": digest}


@lru_cache(maxsize=1)
def _remove_old_files(folder: Path) -> None:
    """Remove the files of earlier days, once in a process."""
    oldest = time.time() - _KEPT_SECONDS
    for file in folder.iterdir():
        with suppress(OSError):  # another run has just removed it
            if file.stat().st_mtime < oldest:
                file.unlink()


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
