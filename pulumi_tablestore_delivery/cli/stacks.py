"""The stacks of the Pulumi project in this folder, as the Pulumi CLI tells them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.spec.model import UNKNOWN

_TASK_TYPES: Final = (
    "pulumi-python:dynamic/tablestore:DeliveryTask",
    "tablestore-delivery:index:DeliveryTask",
)
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's marker
_SECONDS: Final = 120


@dataclass(frozen=True)
class StackTask:
    """A delivery task that a stack's state knows.

    Attributes:
        name: The resource's name in the program.
        id: `<instance>/<table>/<task>`.
        parent: The types of the components it belongs to; empty for none.
        properties: Its outputs, by the names that a Python program has for them; what the state
            keeps encrypted is `UNKNOWN`.
    """

    name: str
    parent: str
    id: str
    properties: Mapping[str, Any]


class Stack:
    """A stack of the project in the current folder.

    Args:
        name: Its name, as `pulumi --stack` takes it.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def configured(self, key: str) -> str:
        """A value of the stack's configuration by its full key; empty if it is not set.

        Raises:
            ConfigurationError: The Pulumi CLI could not tell.
        """
        value = self._configuration.get(key, {}).get("value")
        return "" if value is None else str(value)

    @cached_property
    def _configuration(self) -> Mapping[str, Any]:
        # Secrets are shown to this process, which signs requests with them, and to nobody else.
        found: Mapping[str, Any] = self._pulumi("config", "--json", "--show-secrets")
        return found

    def tasks(self) -> list[StackTask]:
        """The delivery tasks in the stack's state.

        Raises:
            ConfigurationError: The Pulumi CLI could not tell.
        """
        deployment = self._pulumi("stack", "export").get("deployment") or {}
        return [
            _task(resource)
            for resource in deployment.get("resources") or []
            if resource["type"] in _TASK_TYPES
            and resource.get("id")
            and not (resource.get("delete") or resource.get("external"))
        ]

    def _pulumi(self, *arguments: str) -> Any:
        command = ["pulumi", *arguments, "--stack", self.name, "--non-interactive"]
        try:
            done = subprocess.run(  # noqa: S603 - the CLI on PATH, with a name as argument
                command, capture_output=True, text=True, check=True, timeout=_SECONDS
            )
        except FileNotFoundError:
            raise ConfigurationError(
                f"stack {self.name}: the Pulumi CLI is not on PATH. Install it, or leave --stack "
                "out."
            ) from None
        except subprocess.TimeoutExpired:
            raise ConfigurationError(
                f"stack {self.name}: `pulumi {arguments[0]}` gave no answer in {_SECONDS} s."
            ) from None
        except subprocess.CalledProcessError as error:
            said = str(error.stderr).strip().removeprefix("error: ")
            raise ConfigurationError(
                f"stack {self.name}: `pulumi {' '.join(arguments[:2])}` failed: {said}"
            ) from None
        return json.loads(done.stdout)


def _task(resource: Mapping[str, Any]) -> StackTask:
    types, name = resource["urn"].split("::", 3)[2:]
    outputs = resource.get("outputs", {})
    return StackTask(
        name=name,
        parent=types.rpartition("$")[0],
        id=resource["id"],
        properties={key: _plain(value) for key, value in outputs.items() if key != "__provider"},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return UNKNOWN
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
