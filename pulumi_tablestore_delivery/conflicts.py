"""The message about a task that belongs to another resource, for the program and for check.

A program does not load the lifecycle, so the message is in its own module.
"""

from __future__ import annotations

from pulumi_tablestore_delivery.message import Message


def belongs_to_another(task: str, holder: str, own: str) -> Message:
    """Return why a resource cannot have a task that belongs to another resource in the state.

    Args:
        task: `<instance>/<table>/<task>`.
        holder: The URN of the other resource.
        own: The URN of the resource, or a URN that differs from it only in the name; empty if it
            is not known.
    """
    stack, _, name = holder.rpartition("::")
    if own.rpartition("::")[0] == stack:
        remedy = Message(
            "keep the task with aliases=[pulumi.Alias(name={name!r})] in its options, or run "
            "`pulumi state rename`",
            name=name,
        )
    else:  # an alias by name has the type and the parents of the resource
        remedy = Message("keep the task with aliases=[{holder!r}] in its options", holder=holder)
    return Message(
        "the task {task} belongs to another resource in this stack's state: {holder}. If this "
        "resource takes its place, {remedy}. Otherwise give another {.task_name}.",
        task=task,
        holder=holder,
        remedy=remedy,
    )
