"""Refuse empty arguments, and report arguments that break a rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.errors import InvalidInputError


def require_text(value: str | None) -> str | None:
    """Return a value. An unset variable of a script must not choose every task.

    Raises:
        typer.BadParameter: The value is given, and empty.
    """
    if value is not None and not value.strip():
        raise typer.BadParameter("must not be empty.")
    return value


def require_texts(values: list[str] | None) -> list[str] | None:
    """Return a list of values, none of which is empty.

    Raises:
        typer.BadParameter: A value is empty.
    """
    for value in values or ():
        require_text(value)
    return values


@contextmanager
def checked_arguments() -> Iterator[None]:
    """End the command with `exits.USAGE` if its arguments break a rule."""
    try:
        yield
    except InvalidInputError as error:
        raise typer.Exit(fail(exits.USAGE, *map(str, error.violations))) from None
