"""Values that cannot be sent even if their rule is ignored."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import (
    columns_of,
    event_time_of,
    ignored_rules,
)
from pulumi_tablestore_delivery.spec.rule import Problem, Source, error
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import Unknown, is_unknown
from pulumi_tablestore_delivery.wire import enums

_Choice = tuple[str, str, str | Unknown, type[IntEnum]]
"""A rule's id; the path and the value of its input; the numbers that stand for the value."""
_SEPARATOR: Final = "/"
"""Separates the names in a resource's id."""


@error(
    "sendable",
    Source.PACKAGE,
    says=(
        "A value that an ignored rule lets through can still be sent: mode, format, type, encoding "
        "and event-time format have a number in the protocol (or are written as "
        "UNRECOGNIZED_<number>), and the names of instance and table fit a request and an id."
    ),
    remedy="Use a value that the rule allows; ignoring the rule cannot help here.",
)
def sendable_values(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    ignored = ignored_rules(draft)
    for rule, path, value, numbers in _choices(draft):
        if rule in ignored and not is_unknown(value) and not enums.has_number(numbers, value):
            yield path, f"the protocol does not have a number for {value!r}."
    for rule, path, name in (
        ("instance-name", "instance_name", draft.instance_name),
        ("table-name", "table_name", draft.table_name),
    ):
        if rule in ignored and not is_unknown(name):
            yield from ((path, problem) for problem in _of_a_name(path, name))


def _choices(draft: DeliveryTaskDraft) -> Iterator[_Choice]:
    yield "mode", "mode", draft.mode, enums.DeliveryTaskType
    yield "format", "format", draft.format, enums.Format
    event = event_time_of(draft)
    if event is not None:
        path = "event_time_column.format"
        yield "event-time-format", path, event.format, enums.EventTimeFormat
    for path, column in columns_of(draft):
        yield "type", f"{path}.type", column.type, enums.ParquetDataType
        yield "encoding", f"{path}.encoding", column.encoding, enums.ParquetEncoding


def _of_a_name(path: str, name: str) -> Iterator[str]:
    if not name:
        yield "is empty."
    elif _SEPARATOR in name:
        yield f"{name!r} has a {_SEPARATOR}, which separates the names in the resource's id."
    elif path == "instance_name" and not (
        name.isascii() and name.isprintable() and " " not in name
    ):
        yield f"{name!r} has a character that an HTTP header cannot carry."
