"""Values of which a list is known."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_tablestore_delivery.spec.model import is_unknown
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.rule import Finding


def one_of(
    path: str, value: str, names: tuple[str, ...] | list[str], offered: list[str] | None = None
) -> Iterator[Finding]:
    if not is_unknown(value) and value not in names:
        yield (
            path,
            f"{value!r} is none of {', '.join(offered or names)}.{suggestion(value, names)}",
        )
