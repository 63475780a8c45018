"""Violations that readers of the delivered files would trip over.

The behavior of each reader was measured with files in such folders: docs/consumers.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.intended_prefix import intended_prefix, is_time_name
from pulumi_tablestore_delivery.spec.parts import columns_of
from pulumi_tablestore_delivery.spec.prefixes import Partition, layout_of, partition_of
from pulumi_tablestore_delivery.spec.rule import Finding, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

TYPES_WITHOUT_TABLE_TYPE: Final = frozenset(
    {"TIME_MILLIS", "TIME_MICROS", "DECIMAL", "LIST", "MAP", "INTERVAL", "INT96"}
)
"""Parquet types without a clear type in an external table."""

_TROUBLE: Final = (
    (":", "Hive's reader fails, and so does Spark on a local disk."),
    ("{}[]*", "Hive's reader finds no files, and polars drops the partition."),
    ("\\", "Hive's reader fails, and DuckDB finds no files."),
    ("?", "DuckDB drops the partition."),
)
_CLASH: Final = (
    "Spark, DuckDB and polars replace the data by the partition's value. Hive and pyarrow fail."
)
_HIDDEN: Final = "pyarrow skips it without an error, and Hive's reader fails"
_COLUMN: Final = re.compile(r"\w+")


def partition_columns(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    """Find partition columns that have the name of another column."""
    if is_unknown(spec.oss_prefix):
        return
    partitions = _named_partitions(spec.oss_prefix)
    seen: dict[str, Partition] = {}
    for partition in partitions:
        first = seen.setdefault(partition.column.lower(), partition)
        if first is not partition:
            folders = f"{first.column}={first.value} and {partition.column}={partition.value}"
            yield "oss_prefix", f"{spec.oss_prefix!r} has one partition column twice: {folders}."
    for path, name in _names(spec):
        clash = seen.get(name.lower())
        if clash is not None:
            folder = f"{clash.column}={clash.value}"
            yield path, f"{name!r} is also the partition column of the folder {folder}. {_CLASH}"


def external_table(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    """Find columns that `tablestore-delivery ddl` refuses."""
    for path, column in columns_of(spec):
        if column.type in TYPES_WITHOUT_TABLE_TYPE:
            problem = f"external tables do not have a clear type for {column.type}."
            yield f"{path}.type", problem
    if is_unknown(spec.oss_prefix):
        return
    named = {each.column.lower(): each for each in _named_partitions(spec.oss_prefix)}
    implied = {}
    for partition in layout_of(spec.oss_prefix).partitions:
        clash = named.get(partition.column.lower())
        if clash is None:
            implied[partition.column] = partition.value
        elif partition not in named.values():
            folder = f"{clash.column}={clash.value}"
            problem = f"external tables name {partition.value} {partition.column!r}, as {folder} is"
            yield "oss_prefix", f"{spec.oss_prefix!r}: {problem}."
    for path, name in _names(spec):
        if name.lower() in implied:
            yield path, f"{name!r} is also how external tables name {implied[name.lower()]}."


def prefix_time(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    """Find empty times, and times in a notation that the service does not fill in."""
    for path, prefix in (
        ("oss_prefix", spec.oss_prefix),
        ("oss_dirty_prefix", spec.oss_dirty_prefix),
    ):
        if is_unknown(prefix) or not prefix:
            continue
        intended = intended_prefix(prefix)
        if intended != prefix:
            yield path, f"{prefix!r} probably means {intended!r}."
        for folder in intended.split("/"):
            column, equals, value = folder.partition("=")
            if column and equals and not value and not is_time_name(column):
                yield path, f"{prefix!r} has the folder {folder!r} without a value."


def prefix_hidden(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    """Find folders below the location whose names make readers skip them."""
    if is_unknown(spec.oss_prefix):
        return
    layout = layout_of(spec.oss_prefix)
    for folder in layout.folder[len(layout.location) :].rstrip("/").split("/"):
        if folder.startswith(("_", ".")) and folder not in {".", ".."} and layout.partitions:
            yield "oss_prefix", f"{spec.oss_prefix!r} has the folder {folder!r}: {_HIDDEN}."


def prefix_characters(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    """Find characters that a reader cannot take, besides those of a time in another notation."""
    if is_unknown(spec.oss_prefix):
        return
    prefix = intended_prefix(spec.oss_prefix)
    for characters, trouble in _TROUBLE:
        present = " and ".join(repr(each) for each in characters if each in prefix)
        if present:
            yield "oss_prefix", f"{spec.oss_prefix!r} has {present}. {trouble}"
    for partition in _named_partitions(prefix):
        if not _COLUMN.fullmatch(partition.column):
            what = f"has the partition column {partition.column!r}, which Hive does not accept"
            yield "oss_prefix", f"{spec.oss_prefix!r} {what}."


def _named_partitions(prefix: str) -> list[Partition]:
    found = (partition_of(folder) for folder in prefix.split("/"))
    return list(dict.fromkeys(partition for partition in found if partition))


def _names(spec: DeliveryTaskDraft) -> Iterator[tuple[str, str]]:
    for path, column in columns_of(spec):
        if not is_unknown(column.name):
            yield f"{path}.name", column.name
