"""Which instance a command talks to, and how its errors are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.lifecycle import Lifecycle

Endpoint = Annotated[
    str | None,
    typer.Option(help="URL of the instance; TABLESTORE_ENDPOINT by default.", show_default=False),
]
Instance = Annotated[
    str | None,
    typer.Option(help="The instance; TABLESTORE_INSTANCE by default.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@contextmanager
def connected(endpoint: str | None, instance: str | None) -> Iterator[Lifecycle]:
    """The lifecycle of the instance's tasks, as the environment and the options set it up.

    An error within ends the command with its message and exit code 1.
    """
    from pulumi_tablestore_delivery.errors import DeliveryError  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.lifecycle import Lifecycle  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.settings import Settings  # noqa: PLC0415 - slow to import

    given = {"TABLESTORE_ENDPOINT": endpoint, "TABLESTORE_INSTANCE": instance}
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    try:
        yield Lifecycle(Settings(environment, lambda _: ""))
    except DeliveryError as error:
        sys.stderr.write(f"error: {error}\n")
        raise typer.Exit(1) from None
