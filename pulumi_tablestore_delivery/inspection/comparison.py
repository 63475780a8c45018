"""Compare the delivery tasks of two stacks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.errors import ConfigurationError, InvalidInputError
from pulumi_tablestore_delivery.inspection.stacks import Stack, StackTask
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import Difference, differences
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import known
from pulumi_tablestore_delivery.spec.properties import draft_of
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, is_unknown

DERIVED: Final = "derived for each stack"
"""The reason why two names differ, if this package derived both."""

_OF_AN_ENVIRONMENT: Final = ("instance_name", "oss_bucket", "oss_endpoint", "tablestore_endpoint")


@dataclass(frozen=True)
class TaskDifference:
    """One difference between two stacks.

    Attributes:
        task: The resource's name in the program, with the types of its parents if it has any.
        path: The input, such as `parquet_schema[1].type`; `location` if both write to the same
            folder; empty if one stack does not have the task.
        values: The first stack's value and the second's; None if it is not set, `UNKNOWN` if the
            state keeps it encrypted.
        expected: Whether environments usually differ in it.
        why: The reason.
    """

    task: str
    path: str
    values: tuple[Any, Any]
    expected: bool
    why: str


def compare(one: Stack, other: Stack, allowed: frozenset[str]) -> Iterator[TaskDifference]:
    """Yield all differences between the tasks of two stacks, by the tasks' names.

    Args:
        one: A stack.
        other: Another stack.
        allowed: Inputs that may differ, besides those of an environment.

    Raises:
        ConfigurationError: The Pulumi CLI failed, or a state cannot be read.
    """
    with ThreadPoolExecutor() as pool:  # a backend on the network may be slow
        tasks, others = pool.map(_tasks_by_name, (one, other))
    for key in sorted({*tasks, *others}):
        first, second = tasks.get(key), others.get(key)
        if first is not None and second is not None:
            yield from _compare_tasks(one, first, other, second, allowed)
        elif task := first or second:
            without = other if first else one
            ids = (first and first.id, second and second.id)
            why = f"{without.name} does not have it"
            yield TaskDifference(_label(task), "", ids, expected=False, why=why)


def _tasks_by_name(stack: Stack) -> dict[tuple[str, str], StackTask]:
    """Return a stack's tasks by their name and the types of their parents."""
    return {(task.name, task.parent): task for task in stack.tasks()}


def _label(task: StackTask) -> str:
    return f"{task.name} in {task.parent}" if task.parent else task.name


def _compare_tasks(
    one: Stack, first: StackTask, other: Stack, second: StackTask, allowed: frozenset[str]
) -> Iterator[TaskDifference]:
    old, new = _spec(one, first), _spec(other, second)
    for item in differences(old, new):
        expected, why = _judge(item, old, new, allowed)
        yield TaskDifference(_label(first), item.path, (item.old, item.new), expected, why)
    locations = (first.properties.get("location"), second.properties.get("location"))
    if locations[0] == locations[1] and locations[0] not in {None, UNKNOWN}:
        why = "both write to the same folder"
        yield TaskDifference(_label(first), "location", locations, expected=False, why=why)


def _spec(stack: Stack, task: StackTask) -> DeliveryTaskDraft:
    try:
        return draft_of(task.properties)
    except InvalidInputError as error:
        problems = " ".join(map(str, error.violations))
        raise ConfigurationError(
            f"stack {stack.name}: the state of {task.name} cannot be read: {problems}"
        ) from None


def _judge(
    item: Difference, old: DeliveryTaskDraft, new: DeliveryTaskDraft, allowed: frozenset[str]
) -> tuple[bool, str]:
    """Return whether a difference is expected, and why."""
    if UNKNOWN in (item.old, item.new):
        return True, "secret, not compared"
    verdicts = (
        (item.input_name in allowed, "allowed by --allow"),
        (item.input_name in _OF_AN_ENVIRONMENT, "each environment has its own"),
        (not item.replaces, "never sent to the service"),
        (
            item.path == "role_arn" and _role(item.old) == _role(item.new),
            "each account has its own",
        ),
        (item.path == "task_name" and _is_derived(old) and _is_derived(new), DERIVED),
    )
    return next((verdict for verdict in verdicts if verdict[0]), (False, "must be the same"))


def _is_derived(draft: DeliveryTaskDraft) -> bool:
    """Return whether the name was derived. If the state hides inputs, judge only its form."""
    if spec := known(draft):
        return naming.is_derived(spec)
    return not is_unknown(draft.task_name) and naming.looks_derived(draft.task_name)


def _role(arn: Any) -> str:
    return str(arn).rpartition("/")[2]
