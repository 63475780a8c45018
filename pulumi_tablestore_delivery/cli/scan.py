"""`tablestore-delivery scan`: write a program that adopts the tasks of an instance."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import FORM_OPTIONS
from pulumi_tablestore_delivery.cli.forms import AsJson
from pulumi_tablestore_delivery.cli.scan_formats import (
    Format,
    advice,
    describe_omissions,
    write_tasks,
)
from pulumi_tablestore_delivery.cli.task_arguments import Tables
from pulumi_tablestore_delivery.cli.terminal import print_note, print_text
from pulumi_tablestore_delivery.errors import DeliveryError
from pulumi_tablestore_delivery.inspection.existing import ExistingTask, existing_tasks


def scan(
    *,
    table: Tables = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file to write. Default: standard output.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            *FORM_OPTIONS,
            metavar="python|yaml|json|import",
            help="python: a program. yaml or json: a file for `check`. import: a file for "
            "`pulumi import --file` and the native provider.",
        ),
    ] = Format.PYTHON,
    protect: Annotated[
        bool,
        typer.Option(
            "--protect/--no-protect",
            help="Protect the tasks from deletion and replacement (protect=True).",
        ),
    ] = True,
    include_derived: Annotated[
        bool,
        typer.Option(
            "--include-derived",
            help="Also write tasks whose name this package derived. Another stack may manage them.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Write a Pulumi program that adopts and protects the existing tasks.

    A task that breaks a rule gets the input that allows it.

    Exit code 3: there is nothing to write. No file is written then.

    Example: tablestore-delivery scan --output __main__.py
    """
    if output is not None and output.exists() and not force:
        raise DeliveryError(f"{output} exists. Give --force to overwrite it.")
    tasks = existing_tasks(
        Connection(endpoint, instance, region, profile, stack).settings(),
        table or [],
        stack,
        include_derived=include_derived,
    )
    form = Format.JSON if as_json else form
    count = sum(not task.omission for task in tasks)
    if output is not None:
        if count:
            _write(output, write_tasks(tasks, form, protect=protect))
    elif count or form is not Format.PYTHON:  # programs that read data expect a document
        print_text(write_tasks(tasks, form, protect=protect))
    has_comments = count and output is None and sys.stdout.isatty() and form.has_comments
    if not has_comments:  # they give the same reasons
        for line in describe_omissions(tasks):
            print_note(f"warning: {line}")
    if not count:
        print_note(_why_nothing_is_written(tasks, table or []))
        raise typer.Exit(exits.NO)
    print_note(f"{count} task{'' if count == 1 else 's'} written")
    if hint := advice(form, protect=protect):
        print_note(hint)


def _why_nothing_is_written(tasks: Sequence[ExistingTask], tables: Sequence[str]) -> str:
    if tasks:
        return "Nothing is written, because every task is left out."
    where = f"table {', '.join(tables)}" if tables else "the instance"
    return f"Nothing is written, because {where} does not have delivery tasks."


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeliveryError(f"{output} cannot be written: {error.strerror}.") from None
