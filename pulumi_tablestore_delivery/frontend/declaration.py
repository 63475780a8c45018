"""The declaration: what a program tells the provider about a resource besides its inputs."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from pulumi_tablestore_delivery.conflicts import belongs_to_another
from pulumi_tablestore_delivery.frontend.new_tables import new_tables
from pulumi_tablestore_delivery.frontend.stack_entries import (
    Entry,
    StackEntries,
    read_stack_entries,
)
from pulumi_tablestore_delivery.frontend.transformations import may_be_transformed
from pulumi_tablestore_delivery.resource_types import DYNAMIC_TYPE

_IGNORING: Final = frozenset(
    {"*", "instance_name", "instanceName", "table_name", "tableName", "task_name", "taskName"}
)
"""Values of `ignore_changes` with which the engine takes a name from the state."""

_INSTANCE_VARIABLE: Final = "TABLESTORE_INSTANCE"  # `settings.INSTANCE`, slow to import

_STACK: Final = "pulumi:pulumi:Stack"


def declaration(
    resource_name: str,
    given: Mapping[str, Any],
    opts: pulumi.ResourceOptions | None,
    resource_type: str = DYNAMIC_TYPE,
) -> str | Awaitable[str] | None:
    r"""Describe how the program declares a resource, for its provider's check.

    Args:
        resource_name: The resource's name in the program.
        given: The resource's inputs.
        opts: The resource's options as the program gives them.
        resource_type: The resource's type; the dynamic provider's by default.

    Returns:
        A property that does not affect the task. It is JSON, because the SDK and the engine take
        time for each property. Its `entries` has a line `<urn>\t<instance>/<table>/<task>` for each
        task of the same table in the stack's state (see `shared_text`); it is None if the state
        cannot be read. `tables` is the result of `new_tables`.
        For a resource that is only read, the result is None: the engine does not check such a
        resource, so the declaration would stay in its inputs.
    """
    is_name = isinstance(resource_name, str)  # Pulumi refuses another name, later
    if not is_name or (opts and opts.id is not None):
        return None
    fields = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        "parent": opts.parent.pulumi_resource_type if opts and opts.parent else "",
        "resource": resource_name,
        "preview": pulumi.runtime.is_dry_run(),
        "delete_before_replace": opts.delete_before_replace if opts else None,
        "retain_on_delete": bool(opts and opts.retain_on_delete),
        "explicit_name": given.get("task_name") is not None,
        "may_be_transformed": may_be_transformed(opts),
    }
    entries = read_stack_entries()
    if entries is None:
        return json.dumps(fields)
    table = given.get("table_name")
    wanted = _wanted(resource_name, given, opts, resource_type)
    tables = new_tables(resource_name, given)
    lines = _lines(entries, table if isinstance(table, str) else None, wanted)
    return asyncio.ensure_future(_complete(fields, lines, tables))


async def _complete(
    fields: dict[str, Any], lines: Awaitable[Any], tables: Awaitable[str | None] | None
) -> str:
    entries = await lines
    return json.dumps(
        {**fields, "entries": entries, "tables": None if tables is None else await tables}
    )


@dataclass(frozen=True)
class _Wanted:
    """The task that a resource names, as far as its inputs are plain values.

    Attributes:
        resource_name: The resource's name in the program.
        urn: The resource's URN; empty if it is not known.
        instance: The Tablestore instance.
        table: The task's table.
        task: The task's name in the table.
        keeps_names: Whether the engine keeps the names of a resource that has an entry.
    """

    resource_name: str
    urn: str
    instance: str
    table: str
    task: str
    keeps_names: bool

    def holder(self, entries: StackEntries) -> Entry | None:
        """Return the entry of another resource that holds the task."""
        if self.keeps_names and entries.of_resource(self.resource_name):
            return None
        held = entries.of_task(self.instance, self.table, self.task)
        if any(entry.resource_name == self.resource_name for entry in held):
            return None
        return held[0] if held else None


def _wanted(
    resource_name: str,
    given: Mapping[str, Any],
    opts: pulumi.ResourceOptions | None,
    resource_type: str,
) -> _Wanted | None:
    """Return the task that a resource names; None if the program cannot know it."""
    if opts and opts.aliases:
        return None
    instance = given.get("instance_name")
    if instance is None:
        instance = _default_instance(opts, resource_type)
    table, task = given.get("table_name"), given.get("task_name")
    if not (isinstance(instance, str) and isinstance(table, str) and isinstance(task, str)):
        return None
    ignored = opts.ignore_changes if opts else None
    return _Wanted(
        resource_name,
        _urn(resource_name, opts, resource_type),
        instance,
        table,
        task,
        keeps_names=not _IGNORING.isdisjoint(ignored or ()),
    )


def _urn(resource_name: str, opts: pulumi.ResourceOptions | None, resource_type: str) -> str:
    """Return a resource's URN; empty for a child, because its parent's URN is known only later."""
    if opts and opts.parent and opts.parent.pulumi_resource_type != _STACK:
        return ""
    stack = f"{pulumi.get_stack()}::{pulumi.get_project()}"
    return f"urn:pulumi:{stack}::{resource_type}::{resource_name}"


def _default_instance(opts: pulumi.ResourceOptions | None, resource_type: str) -> str | None:
    """Return the instance that the provider's settings give; None if it cannot be known."""
    if opts and (opts.provider or opts.providers):
        return None
    if opts and opts.parent and opts.parent.get_provider(resource_type):
        return None
    variable = os.environ.get(_INSTANCE_VARIABLE, "").strip()
    namespace = "tablestore" if resource_type == DYNAMIC_TYPE else resource_type.partition(":")[0]
    return variable or (pulumi.Config(namespace).get("instance") or "").strip() or None


async def _lines(
    entries: Awaitable[StackEntries | None], table: str | None, wanted: _Wanted | None
) -> str | dict[str, str] | None:
    """Return the entries for check, as a text or in a file. Refuse a task that another entry holds.

    The program must refuse it, because with `--target` and `--exclude` the engine does not check
    this resource but still deletes the other one.

    Raises:
        pulumi.RunError: Another entry holds the task.
    """
    found = await entries
    if found is None:
        return None
    if wanted is not None and (holder := wanted.holder(found)):
        task = f"{holder.instance}/{holder.table}/{holder.task}"
        problem = belongs_to_another(task, holder.urn, wanted.urn)
        raise pulumi.RunError(f"{wanted.resource_name}: {problem}")
    return found.as_property(table)
