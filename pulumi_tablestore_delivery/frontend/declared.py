"""The provider's side of `declaration`: what a program told about a resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_tablestore_delivery.lifecycle import Declaration, TaskId
from pulumi_tablestore_delivery.spec.naming import Scope


def declared(scope: Scope, urn: str, told: Mapping[str, Any]) -> Declaration:
    """Return what is known about a resource beside its inputs.

    Args:
        scope: Where it is declared.
        urn: Its URN; empty if it is not known.
        told: The property that the program sent; empty where none does.
    """
    return Declaration(
        scope=scope,
        urn=urn,
        preview=bool(told.get("preview")),
        knows_options="explicit_name" in told,
        delete_before_replace=told.get("delete_before_replace"),
        retain_on_delete=bool(told.get("retain_on_delete")),
        entries=_entries(told.get("entries")) if urn else None,
    )


def _entries(lines: Any) -> dict[str, TaskId] | None:
    """Read lines of `<urn><tab><instance>/<table>/<task>`; None if the program knows nothing."""
    if not isinstance(lines, str):
        return None
    pairs = (line.partition("\t") for line in lines.splitlines())
    return {urn: TaskId.parse(task) for urn, _, task in pairs}
