"""Describe the cost of a replacement: rows that are written again, lost or delivered twice."""

from __future__ import annotations

from pulumi_tablestore_delivery.lifecycle.order import Order
from pulumi_tablestore_delivery.lifecycle.types import TaskId
from pulumi_tablestore_delivery.message import Message, Name
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.unknown import is_unknown


def replacement_cost(
    old: DeliveryTaskSpec, new: DeliveryTaskDraft, replaces: list[str], order: Order
) -> str:
    """Return the cost of a replacement whose cause is a change of inputs.

    Args:
        old: The task in the state.
        new: The task as it will be.
        replaces: Names of the inputs whose change replaces the task.
        order: The order of the two steps.
    """
    has_other_table = any(
        not is_unknown(after) and after != before
        for before, after in (
            (old.instance_name, new.instance_name),
            (old.table_name, new.table_name),
        )
    )
    spec = known(new)
    follows = is_unknown(new.task_name) or (spec is not None and naming.is_derived(spec))
    causes = [name for name in replaces if not (name == "task_name" and follows)]
    sentences: list[str] = [
        Message(
            "{changed} changed, and the service cannot change a task: {order}.",
            changed=Message.joined(", ", map(Name, causes or replaces)),
            order=order.value,
        ),
        _data_cost(new, order, has_other_table=has_other_table),
    ]
    if not is_unknown(new.oss_prefix) and (old.oss_bucket, old.oss_prefix) == (
        new.oss_bucket,
        new.oss_prefix,
    ):
        sentences.append(
            Message(
                "The old task's files stay under oss://{bucket}/{prefix}, where the new one writes "
                "too. Give it another {.oss_prefix}, or remove the old files, if readers must not "
                "{seen}.",
                seen="see rows of both tables" if has_other_table else "see rows twice",
                bucket=old.oss_bucket,
                prefix=old.oss_prefix,
            )
        )
    return Message.joined(" ", sentences)


def forced_cost(old: TaskId, new: DeliveryTaskDraft, order: Order) -> str:
    """Return the cost of a replacement that Pulumi was asked for, without a change of inputs.

    Args:
        old: The task in the state.
        new: The task as it will be.
        order: The order of the two steps.
    """
    return Message(
        "{old} is replaced because Pulumi was asked to: {order}. {cost}",
        old=old,
        order=order.value,
        cost=_data_cost(new, order),
    )


def _data_cost(new: DeliveryTaskDraft, order: Order, *, has_other_table: bool = False) -> str:
    if is_unknown(new.mode):
        return "The cost depends on the mode, which is not known yet."
    if new.mode != "INC":
        return f"{new.mode} scans the whole table and writes everything again."
    if has_other_table:
        return (
            "INC delivers the rows that are written to the other table after the new task starts."
        )
    costs = {
        Order.DELETE_FIRST: (
            "Rows written after the old task is gone and before the new one runs are lost."
        ),
        Order.CREATE_FIRST: "Rows written while both run are delivered twice.",
        Order.UNKNOWN: (
            "Rows written while both run are delivered twice; if the old task is deleted first, "
            "rows written before the new one runs are lost."
        ),
    }
    return costs[order]
