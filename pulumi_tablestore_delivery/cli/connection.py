"""The options that choose the instance, and the keys of its requests."""

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
    """Return the names of this project's stacks that start with the text."""
    return [name for name in stack_names() if name.startswith(incomplete)]


Endpoint = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The instance's URL. Default: TABLESTORE_ENDPOINT, or the URL made of instance and "
        "region.",
        show_default=False,
    ),
]
Instance = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The instance. Default: TABLESTORE_INSTANCE.",
        show_default=False,
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
        "Needs the extra `credentials`.",
        show_default=False,
    ),
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="A stack of the Pulumi project in this folder. Its configuration is used after the "
        "environment.",
        show_default=False,
        autocompletion=complete_stacks,
    ),
]
_DEADLINE: Final = 10.0
"""Deadline of a call and its retries in seconds. It is short, because a person waits."""


@dataclass(frozen=True)
class Connection:
    """The values of the options above."""

    endpoint: str | None = None
    instance: str | None = None
    region: str | None = None
    profile: str | None = None
    stack: str | None = None

    def settings(self) -> Settings:
        """Return the settings. Options come first, then the environment, then the stack.

        Raises:
            ConfigurationError: The configured endpoint is in another region.
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
        """Return the lifecycle of the instance's tasks, without calling the service.

        Args:
            deadline: Deadline of a call and its retries in seconds.
        """
        retry = RetryPolicy(deadline=min(deadline, _DEADLINE))
        return Lifecycle(self.settings(), retry=retry)


def _require_region(endpoint: Setting, region: str) -> None:
    """Refuse a region that differs from the region of the configured endpoint."""
    if endpoints.region_of_tablestore(endpoint.value) not in {"", region.strip()}:
        raise ConfigurationError(
            f"--region: {region!r} is not the region of "
            f"{endpoints.mask_user_info(endpoint.value)}, which {endpoint.origin} sets. Give "
            f"--endpoint too, or unset {endpoint.origin}."
        )
