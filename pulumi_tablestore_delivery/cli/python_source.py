"""Write Python source as ruff and Black format it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pulumi_tablestore_delivery.cli.wrapping import PAGE_WIDTH, wrap

_WIDTH: Final = 88
"""Columns of a line of code."""

_INDENT: Final = "    "


def literal(value: Any) -> str:
    """Return a string, number or truth value as Python source."""
    if not isinstance(value, str):
        return repr(value)
    quote = "'" if value.count('"') > value.count("'") else '"'
    return f"{quote}{''.join(_escaped(character, quote) for character in value)}{quote}"


def comment(text: str) -> str:
    """Return a text as one line of comment, such as code that a user may uncomment."""
    words = " ".join(text.split())
    return f"# {''.join(c if c.isprintable() else repr(c)[1:-1] for c in words)}"


def comment_lines(text: str, indent: int = 0) -> list[str]:
    """Return prose as lines of comment.

    Args:
        text: The text.
        indent: The columns before each line. They are not part of the result.
    """
    return wrap(comment(text).removeprefix("# "), "# ", "# ", PAGE_WIDTH - indent)


def group(opening: str, parts: Sequence[str], closing: str, indent: int) -> str:
    """Return parts between brackets: on one line if it fits, otherwise as `lines` does.

    Args:
        opening: The text up to and including the bracket, such as `f(` or `name=[`.
        parts: Arguments or items, as Python.
        closing: The bracket.
        indent: The depth at which the line begins.
    """
    line = f"{opening}{', '.join(parts)}{closing}"
    # A comma may follow. A character that is not ASCII may be two columns wide.
    width = len(line) + sum(not character.isascii() for character in line) + 1
    if "\n" not in line and len(_INDENT) * indent + width <= _WIDTH:
        return line
    return lines(opening, parts, closing, indent)


def lines(opening: str, parts: Iterable[str], closing: str, indent: int) -> str:
    """Return parts between brackets, each on its own line. A part may be a comment."""
    inner = _INDENT * (indent + 1)
    listed = [f"{inner}{part}{'' if part.startswith('#') else ','}" for part in parts]
    return "\n".join([opening, *listed, f"{_INDENT * indent}{closing}"])


def keywords(values: Mapping[str, Any]) -> list[str]:
    """Return plain values as keyword arguments of a call."""
    return [f"{name}={literal(value)}" for name, value in values.items()]


def parquet_columns(columns: Iterable[Mapping[str, Any]], indent: int) -> list[str]:
    """Return the columns of a schema as items of a list at that depth."""
    return [
        group("delivery.ParquetColumnArgs(", keywords(column), ")", indent + 1)
        for column in columns
    ]


def _escaped(character: str, quote: str) -> str:
    if character in {quote, "\\"}:
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]
