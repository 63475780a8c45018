"""Resource options that this package sets by default."""

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

    Two tasks of one name cannot exist at the same time. The option also applies to replacements
    that the engine forces; a provider's answer does not apply to these. If the program gives the
    task another name or table, both tasks can exist: then the option is not set, and the new task
    is created first. An option that the program sets itself is not changed.

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
    """Return whether the resource's task in the state certainly has another name or table."""
    table, task = given.get("table_name"), given.get("task_name")
    if not (isinstance(table, str) and isinstance(task, str)):
        return False
    entries = wait_for_stack_entries()
    own = entries.of_resource(resource_name) if entries else ()
    return bool(own) and all((entry.table, entry.task) != (table, task) for entry in own)


def with_former_type(
    opts: pulumi.ResourceOptions | None, former: str | None
) -> pulumi.ResourceOptions | None:
    """Add an alias for the type that a resource has in states of earlier versions.

    Args:
        opts: The resource's options as the program gives them.
        former: That type; None if there is none.
    """
    if former is None:
        return opts
    aliases = [pulumi.Alias(type_=former), *_with_type(opts, former)]
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=aliases))


def _with_type(opts: pulumi.ResourceOptions | None, former: str) -> Iterator[pulumi.Alias]:
    """Add the type to the program's own aliases: the same run may also rename the resource."""
    for alias in opts.aliases or () if opts else ():
        unset: Any = ...
        if isinstance(alias, pulumi.Alias) and alias.type_ is unset:
            typed = copy.copy(alias)
            typed.type_ = former
            yield typed
