"""What a program tells the provider of a resource beside its inputs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import pulumi

from pulumi_tablestore_delivery.frontend.stack_entries import Entry, lines_of, read_stack_entries


def declaration(
    resource_name: str, given: Mapping[str, Any], opts: pulumi.ResourceOptions | None
) -> dict[str, Any] | None:
    r"""Describe how the program declares a resource, for its provider's check.

    Args:
        resource_name: The resource's name in the program.
        given: The resource's inputs.
        opts: The resource's options as the program gives them.

    Returns:
        A property without an effect on the task; `entries` has a line
        `<urn>\t<instance>/<table>/<task>` for each task of the same table in the stack's
        state, and is None if the state cannot be read. None for a resource that is only read:
        the engine does not check it, and would keep the declaration among its inputs.
    """
    if opts and opts.id is not None:
        return None
    table = given.get("table_name")
    return {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        "parent": opts.parent.pulumi_resource_type if opts and opts.parent else "",
        "resource": resource_name,
        "preview": pulumi.runtime.is_dry_run(),
        "delete_before_replace": opts.delete_before_replace if opts else None,
        "retain_on_delete": bool(opts and opts.retain_on_delete),
        "explicit_name": given.get("task_name") is not None,
        "entries": _entries(table if isinstance(table, str) else None),
    }


def _entries(table: str | None) -> Awaitable[str | None] | None:
    entries = read_stack_entries()
    return None if entries is None else asyncio.ensure_future(_lines(entries, table))


async def _lines(entries: Awaitable[tuple[Entry, ...] | None], table: str | None) -> str | None:
    found = await entries
    return None if found is None else lines_of(found, table)
