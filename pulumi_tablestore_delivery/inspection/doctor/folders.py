"""Check that no two tasks of the instance write to the same folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
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
    look = _Look(subject.client(), subject.clock.monotonic() + _SECONDS, subject)
    with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
        named = [task for tasks in pool.map(look.tasks, listing.tables) for task in tasks]
        destinations = [each for each in pool.map(look.destination, named) if each is not None]
    counted = f"{len(destinations)} task{'' if len(destinations) == 1 else 's'}"
    if look.is_partial:
        counted += " looked at, there are more"
    pairs = list(overlaps(destinations))
    if not pairs:
        return ok(f"{counted}, each with a folder of its own")
    overlapping = "; ".join(_described(*pair) for pair in pairs[:_MOST_PAIRS])
    more = f"; and {len(pairs) - _MOST_PAIRS} more" if len(pairs) > _MOST_PAIRS else ""
    return warning(
        f"{counted}: {overlapping}{more}.",
        "Readers of such a folder get the rows of both tasks. Give each task a folder of its own.",
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


class _Look:
    """Looks at the tasks of an instance until a deadline.

    Args:
        client: The instance's client.
        ends: When to stop, on the subject's clock.
        subject: The subject of the checks.

    Attributes:
        is_partial: Whether something was left out: the deadline passed, or a call failed.
    """

    def __init__(self, client: TablestoreClient, ends: float, subject: Subject) -> None:
        self._client = client
        self._ends = ends
        self._subject = subject
        self.is_partial = False

    def tasks(self, table: str) -> list[tuple[str, str]]:
        """Return the tasks of a table, each as the names of table and task."""
        if self._is_over():
            return []
        try:
            listed = self._client.list_delivery_tasks(table).tasks
        except CallError:
            self.is_partial = True
            return []
        return [(table, task.taskName) for task in listed]

    def destination(self, task: tuple[str, str]) -> Destination | None:
        """Return the destination that a task writes to; None if it cannot be read."""
        if self._is_over():
            return None
        try:
            inputs = codec.described_inputs(self._client.describe_delivery_task(*task))
        except CallError:
            self.is_partial = True
            return None
        name = f"{self._client.instance_name}/{'/'.join(task)}"
        return Destination(name, inputs["oss_bucket"], inputs["oss_prefix"])

    def _is_over(self) -> bool:
        if self._subject.clock.monotonic() > self._ends:
            self.is_partial = True
            return True
        return False
