"""`tablestore-delivery scan`: write the tasks of an instance down, so that Pulumi adopts them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    settings,
)
from pulumi_tablestore_delivery.cli.scan_formats import Format, advice, left_out, written
from pulumi_tablestore_delivery.errors import DeliveryError


def scan(  # noqa: PLR0913 - one an option
    *,
    table: Annotated[
        list[str] | None,
        typer.Option(help="A table; may be given again. All tables by default."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write; standard output by default.", show_default=False),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
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
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Write the tasks that exist as a Pulumi program that adopts and protects them.

    A task that breaks a rule is written with an input that lets it pass.

    --json stands for --format json.

    Example: tablestore-delivery scan --output __main__.py
    """
    from pulumi_tablestore_delivery.cli.existing import existing_tasks  # noqa: PLC0415 - slow

    if output is not None and output.exists() and not force:
        raise DeliveryError(f"{output} exists: give --force to have it overwritten.")
    tasks = existing_tasks(
        settings(endpoint, instance, stack), table or [], stack, include_derived=include_derived
    )
    form = Format.JSON if as_json else form
    text = written(tasks, form, protect=protect)
    if output is None:
        sys.stdout.write(text)
    else:
        _write(output, text)
    for task in tasks:
        if task.omission:
            sys.stderr.write(f"warning: {left_out(task)}\n")
    count = sum(not task.omission for task in tasks)
    sys.stderr.write(f"{count} task{'' if count == 1 else 's'} written\n")
    if count and (hint := advice(form, protect=protect)):
        sys.stderr.write(f"{hint}\n")


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeliveryError(f"{output} cannot be written: {error.strerror}.") from None
