"""Types that go in and out of the lifecycle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pulumi_tablestore_delivery.errors import ConfigurationError, DeliveryError, Violation
from pulumi_tablestore_delivery.spec.changes import Difference
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.unknown import is_unknown

DERIVED_NAME: Final = "__task_name_derived"
"""Mark among the checked inputs: check derived the task's name; the program did not give it."""

UNCONFIRMED: Final = "__unconfirmed"
"""Mark among the outputs: create was sent, and nobody knows yet whether the task exists."""

EXTERNAL: Final = "__external"
"""Mark among the outputs: the program only reads the task (`DeliveryTask.get`)."""

MARKS: Final = frozenset({DERIVED_NAME, UNCONFIRMED, EXTERNAL})
"""Marks that a front end passes through. Pulumi hides properties that start with `__`."""

_WORD: Final = re.compile(r"\S+")  # an instance is a part of a host's name


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
        """Parse `<instance>/<table>/<task>`.

        Raises:
            ConfigurationError: The text has another form.
        """
        match text.split("/", 2):
            case [instance, table, task] if _WORD.fullmatch(instance) and table and task:
                return cls(instance, table, task)
        raise ConfigurationError(
            f"{text!r} is not the id of a delivery task; write it as <instance>/<table>/<task>, "
            "without white space."
        )

    @classmethod
    def of(cls, spec: DeliveryTaskSpec) -> TaskId:
        """Return the id of a task."""
        return cls(spec.instance_name, spec.table_name, spec.task_name)

    @classmethod
    def of_draft(cls, draft: DeliveryTaskDraft) -> TaskId | None:
        """Return the id of a task; None while one of its names is unknown."""
        instance, table, task = draft.instance_name, draft.table_name, draft.task_name
        if is_unknown(instance) or is_unknown(table) or is_unknown(task):
            return None
        return cls(instance, table, task)


class Reporter(Protocol):
    """The row of a resource in the CLI."""

    def status(self, message: str) -> None:
        """Show the current progress; the next message takes its place."""
        ...

    def warn(self, message: str) -> None:
        """Log a warning."""
        ...

    def info(self, message: str) -> None:
        """Leave a message that asks for nothing."""
        ...


class StateEntries:
    """The tasks in the stack's state at the start of the run, by their resources' URNs.

    Args:
        tasks: The tasks by URN.
    """

    def __init__(self, tasks: Mapping[str, TaskId]) -> None:
        self._tasks = tasks
        self._holders: dict[TaskId, list[str]] = {}
        for urn, task in tasks.items():
            self._holders.setdefault(task, []).append(urn)

    def task_of(self, urn: str) -> TaskId | None:
        """Return the task in a resource's entry; None if the resource has none."""
        return self._tasks.get(urn)

    def has(self, task: TaskId) -> bool:
        """Return whether an entry holds the task."""
        return task in self._holders

    def other_holder(self, task: TaskId, urn: str) -> str:
        """Return the URN of a holder other than the one given; empty if there is none."""
        return next((other for other in self._holders.get(task, ()) if other != urn), "")


@dataclass(frozen=True)
class Declaration:
    """What is known about a resource beside its inputs.

    Attributes:
        scope: Where it is declared.
        urn: Its URN; empty if the front end cannot know it.
        preview: Whether this run is a preview; False if the front end cannot know it.
        explicit_name: Whether the program gives the task's name; None if the front end cannot know
            it. With `ignore_changes`, the inputs have a name that the program does not give.
        knows_options: Whether the front end knows the two options that follow.
        delete_before_replace: The option of that name; None if it is not set.
        retain_on_delete: The option of that name.
        may_be_transformed: Whether a transformation may change these options.
        entries: The tasks in the stack's state; None if the front end cannot know them.
        tables: Tables of the default instance that the program's other tasks need. A preview looks
            at them together with this resource's table.
        columns: Source columns that the program's tasks read, by table; only of tables that this
            is known of. A preview samples such a table's rows ahead.
    """

    scope: Scope
    urn: str = ""
    preview: bool = False
    explicit_name: bool | None = None
    knows_options: bool = False
    delete_before_replace: bool | None = None
    retain_on_delete: bool = False
    may_be_transformed: bool = False
    entries: StateEntries | None = None
    tables: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def own_entry(self) -> TaskId | None:
        """The task in this resource's own entry of the state; None if there is none."""
        return self.entries.task_of(self.urn) if self.entries else None

    def other_holder(self, task: TaskId) -> str:
        """Return the URN of another resource whose entry holds the task; empty if none does."""
        return self.entries.other_holder(task, self.urn) if self.entries else ""

    def is_in_state(self, task: TaskId) -> bool:
        """Return whether any entry of the stack's state is known to hold the task."""
        return self.entries is not None and self.entries.has(task)


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
        replaces: Names of the inputs whose change replaces the task.
        delete_before_replace: Whether the old task is deleted first, because the new one has its
            name.
        cost: The cost of a replacement for the data; empty without one.
        must_confirm: Whether the resource is unconfirmed, so an update is due in any case.
    """

    differences: list[Difference]
    replaces: list[str]
    delete_before_replace: bool
    cost: str
    must_confirm: bool = False


@dataclass(frozen=True)
class Found:
    """A task as it is: its id, its inputs, and everything that can be read of it."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class InitializationError(DeliveryError):
    """The call failed, and the resource is to stay in the state.

    Its wait failed, or the outcome of its create is not known.

    Attributes:
        found: The task.
    """

    def __init__(self, found: Found, reason: str) -> None:
        super().__init__(reason)
        self.found = found
