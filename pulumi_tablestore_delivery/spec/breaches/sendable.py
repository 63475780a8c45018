"""Violations that an ignored rule lets through, but that no request and no id can carry."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import columns_of, event_time_of, ignored_rules
from pulumi_tablestore_delivery.spec.rule import Finding, Surroundings
from pulumi_tablestore_delivery.spec.unknown import Unknown, is_unknown
from pulumi_tablestore_delivery.wire import enums

_Choice = tuple[str, str, str | Unknown, type[IntEnum]]
"""A rule's id, the path and the value of an input that it judges, and the numbers it is sent as."""

_SEPARATOR: Final = "/"
"""Separates the names in a resource's id."""


def sendable_values(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    """Find what cannot be sent and is not reported by the ignored rule itself."""
    ignored = ignored_rules(spec)
    for rule, path, value, numbers in _choices(spec):
        if rule in ignored and not is_unknown(value) and not enums.has_number(numbers, value):
            yield path, f"the protocol does not have a number for {value!r}."
    for rule, path, name in (
        ("instance-name", "instance_name", spec.instance_name),
        ("table-name", "table_name", spec.table_name),
    ):
        if rule in ignored and not is_unknown(name):
            yield from ((path, problem) for problem in _of_a_name(path, name))


def _choices(spec: DeliveryTaskDraft) -> Iterator[_Choice]:
    yield "mode", "mode", spec.mode, enums.DeliveryTaskType
    yield "format", "format", spec.format, enums.Format
    event = event_time_of(spec)
    if event is not None:
        path = "event_time_column.format"
        yield "event-time-format", path, event.format, enums.EventTimeFormat
    for path, column in columns_of(spec):
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
