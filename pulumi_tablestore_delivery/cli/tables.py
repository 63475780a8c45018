"""Tables for people, as wide as their terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pulumi_tablestore_delivery.cli.data import JSON_OPTION
from pulumi_tablestore_delivery.cli.terminal import escaped, print_text

_FOLDED: Final = 24
"""The least columns of a folded cell. Narrower cells are hard to read."""
_BETWEEN: Final = 3
"""Columns between two cells, and around the table."""
_PIPE: Final = 200
"""Columns of a table in a pipe or a file."""


def print_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    styles: Iterable[str] = (),
    dispensable: Iterable[str] = (),
) -> None:
    """Print a table for people.

    Args:
        titles: The columns' titles. A narrow terminal folds the last column and wide columns.
        rows: The rows' cells.
        styles: A style for each row, such as `red`; none by default.
        dispensable: Titles of columns that a narrow terminal omits, in this order. The caption
            names the omitted columns.
    """
    if sys.stdout.isatty():
        console = Console(highlight=False, markup=False)
        console.print(make_table(titles, rows, styles, dispensable, console.width))
        return
    text = io.StringIO()
    pipe = Console(file=text, width=_PIPE, highlight=False, markup=False, color_system=None)
    pipe.print(make_table(titles, rows, width=_PIPE))
    print_text("\n".join(line.rstrip() for line in text.getvalue().split("\n")))


def make_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    styles: Iterable[str] = (),
    dispensable: Iterable[str] = (),
    width: int = 0,
) -> Any:
    """Return a table for a terminal of `width` columns; see `print_table`."""
    # In a plain string, rich replaces the `:ram:` of an ARN with an emoji.
    columns = {
        title: [Text(escaped(cell) or "-") for cell in cells]
        for title, *cells in zip(titles, *rows, strict=True)
    }
    widths = {
        title: max([len(title), *(cell.cell_len for cell in cells)])
        for title, cells in columns.items()
    }
    folded = {title for title in columns if widths[title] > _FOLDED} | {titles[-1]}
    omitted = []
    for title in dispensable:
        needed = [
            min(widths[each], _FOLDED) if each in folded else widths[each] for each in columns
        ]
        if sum(needed) + _BETWEEN * len(needed) <= width:
            break
        del columns[title]
        omitted.append(title)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    if omitted:
        table.caption = f"{' and '.join(omitted)}: in a wider terminal, or with {JSON_OPTION}"
        table.caption_justify = "left"
    for title in columns:
        table.add_column(title, no_wrap=title not in folded, overflow="fold")
    row_styles = iter(styles)
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*cells, style=next(row_styles, ""))
    return table
