"""Find a task's files of a time: example keys, and the listings that return all files.

The form of a key is documented. We assume that folders are in UTC, and that the concurrency and the
sequence in a key cannot be known before the delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from pulumi_tablestore_delivery.errors import InvalidInputError, Violation
from pulumi_tablestore_delivery.spec.prefixes import UNITS, fill
from pulumi_tablestore_delivery.spec.rules import judge_prefix


@dataclass(frozen=True)
class ObjectListing:
    """A listing of the files of a period.

    Attributes:
        period: `all` for all files, or the unit of a variable in the prefix: `year`, `month`,
            `day`, `hour` or `minute`.
        prefix: The prefix for OSS's ListObjects. It may match other periods too, if a finer
            variable comes before a coarser one.
        glob: The pattern for tools that accept one. It matches only this period.
    """

    period: str
    prefix: str
    glob: str


@dataclass(frozen=True)
class ObjectKeys:
    """The keys of the files of a time, and the folders to list.

    Attributes:
        time: The time, ISO 8601, UTC (we assume that folders are in UTC).
        folder: The folder of the rows of that time, with a slash at the end.
        keys: Two keys that the first files may have.
        listings: The listings: all files first, then shorter and shorter periods.
        warnings: Warnings about the prefix.
    """

    time: str
    folder: str
    keys: tuple[str, ...]
    listings: tuple[ObjectListing, ...]
    warnings: tuple[str, ...]


def object_keys(prefix: str, time: datetime, task_name: str) -> ObjectKeys:
    """Return the keys of the files of a time, and the folders to list.

    Args:
        prefix: The task's `oss_prefix`.
        time: The time; UTC if it does not have a zone.
        task_name: The task's name.

    Raises:
        InvalidInputError: The prefix breaks a rule (docs/rules.md).
    """
    judgment = judge_prefix(prefix)
    if judgment.errors:
        raise InvalidInputError(judgment.errors)
    time = in_utc(time)
    template = prefix.rstrip("/") + "/"
    folder = fill(template, time)
    flat = folder.rstrip("/").replace("/", "_")
    return ObjectKeys(
        time=time.replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        folder=folder,
        keys=tuple(f"{folder}{task_name}_0_{flat}__{sequence}" for sequence in (1, 2)),
        listings=tuple(
            ObjectListing(
                period=period,
                prefix=fill(_before_first(template, finer), time),
                glob=fill(_starred(template, finer), time) + f"{task_name}_*",
            )
            for period, finer in _periods(template)
        ),
        warnings=tuple(str(warning) for warning in judgment.warnings),
    )


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time; UTC if it does not have a zone.

    Raises:
        InvalidInputError: The text is not such a time.
    """
    try:
        time = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return in_utc(time)
    except (ValueError, OverflowError):
        problem = f"{text!r} is not a time. Write it like 2020-08-31T16:03Z, or 2020-08-31."
        raise InvalidInputError([Violation("time", problem)]) from None


def in_utc(time: datetime) -> datetime:
    """Convert a time to UTC. A time without a zone is in UTC already."""
    return time.replace(tzinfo=time.tzinfo or timezone.utc).astimezone(timezone.utc)


def _periods(template: str) -> list[tuple[str, list[str]]]:
    """Return the periods of a prefix, each with the variables that are finer."""
    present = [variable for variable in UNITS if variable in template]
    periods = ["all", *(UNITS[variable] for variable in present)]
    return [(period, present[index:]) for index, period in enumerate(periods)]


def _before_first(template: str, variables: list[str]) -> str:
    return template[: min((template.index(name) for name in variables), default=len(template))]


def _starred(template: str, variables: list[str]) -> str:
    for name in variables:
        template = template.replace(name, "*")
    return template
