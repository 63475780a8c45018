"""Diff: what differs, what that takes, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_tablestore_delivery.lifecycle.ledger import Ledger
from pulumi_tablestore_delivery.lifecycle.types import Diff, Reporter, TaskId
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import differences
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, is_known, is_unknown
from pulumi_tablestore_delivery.spec.properties import spec_of


def diff(
    ledger: Ledger, olds: Mapping[str, Any], news: Mapping[str, Any], report: Reporter
) -> Diff:
    """See `Lifecycle.diff`."""
    old, new = spec_of(olds), spec_of(news)
    found = differences(old, new)
    replaces = list(dict.fromkeys(item.input_name for item in found if item.replaces))
    same_name = TaskId.of(old) == TaskId.of(new)
    declaration = ledger.owner_of(TaskId.of(old))
    if not replaces:
        return Diff(found, [], delete_before_replace=False, cost="")
    delete_first = same_name or bool(declaration and declaration.delete_before_replace)
    cost = _cost(old, new, replaces, delete_first=delete_first)
    if declaration is not None and declaration.preview:
        report.warn(cost)
    if same_name:
        ledger.goes_first(TaskId.of(old))
    return Diff(found, replaces, delete_before_replace=same_name, cost=cost)


def _cost(
    old: DeliveryTaskSpec, new: DeliveryTaskSpec, replaces: list[str], *, delete_first: bool
) -> str:
    """What a replacement means for the data, in words."""
    order = (
        "the old task is deleted first, once it no longer initialises"
        if delete_first
        else "the new task is created before the old one is deleted"
    )
    follows = is_unknown(new.task_name) or (is_known(new) and naming.is_derived(new))
    causes = [name for name in replaces if not (name == "task_name" and follows)]
    told = [
        f"{', '.join(causes or replaces)} changed, and the service cannot change a task: {order}.",
        _data_cost(new, delete_first=delete_first),
    ]
    if not is_unknown(new.oss_prefix) and (old.oss_bucket, old.oss_prefix) == (
        new.oss_bucket,
        new.oss_prefix,
    ):
        told.append(
            f"The old task's files stay under oss://{old.oss_bucket}/{old.oss_prefix}, where the "
            "new one writes too: give it another oss_prefix, or remove the old files, if readers "
            "must not see rows twice."
        )
    return " ".join(told)


def _data_cost(new: DeliveryTaskSpec, *, delete_first: bool) -> str:
    if is_unknown(new.mode):
        return "What that costs depends on the mode, which is not known yet."
    if new.mode == "INC":
        if delete_first:
            return "Rows written after the old task is gone and before the new one runs are lost."
        return "Rows written while both run are delivered twice."
    return f"{new.mode} scans the whole table and writes everything again."
