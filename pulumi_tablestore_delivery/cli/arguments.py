"""Refuse empty arguments, and report arguments that break a rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.errors import InvalidInputError


class EmptyValuesRefused:
    """A command that refuses empty values: an unset variable must not choose every task.

    Attributes:
        may_be_empty: The parameters whose value may be empty.
    """

    may_be_empty: ClassVar[frozenset[str]] = frozenset()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments.

        Raises:
            typer.BadParameter: An argument or an option has an empty value.
        """
        command: Any = super()
        unparsed = list(args)  # Typer turns an empty path into `.`
        rest: list[str] = command.parse_args(ctx, args)
        if ctx.resilient_parsing:  # shell completion parses unfinished command lines
            return rest
        values, _, parameters = command.make_parser(ctx).parse_args(args=unparsed)
        for parameter in parameters:
            given = () if parameter.name in self.may_be_empty else values.get(parameter.name)
            for value in given if isinstance(given, (list, tuple)) else (given,):
                if isinstance(value, str) and not value.strip():
                    raise typer.BadParameter("must not be empty.", ctx=ctx, param=parameter)
        return rest


@contextmanager
def checked_arguments() -> Iterator[None]:
    """End the command with `exits.USAGE` if its arguments break a rule."""
    try:
        yield
    except InvalidInputError as error:
        raise typer.Exit(fail(exits.USAGE, *map(str, error.violations))) from None
