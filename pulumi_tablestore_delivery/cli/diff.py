"""`tablestore-delivery diff`: compare the tasks of two stacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import complete_stacks
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.terminal import print_line, print_note
from pulumi_tablestore_delivery.inspection.comparison import DERIVED, TaskDifference, compare
from pulumi_tablestore_delivery.inspection.stacks import Stack
from pulumi_tablestore_delivery.spec.changes import in_words
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

_SECRET: Final = "[secret]"  # noqa: S105 - stands for one
_UNEXPECTED: Final = "UNEXPECTED"
_EXPECTED: Final = "expected"


def diff(
    *,
    stack_a: Annotated[
        str,
        typer.Argument(metavar="STACK_A", show_default=False, autocompletion=complete_stacks),
    ],
    stack_b: Annotated[
        str,
        typer.Argument(metavar="STACK_B", show_default=False, autocompletion=complete_stacks),
    ],
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="INPUT",
            help="One more input that may differ, such as oss_prefix; may be repeated.",
            show_default=False,
        ),
    ] = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Compare the delivery tasks in the states of two stacks, field by field.

    Bucket, instance, endpoints, the account of the role and derived names are expected to differ
    between environments.

    Exit code 3: something else differs, or both stacks write to the same place.

    Example: tablestore-delivery diff dev staging
    """
    unknown = sorted({*(allow or ())} - {*DeliveryTaskSpec.model_fields})
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is not an input (docs/inputs.md).", param_hint="--allow"
        )
    if stack_a == stack_b:
        raise typer.BadParameter("both are the same stack.", param_hint="STACK_B")
    stacks = Stack(stack_a), Stack(stack_b)
    found = list(compare(*stacks, frozenset(allow or ())))
    unexpected = [item for item in found if not item.expected]
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(
            {
                "promotable": not unexpected,
                "deployed": {stack.name: stack.is_deployed for stack in stacks},
                "differences": [_as_data(item, (stack_a, stack_b)) for item in found],
            },
            form,
        )
    else:
        for line in _lines(found):
            print_line(line)
        counted = f"{len(found)} difference{'s' * (len(found) != 1)}, {len(unexpected)} unexpected."
        print_line(f"{stack_a} -> {stack_b}: {counted if found else 'no differences.'}")
    for stack in stacks:
        if not stack.is_deployed:
            print_note(
                f"note: stack {stack.name} was not deployed yet, so there is nothing to compare. "
                f"Run `pulumi up --stack {stack.name}` first."
            )
    if unexpected:
        raise typer.Exit(exits.NO)


def _as_data(item: TaskDifference, stacks: tuple[str, str]) -> dict[str, Any]:
    values = [_without_secrets(value) for value in item.values]
    return {**vars(item), "values": dict(zip(stacks, values, strict=True))}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return _SECRET if value is UNKNOWN else value


def _lines(found: Sequence[TaskDifference]) -> list[str]:
    """Describe the differences, the unexpected first; one line for those that tasks share."""
    tasks: dict[tuple[str, str], list[str]] = {}
    for item in sorted(found, key=lambda item: item.expected):
        one, other = (in_words(value, _SECRET) for value in item.values)
        if item.why == DERIVED:
            what = f"{item.path}: {DERIVED}"  # no two of these names are the same
        else:
            values = one if one == other else f"{one} -> {other}"
            what = f"{item.path}: {values} ({item.why})" if item.path else item.why
        verdict = _EXPECTED if item.expected else _UNEXPECTED
        tasks.setdefault((verdict, what), []).append(item.task)
    return [f"{verdict:10}  {', '.join(names)}: {what}" for (verdict, what), names in tasks.items()]
