"""Print to the terminal. Untrusted text is escaped, so it cannot control the terminal or a build.

Names and messages come from files, tables and the service. Each line is escaped here: control
characters, line breaks, characters that change the direction of text, and commands in the log of a
build, such as `::error::` of GitHub or `##vso[…]` of Azure Pipelines.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from enum import Enum
from io import TextIOWrapper
from pathlib import Path
from typing import Final, Literal, TextIO

from pulumi_tablestore_delivery.cli.wrapping import wrap
from pulumi_tablestore_delivery.errors import printable

_COMMAND_ANYWHERE: Final = re.compile(r"##(?=\w*\[)")
_COMMAND_AT_START: Final = re.compile(r"^( *):(?=:)")
_CONTINUATION: Final = 2
"""Columns before the continuation of a line that a terminal is too narrow for."""


class Color(Enum):
    """A color of text, by its ANSI code."""

    RED = 31
    GREEN = 32
    YELLOW = 33
    GRAY = 90


def use_utf8() -> None:
    """Read and write UTF-8 in every locale. No character of the output raises an error."""
    # A stream that was closed before the process began is None.
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")


def _nowhere(mode: Literal["r", "w"]) -> TextIOWrapper:
    return Path(os.devnull).open(mode, encoding="utf-8")


def escaped(text: str) -> str:
    """Escape untrusted text, so that it stays on one line and cannot control a terminal."""
    return _COMMAND_ANYWHERE.sub(r"#\\x23", printable(text))


def escaped_line(text: str) -> str:
    """Escape untrusted text that begins a line."""
    return _COMMAND_AT_START.sub(r"\1\\x3a", escaped(text))


def print_line(text: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{escaped_line(text)}\n")


def print_labeled(label: str, text: str, color: Color, indent: int) -> None:
    """Print a text after a label. A terminal shows the label in color, and no broken words.

    Args:
        label: The beginning of the line.
        text: The rest of the line.
        color: The label's color.
        indent: The column at which the text continues on a terminal's next line.
    """
    if not sys.stdout.isatty():
        print_line(f"{label}{text}")
        return
    label = escaped_line(label)
    first, *others = _wrapped(f"{label}{escaped(text)}", indent)
    if "NO_COLOR" not in os.environ:
        first = f"\x1b[{color.value}m{label}\x1b[0m{first.removeprefix(label)}"
    for line in (first, *others):
        sys.stdout.write(f"{line}\n")


def print_prose(text: str) -> None:
    """Print a text for people. A terminal breaks it between words."""
    for line in _lines_for(sys.stdout, text):
        sys.stdout.write(f"{line}\n")


def print_text(text: str) -> None:
    """Print the lines of a text."""
    for line in text.removesuffix("\n").split("\n"):
        print_line(line)


def print_note(text: str) -> None:
    """Print a text for people on stderr. A terminal breaks it between words."""
    sys.stdout.flush()
    for line in _lines_for(sys.stderr, text):
        sys.stderr.write(f"{line}\n")


def print_error(*lines: str) -> None:
    """Print the lines of an error on stderr."""
    first, *others = lines
    print_note(f"error: {first}")
    for line in others:
        print_note(line)


def _lines_for(stream: TextIO, text: str) -> list[str]:
    """Return a safe text as lines that fit the stream's terminal; one line without a terminal."""
    line = escaped_line(text)
    if not stream.isatty():
        return [line]
    return _wrapped(line, len(line) - len(line.lstrip()) + _CONTINUATION)


def _wrapped(line: str, indent: int) -> list[str]:
    lines = wrap(line, "", " " * indent, shutil.get_terminal_size().columns)
    return [escaped_line(each) for each in lines]
