"""Registry of the delivery tasks that this process has seen in this run.

Pulumi's engine does not tell a provider which tasks the stack has or which resource comes next.
So this registry records what checks and creates contain. It improves messages, finds conflicts,
and prevents a delete of a task that this run continues with. It does not say whether a task
exists: only the service knows that. Each run starts with an empty registry.

A resource, identified by its `Scope`, is in one of these states:

    unseen ──check without old inputs──▶ new
       └─────check with old inputs─────▶ kept ──check without old inputs──▶ replaced
                                          ▲───────check with old inputs─────────┘

A task, identified by its `TaskId`, may be all of these at once:

    held     a resource has it in its old inputs; ends with a delete
    wanted   the check of a resource resulted in it; ends when a later check of that resource
             results in another task
    made     a resource creates or adopts it in this run; ends if that create fails
    continued   made, or wanted by the resource that holds and keeps it

The engine sends all checks of a resource, and its create, to one provider process. Only the delete
of an old entry may go to another process. So the processes of a run share only which tasks are
continued.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from pulumi_tablestore_delivery.lifecycle.types import Declaration, TaskId
from pulumi_tablestore_delivery.spec.folder_tree import FolderTree
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.surroundings import Destination


@dataclass
class _Resource:
    """One resource of the stack, as far as this run has seen it.

    Attributes:
        declaration: Its declaration in the last check.
        old: The task in its old inputs; None for a new resource.
        is_replaced: Whether it was checked without old inputs after a check with them.
        wanted: The task in the result of its last check.
        cost: A description of the cost of its replacement; empty without one.
    """

    declaration: Declaration | None = None
    old: DeliveryTaskSpec | None = None
    is_replaced: bool = False
    wanted: TaskId | None = None
    cost: str = ""

    @property
    def kept(self) -> TaskId | None:
        """The task that the resource has and keeps; None if there is none."""
        if self.old is None or self.is_replaced:
            return None
        held = TaskId.of(self.old)
        return held if held == self.wanted else None


class Journal(Protocol):
    """A record that the provider processes of one run share."""

    def record(self, task: str, *, is_continued: bool) -> None:
        """Record that the run continues with a task, or remove that record."""

    def is_continued(self, task: str) -> bool:
        """Return whether a process of this run continues with the task."""


class Registry:
    """The tasks that this process has seen in this run. Safe to use from several threads.

    Args:
        journal: The record that the processes of this run share; None if there is none.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._resources: dict[Scope, _Resource] = {}
        self._holders: dict[TaskId, Scope] = {}
        self._wanted_by: dict[TaskId, dict[Scope, None]] = {}  # in the order of their checks
        self._made: dict[TaskId, Scope | None] = {}
        self._destinations = FolderTree[Scope]()

    # Commands. `record_made` may fail, and returns whether it did what it says.

    def record_check(self, declaration: Declaration, old: DeliveryTaskSpec | None) -> None:
        """Record a check, with the task in the old inputs; None without old inputs."""
        scope = declaration.scope
        with self._lock:
            resource = self._resources.setdefault(scope, _Resource())
            before = resource.kept
            resource.declaration = declaration
            resource.is_replaced = old is None and resource.old is not None
            if old is not None:
                resource.old = old
                self._holders[TaskId.of(old)] = scope
            self._share_kept(before, resource.kept)

    def record_wanted(self, scope: Scope, task: TaskId) -> None:
        """Record the task in the result of a check."""
        with self._lock:
            resource = self._resources.setdefault(scope, _Resource())
            before = resource.kept
            if resource.wanted is not None and resource.wanted != task:
                self._wanted_by[resource.wanted].pop(scope, None)
            resource.wanted = task
            self._wanted_by.setdefault(task, {})[scope] = None
            self._share_kept(before, resource.kept)

    def record_destination(self, scope: Scope, destination: Destination) -> None:
        """Record a resource's destination."""
        with self._lock:
            self._destinations.put(scope, destination)

    def record_cost(self, scope: Scope, cost: str) -> None:
        """Record the cost of a resource's replacement."""
        with self._lock:
            self._resources.setdefault(scope, _Resource()).cost = cost

    def record_made(self, task: TaskId, scope: Scope | None) -> bool:
        """Record that a resource creates or adopts a task, unless another resource has it.

        Returns:
            Whether it was recorded. If two resources compete for a task, one of them gets it.
        """
        with self._lock:
            if task in self._made and (scope is None or self._made[task] != scope):
                return False
            self._made[task] = scope
        if self._journal is not None:
            self._journal.record(str(task), is_continued=True)
        return True

    def forget_made(self, task: TaskId) -> None:
        """Remove the record of `record_made` after a create that failed.

        The update of an unconfirmed task is such a create. Its resource keeps the task.
        """
        with self._lock:
            self._made.pop(task, None)
            if self._journal is not None and not self._is_kept(task):
                self._journal.record(str(task), is_continued=False)

    def record_deleted(self, task: TaskId) -> None:
        """Record that a task was deleted."""
        with self._lock:
            self._holders.pop(task, None)

    def _is_kept(self, task: TaskId) -> bool:
        """Return whether the resource that holds the task keeps it."""
        scope = self._holders.get(task)
        return scope is not None and self._resources[scope].kept == task

    def _share_kept(self, before: TaskId | None, after: TaskId | None) -> None:
        """Tell the other processes of this run which task a resource keeps."""
        if self._journal is None or before == after:
            return
        if before is not None and before not in self._made:
            self._journal.record(str(before), is_continued=False)
        if after is not None:
            self._journal.record(str(after), is_continued=True)

    # Queries.

    def old_of(self, scope: Scope) -> DeliveryTaskSpec | None:
        """Return the task in a resource's old inputs; None if no check had old inputs."""
        with self._lock:
            resource = self._resources.get(scope)
            return resource.old if resource else None

    def declaration_of(self, scope: Scope) -> Declaration | None:
        """Return a resource's declaration in its last check; None if there was no check."""
        with self._lock:
            resource = self._resources.get(scope)
            return resource.declaration if resource else None

    def cost_of(self, scope: Scope) -> str:
        """Return the cost of a resource's replacement; empty without one."""
        with self._lock:
            resource = self._resources.get(scope)
            return resource.cost if resource else ""

    def is_in_use(self, task: TaskId) -> bool:
        """Return whether a resource holds the task, or this process made it."""
        with self._lock:
            return task in self._holders or task in self._made

    def is_in_program(self, task: TaskId) -> bool:
        """Return whether a resource holds the task, wants it, or created it in this run."""
        with self._lock:
            return task in self._holders or bool(self._wanted_by.get(task)) or task in self._made

    def is_wanted_by_another(self, task: TaskId, scope: Scope) -> bool:
        """Return whether the check of another resource ended with this task before."""
        with self._lock:
            return next(iter(self._wanted_by.get(task, ())), scope) != scope

    def is_continued(self, task: TaskId) -> bool:
        """Return whether this run continues with the task, in any of its processes.

        An interrupted forced replacement can leave two entries for one task. A delete of such a
        task is meant for the spare entry, and not for the task.
        """
        with self._lock:
            if task in self._made or self._is_kept(task):
                return True
        return self._journal is not None and self._journal.is_continued(str(task))

    def neighbors_of(self, scope: Scope) -> tuple[Destination, ...]:
        """Return other resources' destinations: the resource's folder, inside it or around it."""
        with self._lock:
            return self._destinations.neighbors(scope)
