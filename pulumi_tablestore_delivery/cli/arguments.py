"""Refuse empty arguments, and report arguments that break a rule."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.errors import InvalidInputError


def refuse_empty_values(
    command: Any, ctx: Any, arguments: Sequence[str], allowed: Collection[str]
) -> None:
    """Refuse empty values: an unset variable of a script must not choose every task.

    Args:
        command: The command.
        ctx: Its context.
        arguments: The unparsed arguments. Typer turns an empty path into `.`.
        allowed: The parameters whose value may be empty.

    Raises:
        typer.BadParameter: An argument or an option has an empty value.
    """
    if ctx.resilient_parsing:  # shell completion parses unfinished command lines
        return
    values, _, parameters = command.make_parser(ctx).parse_args(args=list(arguments))
    for parameter in parameters:
        if parameter.name in allowed:
            continue
        given = values.get(parameter.name)
        for value in given if isinstance(given, (list, tuple)) else (given,):
            if isinstance(value, str) and not value.strip():
                raise typer.BadParameter("must not be empty.", ctx=ctx, param=parameter)


@contextmanager
def checked_arguments() -> Iterator[None]:
    """End the command with `exits.USAGE` if its arguments break a rule."""
    try:
        yield
    except InvalidInputError as error:
        raise typer.Exit(fail(exits.USAGE, *map(str, error.violations))) from None
