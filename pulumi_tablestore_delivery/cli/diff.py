"""`tablestore-delivery diff`: what differs between the tasks of two stacks, and what may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import AsJson
from pulumi_tablestore_delivery.cli.output import print_json, print_table
from pulumi_tablestore_delivery.cli.stacks import Stack, StackTask
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import Difference, differences, in_words
from pulumi_tablestore_delivery.spec.model import UNKNOWN, DeliveryTaskSpec, is_known
from pulumi_tablestore_delivery.spec.properties import spec_of

_OF_AN_ENVIRONMENT: Final = ("instance_name", "oss_bucket", "oss_endpoint", "tablestore_endpoint")
_THERE: Final = "there"


@dataclass(frozen=True)
class TaskDifference:
    """One thing in which two stacks differ.

    Attributes:
        task: The resource's name in the program.
        path: The input, such as `parquet_schema[1].type`; empty if the whole task is meant.
        values: The stacks' values in words, by the stack's name.
        meant: Whether environments are meant to differ in it.
        why: Why it is meant, or what is wrong.
    """

    task: str
    path: str
    values: dict[str, str]
    meant: bool
    why: str


def diff(
    *,
    stack_a: Annotated[str, typer.Argument(metavar="STACK_A", show_default=False)],
    stack_b: Annotated[str, typer.Argument(metavar="STACK_B", show_default=False)],
    allow: Annotated[
        list[str] | None,
        typer.Option(
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
    one, other = Stack(stack_a), Stack(stack_b)
    found = list(compare(one, other, frozenset(allow or ())))
    wrong = [item for item in found if not item.meant]
    if as_json:
        print_json({"promotable": not wrong, "differences": [asdict(item) for item in found]})
    else:
        if found:
            print_table(
                ("Task", "Field", stack_a, stack_b, "Verdict"),
                [
                    (
                        item.task, item.path or "(task)",
                        item.values[stack_a], item.values[stack_b],
                        f"{'meant' if item.meant else 'NOT MEANT'}: {item.why}",
                    )
                    for item in found
                ],
                ["" if item.meant else "red" for item in found],
            )  # fmt: skip
        typer.echo(
            f"{stack_a} and {stack_b}: {len(found)} differences, {len(wrong)} not meant."
            if found
            else f"{stack_a} and {stack_b}: no differences."
        )
    if wrong:
        raise typer.Exit(exits.NO)


def compare(one: Stack, other: Stack, allowed: frozenset[str]) -> Iterator[TaskDifference]:
    """All differences between the tasks of two stacks.

    Args:
        one: A stack.
        other: Another.
        allowed: Inputs that are meant to differ, beside those of an environment.

    Raises:
        ConfigurationError: The Pulumi CLI could not tell.
    """
    tasks = {(task.parent, task.name): task for task in one.tasks()}
    others = {(task.parent, task.name): task for task in other.tasks()}
    for key in dict.fromkeys((*tasks, *others)):
        first, second = tasks.get(key), others.get(key)
        if first is not None and second is not None:
            yield from _compare_tasks((one.name, first), (other.name, second), allowed)
        else:
            values = {one.name: _THERE if first else "-", other.name: _THERE if second else "-"}
            missing = other.name if first else one.name
            yield TaskDifference(key[1], "", values, meant=False, why=f"{missing} does not have it")


def _compare_tasks(
    one: tuple[str, StackTask], other: tuple[str, StackTask], allowed: frozenset[str]
) -> Iterator[TaskDifference]:
    (first_name, first), (second_name, second) = one, other
    old, new = spec_of(first.properties), spec_of(second.properties)
    for item in differences(old, new):
        values = {first_name: in_words(item.old), second_name: in_words(item.new)}
        meant, why = _judge(item, old, new, allowed)
        yield TaskDifference(first.name, item.path, values, meant, why)
    place = first.properties.get("location")
    if place is not UNKNOWN and place == second.properties.get("location"):
        values = {first_name: str(place), second_name: str(place)}
        yield TaskDifference(
            first.name, "location", values, meant=False, why="both stacks write to the same place"
        )


def _judge(
    item: Difference, old: DeliveryTaskSpec, new: DeliveryTaskSpec, allowed: frozenset[str]
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
            "derived for each stack",
        ),
    )
    return next(((True, why) for meant, why in verdicts if meant), (False, "must be the same"))


def _is_derived(spec: DeliveryTaskSpec) -> bool:
    """Whether the name was derived; by its form alone where the state keeps content secret."""
    return naming.is_derived(spec) if is_known(spec) else naming.looks_derived(spec.task_name)


def _role(arn: Any) -> str:
    return str(arn).rpartition("/")[2]
