"""Report arguments that break a rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.errors import InvalidInputError


@contextmanager
def checked_arguments() -> Iterator[None]:
    """End the command with `exits.USAGE` if its arguments break a rule."""
    try:
        yield
    except InvalidInputError as error:
        raise typer.Exit(fail(exits.USAGE, *map(str, error.violations))) from None
