"""A value that a preview does not know yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from typing_extensions import TypeIs


class Unknown(Enum):
    """A value that a preview does not know yet."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


def is_unknown(value: object) -> TypeIs[Unknown]:
    """Return whether a value itself is unknown. A value inside it may be unknown too."""
    return value is UNKNOWN


def contains_unknown(value: object) -> bool:
    """Return whether a plain value, or a value inside it, is unknown."""
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN
