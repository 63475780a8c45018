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


class Format(str, Enum):
    """What `scan` writes."""

    PYTHON = "python"
    YAML = "yaml"
    JSON = "json"
    IMPORT = "import"


def written(tasks: Sequence[ExistingTask], form: Format) -> str:
    """The tasks in a format."""
    return _WRITERS[form](tasks)


def left_out(task: ExistingTask) -> str:
    """Why a task is not among those written."""
    return f"{task.id} is left out: " + " ".join(str(obstacle) for obstacle in task.obstacles)


def _python(tasks: Sequence[ExistingTask]) -> str:
    parts = ['"""{}\n\n{}\n"""'.format(*_INTRODUCTION)]
    told = [task for task in tasks if not task.obstacles]
    if told:
        parts.append("import pulumi_tablestore_delivery as delivery")
        parts.append(f"INSTANCE = {python.literal(told[0].inputs['instance_name'])}")
    parts += [_python_task(task) for task in told]
    parts += [python.comment(left_out(task)) for task in tasks if task.obstacles]
    return "\n\n".join(parts) + "\n"


def _python_task(task: ExistingTask) -> str:
    arguments = [python.literal(task.name)]
    arguments += [_argument(name, value) for name, value in task.inputs.items()]
    call = python.lines("delivery.DeliveryTask(", arguments, ")", 0)
    return f"{python.comment(task.remark)}\n{call}" if task.remark else call


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


def _yaml(tasks: Sequence[ExistingTask]) -> str:
    import yaml  # noqa: PLC0415 - of an extra that other formats do without

    parts = [python.comment(line) for line in _INTRODUCTION]
    specs = _specs(tasks)
    parts.append("tasks:" if specs else "tasks: {}")
    for task in tasks:
        if task.obstacles:
            parts.append(f"  {python.comment(left_out(task))}")
            continue
        if task.remark:
            parts.append(f"  {python.comment(task.remark)}")
        text = yaml.safe_dump(
            {task.name: task.inputs}, sort_keys=False, allow_unicode=True, width=2**16
        )
        parts.append(indent(text.rstrip("\n"), "  "))
    return "\n".join(parts) + "\n"


def _json(tasks: Sequence[ExistingTask]) -> str:
    return _dumped({"tasks": _specs(tasks)})


def _import(tasks: Sequence[ExistingTask]) -> str:
    return _dumped(
        {
            "resources": [
                {"type": NATIVE_TYPE, "name": task.name, "id": task.id}
                for task in tasks
                if not task.obstacles
            ]
        }
    )


def _specs(tasks: Sequence[ExistingTask]) -> dict[str, Any]:
    return {task.name: task.inputs for task in tasks if not task.obstacles}


def _dumped(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


_WRITERS: Final[Mapping[Format, Callable[[Sequence[ExistingTask]], str]]] = {
    Format.PYTHON: _python,
    Format.YAML: _yaml,
    Format.JSON: _json,
    Format.IMPORT: _import,
}
