"""The provider's side of `declaration`: read what a program tells about a resource."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pulumi_tablestore_delivery.frontend.shared_text import UnreadableFileError, text_of
from pulumi_tablestore_delivery.lifecycle import Declaration, StateEntries, TaskId
from pulumi_tablestore_delivery.spec.naming import Scope


def fields_of(text: Any) -> dict[str, Any]:
    """Return the fields of the property that a program sent; empty if it is not a declaration."""
    try:
        fields = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def declared(scope: Scope, urn: str, fields: Mapping[str, Any]) -> Declaration:
    """Return what is known about a resource in addition to its inputs.

    Args:
        scope: Where it is declared.
        urn: Its URN; empty if it is not known.
        fields: The fields of the declaration.
    """
    columns = _columns(fields.get("tables"))
    lines, unreadable = None, ""
    try:
        lines = text_of(fields.get("entries"))
    except UnreadableFileError as error:
        unreadable = str(error)
    return Declaration(
        scope=scope,
        urn=urn,
        preview=bool(fields.get("preview")),
        explicit_name=fields.get("explicit_name"),
        knows_options="explicit_name" in fields,
        delete_before_replace=fields.get("delete_before_replace"),
        may_be_transformed=bool(fields.get("may_be_transformed")),
        retain_on_delete=bool(fields.get("retain_on_delete")),
        entries=_entries(lines) if urn and lines is not None else None,
        unreadable=unreadable,
        tables=tuple(columns),
        columns=columns,
    )


def _columns(text: Any) -> dict[str, tuple[str, ...]]:
    """Return the columns that the program's new tasks read, by table."""
    found = fields_of(text).items()
    return {table: tuple(columns) for table, columns in found if isinstance(columns, list)}


@lru_cache(maxsize=8)  # all resources of a table have the same text
def _entries(lines: str) -> StateEntries:
    """Read lines of `<urn><tab><instance>/<table>/<task>`."""
    pairs = (line.rpartition("\t") for line in lines.split("\n") if line)
    # A name that was not made by Pulumi may have a line break. Such an entry is skipped.
    named = {urn: task for urn, _, task in pairs if _is_id(urn, task)}
    return StateEntries({urn: TaskId(*task.split("/", 2)) for urn, task in named.items()})


def _is_id(urn: str, task: str) -> bool:
    return bool(urn) and task.count("/") > 1
