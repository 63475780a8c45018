"""The application and its commands. A command is a module, imported when the command runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.cli.help_pages import (
    PlainCommand,
    PlainGroup,
    plain_application,
)
from pulumi_tablestore_delivery.cli.terminal import print_line, print_text

_HELP: Final = {"help_option_names": ["-h", "--help"]}
_VALUE_ERROR: Final = ": Value error, "
"""Newer versions of Typer write this before the message of a wrong value."""

_USAGE_ERROR: Final[type[Any]] = typer.BadParameter.__mro__[1]
"""The base class of usage errors. Its module differs between versions of Typer."""


@dataclass(frozen=True)
class Command:
    """A command that is imported when it runs.

    Attributes:
        function: The command's function or Typer application, as `module.name` in this package.
        summary: The first line of its help page.
    """

    function: str
    summary: str

    def load(self, name: str) -> Any:
        """Import the command's module."""
        module, _, attribute = self.function.rpartition(".")
        found = getattr(import_module(f"{__package__}.{module}"), attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_group(found)
        application = plain_application(add_completion=False)
        application.command(name, cls=PlainCommand)(found)
        return typer.main.get_command(application)


COMMANDS: Final[Mapping[str, Command]] = {
    "list": Command(
        "list.list_tasks", "List the delivery tasks of an instance, and the state of each task."
    ),
    "status": Command(
        "status.status",
        "Show the state of delivery tasks: one, a table's, a stack's, or all of the instance.",
    ),
    "wait": Command(
        "wait.wait",
        "Wait until delivery tasks are ready: one, a table's, a stack's, or all of the instance.",
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
        "check.check",
        "Check the tasks in files against all rules, without keys and without the service.",
    ),
    "scan": Command(
        "scan.scan",
        "Write a Pulumi program that adopts and protects the existing tasks.",
    ),
    "infer-schema": Command(
        "infer_schema.infer_schema", "Read some rows of a table and propose a parquet_schema."
    ),
    "paths": Command(
        "paths.paths",
        "Show example keys of a prefix's objects, and how to list the objects of a period.",
    ),
    "ddl": Command(
        "ddl.ddl",
        "Print SQL for an external table on a task's files, with its partitions.",
    ),
    "policy": Command(
        "policy.app",
        "Print least-privilege RAM policies, with the source of each statement.",
    ),
    "doctor": Command(
        "doctor.doctor",
        "Find out why deployments would fail. Each problem has a remedy.",
    ),
    "emulator": Command(
        "emulator.app", "Serve an emulated Tablestore and OSS, until Ctrl-C or SIGTERM."
    ),
}
"""Every command by its name, in the order of the help."""


class _LazyGroup(PlainGroup):
    """A group that imports only the command that runs."""

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
    message = error.format_message().replace(_VALUE_ERROR, ": ", 1)
    return fail(exits.USAGE, message, hints=hints)


def _application() -> typer.Typer:
    application = plain_application(
        name="tablestore-delivery",
        cls=_LazyGroup,
        help="Manage Alibaba Cloud Tablestore delivery tasks, and emulate the service.",
        no_args_is_help=True,
        context_settings=dict(_HELP),
        pretty_exceptions_show_locals=False,  # local variables may hold secrets
    )
    application.callback()(_options)
    for name, command in COMMANDS.items():
        application.command(name, help=command.summary)(_placeholder)
    return application


def _placeholder() -> None:
    """Stand in for a command on the help page of all commands."""


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
