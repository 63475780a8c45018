"""Types of the lifecycle's arguments and results."""

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
"""Mark in the checked inputs: check derived the task's name, the program did not give it."""

UNCONFIRMED: Final = "__unconfirmed"
"""Mark in the outputs: create was sent, and it is not known yet whether the task exists."""

EXTERNAL: Final = "__external"
"""Mark in the outputs: the program only reads the task (`DeliveryTask.get`)."""

MARKS: Final = frozenset({DERIVED_NAME, UNCONFIRMED, EXTERNAL})
"""A front end must keep these marks. Pulumi hides properties that start with `__`."""

_WORD: Final = re.compile(r"\S+")  # an instance's name is part of a host name


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
            ConfigurationError: The text is not such an id.
        """
        match text.split("/", 2):
            case [instance, table, task] if _WORD.fullmatch(instance) and table and task:
                return cls(instance, table, task)
        raise ConfigurationError(
            f"{text!r} is not the id of a delivery task. Write it as <instance>/<table>/<task>; an "
            "instance has no white space in its name."
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
    """A resource's row in the CLI."""

    def status(self, message: str) -> None:
        """Show the current progress; the next message takes its place."""
        ...

    def warn(self, message: str) -> None:
        """Log a warning."""
        ...

    def info(self, message: str) -> None:
        """Log a message that needs no action."""
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
    """What the front end knows about a resource in addition to its inputs.

    Attributes:
        scope: Where it is declared.
        urn: Its URN; empty if the front end cannot know it.
        preview: Whether this run is a preview; False if the front end cannot know it.
        explicit_name: Whether the program gives the task's name; None if the front end cannot know
            it. ignore_changes can copy the old name into the inputs, so a name there need not be
            the program's.
        knows_options: Whether the front end knows the two options that follow.
        delete_before_replace: The option of that name; None if it is not set.
        retain_on_delete: The option of that name.
        may_be_transformed: Whether a transformation may change these options.
        entries: The tasks in the stack's state; None if the front end cannot know them.
        unreadable: Why the front end, which should know them, does not; empty if it does.
        secret_prefixes: Those of `oss_prefix` and `oss_dirty_prefix` that are known to be secrets.
        tables: Tables of the default instance that the program's other tasks need. A preview reads
            them together with this resource's table.
        columns: Source columns that the program's tasks read, by table. A table is missing if they
            are not known. A preview samples the rows of these tables ahead.
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
    unreadable: str = ""
    secret_prefixes: frozenset[str] = frozenset()
    tables: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def own_entry(self) -> TaskId | None:
        """The task in this resource's own entry in the state; None if there is none."""
        return self.entries.task_of(self.urn) if self.entries else None

    def other_holder(self, task: TaskId) -> str:
        """Return the URN of another resource whose entry holds the task; empty if none does."""
        return self.entries.other_holder(task, self.urn) if self.entries else ""

    def is_in_state(self, task: TaskId) -> bool:
        """Return whether any entry of the stack's state is known to hold the task."""
        return self.entries is not None and self.entries.has(task)


@dataclass(frozen=True)
class Checked:
    """The inputs with their defaults, and the violations.

    If there are violations, the inputs are the given ones.
    """

    inputs: dict[str, Any]
    violations: list[Violation]


@dataclass(frozen=True)
class Diff:
    """The differences of a change, and what it takes.

    Attributes:
        differences: All values that differ.
        replaces: Names of the inputs whose change replaces the task.
        delete_before_replace: Whether the old task is deleted first, because the new one has its
            name.
        cost: The cost of a replacement for the data; empty without one.
        must_confirm: Whether the resource is unconfirmed. Then an update is always needed.
    """

    differences: list[Difference]
    replaces: list[str]
    delete_before_replace: bool
    cost: str
    must_confirm: bool = False


@dataclass(frozen=True)
class Found:
    """A task after a call: its id, its inputs, and everything that is known of it."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class InitializationError(DeliveryError):
    """The call failed, and the resource must stay in the state.

    The wait failed, or the outcome of the create is not known.

    Attributes:
        found: The task.
    """

    def __init__(self, found: Found, reason: str) -> None:
        super().__init__(reason)
        self.found = found
