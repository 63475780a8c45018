"""Options of Pulumi that a resource of this package sets for itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from pulumi_tablestore_delivery.frontend.stack_entries import wait_for_stack_entries


def with_default_order(
    resource_name: str, given: Mapping[str, Any], opts: pulumi.ResourceOptions | None
) -> pulumi.ResourceOptions | None:
    """Make a replacement under an explicit name delete the old task first.

    Two tasks of one name cannot exist at the same time. The option decides for replacements
    that the engine forces too, of which a provider's answer does not. If the program gives the
    task another name or table, both tasks can exist: the option stays unset, and the new task is
    created first. A program that sets the option itself keeps its own order.

    Args:
        resource_name: The resource's name in the program.
        given: The resource's inputs.
        opts: The resource's options as the program gives them.
    """
    if given.get("task_name") is None or (opts and opts.delete_before_replace is not None):
        return opts
    if _moves(resource_name, given):
        return opts
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True))


def _moves(resource_name: str, given: Mapping[str, Any]) -> bool:
    """Return whether the resource certainly has a task of another name or table in the state."""
    table, task = given.get("table_name"), given.get("task_name")
    if not (isinstance(table, str) and isinstance(task, str)):
        return False
    entries = wait_for_stack_entries()
    own = entries.of_resource(resource_name) if entries else ()
    return bool(own) and all((entry.table, entry.task) != (table, task) for entry in own)


def with_former_type(
    opts: pulumi.ResourceOptions | None, former: str | None
) -> pulumi.ResourceOptions | None:
    """Let a resource be found in a state in which it has another type.

    Args:
        opts: The resource's options as the program gives them.
        former: The other type; None if there is none.
    """
    if former is None:
        return opts
    aliases = [pulumi.Alias(type_=former), *_with_type(opts, former)]
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=aliases))


def _with_type(opts: pulumi.ResourceOptions | None, former: str) -> Iterator[pulumi.Alias]:
    """Give the program's own aliases the type too: a resource may be renamed in the same run."""
    for alias in opts.aliases or () if opts else ():
        unset: Any = ...
        if isinstance(alias, pulumi.Alias) and alias.type_ is unset:
            typed = copy.copy(alias)
            typed.type_ = former
            yield typed
