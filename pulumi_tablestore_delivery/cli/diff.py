"""`tablestore-delivery diff`: what differs between the tasks of two stacks, and what may."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import AsJson
from pulumi_tablestore_delivery.cli.output import print_json
from pulumi_tablestore_delivery.cli.stacks import Stack, StackTask
from pulumi_tablestore_delivery.errors import ConfigurationError, InvalidInputError
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import Difference, differences, in_words
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.properties import draft_of
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, is_unknown

_OF_AN_ENVIRONMENT: Final = ("instance_name", "oss_bucket", "oss_endpoint", "tablestore_endpoint")
_SECRET: Final = "[secret]"  # noqa: S105 - what is shown instead of one
_DERIVED: Final = "derived for each stack"


@dataclass(frozen=True)
class TaskDifference:
    """One thing in which two stacks differ.

    Attributes:
        task: The resource's name in the program, with the types of its parents if it has any.
        path: The input, such as `parquet_schema[1].type`; `location` if both write to the same
            place; empty if one stack lacks the task.
        values: The first stack's value and the second's; None if there is none, `UNKNOWN` if the
            state keeps it encrypted.
        meant: Whether environments are meant to differ in it.
        why: Why it is meant, or what is wrong.
    """

    task: str
    path: str
    values: tuple[Any, Any]
    meant: bool
    why: str


def diff(
    *,
    stack_a: Annotated[str, typer.Argument(metavar="STACK_A", show_default=False)],
    stack_b: Annotated[str, typer.Argument(metavar="STACK_B", show_default=False)],
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="INPUT",
            help="An input that is meant to differ too, such as oss_prefix; may be given again.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the delivery tasks in the states of two stacks, field by field.

    Bucket, instance, endpoints, the account of the role and derived names are meant to differ
    between environments. Exit code 3 says that something else does, or that both write to the
    same place.

    Example: tablestore-delivery diff dev staging
    """
    unknown = sorted({*(allow or ())} - {*DeliveryTaskSpec.model_fields})
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is not an input (docs/inputs.md).", param_hint="--allow"
        )
    if stack_a == stack_b:
        raise typer.BadParameter("both are the same stack.", param_hint="STACK_B")
    found = list(compare(Stack(stack_a), Stack(stack_b), frozenset(allow or ())))
    wrong = [item for item in found if not item.meant]
    if as_json:
        print_json(
            {
                "promotable": not wrong,
                "differences": [_as_json(item, (stack_a, stack_b)) for item in found],
            }
        )
    else:
        for line in _lines(found):
            typer.echo(line)
        typer.echo(
            f"{stack_a} -> {stack_b}: {len(found)} difference{'s' * (len(found) != 1)}, "
            f"{len(wrong)} not meant."
            if found
            else f"{stack_a} -> {stack_b}: no differences."
        )
    if wrong:
        raise typer.Exit(exits.NO)


def _as_json(item: TaskDifference, stacks: tuple[str, str]) -> dict[str, Any]:
    values = [_without_secrets(value) for value in item.values]
    return {**vars(item), "values": dict(zip(stacks, values, strict=True))}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return _SECRET if value is UNKNOWN else value


def _lines(found: list[TaskDifference]) -> list[str]:
    """The differences in words, what is not meant first; what tasks have in common in one line."""
    tasks: dict[tuple[str, str], list[str]] = {}
    for item in sorted(found, key=lambda item: item.meant):
        one, other = (in_words(value, _SECRET) for value in item.values)
        if item.why == _DERIVED:
            what = f"{item.path}: {_DERIVED}"  # no two names are the same, and none is of interest
        else:
            values = one if one == other else f"{one} -> {other}"
            what = f"{item.path}: {values} ({item.why})" if item.path else item.why
        verdict = "meant" if item.meant else "NOT MEANT"
        tasks.setdefault((verdict, what), []).append(item.task)
    return [f"{verdict:9}  {', '.join(tasks[verdict, what])}: {what}" for verdict, what in tasks]


def compare(one: Stack, other: Stack, allowed: frozenset[str]) -> Iterator[TaskDifference]:
    """All differences between the tasks of two stacks, by the tasks' names.

    Args:
        one: A stack.
        other: Another.
        allowed: Inputs that are meant to differ, beside those of an environment.

    Raises:
        ConfigurationError: The Pulumi CLI could not tell.
    """
    with ThreadPoolExecutor() as pool:  # a backend on the network takes its time
        tasks, others = pool.map(_tasks_by_place, (one, other))
    for key in sorted({*tasks, *others}):
        first, second = tasks.get(key), others.get(key)
        if first is not None and second is not None:
            yield from _compare_tasks(one, first, other, second, allowed)
        else:
            task = first or second
            assert task is not None  # noqa: S101 - one of them has the key
            without = other if first else one
            ids = (first and first.id, second and second.id)
            why = f"{without.name} does not have it"
            yield TaskDifference(_label(task), "", ids, meant=False, why=why)


def _tasks_by_place(stack: Stack) -> dict[tuple[str, str], StackTask]:
    return {(task.name, task.parent): task for task in stack.tasks()}


def _label(task: StackTask) -> str:
    return f"{task.name} in {task.parent}" if task.parent else task.name


def _compare_tasks(
    one: Stack, first: StackTask, other: Stack, second: StackTask, allowed: frozenset[str]
) -> Iterator[TaskDifference]:
    old, new = _spec(one, first), _spec(other, second)
    for item in differences(old, new):
        meant, why = _judge(item, old, new, allowed)
        yield TaskDifference(_label(first), item.path, (item.old, item.new), meant, why)
    places = (first.properties.get("location"), second.properties.get("location"))
    if places[0] == places[1] and places[0] not in {None, UNKNOWN}:
        yield TaskDifference(
            _label(first), "location", places, meant=False, why="both write to the same place"
        )


def _spec(stack: Stack, task: StackTask) -> DeliveryTaskDraft:
    try:
        return draft_of(task.properties)
    except InvalidInputError as error:
        raise ConfigurationError(
            f"stack {stack.name}: the state of {task.name} cannot be read: {error}"
        ) from None


def _judge(
    item: Difference, old: DeliveryTaskDraft, new: DeliveryTaskDraft, allowed: frozenset[str]
) -> tuple[bool, str]:
    """Whether a difference is meant, and why."""
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
        (
            item.path == "task_name" and _is_derived(old) and _is_derived(new),
            _DERIVED,
        ),
    )
    return next(((True, why) for meant, why in verdicts if meant), (False, "must be the same"))


def _is_derived(draft: DeliveryTaskDraft) -> bool:
    """Whether the name was derived; by its form alone where the state keeps content secret."""
    if spec := known(draft):
        return naming.is_derived(spec)
    return not is_unknown(draft.task_name) and naming.looks_derived(draft.task_name)


def _role(arn: Any) -> str:
    return str(arn).rpartition("/")[2]
