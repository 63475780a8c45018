"""Functions for programs and their unit tests: check a task's inputs, and read tasks from a file.

No service is called. Each function imports the rules when it runs, so importing this module is
cheap.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import pulumi
from pulumi.output import Unknown

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.frontend.given import DeliveryTaskArgs
from pulumi_tablestore_delivery.frontend.plain import plain_form

__all__ = ["Violation", "check", "tasks_from_file"]

CheckedInputs: TypeAlias = DeliveryTaskArgs | Mapping[str, Any]
"""A task's inputs, as a program gives them or as Pulumi's mocks receive them."""

_PRIVATE: Final = "_"
"""The prefix of properties that this package and Pulumi add to a resource's inputs."""


def check(inputs: CheckedInputs, *, region: str = "", stack: str = "") -> list[Violation]:
    """Check a task's inputs against the rules (docs/rules.md), without a service: docs/testing.md.

    A value that is an output is not known here, so the rules skip it. Only `pulumi preview` applies
    the rules that need the table.

    Args:
        inputs: The inputs. The inputs that `pulumi.runtime.Mocks.new_resource` gets work too.
        region: The instance's region; without one, rules about regions find nothing.
        stack: The stack's name; without one, the rule that compares it with the bucket's name
            finds nothing.

    Returns:
        All violations, errors first. Each has its `severity`: `error` or `warning`.

    Raises:
        TypeError: The inputs are neither a dict nor `DeliveryTaskArgs`.
    """
    from pulumi_tablestore_delivery.inspection.spec_files import (  # noqa: PLC0415 - slow
        DeclaredTask,
        judged_task,
    )

    given = vars(inputs) if isinstance(inputs, DeliveryTaskArgs) else inputs
    if not isinstance(given, Mapping):
        raise TypeError(
            f"check takes a dict of inputs or DeliveryTaskArgs, not {type(given).__name__}. The "
            "inputs of a resource are known in its mocks: docs/testing.md."
        )
    plain = _plain(
        plain_form({name: given[name] for name in given if not str(name).startswith(_PRIVATE)})
    )
    judged = judged_task(DeclaredTask("", "", plain), region, stack=stack)
    return [*judged.errors, *judged.warnings]


def tasks_from_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read tasks from a YAML or JSON file, in the form of `tablestore-delivery check` and `scan`.

    The file has `tasks`, a mapping of names to inputs, and optionally `defaults`: inputs for all
    tasks that do not have their own. See docs/cli.md.

    Args:
        path: The file.

    Returns:
        The inputs of each task, by its name in the file. If the file has the inputs of one task
        only, the name is the file's name without its extension.

    Raises:
        pulumi.RunError: The file cannot be read, or does not have this form.
    """
    from pulumi_tablestore_delivery.inspection.spec_files import (  # noqa: PLC0415 - slow
        SpecFileError,
        declared_tasks,
    )

    file = Path(path)
    try:
        # An absolute path, because declared_tasks takes a hyphen for standard input.
        tasks = declared_tasks(str(file.absolute()))
    except SpecFileError as error:
        raise pulumi.RunError(str(error)) from None
    return {task.name or file.stem: task.inputs for task in tasks}


def _plain(value: Any) -> Any:
    """Return a value as it would be in a file of tasks; `UNKNOWN` for an output."""
    from pulumi_tablestore_delivery.spec.unknown import UNKNOWN  # noqa: PLC0415 - slow to import

    if isinstance(value, (pulumi.Output, Awaitable, Unknown)):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {_snake(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _snake(name: object) -> str:
    """Return an input's name in Python. The mocks of the native provider receive `tableName`."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda found: f"_{found[0].lower()}", str(name))
