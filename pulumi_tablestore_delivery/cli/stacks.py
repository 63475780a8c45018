"""The stacks of the Pulumi project in this folder, as the Pulumi CLI tells them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.native import names
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

_TASK_TYPES: Final = (
    "pulumi-python:dynamic/tablestore:DeliveryTask",
    names.RESOURCE,
)
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's marker
_SECONDS: Final = 120
_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


@dataclass(frozen=True)
class StackTask:
    """A delivery task that a stack's state knows.

    Attributes:
        name: The resource's name in the program.
        parent: The types of the components it belongs to; empty for none.
        id: `<instance>/<table>/<task>`.
        properties: Its outputs, by the names that a Python program has for them; what the state
            keeps encrypted is `UNKNOWN`.
    """

    name: str
    parent: str
    id: str
    properties: Mapping[str, Any]


class Stack:
    """A stack of the project in the current folder; by its full name, of another one too.

    Args:
        name: Its name, as `pulumi --stack` takes it.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def configured(self, key: str) -> str:
        """A value of the stack's configuration by its full key; empty if it is not set.

        What is `tablestore:…` may be written for the native provider, as `tablestore-delivery:…`.

        Raises:
            ConfigurationError: The Pulumi CLI could not tell.
        """
        native = key.replace("tablestore:", f"{names.PACKAGE}:")
        found = self._configuration.get(key) or self._configuration.get(native) or {}
        value = found.get("value")
        return "" if value is None else str(value)

    @cached_property
    def _configuration(self) -> Mapping[str, Any]:
        self._refuse_another_project()
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
                f"stack {self.name}: the Pulumi CLI is not on PATH. Install it, or put "
                "its folder on PATH."
            ) from None
        except subprocess.TimeoutExpired:
            raise ConfigurationError(
                f"stack {self.name}: `pulumi {arguments[0]}` gave no answer in {_SECONDS} s."
            ) from None
        except subprocess.CalledProcessError as error:
            told = f"stack {self.name}: `pulumi {' '.join(arguments[:2])}` failed: "
            raise ConfigurationError(told + _said(error.stderr) + _remedy()) from None
        return json.loads(done.stdout)

    def _refuse_another_project(self) -> None:
        """Pulumi would read the file in this folder, whichever project the name tells."""
        here, parts = _project(), self.name.split("/")
        if len(parts) == 3 and here not in {"", parts[1]}:  # noqa: PLR2004 - organization/project/stack
            raise ConfigurationError(
                f"stack {self.name}: the project in this folder is {here}; the configuration of "
                f"the stack is in the folder of {parts[1]}. Run the command there."
            )


def _said(stderr: str) -> str:
    """The error that Pulumi tells, without the warnings before it."""
    return stderr[max(0, stderr.find("error: ")) :].strip().removeprefix("error: ").rstrip(".")


def _remedy() -> str:
    if _project():
        return "."
    return ". There is no Pulumi project in this folder: run the command in the project's folder."


def _project() -> str:
    """The name of the project that Pulumi takes in this folder; empty if there is none."""
    import yaml  # noqa: PLC0415 - slow to import

    here = Path.cwd()
    found = (folder / file for folder in (here, *here.parents) for file in _PROJECT_FILES)
    file = next((file for file in found if file.is_file()), None)
    try:
        about = yaml.safe_load(file.read_text(encoding="utf-8")) if file else None
    except yaml.YAMLError:
        return ""  # Pulumi tells what is wrong with it
    return str(about.get("name", "")) if isinstance(about, dict) else ""


def _task(resource: Mapping[str, Any]) -> StackTask:
    types, name = resource["urn"].split("::", 3)[2:]
    outputs = resource.get("outputs", {})
    return StackTask(
        name=name,
        parent=types.rpartition("$")[0],
        id=resource["id"],
        properties=_plain({key: outputs[key] for key in outputs if key != "__provider"}),
    )


def _plain(value: Any) -> Any:
    """A value with the names that Python has for them, whichever provider wrote the state."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return UNKNOWN
        return {names.snake(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
