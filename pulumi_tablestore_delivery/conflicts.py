"""The message about a task of another resource, for the program and for check.

A program does not load the lifecycle, so the text is in a module of its own.
"""

from __future__ import annotations

from pulumi_tablestore_delivery.message import Message


def belongs_to_another(task: str, holder: str) -> Message:
    """Return why a resource cannot have a task that another one has in the state.

    Args:
        task: `<instance>/<table>/<task>`.
        holder: The URN of the other resource.
    """
    return Message(
        "the task {task} belongs to another resource in this stack's state: {holder}. If this "
        "resource takes its place, keep the task with aliases=[pulumi.Alias(name={name!r})] in its "
        "options, or run `pulumi state rename`. Otherwise give another {.task_name}.",
        task=task,
        holder=holder,
        name=holder.rpartition("::")[2],
    )
