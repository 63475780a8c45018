"""Which instance a command talks to, and how its errors are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.client.client import TablestoreClient

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
def connected(endpoint: str | None, instance: str | None) -> Iterator[TablestoreClient]:
    """A client of the instance; an error ends the command with its message and exit code 1."""
    from pulumi_tablestore_delivery.client.client import TablestoreClient  # noqa: PLC0415 - slow
    from pulumi_tablestore_delivery.errors import ConfigurationError, DeliveryError  # noqa: PLC0415
    from pulumi_tablestore_delivery.settings import Settings  # noqa: PLC0415 - slow

    settings = Settings(os.environ, lambda _: "")
    try:
        name = instance or settings.instance_name
        if not name:
            raise ConfigurationError("no instance: set TABLESTORE_INSTANCE, or give --instance.")
        url = settings.endpoint(name, endpoint)
        yield TablestoreClient(
            url,
            name,
            settings.credentials,
            signature_version=settings.signature_version,
            region=settings.signing_region(url),
        )
    except DeliveryError as error:
        sys.stderr.write(f"error: {error}\n")
        raise typer.Exit(1) from None
