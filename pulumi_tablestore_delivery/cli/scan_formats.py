"""Write existing tasks as a program, as a file of tasks, or as a list for `pulumi import`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from textwrap import indent
from typing import Any, Final

from pulumi_tablestore_delivery.cli import python_source as python
from pulumi_tablestore_delivery.cli.data import to_json, to_yaml
from pulumi_tablestore_delivery.inspection.existing import ExistingTask
from pulumi_tablestore_delivery.resource_types import NATIVE_TYPE

_INTRODUCTION: Final = (
    "Delivery tasks as `tablestore-delivery scan` found them.",
    "`pulumi up` adopts them as they are. It would create a task that was deleted in between.",
)
_PROTECTED: Final = (
    "Pulumi does not delete or replace a protected task, and every change of a task replaces it.",
    "To change one: remove its protect=True, run `pulumi state unprotect <urn>` (`pulumi stack",
    "--show-urns` lists the URNs), and look at `pulumi preview` before `pulumi up`.",
)
_PROTECT_IN_PROGRAM: Final = (
    "This file does not hold Pulumi's options. Protect the tasks in the program that reads it:",
    "  for name, inputs in delivery.tasks_from_file(path).items():",
    "      options = pulumi.ResourceOptions(protect=True)",
    "      delivery.DeliveryTask(name, inputs, options)",
)


class Format(str, Enum):
    """The forms that `scan` writes."""

    PYTHON = "python"
    YAML = "yaml"
    JSON = "json"
    IMPORT = "import"


def written(tasks: Sequence[ExistingTask], form: Format, *, protect: bool) -> str:
    """Write the tasks in a format, protected where the format can say so."""
    match form:
        case Format.PYTHON:
            return _python(tasks, protect=protect)
        case Format.YAML:
            return _yaml(tasks, protect=protect)
        case Format.JSON:
            return _json(tasks)
        case Format.IMPORT:
            return _import(tasks)


def advice(form: Format, *, protect: bool) -> str:
    """Return how to protect the tasks if the written text cannot; empty if it can."""
    if form is Format.JSON and protect:
        return "protect the tasks in the program that reads this file: opts with protect=True"
    if form is Format.IMPORT and not protect:
        return "pulumi import protects what it imports: run it with --protect=false"
    return ""


def left_out(task: ExistingTask) -> str:
    """Return why a task is not written."""
    return f"{task.id} is left out: {task.omission}"


def _python(tasks: Sequence[ExistingTask], *, protect: bool) -> str:
    adoptable = [task for task in tasks if not task.omission]
    protect = protect and bool(adoptable)
    summary, *details = [*_INTRODUCTION, *(["", *_PROTECTED] if protect else [])]
    parts = ["\n".join([f'"""{summary}', "", *details, '"""'])]
    if adoptable:
        imports = ["import pulumi"] if protect else []
        parts.append("\n".join([*imports, "import pulumi_tablestore_delivery as delivery"]))
        parts.append(f"INSTANCE = {python.literal(adoptable[0].inputs['instance_name'])}")
    parts += [_python_task(task, protect=protect) for task in adoptable]
    parts += [python.comment(left_out(task)) for task in tasks if task.omission]
    return "\n\n".join(parts) + "\n"


def _python_task(task: ExistingTask, *, protect: bool) -> str:
    arguments = [python.literal(task.name)]
    arguments += [_argument(name, value) for name, value in task.inputs.items()]
    if protect:
        arguments.append("opts=pulumi.ResourceOptions(protect=True)")
    call = python.lines("delivery.DeliveryTask(", arguments, ")", 0)
    return "\n".join([*map(python.comment, task.remarks), call])


def _argument(name: str, value: Any) -> str:
    if name == "instance_name":
        return f"{name}=INSTANCE"
    if name == "parquet_schema":
        return python.lines(f"{name}=[", python.parquet_columns(value, 1), "]", 1)
    if name == "event_time_column":
        opening = f"{name}=delivery.EventTimeColumnArgs("
        return python.group(opening, python.keywords(value), ")", 1)
    if isinstance(value, list):
        return python.group(f"{name}=[", [python.literal(item) for item in value], "]", 1)
    return f"{name}={python.literal(value)}"


def _yaml(tasks: Sequence[ExistingTask], *, protect: bool) -> str:
    specs = _specs(tasks)
    hints = [*_PROTECT_IN_PROGRAM, *_PROTECTED] if protect and specs else []
    parts = [f"# {line}" for line in (*_INTRODUCTION, *hints)]
    parts.append("tasks:" if specs else "tasks: {}")
    for task in tasks:
        if task.omission:
            parts.append(f"  {python.comment(left_out(task))}")
            continue
        parts += [f"  {python.comment(remark)}" for remark in task.remarks]
        parts.append(indent(to_yaml({task.name: task.inputs}).rstrip("\n"), "  "))
    return "\n".join(parts) + "\n"


def _json(tasks: Sequence[ExistingTask]) -> str:
    return to_json({"tasks": _specs(tasks)}, indent=2)


def _import(tasks: Sequence[ExistingTask]) -> str:
    return to_json(
        {
            "resources": [
                {"type": NATIVE_TYPE, "name": task.name, "id": task.id}
                for task in tasks
                if not task.omission
            ]
        },
        indent=2,
    )


def _specs(tasks: Sequence[ExistingTask]) -> dict[str, Any]:
    return {task.name: task.inputs for task in tasks if not task.omission}
