"""Read delivery tasks from a file, YAML or JSON, and judge them without a service.

A file holds the inputs of one task, or `tasks:`, a mapping of names to inputs. `defaults:` beside
it holds inputs of every task that does not give its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from pulumi_tablestore_delivery.errors import DeliveryError, Violation, printable
from pulumi_tablestore_delivery.lifecycle.defaults import with_defaults
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.properties import read_properties, suggestion
from pulumi_tablestore_delivery.spec.rule import Place
from pulumi_tablestore_delivery.spec.rules import INPUT_RULES, judge

STANDARD_INPUT: Final = "-"
_GROUP: Final = ("tasks", "defaults")


class SpecFileError(DeliveryError):
    """A file cannot be read, or is not a file of specs."""


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


def judged_task(
    declared: DeclaredTask,
    region: str,
    beside: Sequence[DeclaredTask] = (),
    *,
    stack: str = "",
    is_unchanged: bool = False,
) -> JudgedTask:
    """Fill in the defaults of a task and judge its inputs. Nothing is called.

    Args:
        declared: The task.
        region: The instance's region; without one, rules about regions find nothing.
        beside: The tasks of the same stack. The task itself may be among them.
        stack: The stack's name; without one, rules about it find nothing.
        is_unchanged: Whether the task exists, so that rules for new tasks only warn.
    """
    settings = Settings({"TABLESTORE_REGION": region}, lambda _: "")
    data, around, _ = with_defaults(settings, declared.inputs)
    neighbours = tuple(
        Place(str(other), bucket, prefix)
        for other in beside
        if other is not declared
        and isinstance(bucket := other.inputs.get("oss_bucket"), str)
        and isinstance(prefix := other.inputs.get("oss_prefix"), str)
    )
    parsed = read_properties(data)
    around = replace(around, neighbours=neighbours, stack=stack, is_unchanged=is_unchanged)
    judgement = judge(parsed.draft, around, INPUT_RULES)
    return JudgedTask(
        declared, parsed.draft, parsed.violations + judgement.errors, judgement.warnings
    )


def declared_tasks(file: str) -> list[DeclaredTask]:
    """Read the tasks of a file, or of standard input (`-`).

    Raises:
        SpecFileError: The file cannot be read, or has another form.
    """
    try:
        text = (
            sys.stdin.read()
            if file == STANDARD_INPUT
            else Path(file).read_text(encoding="utf-8-sig")
        )
    except OSError as error:
        raise SpecFileError(f"{file}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SpecFileError(f"{file}: is not text in UTF-8.") from None
    try:
        content = _with_text_keys(file, _parsed(file, text))
    except RecursionError:
        raise SpecFileError(f"{file}: is nested too deeply.") from None
    content = _mapping(file, "the file", content)
    if not any(key in content for key in _GROUP):
        return [DeclaredTask(file, "", content)]
    for key in content:
        if key not in _GROUP:
            raise SpecFileError(
                f"{file}: {key!r} is neither tasks nor defaults.{suggestion(key, _GROUP)} Put what "
                "all tasks share under defaults."
            )
    defaults, tasks = (_mapping(file, key, content.get(key, {})) for key in ("defaults", "tasks"))
    if not tasks:
        raise SpecFileError(f"{file}: has no tasks, so there is nothing to judge.")
    return [
        DeclaredTask(file, name, {**defaults, **_mapping(file, f"task {name!r}", inputs)})
        for name, inputs in tasks.items()
    ]


def _parsed(file: str, text: str) -> Any:
    """Parse a file. A file that begins with a brace is JSON, whatever its name."""
    if file.endswith(".json") or text.lstrip().startswith("{"):
        return _parsed_json(file, text)
    return _parsed_yaml(file, text)


def _parsed_json(file: str, text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise SpecFileError(f"{file}: the key {twice!r} is there twice in one object.")
        return found

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise SpecFileError(f"{file}:{error.lineno}: is not JSON: {error.msg}.") from None


def _parsed_yaml(file: str, text: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader, see there
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise SpecFileError(
            f"{file}{line}: is not YAML: {error.problem or error.context}."
        ) from None
    except yaml.reader.ReaderError as error:
        number = text.count("\n", 0, error.position) + 1
        raise SpecFileError(f"{file}:{number}: is not YAML: {error.reason}.") from None
    except ValueError as error:  # such as a number of no digits
        raise SpecFileError(f"{file}: is not YAML: {error}.") from None


class _Loader(yaml.SafeLoader):
    """Load YAML's plain values only. A date is text, as for every input. A key is there once."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Also refuse a key that is there twice. PyYAML would take the last one."""
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is there twice", key.start_mark
                )
            seen.add(key.value)
        return node


def _as_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return loader.construct_yaml_str(node)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)


def _with_text_keys(file: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise SpecFileError(f"{file}: the key {key!r} is not text. Put it into quotes.")
        return {key: _with_text_keys(file, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(file, item) for item in value]
    return value


def _mapping(file: str, what: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        kind = "nothing" if value is None else f"{type(value).__name__}"
        raise SpecFileError(
            f"{file}: {what} holds {kind}. Write a mapping: the inputs of a task, or `tasks:` with "
            "a mapping of names to inputs."
        )
    return value
