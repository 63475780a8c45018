"""`tablestore-delivery diff`: compare the tasks of two stacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import complete_stacks
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.terminal import print_note, print_prose
from pulumi_tablestore_delivery.inspection.comparison import DERIVED, TaskDifference, compare
from pulumi_tablestore_delivery.inspection.stacks import Stack
from pulumi_tablestore_delivery.spec.changes import in_words
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

_SECRET: Final = "[secret]"  # noqa: S105 - the text that replaces a secret
_UNEXPECTED: Final = "UNEXPECTED"
_EXPECTED: Final = "expected"


def diff(
    *,
    stack_a: Annotated[
        str,
        typer.Argument(
            metavar="STACK_A",
            help="A stack of the Pulumi project in this folder.",
            show_default=False,
            autocompletion=complete_stacks,
        ),
    ],
    stack_b: Annotated[
        str,
        typer.Argument(
            metavar="STACK_B",
            help="The stack to compare it with.",
            show_default=False,
            autocompletion=complete_stacks,
        ),
    ],
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="INPUT",
            help="Expect this input to differ too, such as oss_prefix. May be repeated.",
            show_default=False,
        ),
    ] = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Compare the delivery tasks in the states of two stacks, field by field.

    The bucket, the instance, the endpoints, the account of the role and derived names are
    expected to differ between environments.

    Exit code 3: something else differs, both stacks write to the same folder, or a stack was not
    deployed yet.

    Example: tablestore-delivery diff dev staging
    """
    inputs = sorted(DeliveryTaskSpec.model_fields)
    unknown = sorted({*(allow or ())}.difference(inputs))
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is not an input.{suggestion(unknown[0], inputs)} Use one of "
            f"{', '.join(inputs)}.",
            param_hint="--allow",
        )
    if stack_a == stack_b:
        raise typer.BadParameter("both are the same stack.", param_hint="STACK_B")
    stacks = Stack(stack_a), Stack(stack_b)
    found = list(compare(*stacks, frozenset(allow or ())))
    is_promotable = all(item.expected for item in found) and not _undeployed(stacks)
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(
            {
                "promotable": is_promotable,
                "deployed": {stack.name: stack.is_deployed for stack in stacks},
                "differences": [_as_data(item, (stack_a, stack_b)) for item in found],
            },
            form,
        )
    else:
        _print_comparison(stacks, found)
    if not is_promotable:
        raise typer.Exit(exits.NO)


def _print_comparison(stacks: tuple[Stack, Stack], found: Sequence[TaskDifference]) -> None:
    pair = " -> ".join(stack.name for stack in stacks)
    undeployed = _undeployed(stacks)
    if undeployed:
        print_prose(f"{pair}: {_describe_undeployed(undeployed, stacks, found)}")
        deployments = " and ".join(f"`pulumi up --stack {name}`" for name in undeployed)
        print_note(f"Run {deployments} first.")
        return
    for line in _describe(found):
        print_prose(line)
    unexpected = sum(not item.expected for item in found)
    plural = "" if len(found) == 1 else "s"
    if found:
        print_prose(f"{pair}: {len(found)} difference{plural}, {unexpected} unexpected.")
    elif any(stack.tasks() for stack in stacks):
        print_prose(f"{pair}: no differences.")
    else:
        print_prose(f"{pair}: neither stack has delivery tasks.")


def _describe_undeployed(
    undeployed: list[str], stacks: tuple[Stack, Stack], found: Sequence[TaskDifference]
) -> str:
    if len(undeployed) == len(stacks):
        return "neither stack was deployed yet, so there is nothing to compare."
    (name,) = undeployed
    other = next(stack.name for stack in stacks if stack.name != name)
    tasks = ", ".join(item.task for item in found)
    if not tasks:
        return f"{name} was not deployed yet, and {other} does not have delivery tasks."
    return f"{name} was not deployed yet. Only {other} has these tasks: {tasks}."


def _undeployed(stacks: Iterable[Stack]) -> list[str]:
    return [stack.name for stack in stacks if not stack.is_deployed]


def _as_data(item: TaskDifference, stacks: tuple[str, str]) -> dict[str, Any]:
    values = [_without_secrets(value) for value in item.values]
    return {**vars(item), "values": dict(zip(stacks, values, strict=True))}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return _SECRET if value is UNKNOWN else value


def _describe(found: Sequence[TaskDifference]) -> list[str]:
    """Describe the differences, unexpected ones first. Tasks share a line if they differ alike."""
    tasks: dict[tuple[str, str], list[str]] = {}
    for item in sorted(found, key=lambda item: item.expected):
        old, new = (in_words(value, _SECRET) for value in item.values)
        if item.why == DERIVED:
            difference = f"{item.path}: {DERIVED}"  # each pair of names is different
        else:
            values = old if old == new else f"{old} -> {new}"
            difference = f"{item.path}: {values} ({item.why})" if item.path else item.why
        verdict = _EXPECTED if item.expected else _UNEXPECTED
        tasks.setdefault((verdict, difference), []).append(item.task)
    return [
        f"{verdict:10}  {', '.join(names)}: {difference}"
        for (verdict, difference), names in tasks.items()
    ]
