"""Read delivery tasks from a file, YAML or JSON, and judge them without a service.

A file holds the inputs of one task, or `tasks:`, a mapping of names to inputs. `defaults:` beside
it holds inputs of every task that does not give its own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pulumi_tablestore_delivery.errors import DeliveryError, Violation, printable
from pulumi_tablestore_delivery.inspection.plain_yaml import (
    PlainTextError,
    read_json,
    read_yaml,
)
from pulumi_tablestore_delivery.lifecycle.defaults import with_defaults
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.folder_tree import FolderTree
from pulumi_tablestore_delivery.spec.properties import read_properties, suggestion
from pulumi_tablestore_delivery.spec.rules import INPUT_RULES, judge
from pulumi_tablestore_delivery.spec.surroundings import Destination, Surroundings

STANDARD_INPUT: Final = "-"
_GROUP: Final = ("tasks", "defaults")


LONGEST: Final = 1 << 26
"""Characters of a file. A device such as /dev/zero does not end."""


class SpecFileError(DeliveryError):
    """A file cannot be read, or is not a file of tasks."""


_KINDS: Final[Mapping[type, str]] = {
    type(None): "nothing",
    list: "a list",
    str: "text",
    bool: "true or false",
}
"""Words for values that are not mappings. All other types are numbers."""


@dataclass(frozen=True)
class DeclaredTask:
    """A task as its file declares it.

    Attributes:
        file: The file; `-` for standard input.
        name: Its name in the file; empty if the file holds one task alone.
        inputs: Its inputs, including the file's defaults.
    """

    file: str
    name: str
    inputs: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file}: {printable(self.name)}" if self.name else self.file


@dataclass(frozen=True)
class JudgedTask:
    """A declared task and the rules that it breaks.

    Attributes:
        declared: The task as its file declares it.
        spec: The task with its defaults. A value that only the service knows is `UNKNOWN`.
        errors: Violations that stop it.
        warnings: Violations that do not stop it.
    """

    declared: DeclaredTask
    spec: DeliveryTaskDraft
    errors: list[Violation]
    warnings: list[Violation]


def judged_tasks(declared: Sequence[DeclaredTask], region: str) -> list[JudgedTask]:
    """Fill in the defaults of a stack's tasks and judge their inputs; see `judged_task`.

    Raises:
        ConfigurationError: The region has white space inside.
    """
    tree = FolderTree[int]()
    for number, task in enumerate(declared):
        destination = _destination(task)
        if destination is not None:
            tree.put(number, destination)
    settings = _settings(region)
    settings.region("")  # raises
    return [
        _judged(task, settings, Surroundings(neighbors=tree.neighbors(number)))
        for number, task in enumerate(declared)
    ]


def judged_task(
    declared: DeclaredTask, region: str, *, stack: str = "", is_unchanged: bool = False
) -> JudgedTask:
    """Fill in the defaults of a task and judge its inputs. Nothing is called.

    Args:
        declared: The task.
        region: The instance's region; without one, rules about regions find nothing.
        stack: The stack's name; without one, rules about it find nothing.
        is_unchanged: Whether the task exists, so that rules for new tasks only warn.
    """
    around = Surroundings(stack=stack, is_unchanged=is_unchanged)
    return _judged(declared, _settings(region), around)


def _judged(declared: DeclaredTask, settings: Settings, around: Surroundings) -> JudgedTask:
    data, configured, _ = with_defaults(settings, declared.inputs)
    parsed = read_properties(data)
    around = replace(around, region=configured.region, endpoint=configured.endpoint)
    judgment = judge(parsed.draft, around, INPUT_RULES)
    return JudgedTask(
        declared, parsed.draft, parsed.violations + judgment.errors, judgment.warnings
    )


def _settings(region: str) -> Settings:
    return Settings({"TABLESTORE_REGION": region}, lambda _: "")


def _destination(declared: DeclaredTask) -> Destination | None:
    bucket, prefix = (declared.inputs.get(name) for name in ("oss_bucket", "oss_prefix"))
    if isinstance(bucket, str) and isinstance(prefix, str):
        return Destination(str(declared), bucket, prefix)
    return None


def declared_tasks(file: str) -> list[DeclaredTask]:
    """Read the tasks of a file, or of standard input (`-`).

    Raises:
        SpecFileError: The file cannot be read, or it is not a file of tasks.
    """
    try:
        text = _read(file)
    except OSError as error:
        raise SpecFileError(f"{file}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SpecFileError(f"{file}: is not text in UTF-8.") from None
    if len(text) > LONGEST:
        raise SpecFileError(f"{file}: is longer than {LONGEST:,} characters.")
    try:
        content = _parsed(file, text)
    except RecursionError:
        raise SpecFileError(f"{file}: is nested too deeply.") from None
    _require_text_keys(file, content)
    content = _mapping(file, "the file", content)
    if not any(key in content for key in _GROUP):
        return [DeclaredTask(file, "", content)]
    for key in content:
        if key not in _GROUP:
            raise SpecFileError(
                f"{file}: {key!r} is neither tasks nor defaults.{suggestion(key, _GROUP)} Put "
                "inputs that all tasks share under defaults."
            )
    defaults, tasks = (_mapping(file, key, content.get(key, {})) for key in ("defaults", "tasks"))
    if not tasks:
        raise SpecFileError(f"{file}: does not have tasks, so there is nothing to check.")
    return [
        DeclaredTask(file, name, {**defaults, **_mapping(file, f"task {name!r}", inputs)})
        for name, inputs in tasks.items()
    ]


def _read(file: str) -> str:
    """Return the text of a file, or so much of it that it is too long."""
    if file == STANDARD_INPUT:
        return sys.stdin.read(LONGEST + 1)
    with Path(file).open(encoding="utf-8-sig") as opened:
        return opened.read(LONGEST + 1)


def _parsed(file: str, text: str) -> Any:
    """Parse a file. It is JSON if its name ends with `.json` or its text begins with a brace."""
    is_json = file.endswith(".json") or text.lstrip().startswith("{")
    try:
        return read_json(text) if is_json else read_yaml(text)
    except PlainTextError as error:
        line = f":{error.line}" if error.line else ""
        raise SpecFileError(f"{file}{line}: {error}") from None


def _require_text_keys(file: str, content: Any) -> None:
    """Refuse keys that are not text. Check a value that aliases share only once."""
    seen: set[int] = set()
    pending = [content]
    while pending:
        value = pending.pop()
        if id(value) in seen or not isinstance(value, (dict, list)):
            continue
        seen.add(id(value))
        if isinstance(value, list):
            pending += value
            continue
        for key, item in value.items():
            if not isinstance(key, str):
                raise SpecFileError(f"{file}: the key {key!r} is not text. Put it into quotes.")
            pending.append(item)


def _mapping(file: str, name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        kind = _KINDS.get(type(value), "a number")
        raise SpecFileError(
            f"{file}: {name} holds {kind}. Write a mapping: the inputs of a task, or `tasks:` with "
            "a mapping of names to inputs."
        )
    return value
