"""What this run knows of the stack's tasks, so that none is taken for another."""

from __future__ import annotations

import threading

from pulumi_tablestore_delivery.lifecycle.types import Declaration, TaskId


class Ledger:
    """Which tasks the stack has, which this run made, and how their resources are declared.

    The engine tells a provider neither; it is put together from what passes by: the old
    inputs in a check, the creates and the deletes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._managed: dict[TaskId, Declaration] = {}
        self._made: set[TaskId] = set()

    def has(self, task: TaskId, declaration: Declaration) -> None:
        """The stack's state has a task for a resource."""
        with self._lock:
            self._managed[task] = declaration

    def declaration_of(self, task: TaskId) -> Declaration | None:
        """How the resource is declared that has the task, if it passed by."""
        with self._lock:
            return self._managed.get(task)

    def is_taken(self, task: TaskId) -> bool:
        """Whether a task is somebody's, so that no resource may take it now."""
        with self._lock:
            return task in self._managed or task in self._made

    def made(self, task: TaskId) -> None:
        """A task was created or taken over in this run."""
        with self._lock:
            self._made.add(task)

    def was_made(self, task: TaskId) -> bool:
        """Whether a task was created or taken over in this run."""
        with self._lock:
            return task in self._made

    def deleted(self, task: TaskId) -> None:
        """A task is gone, and its name is free."""
        with self._lock:
            self._managed.pop(task, None)
