"""Tasks that exist, written down: as a program, as specs, as a list for `pulumi import`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from textwrap import indent
from typing import TYPE_CHECKING, Any, Final

from pulumi_tablestore_delivery.cli import python_source as python

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.cli.existing import ExistingTask

NATIVE_TYPE: Final = "tablestore-delivery:index:DeliveryTask"
"""The type of the native provider's resource: `pulumi import` does not work with dynamic ones."""

_INTRODUCTION: Final = (
    "Delivery tasks as `tablestore-delivery scan` found them.",
    "`pulumi up` takes them over as they are. One that is gone by then would be created.",
)
_PROTECTED: Final = (
    "Pulumi does not delete or replace a protected task, and every change of a task replaces it.",
    "To change one: take its protect=True out, run `pulumi state unprotect <urn>` (`pulumi stack",
    "--show-urns` lists the URNs), and look at `pulumi preview` before `pulumi up`.",
)
_PROTECT_IN_PROGRAM: Final = (
    "This file does not hold Pulumi's options. Protect the tasks in the program that reads it:",
    "  for name, inputs in delivery.tasks_from_file(path).items():",
    "      options = pulumi.ResourceOptions(protect=True)",
    "      delivery.DeliveryTask(name, inputs, options)",
)


class Format(str, Enum):
    """What `scan` writes."""

    PYTHON = "python"
    YAML = "yaml"
    JSON = "json"
    IMPORT = "import"


def written(tasks: Sequence[ExistingTask], form: Format, *, protect: bool) -> str:
    """Write the tasks in a format, protected where the format can say so."""
    return _WRITERS[form](tasks, protect)


def advice(form: Format, *, protect: bool) -> str:
    """Return what to do about protection that the written text cannot say; empty for nothing."""
    if form is Format.JSON and protect:
        return "protect the tasks in the program that reads this file: opts with protect=True"
    if form is Format.IMPORT and not protect:
        return "pulumi import protects what it imports: run it with --protect=false"
    return ""


def left_out(task: ExistingTask) -> str:
    """Say why a task is not written."""
    return f"{task.id} is left out: {task.omission}"


def _python(tasks: Sequence[ExistingTask], protect: bool) -> str:  # noqa: FBT001 - of _WRITERS
    told = [task for task in tasks if not task.omission]
    protect = protect and bool(told)
    summary, *details = [*_INTRODUCTION, *(["", *_PROTECTED] if protect else [])]
    parts = ["\n".join([f'"""{summary}', "", *details, '"""'])]
    if told:
        imports = ["import pulumi"] if protect else []
        parts.append("\n".join([*imports, "import pulumi_tablestore_delivery as delivery"]))
        parts.append(f"INSTANCE = {python.literal(told[0].inputs['instance_name'])}")
    parts += [_python_task(task, protect=protect) for task in told]
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


def _yaml(tasks: Sequence[ExistingTask], protect: bool) -> str:  # noqa: FBT001 - of _WRITERS
    import yaml  # noqa: PLC0415 - of an extra that other formats do without

    specs = _specs(tasks)
    hints = [*_PROTECT_IN_PROGRAM, *_PROTECTED] if protect and specs else []
    parts = [f"# {line}" for line in (*_INTRODUCTION, *hints)]
    parts.append("tasks:" if specs else "tasks: {}")
    for task in tasks:
        if task.omission:
            parts.append(f"  {python.comment(left_out(task))}")
            continue
        parts += [f"  {python.comment(remark)}" for remark in task.remarks]
        text = yaml.safe_dump(
            {task.name: task.inputs}, sort_keys=False, allow_unicode=True, width=2**16
        )
        parts.append(indent(text.rstrip("\n"), "  "))
    return "\n".join(parts) + "\n"


def _json(tasks: Sequence[ExistingTask], _: bool) -> str:  # noqa: FBT001 - of _WRITERS
    return _dumped({"tasks": _specs(tasks)})


def _import(tasks: Sequence[ExistingTask], _: bool) -> str:  # noqa: FBT001 - of _WRITERS
    return _dumped(
        {
            "resources": [
                {"type": NATIVE_TYPE, "name": task.name, "id": task.id}
                for task in tasks
                if not task.omission
            ]
        }
    )


def _specs(tasks: Sequence[ExistingTask]) -> dict[str, Any]:
    return {task.name: task.inputs for task in tasks if not task.omission}


def _dumped(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


_WRITERS: Final[Mapping[Format, Callable[[Sequence[ExistingTask], bool], str]]] = {
    Format.PYTHON: _python,
    Format.YAML: _yaml,
    Format.JSON: _json,
    Format.IMPORT: _import,
}
