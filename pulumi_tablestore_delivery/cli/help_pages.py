"""Help pages as plain text. At 80 columns, no name, metavar or choice is cut."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from pulumi_tablestore_delivery.cli.arguments import EmptyValuesRefused
from pulumi_tablestore_delivery.cli.wrapping import wrap

_INDENT: Final = "  "
_GAP: Final = 2
_LABEL_WIDTH: Final = 24
"""Columns of names. The text of a longer name begins on the next line."""

_EXAMPLE: Final = "Example: "
Row = tuple[str, str]
"""The names of a parameter or a command, and its text."""


class PlainCommand(EmptyValuesRefused, TyperCommand):
    """A command with a plain help page. It refuses empty values."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line. Typer's versions write them in different ways."""
        return _usage_pieces(self, ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _write_page(self, ctx, formatter, [])


class PlainGroup(EmptyValuesRefused, TyperGroup):
    """A group of commands with a plain help page. It refuses empty values of its own options."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line. Typer's versions write them in different ways."""
        return [*_usage_pieces(self, ctx), self.subcommand_metavar]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        names = self.list_commands(ctx)
        _write_page(
            self, ctx, formatter, [(name, _summary(self.commands[name].help)) for name in names]
        )


def plain_application(**settings: Any) -> typer.Typer:
    """Return an application whose commands have plain help pages.

    Args:
        settings: The arguments of `typer.Typer`.
    """
    return typer.Typer(**{"cls": PlainGroup, "rich_markup_mode": None, **settings})


def _usage_pieces(command: Any, ctx: Any) -> list[str]:
    pieces = ["[OPTIONS]"]
    for parameter in command.get_params(ctx):
        if isinstance(parameter, TyperArgument):
            name = _argument_name(parameter)
            pieces.append(name if parameter.required else f"[{name}]")
    return pieces


def _write_page(command: Any, ctx: Any, formatter: Any, commands: Sequence[Row]) -> None:
    width: int = formatter.width
    command.format_usage(ctx, formatter)
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
    lines = _description(command.help, width)
    for title, rows in (("Arguments", arguments), ("Options", options), ("Commands", commands)):
        if rows:
            lines += ["", f"{title}:", *_table(rows, width)]
    formatter.write("".join(f"{line}\n" for line in lines))


def _description(text: str | None, width: int) -> list[str]:
    lines = []
    for paragraph in inspect.cleandoc(text or "").split("\n\n"):
        if paragraph.startswith(_EXAMPLE):
            example = paragraph.removeprefix(_EXAMPLE)
            lines += ["", _EXAMPLE.rstrip(), *wrap(example, _INDENT, _INDENT * 2, width)]
        else:
            lines += ["", *wrap(paragraph, _INDENT, _INDENT, width)]
    return lines


def _table(rows: Iterable[Row], width: int) -> list[str]:
    rows = list(rows)
    labels = min(max(len(label) for label, _ in rows), _LABEL_WIDTH)
    indent = " " * (len(_INDENT) + labels + _GAP)
    lines = []
    for label, text in rows:
        first = f"{_INDENT}{label}".ljust(len(indent))
        if len(label) > labels:
            lines.append(first)
            first = indent
        lines += wrap(text, first, indent, width)
    return lines


def _argument_name(argument: TyperArgument) -> str:
    name = argument.metavar or argument.name or ""
    return f"{name}..." if argument.nargs == -1 else name


def _option_names(option: Any) -> str:
    """Return an option's names and its metavar, without the type that newer Typers add."""
    # The names of the help option come from a set, in any order.
    names = ", ".join([*sorted(option.opts, key=len), *option.secondary_opts])
    return f"{names} {option.metavar}" if option.metavar else names


def _summary(text: str | None) -> str:
    """Return the first paragraph of a help text."""
    return inspect.cleandoc(text or "").partition("\n\n")[0]
