"""Folders and columns that readers of the delivered files cannot read, or read wrongly.

The behavior of each reader was measured with files in such folders; see docs/consumers.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.intended_prefix import intended_prefix
from pulumi_tablestore_delivery.spec.parts import columns_of, prefixes_of
from pulumi_tablestore_delivery.spec.prefixes import Partition, layout_of, partition_of
from pulumi_tablestore_delivery.spec.rule import Problem, Source, error, warning
from pulumi_tablestore_delivery.spec.rules.prefixes import is_url, wrong_variables
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
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


@error(
    "partition-column",
    Source.READERS,
    says=(
        "A partition column (the folder month=$MM makes month) has a name of its own: no data "
        "column and no other partition column has it, in upper or lower case."
    ),
    remedy=Message(
        "Rename the folder in {.oss_prefix}, or the column in the files (name in "
        "{.parquet_schema})."
    ),
    only_for_new=True,
)
def partition_columns(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if is_unknown(draft.oss_prefix):
        return
    partitions = _named_partitions(draft.oss_prefix)
    seen: dict[str, Partition] = {}
    for partition in partitions:
        first = seen.setdefault(partition.column.lower(), partition)
        if first is not partition:
            folders = f"{first.column}={first.value} and {partition.column}={partition.value}"
            yield "oss_prefix", f"{draft.oss_prefix!r} has one partition column twice: {folders}."
    for path, name in _names(draft):
        clash = seen.get(name.lower())
        if clash is not None:
            folder = f"{clash.column}={clash.value}"
            yield path, f"{name!r} is also the partition column of the folder {folder}. {_CLASH}"


@warning(
    "external-table",
    Source.READERS,
    says=(
        "An external table (tablestore-delivery ddl) can have every column of the files: each has "
        "a type there, and a name that no time in the folders takes ($yyyy/ makes year)."
    ),
    remedy="Use another type or name, or leave the column out of the table (--exclude-column).",
)
def external_table(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    yield from _types_without_table_type(draft)
    if not is_unknown(draft.oss_prefix):
        yield from _times_named_like_folders(draft.oss_prefix)
        yield from _columns_named_like_times(draft, draft.oss_prefix)


def _types_without_table_type(draft: DeliveryTaskDraft) -> Iterator[Problem]:
    for path, column in columns_of(draft):
        if column.type in TYPES_WITHOUT_TABLE_TYPE:
            problem = f"external tables do not have a clear type for {column.type}."
            yield f"{path}.type", problem


def _times_named_like_folders(prefix: str) -> Iterator[Problem]:
    """Find a time whose column is also a folder's: `year` of $yyyy/ and of year=2024/."""
    named = {each.column.lower(): each for each in _named_partitions(prefix)}
    for time in _times_without_name(prefix):
        clash = named.get(time.column)
        if clash is not None:
            both = f"{time.value} and the folder {clash.column}={clash.value}"
            problem = f"in an external table, {both} would both be column {time.column!r}"
            yield "oss_prefix", f"{prefix!r}: {problem}."


def _columns_named_like_times(draft: DeliveryTaskDraft, prefix: str) -> Iterator[Problem]:
    """Find a data column that has the name of a time's column: `year` of $yyyy/."""
    times = {time.column: time for time in _times_without_name(prefix)}
    for path, name in _names(draft):
        time = times.get(name.lower())
        if time is not None:
            yield path, f"{name!r} is also the column of {time.value} in an external table."


@warning(
    "prefix-time",
    Source.READERS,
    says=(
        "A time in a prefix is written with $yyyy, $MM (months), $dd, $HH and $mm (minutes). The "
        "service does not fill in another notation, such as %Y or {yyyy}, so all rows go to one "
        "folder. A shell or make may have removed the variables."
    ),
    remedy=(
        "Correct it before the task is created, because a change takes a new task. Where a shell "
        "or make reads the prefix, quote $."
    ),
)
def prefix_time(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, prefix in prefixes_of(draft):
        intended = intended_prefix(prefix)
        if intended != prefix and not wrong_variables(prefix):  # see rule prefix-variable
            yield path, f"{prefix!r} probably means {intended!r}."
        for folder in intended.split("/"):
            column, equals, value = folder.partition("=")
            if column and equals and not value:
                yield path, f"{prefix!r} has the folder {folder!r} without a value."


@warning(
    "prefix-hidden",
    Source.READERS,
    says=(
        "A folder with a time, or below one, does not start with _ or a dot: readers hide such "
        "folders."
    ),
    remedy="Use a name that starts with a letter.",
)
def prefix_hidden(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if is_unknown(draft.oss_prefix):
        return
    layout = layout_of(draft.oss_prefix)
    for folder in layout.folder[len(layout.location) :].rstrip("/").split("/"):
        if folder.startswith(("_", ".")) and folder not in {".", ".."} and layout.partitions:
            yield "oss_prefix", f"{draft.oss_prefix!r} has the folder {folder!r}: {_HIDDEN}."


@warning(
    "prefix-characters",
    Source.READERS,
    says=(
        "A prefix does not have characters that readers cannot take: : { } [ ] * \\ ?. "
        "A partition column's name has letters, digits and underscores only."
    ),
    remedy="Use letters, digits, hyphens and underscores, such as dt=$yyyy-$MM-$dd.",
)
def prefix_characters(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if is_unknown(draft.oss_prefix) or is_url(draft.oss_prefix):  # see rule prefix-segments
        return
    prefix = intended_prefix(draft.oss_prefix)
    for characters, trouble in _TROUBLE:
        present = " and ".join(repr(each) for each in characters if each in prefix)
        if present:
            yield "oss_prefix", f"{draft.oss_prefix!r} has {present}. {trouble}"
    for partition in _named_partitions(prefix):
        if not _COLUMN.fullmatch(partition.column):
            problem = f"has the partition column {partition.column!r}, which Hive does not accept"
            yield "oss_prefix", f"{draft.oss_prefix!r} {problem}."


def _named_partitions(prefix: str) -> list[Partition]:
    found = (partition_of(folder) for folder in prefix.split("/"))
    return list(dict.fromkeys(partition for partition in found if partition))


def _times_without_name(prefix: str) -> list[Partition]:
    """Return the partitions that a table names by their unit, because no folder names them."""
    named = _named_partitions(prefix)
    return [partition for partition in layout_of(prefix).partitions if partition not in named]


def _names(draft: DeliveryTaskDraft) -> Iterator[tuple[str, str]]:
    for path, column in columns_of(draft):
        if not is_unknown(column.name):
            yield f"{path}.name", column.name
