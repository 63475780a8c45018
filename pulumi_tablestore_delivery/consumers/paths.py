"""Where a task's files of a moment are: example keys, and what to list to find all of them.

The form of a key is documented. Assumed: folders are in UTC, the concurrency and the sequence
are numbers that nobody can know before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from pulumi_tablestore_delivery.errors import InvalidInputError, Violation
from pulumi_tablestore_delivery.spec.prefixes import UNITS, fill
from pulumi_tablestore_delivery.spec.rules import judge_prefix


@dataclass(frozen=True)
class ObjectListing:
    """What a reader lists for the files of a period.

    Attributes:
        period: `year`, `month`, `day`, `hour` or `minute`, as the prefix has variables; `all`
            for all files.
        prefix: The prefix for OSS's ListObjects; it may match other periods too, where a finer
            variable comes before a coarser one.
        glob: The same as a pattern, for tools that take one; it matches this period alone.
    """

    period: str
    prefix: str
    glob: str


@dataclass(frozen=True)
class ObjectKeys:
    """Where the files of a moment are.

    Attributes:
        time: The moment, ISO 8601, UTC (that folders are in UTC is assumed).
        folder: The folder that its rows go to, with a slash at the end.
        keys: Two keys that its first files may have.
        listings: What to list, all files first, then by ever shorter periods.
        warnings: What is unwise about the prefix.
    """

    time: str
    folder: str
    keys: tuple[str, ...]
    listings: tuple[ObjectListing, ...]
    warnings: tuple[str, ...]


def object_keys(prefix: str, time: datetime, task_name: str) -> ObjectKeys:
    """Tells where the files of a moment are.

    Args:
        prefix: The task's `oss_prefix`.
        time: The moment; UTC if it has no zone.
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
    """Reads an ISO 8601 time; UTC if it names no zone.

    Raises:
        InvalidInputError: It is not one.
    """
    try:
        time = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return in_utc(time)
    except (ValueError, OverflowError):
        problem = f"{text!r} is not a time. Write it like 2020-08-31T16:03Z, or 2020-08-31."
        raise InvalidInputError([Violation("time", problem)]) from None


def in_utc(time: datetime) -> datetime:
    """A time in UTC; one without a zone is taken to be in UTC already."""
    return time.replace(tzinfo=time.tzinfo or timezone.utc).astimezone(timezone.utc)


def _periods(template: str) -> list[tuple[str, list[str]]]:
    """The periods that a prefix tells apart, and the variables that are finer than each."""
    present = [variable for variable in UNITS if variable in template]
    periods = ["all", *(UNITS[variable] for variable in present)]
    return [(period, present[index:]) for index, period in enumerate(periods)]


def _before_first(template: str, variables: list[str]) -> str:
    return template[: min((template.index(name) for name in variables), default=len(template))]


def _starred(template: str, variables: list[str]) -> str:
    for name in variables:
        template = template.replace(name, "*")
    return template
