"""`tablestore-delivery scan`: write the tasks of an instance as code that adopts them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
from pulumi_tablestore_delivery.cli.scan_formats import Format, advice, left_out, written
from pulumi_tablestore_delivery.cli.task_arguments import Tables
from pulumi_tablestore_delivery.cli.terminal import print_note, print_text
from pulumi_tablestore_delivery.errors import DeliveryError
from pulumi_tablestore_delivery.inspection.existing import existing_tasks


def scan(
    *,
    table: Tables = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file to write; standard output by default.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            *FORM_OPTIONS,
            metavar="python|yaml|json|import",
            help="python: a program. yaml, json: a file as `check` reads it. import: for "
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
    """Write the tasks that exist as a Pulumi program that adopts and protects them.

    A task that breaks a rule gets an input that lets it pass.

    Example: tablestore-delivery scan --output __main__.py
    """
    if output is not None and output.exists() and not force:
        raise DeliveryError(f"{output} exists: give --force to have it overwritten.")
    tasks = existing_tasks(
        Connection(endpoint, instance, region, profile, stack).settings(),
        table or [],
        stack,
        include_derived=include_derived,
    )
    form = Format.JSON if as_json else form
    text = written(tasks, form, protect=protect)
    if output is None:
        print_text(text)
    else:
        _write(output, text)
    for task in tasks:
        if task.omission:
            print_note(f"warning: {left_out(task)}")
    count = sum(not task.omission for task in tasks)
    print_note(f"{count} task{'' if count == 1 else 's'} written")
    if count and (hint := advice(form, protect=protect)):
        print_note(hint)


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeliveryError(f"{output} cannot be written: {error.strerror}.") from None
