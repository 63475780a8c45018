"""What the commands print: tables for people, JSON for programs, errors for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.text import Text

JSON_OPTION: Final = "--json"
_FOLDED: Final = 24
"""Columns of a terminal below which a folded cell is hard to read."""
_BETWEEN: Final = 3
"""Columns between two cells, and around the table."""


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def print_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    styles: Iterable[str] = (),
    dispensable: Iterable[str] = (),
) -> None:
    """Prints a table for people.

    Args:
        titles: The columns' titles. The last column is folded where the terminal is narrow.
        rows: The rows' cells.
        styles: A style for each row, such as `red`; none by default.
        dispensable: Titles of the columns that a narrow terminal can do without, the first to go
            first; what is left out is said.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 200  # a pipe has no width; lines are not to be folded for it
        dispensable = ()
    console.print(table(titles, rows, styles, dispensable, console.width))


def table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    styles: Iterable[str] = (),
    dispensable: Iterable[str] = (),
    width: int = 0,
) -> Any:
    """A table as `rich` shows it, in `width` columns of a terminal; see `print_table`."""
    from rich import box  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415 - slow to import
    from rich.text import Text  # noqa: PLC0415 - slow to import

    # As they are: in a string, rich would take the `:ram:` of an ARN for a picture of a ram.
    columns = {
        title: [Text(printable(cell) or "-") for cell in cells]
        for title, *cells in zip(titles, *rows, strict=True)
    }
    dropped = []
    for title in dispensable:
        if _least_width(columns) <= width:
            break
        del columns[title]
        dropped.append(title)
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    if dropped:
        shown.caption = f"{' and '.join(dropped)}: in a wider terminal, or with {JSON_OPTION}"
        shown.caption_justify = "left"
    *whole, last = columns
    for title in whole:
        shown.add_column(title, no_wrap=True)
    shown.add_column(last, overflow="fold")
    given = iter(styles)
    for cells in zip(*columns.values(), strict=True):
        shown.add_row(*cells, style=next(given, ""))
    return shown


def _least_width(columns: Mapping[str, Sequence[Text]]) -> int:
    """What the columns need, the last one folded to a readable width."""
    widths = [
        max([len(title), *(cell.cell_len for cell in cells)]) for title, cells in columns.items()
    ]
    widths[-1] = min(widths[-1], _FOLDED)
    return sum(widths) + _BETWEEN * len(widths)


def printable(text: str) -> str:
    """A text of others on one line, so that no line break or escape in it plays with a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def print_error(message: str) -> None:
    """Tells an error on stderr; as JSON on stdout too where that was asked for."""
    sys.stderr.write(f"error: {message}\n")
    if JSON_OPTION in sys.argv:
        print_json({"error": message})
