"""Read stacks of the Pulumi project in this folder through the Pulumi CLI."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic.alias_generators import to_snake

from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.resource_types import DYNAMIC_TYPE, NATIVE_PACKAGE, NATIVE_TYPE
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

_TASK_TYPES: Final = (DYNAMIC_TYPE, NATIVE_TYPE)
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's marker
_SECONDS: Final = 120
_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


@dataclass(frozen=True)
class StackTask:
    """A delivery task in a stack's state.

    Attributes:
        name: The resource's name in the program.
        parent: The types of the components it belongs to; empty for none.
        id: `<instance>/<table>/<task>`.
        properties: Its outputs, by their Python names. An encrypted value is `UNKNOWN`.
    """

    name: str
    parent: str
    id: str
    properties: Mapping[str, Any]


class Stack:
    """A stack of the project in the current folder or, by its full name, of another project.

    Args:
        name: Its name, as `pulumi --stack` expects it.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def configured(self, key: str) -> str:
        """Return a value of the stack's configuration by its full key; empty if it is not set.

        If `tablestore:…` is not set, the native provider's `tablestore-delivery:…` is used.

        Raises:
            ConfigurationError: The Pulumi CLI failed.
        """
        native = key.replace("tablestore:", f"{NATIVE_PACKAGE}:")
        found = self._configuration.get(key) or self._configuration.get(native) or {}
        value = found.get("value")
        return "" if value is None else str(value)

    @cached_property
    def _configuration(self) -> Mapping[str, Any]:
        self._refuse_another_project()
        # Only this process gets the secrets, to sign requests.
        found: Mapping[str, Any] = self._pulumi("config", "--json", "--show-secrets")
        return found

    @property
    def is_deployed(self) -> bool:
        """Whether the state has any resource.

        Raises:
            ConfigurationError: The Pulumi CLI failed.
        """
        return bool(self._resources)

    def tasks(self) -> list[StackTask]:
        """Return the delivery tasks in the stack's state.

        Raises:
            ConfigurationError: The Pulumi CLI failed.
        """
        return [
            _task(resource)
            for resource in self._resources
            if resource["type"] in _TASK_TYPES
            and resource.get("id")
            and not (resource.get("delete") or resource.get("external"))
        ]

    @cached_property
    def _resources(self) -> list[dict[str, Any]]:
        deployment = self._pulumi("stack", "export").get("deployment") or {}
        return deployment.get("resources") or []

    def _pulumi(self, *arguments: str) -> Any:
        command = ["pulumi", *arguments, "--stack", self.name, "--non-interactive"]
        try:
            done = subprocess.run(  # noqa: S603 - the CLI on PATH, with a name as argument
                command,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=True,
                timeout=_SECONDS,
            )
            return json.loads(done.stdout)
        except FileNotFoundError:
            problem = "the Pulumi CLI is not on PATH. Install it, or put its folder on PATH."
        except OSError as error:
            problem = f"the Pulumi CLI cannot be run: {error.strerror}."
        except subprocess.TimeoutExpired:
            problem = f"`pulumi {arguments[0]}` did not answer within {_SECONDS} s."
        except subprocess.CalledProcessError as error:
            reason = _reason(error.stderr)
            problem = f"`pulumi {' '.join(arguments[:2])}` failed: {reason}{_remedy()}"
        except ValueError:
            problem = f"the answer of `pulumi {' '.join(arguments[:2])}` is not JSON."
        raise ConfigurationError(f"stack {self.name}: {problem}")

    def _refuse_another_project(self) -> None:
        """Refuse another project's stack: Pulumi would read the configuration in this folder."""
        here = _project()
        match self.name.split("/"):
            case [_, project, _] if here not in {"", project}:
                raise ConfigurationError(
                    f"stack {self.name}: the project in this folder is {here}; the configuration "
                    f"of the stack is in the folder of {project}. Run the command there."
                )


def stack_names() -> list[str]:
    """Return the stacks of the project in this folder that have a configuration file."""
    file = _project_file()
    if file is None:
        return []
    names = (
        path.name.removeprefix(f"{file.stem}.").removesuffix(file.suffix)
        for path in file.parent.glob(f"{file.stem}.*{file.suffix}")
    )
    return sorted(names)


def _reason(stderr: str) -> str:
    """Return Pulumi's error on one line, without the warnings before it."""
    error = stderr[max(0, stderr.find("error: ")) :].strip().removeprefix("error: ")
    return " ".join(error.split()).rstrip(".")


def _remedy() -> str:
    if _project():
        return "."
    return ". There is no Pulumi project in this folder: run the command in the project's folder."


def _project() -> str:
    """Return the name of the project in this folder; empty if there is none."""
    file = _project_file()
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) if file else None
    except (OSError, ValueError, yaml.YAMLError):
        return ""  # Pulumi itself reports the mistake
    return str(content.get("name", "")) if isinstance(content, dict) else ""


def _project_file() -> Path | None:
    """Return the project file that Pulumi uses in this folder."""
    here = Path.cwd()
    found = (folder / file for folder in (here, *here.parents) for file in _PROJECT_FILES)
    return next((file for file in found if file.is_file()), None)


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
    """Rename the keys of a value to Python's names, whichever provider wrote the state."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return UNKNOWN
        return {to_snake(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
