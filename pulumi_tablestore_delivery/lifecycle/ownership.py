"""Ownership: each task belongs to one resource, and a replacement must be able to succeed."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_tablestore_delivery.conflicts import belongs_to_another
from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import Declaration, TaskId
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.changes import differences
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec


@dataclass(frozen=True)
class Claim:
    """A resource that wants a task.

    Attributes:
        draft: The task.
        old: The task in the resource's old inputs; None in a check without old inputs.
        declaration: What is known about the resource beside its inputs.
        is_derived: Whether check derived the task's name.
    """

    draft: DeliveryTaskDraft
    old: DeliveryTaskSpec | None
    declaration: Declaration
    is_derived: bool

    @property
    def task(self) -> TaskId | None:
        """The task's id; None while one of its names is unknown."""
        return TaskId.of_draft(self.draft)


def own_tasks(claim: Claim, registry: Registry) -> frozenset[TaskId]:
    """Return the resource's tasks: in its old inputs, or in its entry in the state."""
    before = claim.old or registry.old_of(claim.declaration.scope)
    tasks = {TaskId.of(before)} if before is not None else set()
    entry = claim.declaration.own_entry
    return frozenset(tasks | ({entry} if entry is not None else set()))


def judge_claim(claim: Claim, registry: Registry) -> list[Violation]:
    """Refuse a task that belongs to another resource, and a replacement that cannot succeed."""
    task, declaration = claim.task, claim.declaration
    if task is None:
        return []
    if registry.is_wanted_by_another(task, declaration.scope):
        return [_shared(task)]
    if claim.is_derived:
        return []
    before = claim.old or registry.old_of(declaration.scope)
    if before is not None and TaskId.of(before) == task:
        holds_it = True
    else:
        holds_it = declaration.own_entry == task
        if holder := declaration.other_holder(task):
            return [_held(task, holder, declaration.urn)]
    if not holds_it:
        return []
    is_replaced = claim.old is None or any(
        item.replaces for item in differences(claim.old, claim.draft)
    )
    return _impossible_replacement(task, declaration) if is_replaced else []


def _shared(task: TaskId) -> Violation:
    return Violation(
        "task_name",
        Message(
            "another resource of this stack has the task {task}. Two resources cannot share a "
            "task. Give each its own {.task_name}, or leave it out.",
            task=task,
        ),
        "unique-task",
    )


def _held(task: TaskId, holder: str, own: str) -> Violation:
    return Violation("task_name", belongs_to_another(str(task), holder, own), "unique-task")


def _impossible_replacement(task: TaskId, declaration: Declaration) -> list[Violation]:
    """Refuse options under which a replacement under the same name cannot succeed."""
    if declaration.retain_on_delete:
        option = Message("{.retain_on_delete=True} leaves the old task on the service")
        remedy = Message("Remove that option and run `pulumi up` before you make this change")
    elif declaration.delete_before_replace is False:
        option = Message(
            "{.delete_before_replace=False} creates the new task before the old one is deleted"
        )
        remedy = Message("Remove that option")
    else:
        return []
    return [
        Violation(
            "task_name",
            Message(
                "the task {task} is replaced under the same name, so the old one has to be deleted "
                "first, and {option}. {remedy}, give another {.task_name}, or leave {.task_name} "
                "out.",
                task=task,
                option=option,
                remedy=remedy,
            ),
            "same-name",
        )
    ]
