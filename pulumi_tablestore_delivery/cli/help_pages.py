"""Help pages as plain text. At 80 columns, no name, metavar or choice is cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

_LABEL_WIDTH: Final = 24
"""Columns of names. The text of a longer name begins on the next line."""

_BRACES: Final = re.compile(r"\{(.+)\}(\.\.\.)?")
"""A required argument in the usage line of newer Typers."""

Row = tuple[str, str]
"""The name of a parameter or command, and its text."""


class PlainCommand(TyperCommand):
    """A command with a plain help page."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line, with required arguments as `NAME`."""
        return [_without_braces(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _write_page(self, ctx, formatter, [])


class PlainGroup(TyperGroup):
    """A group of commands with a plain help page."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line, with required arguments as `NAME`."""
        return [_without_braces(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        summaries = [(name, _summary(command.help or "")) for name, command in commands]
        _write_page(self, ctx, formatter, summaries)


def plain_application(**settings: Any) -> typer.Typer:
    """Return an application whose errors and help are plain text.

    Args:
        settings: Arguments of `typer.Typer`.
    """
    return typer.Typer(**{"cls": PlainGroup, "rich_markup_mode": None, **settings})


def _write_page(command: Any, ctx: Any, formatter: Any, commands: Sequence[Row]) -> None:
    command.format_usage(ctx, formatter)
    command.format_help_text(ctx, formatter)
    arguments: list[Row] = []
    options: list[Row] = []
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is None:
            continue
        if isinstance(parameter, TyperArgument):
            arguments.append((_argument_name(parameter), record[1]))
        else:
            options.append((_option_names(parameter), record[1]))
    for title, rows in (("Arguments", arguments), ("Options", options), ("Commands", commands)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows, col_max=_LABEL_WIDTH)


def _argument_name(argument: TyperArgument) -> str:
    name = argument.metavar or argument.name or ""
    return f"{name}..." if argument.nargs == -1 else name


def _option_names(option: Any) -> str:
    """Return an option's names and its metavar, without the type that newer Typers add."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    return f"{names} {option.metavar}" if option.metavar else names


def _summary(text: str) -> str:
    """Return the first paragraph of a help text, on one line."""
    return " ".join(text.strip().partition("\n\n")[0].split())


def _without_braces(piece: str) -> str:
    return _BRACES.sub(r"\1\2", piece)
