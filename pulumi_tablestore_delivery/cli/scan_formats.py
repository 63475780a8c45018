"""Write existing tasks as a program, a file of tasks, or a list for `pulumi import`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from textwrap import indent
from typing import Any, Final

from pulumi_tablestore_delivery.cli import python_source as python
from pulumi_tablestore_delivery.cli.data import to_json, to_yaml
from pulumi_tablestore_delivery.inspection.existing import ExistingTask
from pulumi_tablestore_delivery.resource_types import NATIVE_TYPE

_INTRODUCTION: Final = (
    "Delivery tasks, written by `tablestore-delivery scan`.",
    "`pulumi up` adopts them as they are. A task that was deleted since the scan is",
    "created again.",
)
_PROTECTED: Final = (
    "Pulumi does not delete or replace protected tasks, and every change of a task",
    "replaces it. To change a task, remove its protect=True from the program, run",
    "`pulumi state unprotect <urn>` (`pulumi stack --show-urns` lists the URNs),",
    "and check `pulumi preview` before `pulumi up`.",
)
_PROTECT_IN_PROGRAM: Final = (
    "Protect the tasks in the program that reads this file:",
    "  for name, inputs in delivery.tasks_from_file(path).items():",
    "      options = pulumi.ResourceOptions(protect=True)",
    "      delivery.DeliveryTask(name, inputs, options)",
)
_INDENT: Final = "  "
"""The indentation of YAML."""


class Format(str, Enum):
    """The forms that `scan` writes."""

    PYTHON = "python"
    YAML = "yaml"
    JSON = "json"
    IMPORT = "import"

    @property
    def has_comments(self) -> bool:
        """Whether comments name the tasks that are left out."""
        return self in {Format.PYTHON, Format.YAML}


def write_tasks(tasks: Sequence[ExistingTask], form: Format, *, protect: bool) -> str:
    """Return the tasks in a format, with protection if the format can express it."""
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
    """Return how to set the protection if the format cannot; otherwise an empty text."""
    if form is Format.JSON and protect:
        return "Protect the tasks in the program that reads this file: use opts with protect=True."
    if form is Format.IMPORT and not protect:
        return "`pulumi import` protects imported tasks by default. Run it with --protect=false."
    return ""


def describe_omissions(tasks: Iterable[ExistingTask]) -> list[str]:
    """Return a line for each reason why tasks are left out, with the tasks."""
    by_reason: dict[str, list[str]] = {}
    for task in tasks:
        if task.omission:
            by_reason.setdefault(task.omission, []).append(task.id)
    return [
        f"{ids[0]} is left out: {reason}"
        if len(ids) == 1
        else f"{', '.join(ids)} are left out. The reason for each: {reason}"
        for reason, ids in by_reason.items()
    ]


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
    parts += ["\n".join(python.comment_lines(line)) for line in describe_omissions(tasks)]
    return "\n\n".join(parts) + "\n"


def _python_task(task: ExistingTask, *, protect: bool) -> str:
    arguments = [python.literal(task.name)]
    arguments += [_argument(name, value) for name, value in task.inputs.items()]
    if protect:
        arguments.append("opts=pulumi.ResourceOptions(protect=True)")
    call = python.lines("delivery.DeliveryTask(", arguments, ")", 0)
    remarks = [line for remark in task.remarks for line in python.comment_lines(remark)]
    return "\n".join([*remarks, call])


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
        if not task.omission:
            parts += _yaml_comment(task.remarks)
            parts.append(indent(to_yaml({task.name: task.inputs}).rstrip("\n"), _INDENT))
    parts += _yaml_comment(describe_omissions(tasks))
    return "\n".join(parts) + "\n"


def _yaml_comment(texts: Iterable[str]) -> list[str]:
    return [
        f"{_INDENT}{line}" for text in texts for line in python.comment_lines(text, len(_INDENT))
    ]


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
