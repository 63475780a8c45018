"""Lookups in a program: when they run, and their results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import pulumi
from pulumi import Output
from pulumi.runtime import rpc

from pulumi_tablestore_delivery.frontend.inputs import EventTimeColumn, ParquetColumn
from pulumi_tablestore_delivery.frontend.results import GetDeliveryTaskResult

ResultT = TypeVar("ResultT")


def task_result(outputs: Mapping[str, Any]) -> GetDeliveryTaskResult:
    """Return the result for a task's outputs.

    Args:
        outputs: The task's outputs and its id. Other properties are skipped.
    """
    event = outputs.get("event_time_column")
    nested: dict[str, Any] = {
        "event_time_column": None if event is None else EventTimeColumn(**event),
        "parquet_schema": [ParquetColumn(**column) for column in outputs["parquet_schema"]],
    }
    given: dict[str, Any] = {
        field.name: nested.get(field.name, outputs.get(field.name))
        for field in fields(GetDeliveryTaskResult)
    }
    return GetDeliveryTaskResult(**given)


def look_up_later(
    arguments: Mapping[str, Any],
    opts: pulumi.InvokeOptions | None,
    look_up: Callable[..., ResultT],
) -> Output[ResultT]:
    """Look up as soon as the arguments are known and the resources that they need are created.

    The needed resources are those whose outputs are arguments, and those in the option
    `depends_on`. In a preview, if an argument is unknown or one of these resources does not exist
    yet, the result is unknown and nothing is called.

    Args:
        arguments: The arguments of the lookup, each of which may be an output.
        opts: The options of the lookup.
        look_up: The function to call, with the arguments by name.
    """
    known = Output.all(**arguments)
    depends_on = opts.depends_on if isinstance(opts, pulumi.InvokeOutputOptions) else None
    resources = depends_on if isinstance(depends_on, Sequence) else [depends_on]
    ids: Any = asyncio.ensure_future(_ids_of(known, Output.from_input(resources)))
    created: Output[list[str]] = Output.from_input(ids)
    return Output.all(known, created).apply(lambda values: look_up(**values[0]))


async def _ids_of(known: Output[Any], depends_on: Output[Any]) -> list[Output[str]]:
    """Return the ids of the needed resources as outputs. They may be unknown in a preview."""
    resources = await known.resources() | await depends_on.resources()
    for named in await depends_on.future() or ():
        several = named if isinstance(named, Sequence) else [named]
        resources |= {item for item in several if isinstance(item, pulumi.Resource)}
    return [resource.id for resource in await _with_children(resources) if _has_id(resource)]


async def _with_children(resources: set[pulumi.Resource]) -> list[Any]:
    """Add the resources in components, if this SDK has the function that does it."""
    expand = getattr(rpc, "_expand_dependencies", None)
    if expand is None:
        return list(resources)
    return [*(await expand(resources, None)).values()]


def _has_id(resource: pulumi.Resource) -> bool:
    """Return whether the program registered the resource. A reference does not have an id."""
    return isinstance(resource, pulumi.CustomResource) and "id" in resource.__dict__
