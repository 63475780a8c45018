"""Pass a long text from a program to its provider in a file.

The engine copies a property several times for each resource. All resources of a table have the same
list of entries. As a property, the lists of a stack would grow with the square of its tasks. The
engine starts a program and its provider on one machine, so a file can carry the text.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_SHORT: Final = 4_000
"""Characters of a text that a property carries itself."""


def as_property(text: str) -> str | dict[str, str]:
    """Return a property for `text_of`: the text, or the file that has it until the program ends."""
    if len(text) <= _SHORT:
        return text
    try:
        return _in_file(text)
    except OSError:
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


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that only this user can read. Python removes it when the process ends."""
    return tempfile.TemporaryDirectory(prefix="tablestore-delivery-")


@lru_cache(maxsize=8)
def _in_file(text: str) -> dict[str, str]:
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()
    path = Path(_folder().name, digest)
    path.write_bytes(content)
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
