"""What this run knows of the stack's tasks, so that none is taken for another."""

from __future__ import annotations

import threading

from pulumi_tablestore_delivery.lifecycle.types import Declaration, TaskId
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.rule import Place


class Ledger:
    """Which resource has which task, which it wants, and which tasks this run made.

    The engine tells a provider none of this; it is put together from what passes by: the
    checks (with the old inputs, if the resource exists), the creates and the deletes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[TaskId, Declaration] = {}
        self._wanted: dict[Scope, TaskId] = {}
        self._wanted_by: dict[TaskId, Scope] = {}
        self._places: dict[Scope, Place] = {}
        self._goes_first: set[TaskId] = set()
        self._replaced: set[Scope] = set()
        self._made: set[TaskId] = set()

    def has(self, declaration: Declaration, task: TaskId) -> None:
        """The stack's state has a task for a resource."""
        with self._lock:
            self._owners[task] = declaration
            if declaration.delete_before_replace:
                self._goes_first.add(task)

    def has_nothing(self, scope: Scope) -> None:
        """A resource is checked as a new one: if it has a task, that is being replaced."""
        with self._lock:
            self._replaced.add(scope)

    def wants(self, declaration: Declaration, task: TaskId) -> bool:
        """A check ended with this task for a resource; False if another resource wants it."""
        with self._lock:
            self._wanted[declaration.scope] = task
            first = self._wanted_by.setdefault(task, declaration.scope)
            return first == declaration.scope or self._wanted[first] != task

    def writes(self, scope: Scope, place: Place) -> tuple[Place, ...]:
        """A resource is to write to a place; where the others write."""
        with self._lock:
            self._places[scope] = place
            return tuple(there for other, there in self._places.items() if other != scope)

    def goes_first(self, task: TaskId) -> None:
        """A task has to be deleted before the one that replaces it is created."""
        with self._lock:
            self._goes_first.add(task)

    def owner_of(self, task: TaskId) -> Declaration | None:
        """How the resource is declared that has the task, if it passed by."""
        with self._lock:
            return self._owners.get(task)

    def is_taken(self, task: TaskId) -> bool:
        """Whether a task is somebody's, so that no resource may take it now."""
        with self._lock:
            return self._taken(task)

    def _taken(self, task: TaskId) -> bool:
        return task in self._owners or task in self._made

    def claim(self, task: TaskId) -> bool:
        """Takes a task for a resource that is being created; False if it is somebody's."""
        with self._lock:
            if self._taken(task):
                return False
            self._made.add(task)
            return True

    def release(self, task: TaskId) -> None:
        """A task was claimed and not created."""
        with self._lock:
            self._made.discard(task)

    def is_needed(self, task: TaskId) -> bool:
        """Whether a task must not be deleted, because a resource goes on with it.

        So it is where this run made it, or where a resource has it and still wants it: what is
        to be deleted is then another entry of the state, left by a forced replacement or by a
        resource that was renamed, and not the task.
        """
        with self._lock:
            if task in self._made:
                return True
            owner = self._owners.get(task)
            return (
                owner is not None
                and task not in self._goes_first
                and owner.scope not in self._replaced
                and self._wanted.get(owner.scope) == task
            )

    def deleted(self, task: TaskId) -> None:
        """A task is gone, and its name is free."""
        with self._lock:
            self._owners.pop(task, None)
