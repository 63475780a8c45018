"""The commands. Each is a module of its own, which is imported when its command runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.cli.terminal import print_line, print_text

_HELP: Final = {"help_option_names": ["-h", "--help"]}
_TYPERS_WORDS: Final = ": Value error, "
_USAGE_ERROR: Final[type[Any]] = typer.BadParameter.__mro__[1]
"""A mistake in the arguments. Typer's versions have this class in different modules."""


@dataclass(frozen=True)
class Command:
    """A command that is not imported yet.

    Attributes:
        function: Its function or its Typer application, as `module.name` in this package.
        summary: The first line of its help.
    """

    function: str
    summary: str

    def load(self, name: str) -> Any:
        """Import the command's module."""
        module, _, attribute = self.function.rpartition(".")
        found = getattr(import_module(f"{__package__}.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(name)(found)
            command = typer.main.get_command(alone)
        _hide_types(command)
        return command


COMMANDS: Final[Mapping[str, Command]] = {
    "list": Command(
        "list.list_tasks", "List the delivery tasks of an instance, and the state of each."
    ),
    "status": Command(
        "status.status",
        "Show the state of delivery tasks: one, a table's, a stack's, or all of the instance.",
    ),
    "wait": Command(
        "wait.wait",
        "Wait until delivery tasks are healthy: one, a table's, a stack's, or all of the instance.",
    ),
    "verify": Command(
        "verify.verify", "Compare rows of a table with the rows of the delivered files."
    ),
    "exporter": Command(
        "exporter.exporter",
        "Serve the state of delivery tasks to Prometheus, until Ctrl-C or SIGTERM.",
    ),
    "diff": Command(
        "diff.diff", "Compare the delivery tasks in the states of two stacks, field by field."
    ),
    "check": Command(
        "check.check", "Check the tasks in files against all rules, offline: no keys, no service."
    ),
    "scan": Command(
        "scan.scan",
        "Write the tasks that exist as a Pulumi program that adopts and protects them.",
    ),
    "infer-schema": Command(
        "infer_schema.infer_schema", "Read some rows of a table and propose a parquet_schema."
    ),
    "paths": Command(
        "paths.paths",
        "Show example keys of a prefix's objects, and how to list a period's objects.",
    ),
    "ddl": Command(
        "ddl.ddl",
        "Print SQL for an external table on top of what a task delivers, with its partitions.",
    ),
    "policy": Command(
        "policy.app",
        "Print RAM policies with the least that delivery needs, and the source of each statement.",
    ),
    "doctor": Command(
        "doctor.doctor",
        "Find out why deployments would fail: one line for each check, with the remedy.",
    ),
    "emulator": Command(
        "emulator.app", "Serve an emulated Tablestore and OSS until SIGTERM or Ctrl-C."
    ),
}
"""Every command by its name, in the order of the help."""


def _hide_types(command: Any) -> None:
    """Leave Python's types out of the help of arguments and flags, which newer Typers show."""
    get_params = command.get_params
    command.get_params = lambda ctx: _without_types(get_params(ctx))  # with the help option
    for subcommand in getattr(command, "commands", {}).values():
        _hide_types(subcommand)


def _without_types(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if parameter.param_type_name == "argument" or parameter.is_flag:
            parameter.display_type_rich = lambda *_, **__: None
    return parameters


class _LazyGroup(TyperGroup):
    """A group that knows its commands' names and summaries, and imports the one that runs."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _without_types(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            command = COMMANDS[str(name)].load(str(name))
        return name, command, rest


def run() -> int:
    """Run the command that the program's arguments name; return its exit code."""
    try:
        code = _application()(standalone_mode=False)
    except _USAGE_ERROR as error:
        return _usage_error(error)
    except typer.Abort:
        return exits.FAILED
    return code if isinstance(code, int) else 0


def _usage_error(error: Any) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":  # newer versions raise it to show the help
        print_text(error.format_message())
        return exits.USAGE
    hints = []
    if error.ctx is not None:
        hints = [error.ctx.get_usage(), f"Try '{error.ctx.command_path} --help' for help."]
    message = error.format_message().replace(_TYPERS_WORDS, ": ", 1)
    return fail(exits.USAGE, message, hints=hints)


def _application() -> typer.Typer:
    application = typer.Typer(
        name="tablestore-delivery",
        cls=_LazyGroup,
        help="Alibaba Cloud Tablestore delivery tasks, and an emulator of them.",
        no_args_is_help=True,
        context_settings=dict(_HELP),
        pretty_exceptions_show_locals=False,  # they may be secrets
    )
    application.callback()(_options)
    for name, command in COMMANDS.items():
        application.command(name, help=command.summary)(_placeholder)
    return application


def _placeholder() -> None:
    """Stand for a command in the help of all commands."""


def _print_version(is_asked: bool) -> None:  # noqa: FBT001 - typer calls it
    if is_asked:
        print_line(metadata.version("pulumi-tablestore-delivery"))
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass
