"""Inputs that take one of a list of values."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.rule import Finding
from pulumi_tablestore_delivery.spec.unknown import Unknown, is_unknown


def one_of(
    path: str,
    value: str | Unknown,
    names: tuple[str, ...] | list[str],
    offered: list[str] | None = None,
) -> Iterator[Finding]:
    """Find a value that is not in the list; `offered` is the part of it that a message names."""
    if not is_unknown(value) and value not in names:
        yield (
            path,
            f"{value!r} is not one of {', '.join(offered or names)}.{suggestion(value, names)}",
        )
