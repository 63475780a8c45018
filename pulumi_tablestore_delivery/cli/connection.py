"""The options that say which instance a command calls, and with which keys."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.stacks import Stack, stack_names
from pulumi_tablestore_delivery.lifecycle import Lifecycle
from pulumi_tablestore_delivery.settings import ENDPOINT, Setting, Settings
from pulumi_tablestore_delivery.spec import endpoints


def complete_stacks(incomplete: str) -> list[str]:
    """Return the names of this project's stacks that begin so."""
    return [name for name in stack_names() if name.startswith(incomplete)]


Endpoint = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="URL of the instance. Default: TABLESTORE_ENDPOINT, else that of instance and region.",
        show_default=False,
    ),
]
Instance = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The instance. Default: TABLESTORE_INSTANCE.", show_default=False
    ),
]
Region = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="The instance's region, such as cn-hangzhou. Default: TABLESTORE_REGION.",
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Take the keys from this profile of the Alibaba Cloud CLI (~/.aliyun/config.json). "
        "It needs the extra `credentials`.",
        show_default=False,
    ),
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="A stack of the Pulumi project in this folder. Its configuration counts after the "
        "environment.",
        show_default=False,
        autocompletion=complete_stacks,
    ),
]
_DEADLINE: Final = 10.0
"""Seconds until a call is not repeated any more, because a person waits and sees nothing."""


@dataclass(frozen=True)
class Connection:
    """The values of the options above."""

    endpoint: str | None = None
    instance: str | None = None
    region: str | None = None
    profile: str | None = None
    stack: str | None = None

    def settings(self) -> Settings:
        """Return the settings: these options, then the environment, then the stack's configuration.

        Raises:
            ConfigurationError: The region is not that of the configured endpoint.
        """
        given = {
            option: value
            for option, value in (
                ("endpoint", self.endpoint),
                ("instance", self.instance),
                ("region", self.region),
            )
            if value
        }
        environment = {
            **os.environ,
            **{f"TABLESTORE_{option.upper()}": value for option, value in given.items()},
        }
        options = {f"TABLESTORE_{option.upper()}": f"--{option}" for option in given}
        configuration: Callable[[str], str] = (
            Stack(self.stack).configured if self.stack else lambda _: ""
        )
        settings = Settings(environment, configuration, profile=self.profile or "", options=options)
        if self.region and not self.endpoint:
            _require_region(settings.find(ENDPOINT), self.region)
        return settings

    def lifecycle(self, deadline: float = _DEADLINE) -> Lifecycle:
        """Return the lifecycle of the instance's tasks. Nothing is called yet.

        Args:
            deadline: Seconds after which a call that fails is not repeated.
        """
        retry = RetryPolicy(deadline=min(deadline, _DEADLINE))
        return Lifecycle(self.settings(), retry=retry)


def _require_region(endpoint: Setting, region: str) -> None:
    """Refuse a region that the configured endpoint is not in."""
    if endpoints.region_of_tablestore(endpoint.value) not in {"", region.strip()}:
        raise ConfigurationError(
            f"--region: {region!r} is not the region of "
            f"{endpoints.mask_user_info(endpoint.value)}, which {endpoint.origin} sets. Give "
            "--endpoint too, or unset it."
        )
