"""Divide a prefix as readers of the files do: into fixed folders, times and partitions.

The meaning of the variables is documented. We assume that their time is UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

PREFIX_VARIABLES: Final = ("$yyyy", "$MM", "$dd", "$HH", "$mm")
UNITS: Final = dict(
    zip(PREFIX_VARIABLES, ("year", "month", "day", "hour", "minute"), strict=True),
)
"""The variables of a prefix, from coarse to fine, and the unit of time of each."""


@dataclass(frozen=True)
class Partition:
    """A partition column of the files.

    Attributes:
        column: Its name.
        value: Its value, with variables that are not replaced yet.
    """

    column: str
    value: str


@dataclass(frozen=True)
class Layout:
    """A prefix, divided into fixed folders and partitions.

    Attributes:
        location: The folders above the partitions, with a slash at the end; empty if the
            partitions start at the bucket's root.
        partitions: The partition columns, outermost first.
        folder: All of the prefix, with a slash at the end.
        is_hive: Whether each folder below the location is `column=value`, so that Hive and
            Spark find the partitions by themselves.
    """

    location: str
    partitions: tuple[Partition, ...]
    folder: str
    is_hive: bool


def layout_of(prefix: str) -> Layout:
    """Divide a prefix into its location and its partitions.

    The partitions are the last `column=value` folders, even if a value is fixed. If another folder
    has a variable, the partitions begin at that folder. Each variable in such a folder is then a
    column with the name of its unit.
    """
    folders = prefix.rstrip("/").split("/")
    start = len(folders)
    while start and partition_of(folders[start - 1]):
        start -= 1
    above = [index for index, folder in enumerate(folders[:start]) if _variables(folder)]
    start = above[0] if above else start
    partitions = tuple(dict.fromkeys(_partitions(folders[start:])))
    return Layout(
        location="".join(f"{folder}/" for folder in folders[:start]),
        partitions=partitions,
        folder="/".join(folders) + "/",
        is_hive=not above and len(partitions) == len(folders) - start,
    )


def fill(template: str, time: datetime) -> str:
    """Replace the variables by a time in UTC."""
    for variable, unit in UNITS.items():
        digits = len(variable) - 1
        template = template.replace(variable, str(getattr(time, unit)).zfill(digits))
    return template


def _partitions(folders: list[str]) -> Iterator[Partition]:
    for folder in folders:
        pair = partition_of(folder)
        if pair:
            yield pair
        else:
            yield from (Partition(UNITS[variable], variable) for variable in _variables(folder))


def partition_of(folder: str) -> Partition | None:
    """Return the partition of a `column=value` folder; None for any other folder."""
    column, _, value = folder.partition("=")
    if column and value and "=" not in value and not _variables(column):
        return Partition(column, value)
    return None


def _variables(text: str) -> list[str]:
    return [variable for variable in UNITS if variable in text]
