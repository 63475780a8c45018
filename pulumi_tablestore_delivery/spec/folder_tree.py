"""Find the tasks that write to the same folder as a task, inside it or around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final, Generic, TypeVar

from pulumi_tablestore_delivery.spec.surroundings import Destination

MOST_NEIGHBORS: Final = 10
"""The most neighbors that a search returns. If all tasks share a prefix, there are thousands."""

KeyT = TypeVar("KeyT")


@dataclass
class _Folder(Generic[KeyT]):
    """A folder of a bucket.

    Attributes:
        folders: The folders in it, by name.
        keys: The keys of the tasks that write to this folder, in order.
    """

    folders: dict[str, _Folder[KeyT]] = field(default_factory=dict)
    keys: dict[KeyT, None] = field(default_factory=dict)

    def keys_below(self) -> Iterator[KeyT]:
        """Yield the keys of all folders in this folder."""
        pending = list(self.folders.values())
        while pending:
            folder = pending.pop()
            yield from folder.keys
            pending.extend(folder.folders.values())


class FolderTree(Generic[KeyT]):
    """The destinations of many tasks, so that a search does not compare with each of them."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Folder[KeyT]] = {}
        self._destinations: dict[KeyT, Destination] = {}
        self._numbers: dict[KeyT, int] = {}

    def put(self, key: KeyT, destination: Destination) -> None:
        """Add a task, or change its destination."""
        before = self._destinations.get(key)
        if before is not None:
            *_, folder = self._path(before)
            del folder.keys[key]
        *_, folder = self._path(destination)
        folder.keys[key] = None
        self._destinations[key] = destination
        self._numbers.setdefault(key, len(self._numbers))

    def neighbors(self, key: KeyT) -> tuple[Destination, ...]:
        """Return other tasks' destinations that are the same folder, inside it or around it.

        Args:
            key: The task's key; without a destination it does not have neighbors.

        Returns:
            At most `MOST_NEIGHBORS` destinations, in the order in which their tasks were added.
        """
        own = self._destinations.get(key)
        if own is None:
            return ()
        *around, folder = self._path(own)
        # The same folder first: only that is an error.
        keys = chain(folder.keys, *(outer.keys for outer in around), folder.keys_below())
        others = islice((other for other in keys if other != key), MOST_NEIGHBORS)
        in_order = sorted(others, key=self._numbers.__getitem__)
        return tuple(self._destinations[other] for other in in_order)

    def _path(self, destination: Destination) -> Iterator[_Folder[KeyT]]:
        """Yield the bucket and the folders down to a destination; make those that are missing."""
        folder = self._buckets.setdefault(destination.bucket, _Folder())
        yield folder
        for name in destination.folders:
            folder = folder.folders.setdefault(name, _Folder())
            yield folder
