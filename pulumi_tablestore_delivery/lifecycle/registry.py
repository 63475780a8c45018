"""Registry of the delivery tasks that this process has seen in this run.

Pulumi's engine tells a provider neither which tasks the stack has nor which resource it works
on next. This registry collects what passes by in checks and creates. It improves messages,
refuses conflicts, and keeps a delete from removing a task that this run continues with. Whether
a task exists is never read from it: the service decides that. A new run starts with an empty one.

A resource, identified by its `Scope`, goes through these states:

    unseen ──check with old inputs──▶ kept ──check without old inputs──▶ replaced
       └────check without old inputs──────────────────────────────────▶ new

A task, identified by its `TaskId`:

    unseen ──a resource has it in its old inputs──▶ held ──delete──▶ unseen
       └────created or adopted in this run────────▶ made
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from pulumi_tablestore_delivery.lifecycle.types import Declaration, TaskId
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.surroundings import Place


@dataclass
class _Resource:
    """One resource of the stack, as far as this run has seen it.

    Attributes:
        declaration: Its declaration in the last check.
        old: The task in its old inputs; None for a new resource.
        is_replaced: Whether it was checked without old inputs after a check with them.
        wanted: The task that its last check ended with.
        place: Where it writes.
        cost: What its replacement costs, in words; empty without one.
    """

    declaration: Declaration | None = None
    old: DeliveryTaskSpec | None = None
    is_replaced: bool = False
    wanted: TaskId | None = None
    place: Place | None = None
    cost: str = ""


class Journal(Protocol):
    """What the provider processes of one run share."""

    def record(self, task: str, *, is_made: bool) -> None:
        """Record that the run made a task, or take that back."""

    def is_made(self, task: str) -> bool:
        """Return whether a process of this run made the task."""


class Registry:
    """The tasks that this process has seen in this run. Safe to use from several threads.

    Args:
        journal: What the processes of this run share; without one, each is alone.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._resources: dict[Scope, _Resource] = {}
        self._holders: dict[TaskId, Scope] = {}
        self._wanted_by: dict[TaskId, Scope] = {}
        self._made: dict[TaskId, Scope | None] = {}

    # Commands.

    def record_check(self, declaration: Declaration, old: DeliveryTaskSpec | None) -> None:
        """Record a check: with the task in the old inputs, or without old inputs."""
        scope = declaration.scope
        with self._lock:
            resource = self._resources.setdefault(scope, _Resource())
            resource.declaration = declaration
            resource.is_replaced = old is None and resource.old is not None
            if old is not None:
                resource.old = old
                self._holders[TaskId.of(old)] = scope

    def record_wanted(self, scope: Scope, task: TaskId) -> None:
        """Record the task that a check ended with."""
        with self._lock:
            resource = self._resources.setdefault(scope, _Resource())
            if resource.wanted is not None and self._wanted_by.get(resource.wanted) == scope:
                del self._wanted_by[resource.wanted]
            resource.wanted = task
            self._wanted_by.setdefault(task, scope)

    def record_place(self, scope: Scope, place: Place) -> None:
        """Record where a resource writes."""
        with self._lock:
            self._resources.setdefault(scope, _Resource()).place = place

    def record_cost(self, scope: Scope, cost: str) -> None:
        """Record what the replacement of a resource costs; an empty text takes it back."""
        with self._lock:
            self._resources.setdefault(scope, _Resource()).cost = cost

    def record_made(self, task: TaskId, scope: Scope | None) -> None:
        """Record that a resource creates or adopts a task."""
        with self._lock:
            self._made[task] = scope
        if self._journal:
            self._journal.record(str(task), is_made=True)

    def forget_made(self, task: TaskId) -> None:
        """Take back `record_made` after a create that failed."""
        with self._lock:
            self._made.pop(task, None)
        if self._journal:
            self._journal.record(str(task), is_made=False)

    def record_deleted(self, task: TaskId) -> None:
        """Record that a task does not exist any more."""
        with self._lock:
            self._holders.pop(task, None)

    # Queries.

    def old_of(self, scope: Scope) -> DeliveryTaskSpec | None:
        """Return the task in a resource's old inputs; None if no check had any."""
        with self._lock:
            resource = self._resources.get(scope)
            return resource.old if resource else None

    def declaration_of(self, scope: Scope) -> Declaration | None:
        """Return a resource's declaration in its last check; None if there was no check."""
        with self._lock:
            resource = self._resources.get(scope)
            return resource.declaration if resource else None

    def cost_of(self, scope: Scope) -> str:
        """Return what the replacement of a resource costs; empty without one."""
        with self._lock:
            resource = self._resources.get(scope)
            return resource.cost if resource else ""

    def is_in_use(self, task: TaskId) -> bool:
        """Return whether a resource holds the task, or this run made it."""
        with self._lock:
            return task in self._holders or task in self._made

    def is_in_program(self, task: TaskId) -> bool:
        """Return whether a resource holds the task, wants it, or made it in this run."""
        with self._lock:
            return task in self._holders or task in self._wanted_by or task in self._made

    def is_made(self, task: TaskId) -> bool:
        """Return whether this run created or adopted the task, in any of its processes."""
        with self._lock:
            is_ours = task in self._made
        return is_ours or (self._journal is not None and self._journal.is_made(str(task)))

    def is_made_by_another(self, task: TaskId, scope: Scope | None) -> bool:
        """Return whether another resource created or adopted the task in this run."""
        with self._lock:
            return task in self._made and (scope is None or self._made[task] != scope)

    def is_wanted_by_another(self, task: TaskId, scope: Scope) -> bool:
        """Return whether the check of another resource ended with this task."""
        with self._lock:
            return self._wanted_by.get(task, scope) != scope

    def is_kept(self, task: TaskId) -> bool:
        """Return whether a resource has the task and keeps it.

        A delete of such a task is meant for a second entry of the state, which an interrupted
        forced replacement left behind, and not for the task.
        """
        with self._lock:
            scope = self._holders.get(task)
            resource = self._resources.get(scope) if scope else None
            return resource is not None and not resource.is_replaced and resource.wanted == task

    def places_of_others(self, scope: Scope) -> tuple[Place, ...]:
        """Return where the other resources write."""
        with self._lock:
            return tuple(
                resource.place
                for other, resource in self._resources.items()
                if other != scope and resource.place is not None
            )
