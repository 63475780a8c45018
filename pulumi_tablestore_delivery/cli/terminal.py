"""The one way out to the terminal. Nothing that a stranger wrote can control it.

Names and messages come from files, tables and the service. Each line is escaped here: control
characters, characters that change the direction of text, and line breaks; and what the log of a
build would take for a command, such as `::error::` of GitHub or `##vso[…]` of Azure Pipelines.
"""

from __future__ import annotations

import os
import re
import sys
from enum import Enum
from io import TextIOWrapper
from typing import Final

from pulumi_tablestore_delivery.errors import printable

_COMMAND_ANYWHERE: Final = re.compile(r"##(?=\w*\[)")
_COMMAND_AT_START: Final = re.compile(r"^( *):(?=:)")


class Color(Enum):
    """A color of text, as ANSI's number."""

    RED = 31
    GREEN = 32
    YELLOW = 33
    GRAY = 90


def use_utf8() -> None:
    """Read and write UTF-8 in every locale. No character of the output is an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")


def escaped(text: str) -> str:
    """Escape untrusted text, so that it stays on one line and cannot control a terminal."""
    return _COMMAND_ANYWHERE.sub(r"#\\x23", printable(text))


def escaped_line(text: str) -> str:
    """Escape untrusted text that begins a line."""
    return _COMMAND_AT_START.sub(r"\1\\x3a", escaped(text))


def print_line(text: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{escaped_line(text)}\n")


def print_labeled(label: str, text: str, color: Color) -> None:
    """Print one line that begins with a label, in color on a terminal."""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        label = f"\x1b[{color.value}m{escaped(label)}\x1b[0m"
        sys.stdout.write(f"{label}{escaped(text)}\n")
    else:
        print_line(f"{label}{text}")


def print_text(text: str) -> None:
    """Print the lines of a text."""
    for line in text.removesuffix("\n").split("\n"):
        print_line(line)


def print_note(text: str) -> None:
    """Print one line on stderr."""
    sys.stdout.flush()
    sys.stderr.write(f"{escaped_line(text)}\n")


def print_error(*lines: str) -> None:
    """Print the lines of an error on stderr."""
    first, *others = lines
    print_note(f"error: {first}")
    for line in others:
        print_note(line)
