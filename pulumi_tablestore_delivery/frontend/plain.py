"""Convert inputs of all forms to plain values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from pulumi_tablestore_delivery.frontend.inputs import EventTimeColumnArgs, ParquetColumnArgs


def plain_form(value: Any) -> Any:
    """Replace args classes, sequences and enums by dicts, lists and strings."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (EventTimeColumnArgs, ParquetColumnArgs)):
        return {name: plain_form(getattr(value, name)) for name in type(value).__annotations__}
    if isinstance(value, Mapping):
        return {name: plain_form(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_form(item) for item in value]
    return value
