"""Ownership: each task belongs to one resource, and a replacement must be able to succeed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pulumi_tablestore_delivery.conflicts import belongs_to_another
from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.lifecycle.order import Order, order_of
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import Declaration, TaskId
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.changes import differences
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN


@dataclass(frozen=True)
class Claim:
    """A resource that wants a task.

    Attributes:
        draft: The task.
        declaration: What is known about the resource beside its inputs.
        is_derived: Whether check derived the task's name.
        has_olds: Whether this check has old inputs. If it does not, the engine creates the
            resource, perhaps to replace it.
        old: The task in the old inputs of this check, or else of an earlier check of this run.
            None for a new resource, and if this version cannot read the old inputs.
    """

    draft: DeliveryTaskDraft
    declaration: Declaration
    is_derived: bool
    has_olds: bool = False
    old: DeliveryTaskSpec | None = None

    @property
    def task(self) -> TaskId | None:
        """The task's id; None while one of its names is unknown."""
        return TaskId.of_draft(self.draft)

    @property
    def own_tasks(self) -> frozenset[TaskId]:
        """The tasks that the resource has: in its old inputs, or in its entry of the state."""
        held = [] if self.old is None else [TaskId.of(self.old)]
        entry = self.declaration.own_entry
        return frozenset(held if entry is None else [*held, entry])

    @property
    def may_be_created(self) -> bool:
        """Whether the task is created or replaced, as far as that is known.

        If this version cannot read the old inputs, it is unknown, and the result is False.
        """
        if not self.has_olds:
            return True
        return self.old is not None and any(
            item.replaces for item in differences(self.old, self.draft)
        )

    @property
    def is_create_due(self) -> bool:
        """Whether the task is certainly created or replaced.

        It is not certain while a value is unknown: that value may equal the old one.
        """
        if self.old is None:
            return not self.has_olds
        found = [item for item in differences(self.old, self.draft) if item.replaces]
        if not found:
            return not self.has_olds  # the engine forces it
        return any(item.new is not UNKNOWN for item in found)


def judge_claim(claim: Claim, registry: Registry) -> list[Violation]:
    """Refuse a task that belongs to another resource, and a replacement that cannot succeed."""
    task, declaration = claim.task, claim.declaration
    if task is None:
        return []
    if registry.is_wanted_by_another(task, declaration.scope):
        return [_shared(task)]
    if claim.is_derived:
        return []
    is_in_olds = claim.old is not None and TaskId.of(claim.old) == task
    if not is_in_olds and (holder := declaration.other_holder(task)):
        return [_held(task, holder, declaration.urn)]
    if task in claim.own_tasks and claim.may_be_created:
        return _impossible_replacement(task, declaration)
    return []


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
    """Refuse options under which a replacement under the same name cannot succeed.

    Where a transformation may change the options, this is a warning.
    """
    given = order_of(
        replace(declaration, may_be_transformed=False), keeps_name=True, is_diffed=True
    )
    if declaration.retain_on_delete:
        option = Message("{.retain_on_delete=True} leaves the old task on the service")
        remedy = Message("Remove that option and run `pulumi up` before you make this change")
    elif given is Order.CREATE_FIRST:
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
                "first, and {option}{unless}. {remedy}, give another {.task_name}, or leave "
                "{.task_name} out.",
                task=task,
                option=option,
                unless=", unless a transformation changes that option"
                if declaration.may_be_transformed
                else "",
                remedy=remedy,
            ),
            "same-name",
            severity="warning" if declaration.may_be_transformed else "error",
        )
    ]
