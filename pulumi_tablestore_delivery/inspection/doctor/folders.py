"""Check that no two tasks of the instance write to the same folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.retry import Clock
from pulumi_tablestore_delivery.errors import CallError
from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    warning,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject
from pulumi_tablestore_delivery.spec.surroundings import Destination

_SECONDS: Final = 12.0
_CALLS_AT_ONCE: Final = 16
_MOST_PAIRS: Final = 10


def folders(subject: Subject) -> Finding:
    """Check that no task of the instance writes to the folder of another, or inside it."""
    listing = subject.listing()
    if listing.error is not None:
        raise NotCheckedError("ListTable failed (see signature and permissions).")
    reader = _Reader(subject.client(), subject.clock, _SECONDS)
    with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
        named = [task for tasks in pool.map(reader.tasks, listing.tables) for task in tasks]
        found = pool.map(reader.destination, named)
        destinations = [each for each in found if each is not None]
    counted = f"{len(destinations)} task{'' if len(destinations) == 1 else 's'}"
    if reader.is_partial:
        counted += " checked, there are more"
    pairs = list(overlaps(destinations))
    if not pairs:
        return ok(f"{counted}, each with its own folder")
    overlapping = "; ".join(_described(*pair) for pair in pairs[:_MOST_PAIRS])
    more = f"; and {len(pairs) - _MOST_PAIRS} more" if len(pairs) > _MOST_PAIRS else ""
    return warning(
        f"{counted}: {overlapping}{more}.",
        "Readers of such a folder get the rows of both tasks. Give each task its own folder.",
    )


def overlaps(destinations: Iterable[Destination]) -> Iterator[tuple[Destination, Destination]]:
    """Yield pairs whose folders are the same, or the second one inside the first."""
    around: list[Destination] = []
    for inner in sorted(destinations, key=lambda each: (each.bucket, each.folders, each.resource)):
        while around and not _contains(around[-1], inner):
            around.pop()
        if around:
            yield around[-1], inner
        around.append(inner)


def _contains(outer: Destination, inner: Destination) -> bool:
    length = len(outer.folders)
    return outer.bucket == inner.bucket and outer.folders == inner.folders[:length]


def _described(outer: Destination, inner: Destination) -> str:
    how = "the same folder as" if outer.folders == inner.folders else "inside the folder of"
    return f"{inner.resource} writes to {inner.prefix!r}, {how} {outer.resource}"


class _Reader:
    """Reads the tasks of an instance until a deadline.

    Args:
        client: The instance's client.
        clock: The clock.
        seconds: The seconds until the deadline.

    Attributes:
        is_partial: Whether tasks are missing, because the deadline passed or a call failed.
    """

    def __init__(self, client: TablestoreClient, clock: Clock, seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._ends = clock.monotonic() + seconds
        self.is_partial = False

    def tasks(self, table: str) -> list[tuple[str, str]]:
        """Return the tasks of a table, each as the names of table and task."""
        if self._is_late():
            return []
        try:
            listed = self._client.list_delivery_tasks(table).tasks
        except CallError:
            self.is_partial = True
            return []
        return [(table, task.taskName) for task in listed]

    def destination(self, task: tuple[str, str]) -> Destination | None:
        """Return the destination of a task; None if it cannot be read."""
        if self._is_late():
            return None
        try:
            inputs = codec.described_inputs(self._client.describe_delivery_task(*task))
        except CallError:
            self.is_partial = True
            return None
        name = f"{self._client.instance_name}/{'/'.join(task)}"
        return Destination(name, inputs["oss_bucket"], inputs["oss_prefix"])

    def _is_late(self) -> bool:
        is_late = self._clock.monotonic() > self._ends
        if is_late:
            self.is_partial = True
        return is_late
