"""What goes in and out of the lifecycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.errors import ConfigurationError, DeliveryError, Violation
from pulumi_tablestore_delivery.spec.changes import Difference
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.naming import Scope

OUTPUT_DOCS: Final[Mapping[str, str]] = {
    "phase": "INIT, FULL or INCR, as of the last create, update or refresh.",
    "synced_until": (
        "ISO 8601, UTC: what was written before is delivered; empty if nothing is yet."
    ),
    "error_code": "OK, UNAUTHORIZED or INVALID_OSS_BUCKET.",
    "error_detail": "The service's words for the error.",
    "location": "`oss://<bucket>/<prefix>`.",
    "request_id": "The service's id of the request that created the task.",
    "trace_id": "The id that this request carried, for the service's support.",
}
OUTPUTS: Final = tuple(OUTPUT_DOCS)
"""What a task has beside its inputs; never a reason for a diff."""


class Reporter(Protocol):
    """Where a person watches: the row of the resource at work."""

    def status(self, message: str) -> None:
        """Shows what goes on right now; the next one takes its place."""
        ...

    def warn(self, message: str) -> None:
        """Leaves a warning."""
        ...


@dataclass(frozen=True)
class Declaration:
    """What a program knows of a resource that its inputs do not tell.

    Attributes:
        scope: Where it is declared.
        preview: Whether this run only looks.
        delete_before_replace: Whether its options ask to delete first.
    """

    scope: Scope
    preview: bool = False
    delete_before_replace: bool = False


@dataclass(frozen=True)
class Checked:
    """The inputs with their defaults (as they came, if anything is wrong), and what is wrong."""

    inputs: dict[str, Any]
    violations: list[Violation]


@dataclass(frozen=True)
class Diff:
    """What is to be done about a change.

    Attributes:
        differences: All values that differ.
        replaces: Names of the inputs whose change takes a new task.
        delete_before_replace: Whether the old task has to go first, its name being wanted.
        cost: What a replacement means for the data, in words; empty without one.
    """

    differences: list[Difference]
    replaces: list[str]
    delete_before_replace: bool
    cost: str


@dataclass(frozen=True)
class Found:
    """A task as it is: its id, its inputs, and everything that can be read of it."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class InitializationError(DeliveryError):
    """A task was created, and the wait for it failed; it is to stay in the state.

    Attributes:
        found: The task.
    """

    def __init__(self, found: Found, reason: str) -> None:
        super().__init__(reason)
        self.found = found


@dataclass(frozen=True)
class TaskId:
    """The three names that make a task unique."""

    instance_name: str
    table_name: str
    task_name: str

    def __str__(self) -> str:
        return f"{self.instance_name}/{self.table_name}/{self.task_name}"

    @classmethod
    def parse(cls, text: str) -> TaskId:
        """Reads `<instance>/<table>/<task>`.

        Raises:
            ConfigurationError: The text has another form.
        """
        parts = text.split("/", 2)
        if len(parts) != 3 or not all(parts):  # noqa: PLR2004
            raise ConfigurationError(
                f"{text!r} is not the id of a delivery task; write it as <instance>/<table>/<task>."
            )
        return cls(*parts)

    @classmethod
    def of(cls, spec: DeliveryTaskSpec) -> TaskId:
        """The id of a task."""
        return cls(spec.instance_name, spec.table_name, spec.task_name)


def state_outputs(state: codec.TaskState) -> dict[str, str]:
    """A task's state as outputs."""
    return {
        "phase": state.phase,
        "synced_until": state.synced_until,
        "error_code": state.error_code,
        "error_detail": state.error_detail,
    }


def location_of(spec: DeliveryTaskSpec) -> str:
    """Where a task's files are."""
    return f"oss://{spec.oss_bucket}/{spec.oss_prefix}"
