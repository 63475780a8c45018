"""Find the tasks of a file that write to the same folder, or to a folder inside another's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pulumi_tablestore_delivery.spec.surroundings import Place


@dataclass
class _Folder:
    """A folder of a bucket.

    Attributes:
        folders: The folders in it, by name.
        numbers: The numbers of the tasks that write to this folder.
    """

    folders: dict[str, _Folder] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)


class Neighbors:
    """The folders of many tasks as a tree, in which a task's neighbors are found quickly.

    Neighbors write to the same folder, or one writes to a folder inside the other's.

    Args:
        places: The folder of each task; None if it is not known.
    """

    def __init__(self, places: Sequence[Place | None]) -> None:
        self._places = places
        self._buckets: dict[str, _Folder] = {}
        for number, place in enumerate(places):
            if place is not None:
                *_, folder = self._path(place)
                folder.numbers.append(number)

    def of(self, number: int, most: int) -> tuple[Place, ...]:
        """Return the folders of a task's neighbors, at most `most` of them."""
        place = self._places[number]
        if place is None:
            return ()
        *around, folder = self._path(place)
        numbers = islice(
            (
                other
                for found in (*map(_numbers, around), _all_numbers(folder))
                for other in found
                if other != number
            ),
            most,
        )
        return tuple(found for other in sorted(numbers) if (found := self._places[other]))

    def _path(self, place: Place) -> Iterator[_Folder]:
        """Yield the bucket and the folders down to a place. Add missing ones to the tree."""
        folder = self._buckets.setdefault(place.bucket, _Folder())
        yield folder
        for name in place.folders:
            folder = folder.folders.setdefault(name, _Folder())
            yield folder


def _numbers(folder: _Folder) -> Iterable[int]:
    return folder.numbers


def _all_numbers(folder: _Folder) -> Iterator[int]:
    pending = [folder]
    while pending:
        folder = pending.pop()
        yield from folder.numbers
        pending.extend(folder.folders.values())
