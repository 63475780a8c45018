"""Read the rows of a table: all of them in key order, or some that are spread over the keys."""

from __future__ import annotations

import string
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.rows import RowPage, start_at
from pulumi_tablestore_delivery.wire.plainbuffer import Marker, Row, Value

_PAGE: Final = 2000
_PAGES_OF_SAMPLE: Final = 50
_LEAST_PAGE: Final = 10
_DIGITS: Final = 8
"""Characters after the common beginning of two keys by which a key between them is chosen."""


@dataclass(frozen=True)
class Range:
    """The rows of a table.

    Attributes:
        client: The instance's client.
        table: The table.
        keys: Its primary key columns, in order.
        columns: The columns to read; all of them if empty.
        needs_all_columns: Returns whether all columns of a row are needed. Called only if some
            columns are read.
    """

    client: TablestoreClient
    table: str
    keys: Sequence[str]
    columns: Sequence[str]
    needs_all_columns: Callable[[Row], bool]

    def page(self, limit: int, start: bytes = b"", *, is_backward: bool = False) -> RowPage:
        """Read one page. If a row needs all columns, read the page again with all of them."""
        page = self._page(limit, self.columns, start, is_backward=is_backward)
        if self.columns and any(map(self.needs_all_columns, page.rows)):
            page = self._page(limit, (), start, is_backward=is_backward)
        return page

    def _page(
        self, limit: int, columns: Sequence[str], start: bytes, *, is_backward: bool
    ) -> RowPage:
        return self.client.get_range(
            self.table, self.keys, limit, columns, start=start, is_backward=is_backward
        )


def all_rows(rows: Range) -> Iterator[Row]:
    """Yield every row, in key order.

    Raises:
        CallError: The table could not be read.
    """
    page = rows.page(_PAGE)
    yield from page.rows
    while not page.is_last:
        page = rows.page(_PAGE, page.next_start)
        yield from page.rows


def spread_rows(rows: Range, count: int) -> Iterator[Row]:
    """Yield up to `count` different rows: pages from positions spread between the two ends.

    Raises:
        CallError: The table could not be read.
    """
    pages = max(2, min(_PAGES_OF_SAMPLE, count // _LEAST_PAGE))
    limit = -(-count // pages)
    seen: set[tuple[Any, ...]] = set()

    def unseen(page: RowPage) -> Iterator[Row]:
        for row in page.rows:
            key = _key(row)
            if key not in seen and len(seen) < count:
                seen.add(key)
                yield row

    first = rows.page(limit)
    yield from unseen(first)
    if first.is_last:
        return
    last = rows.page(limit, is_backward=True)
    yield from unseen(last)
    following = deque([first.next_start])
    for start in _starts(first.rows, last.rows, pages - 2):
        page = rows.page(limit, start)
        yield from unseen(page)
        following.append(page.next_start)
    # The pages may overlap. Then continue after each page.
    while len(seen) < count and following:
        start = following.popleft()
        if not start:
            continue
        page = rows.page(limit, start)
        before = len(seen)
        yield from unseen(page)
        if len(seen) > before or not page.rows:  # a page may be empty and not the last one
            following.append(page.next_start)


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(value for _, value in row.key)


def _starts(first: Sequence[Row], last: Sequence[Row], count: int) -> Iterator[bytes]:
    """Yield starts between two ends of a table, spread over the first key column that differs."""
    if not first or not last:
        return
    low, high = first[0].key, last[0].key
    for index, ((name, start), (_, end)) in enumerate(zip(low, high, strict=True)):
        if start != end:
            known = [row.key[index][1] for row in (*first, *last)]
            between = _between(start, end, known)
            rest = [(key, Marker.SMALLEST) for key, _ in low[index + 1 :]]
            for number in range(1, count + 1):
                value = between(number, count + 1)
                yield start_at([*low[:index], (name, value), *rest])
            return


def _alphabet(low: Any, known: set[Any]) -> set[Any]:
    """Return the characters that keys can have: those of known keys, and all digits if one occurs.

    With characters that do not occur, most values would be between "order-9" and the end.
    """
    if isinstance(low, bytes):
        return set(range(256))
    return known | set(string.digits) if known & set(string.digits) else known


def _between(low: Any, high: Any, known: Sequence[Any]) -> Callable[[int, int], Value]:
    """Return a function from n and m to the value that is n/m of the way from `low` to `high`."""
    if isinstance(low, int):
        return lambda number, parts: low + (high - low) * number // parts
    common = 0
    while low[common : common + 1] == high[common : common + 1]:
        common += 1
    alphabet = sorted(_alphabet(low, {each for value in known for each in value[common:]}))
    base = len(alphabet) + 1

    def number_of(value: Any) -> int:
        digits = [1 + bisect_left(alphabet, each) for each in value[common : common + _DIGITS]]
        digits += [0] * (_DIGITS - len(digits))
        total = 0
        for digit in digits:
            total = total * base + min(digit, base - 1)
        return total

    start, end = number_of(low), number_of(high)

    def value_at(number: int, parts: int) -> Value:
        rest = start + (end - start) * number // parts
        digits = []
        for _ in range(_DIGITS):
            rest, digit = divmod(rest, base)
            digits.append(digit)
        # Digit 0 means the end of the value, so no character can follow it.
        characters = [alphabet[max(1, digit) - 1] for digit in reversed(digits)]
        text: Value = low[:common] + (
            bytes(characters) if isinstance(low, bytes) else "".join(characters)
        )
        return text

    return value_at
