"""Which instance a command talks to."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_tablestore_delivery.cli.output import JSON_OPTION

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.lifecycle import Lifecycle
    from pulumi_tablestore_delivery.settings import Settings

Endpoint = Annotated[
    str | None,
    typer.Option(help="URL of the instance; TABLESTORE_ENDPOINT by default.", show_default=False),
]
Instance = Annotated[
    str | None,
    typer.Option(help="The instance; TABLESTORE_INSTANCE by default.", show_default=False),
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        help="A stack of the Pulumi project in this folder, whose configuration counts after "
        "the environment.",
        show_default=False,
    ),
]
_PATIENCE: Final = 10.0
"""Seconds: a person waits for the answer, with nothing to see."""

AsJson = Annotated[bool, typer.Option(JSON_OPTION, help="Print JSON, for programs.")]


def settings(endpoint: str | None, instance: str | None, stack: str | None = None) -> Settings:
    """The settings of a command: its options, the environment, the stack's configuration."""
    from pulumi_tablestore_delivery.cli.stacks import Stack  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.settings import Settings  # noqa: PLC0415 - slow to import

    given = {"TABLESTORE_ENDPOINT": endpoint, "TABLESTORE_INSTANCE": instance}
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    configuration: Callable[[str], str] = Stack(stack).configured if stack else lambda _: ""
    return Settings(environment, configuration)


def connected(
    endpoint: str | None,
    instance: str | None,
    stack: str | None = None,
    patience: float = _PATIENCE,
) -> Lifecycle:
    """The lifecycle of the instance's tasks, as the settings tell; nothing is called yet.

    Args:
        endpoint: `--endpoint`.
        instance: `--instance`.
        stack: `--stack`.
        patience: Seconds after which a call that fails is not tried again.
    """
    from pulumi_tablestore_delivery.client.retry import RetryPolicy  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.lifecycle import Lifecycle  # noqa: PLC0415 - slow to import

    retry = RetryPolicy(deadline=min(patience, _PATIENCE))
    return Lifecycle(settings(endpoint, instance, stack), retry=retry)
