"""Names of buckets, keys of objects, and which keys can be paths of files."""

import os
import re
from typing import Final

KEY_BYTES: Final = 1023
"""The longest key of an object, in UTF-8 (documented)."""

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_NAME_BYTES: Final = 255  # the longest file name of common file systems
_WINDOWS: Final = frozenset('\\:*?"<>|')
_RESERVED: Final = frozenset("\0") | (_WINDOWS if os.name == "nt" else frozenset())


def is_bucket_name(name: str) -> bool:
    """Return whether a name follows OSS's rule for buckets (documented)."""
    return _BUCKET.fullmatch(name) is not None


def key_problem(key: str) -> str:
    """Return which rule for object keys a key breaks (documented); empty if none."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return "The Object name is not valid UTF-8."
    if not size:
        return "The Object name can not be empty."
    if size > KEY_BYTES:
        return f"The Length of Object name must be less than {KEY_BYTES + 1}."
    if key.startswith(("/", "\\")):
        return "The Object name can not start with a slash or a backslash."
    return ""


def plain_segments(key: str) -> tuple[str, ...] | None:
    """Split a key into the names of a path below the bucket's folder.

    Return None if the key cannot be such a path: it has empty or relative segments, or names that
    file systems do not allow. Joined with slashes, the segments are the key again.
    """
    segments = tuple(key.split("/"))
    return segments if all(map(_is_plain, segments)) else None


def _is_plain(segment: str) -> bool:
    if segment in {"", ".", ".."} or _RESERVED & set(segment):
        return False
    if os.name == "nt" and segment.endswith((".", " ")):
        return False
    return len(segment.encode()) <= _NAME_BYTES
