"""What the commands print: tables for people, JSON for programs, errors for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

JSON_OPTION: Final = "--json"


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def print_table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], styles: Iterable[str] = ()
) -> None:
    """Prints a table for people.

    Args:
        titles: The columns' titles. The last column is folded where the terminal is narrow.
        rows: The rows' cells.
        styles: A style for each row, such as `red`; none by default.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 200  # a pipe has no width; lines are not to be folded for it
    console.print(table(titles, rows, styles))


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], styles: Iterable[str] = ()) -> Any:
    """A table as `rich` shows it; see `print_table`."""
    from rich import box  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415 - slow to import
    from rich.text import Text  # noqa: PLC0415 - slow to import

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles[:-1]:
        shown.add_column(title, no_wrap=True)
    shown.add_column(titles[-1], overflow="fold")
    given = iter(styles)
    for row in rows:
        # As they are: in a string, rich would take the `:ram:` of an ARN for a picture of a ram.
        shown.add_row(*(Text(cell or "-") for cell in row), style=next(given, ""))
    return shown


def print_error(message: str) -> None:
    """Tells an error on stderr; as JSON on stdout too where that was asked for."""
    sys.stderr.write(f"error: {message}\n")
    if JSON_OPTION in sys.argv:
        print_json({"error": message})
