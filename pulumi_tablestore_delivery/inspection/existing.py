"""Describe the tasks of an instance as a program would declare them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pulumi_tablestore_delivery.client.codec import table_columns
from pulumi_tablestore_delivery.errors import ServiceError
from pulumi_tablestore_delivery.lifecycle import Found, Lifecycle
from pulumi_tablestore_delivery.lifecycle.defaults import with_defaults
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.folder_tree import FolderTree
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.spec.rules import RULES, judge
from pulumi_tablestore_delivery.spec.surroundings import Destination, Surroundings, TableColumns

_ALLOWED_TOGETHER: Final = {"type-undocumented", "type-extend-undocumented"}
_DERIVED: Final = "This package derived its name, so another stack may manage it."
_DERIVED_OMITTED: Final = (
    "this package derived its name, so another stack may manage it. --include-derived writes it."
)
_IGNORABLE: Final = {rule.id for rule in RULES if rule.can_be_ignored}


@dataclass(frozen=True)
class ExistingTask:
    """An existing task, and the inputs that adopt it.

    Attributes:
        id: `<instance>/<table>/<task>`.
        name: A name for the resource, unique among those found together.
        inputs: Its inputs without those that have their default.
        remarks: Notes for the reader of the code.
        omission: Why the task is omitted; empty if it is not.
    """

    id: str
    name: str
    inputs: dict[str, Any]
    remarks: list[str]
    omission: str


def existing_tasks(
    settings: Settings,
    tables: Sequence[str],
    stack: str | None = None,
    *,
    include_derived: bool = False,
) -> list[ExistingTask]:
    """Find the tasks of the configured instance. A task that disappears meanwhile is skipped.

    Args:
        settings: Endpoint, instance and keys.
        tables: The tables whose tasks are read; all of the instance if empty.
        stack: The stack that will adopt the tasks, if it is known.
        include_derived: Whether to write tasks with a derived name, which a stack may manage.

    Raises:
        ConfigurationError: A setting is missing.
        CallError: The service could not be called, or refused, or a given table does not exist.
    """
    described = list(_described(Lifecycle(settings), tables))
    names: set[str] = set()
    tree = FolderTree[str]()
    for found, _ in described:
        bucket, prefix = found.inputs["oss_bucket"], found.inputs["oss_prefix"]
        tree.put(found.id, Destination(found.id, bucket, prefix))
    return [
        _existing(
            settings,
            found,
            Surroundings(
                stack=stack or "",
                allowed_buckets=settings.allowed_buckets,
                neighbors=tree.neighbors(found.id),
                table=columns,
            ),
            names,
            include_derived=include_derived,
        )
        for found, columns in described
    ]


def _described(lifecycle: Lifecycle, tables: Sequence[str]) -> Iterator[tuple[Found, TableColumns]]:
    client = lifecycle.client()
    columns_of: dict[str, TableColumns] = {}
    for table in tables or client.list_tables():
        try:
            tasks = [str(task) for task, _ in lifecycle.tasks(None, table)]
            columns = table_columns(client.describe_table(table)) if tasks else TableColumns()
        except ServiceError as error:
            if error.is_not_found and not tables:
                continue
            raise
        columns_of.update(dict.fromkeys(tasks, columns))
    for task, found in lifecycle.read_all({task: {} for task in columns_of}):
        if found is not None:
            yield found, columns_of[task]


def _existing(
    settings: Settings,
    found: Found,
    around: Surroundings,
    names: set[str],
    *,
    include_derived: bool,
) -> ExistingTask:
    spec = spec_of(found.inputs).model_copy(update={"adopt_existing": True})
    defaults, configured, _ = with_defaults(settings, {"instance_name": spec.instance_name})
    around = replace(around, region=configured.region, endpoint=configured.endpoint)
    errors = judge(spec, around).errors
    broken = dict.fromkeys(error.rule for error in errors if error.rule in _IGNORABLE)
    obstacles = [error for error in errors if error.rule not in _IGNORABLE]
    is_derived = naming.is_derived(spec)
    health = _health_remark(found)
    spec = spec.model_copy(
        update={
            "allow_undocumented_types": not _ALLOWED_TOGETHER.isdisjoint(broken),
            "ignore_rules": [rule for rule in broken if rule not in _ALLOWED_TOGETHER] or None,
            "wait_for": "none" if health else spec.wait_for,
        }
    )
    return ExistingTask(
        id=found.id,
        name=_unique(f"{spec.table_name}-{spec.task_name}", names),
        inputs=_explicit_inputs(spec, defaults["oss_endpoint"]),
        remarks=[*([_DERIVED] if is_derived else []), *([health] if health else [])],
        omission=" ".join(str(obstacle) for obstacle in obstacles)
        or (_DERIVED_OMITTED if is_derived and not include_derived else ""),
    )


def _health_remark(found: Found) -> str:
    outputs = found.outputs
    if outputs["error_code"] != "OK":
        detail = f" ({outputs['error_detail']})" if outputs["error_detail"] else ""
        return f"It reports {outputs['error_code']}{detail}, so wait_for is none."
    if outputs["phase"] == "INIT":
        return "It is still initializing, so wait_for is none."
    return ""


def _explicit_inputs(spec: DeliveryTaskSpec, default_endpoint: Any) -> dict[str, Any]:
    """Return the inputs that differ from their defaults."""
    inputs = spec.model_dump(exclude_defaults=True)
    if inputs["oss_endpoint"] == default_endpoint:
        del inputs["oss_endpoint"]
    for column in inputs["parquet_schema"]:
        if column["name"] == column["source"]:
            del column["name"]
    return inputs


def _unique(name: str, names: set[str]) -> str:
    """Return a new resource name of word characters, hyphens and dots."""
    base = re.sub(r"[^\w.-]+", "-", name)
    unique, count = base, 1
    while unique in names:
        count += 1
        unique = f"{base}-{count}"
    names.add(unique)
    return unique
