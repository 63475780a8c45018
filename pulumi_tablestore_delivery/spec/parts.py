"""Find parts of a draft for rules and lookups.

An unknown part is skipped. A part that is found may still have unknown values.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_tablestore_delivery.spec.draft import (
    DeliveryTaskDraft,
    EventTimeColumnDraft,
    ParquetColumnDraft,
)
from pulumi_tablestore_delivery.spec.model import EventTimeColumn, known
from pulumi_tablestore_delivery.spec.surroundings import Destination
from pulumi_tablestore_delivery.spec.unknown import is_unknown


def columns_of(draft: DeliveryTaskDraft) -> Iterator[tuple[str, ParquetColumnDraft]]:
    """Yield the path of each column of the schema, and the column.

    A column that is unknown as a whole is skipped.
    """
    if is_unknown(draft.parquet_schema):
        return
    for index, column in enumerate(draft.parquet_schema):
        if not is_unknown(column):
            yield f"parquet_schema[{index}]", column


def event_time_of(draft: DeliveryTaskDraft) -> EventTimeColumnDraft | None:
    """Return the event-time column; None if there is none, or if it is unknown."""
    event = draft.event_time_column
    return None if is_unknown(event) else event


def known_event_time_of(draft: DeliveryTaskDraft) -> EventTimeColumn | None:
    """Return the event-time column; None if there is none, or if one of its values is unknown."""
    event = event_time_of(draft)
    return None if event is None else known(event)


def prefixes_of(draft: DeliveryTaskDraft) -> Iterator[tuple[str, str]]:
    """Yield the path of each prefix that the task has, and the prefix."""
    if not is_unknown(draft.oss_prefix):
        yield "oss_prefix", draft.oss_prefix
    if not is_unknown(draft.oss_dirty_prefix) and draft.oss_dirty_prefix is not None:
        yield "oss_dirty_prefix", draft.oss_dirty_prefix


def destination_of(draft: DeliveryTaskDraft, resource: str = "") -> Destination | None:
    """Return the folder that a task writes to; None if it is unknown.

    Args:
        draft: The task.
        resource: The resource's name in the program.
    """
    if is_unknown(draft.oss_bucket) or is_unknown(draft.oss_prefix):
        return None
    return Destination(resource, draft.oss_bucket, draft.oss_prefix)


def ignored_rules(draft: DeliveryTaskDraft) -> tuple[str, ...]:
    """Return the ids of the rules that the task is known to ignore."""
    if is_unknown(draft.ignore_rules):
        return ()
    return tuple(rule for rule in draft.ignore_rules or () if not is_unknown(rule))


def may_ignore(draft: DeliveryTaskDraft, rule_id: str) -> bool:
    """Return whether the task ignores a rule, or may ignore it because an id is unknown."""
    if is_unknown(draft.ignore_rules):
        return True
    return any(is_unknown(rule) or rule == rule_id for rule in draft.ignore_rules or ())
