"""The order of a replacement: whether the old task is deleted before the new one is created."""

from __future__ import annotations

from enum import Enum

from pulumi_tablestore_delivery.lifecycle.types import Declaration
from pulumi_tablestore_delivery.message import Message


class Order(Enum):
    """The order of the two steps of a replacement."""

    DELETE_FIRST = "the old task is deleted first, once it no longer initializes"
    CREATE_FIRST = "the new task is created before the old one is deleted"
    UNKNOWN = Message(
        "the new task is created before the old one is deleted, or after it if "
        "{.delete_before_replace} says so for this resource or for one that it is replaced with"
    )


def order_of(declaration: Declaration | None, *, keeps_name: bool, is_diffed: bool) -> Order:
    """Return the order in which the engine replaces a task.

    The resource's option decides, unless a transformation may change it. Without the option, diff
    decides, and answers that a task of the same name is deleted first. A front end that knows the
    options sets the option itself if the program gives the name.

    Args:
        declaration: The resource's declaration; None if no check has shown it.
        keeps_name: Whether the new task has the name of the old one.
        is_diffed: Whether the engine asks diff. It does not if a person asks for the replacement
            (--replace, taint), or if the replacement of another resource is the cause.
    """
    knows_options = declaration is not None and declaration.knows_options
    if declaration is not None:
        if declaration.may_be_transformed:
            return Order.UNKNOWN
        if declaration.delete_before_replace is not None:
            return Order.DELETE_FIRST if declaration.delete_before_replace else Order.CREATE_FIRST
    if keeps_name:
        return Order.DELETE_FIRST if is_diffed or knows_options else Order.UNKNOWN
    return Order.CREATE_FIRST if is_diffed and knows_options else Order.UNKNOWN
