"""Arguments that are wrong in a way that only the rules know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.output import print_error
from pulumi_tablestore_delivery.errors import InvalidInputError


@contextmanager
def judged() -> Iterator[None]:
    """Where all that can be invalid is the arguments: ends the command as a mistake in them."""
    try:
        yield
    except InvalidInputError as error:
        print_error(str(error))
        raise typer.Exit(exits.USAGE) from None
