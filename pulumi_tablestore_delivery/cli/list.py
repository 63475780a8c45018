"""`tablestore-delivery list`: the tasks there are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli import tasks
from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    connected,
)
from pulumi_tablestore_delivery.cli.output import print_json, print_table


def list_tasks(
    *,
    table: Annotated[
        list[str] | None,
        typer.Option(help="A table; may be given again. All tables by default."),
    ] = None,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """List the delivery tasks of an instance, and how each is doing."""
    lifecycle = connected(endpoint, instance, stack)
    rows = [
        row
        for name in table or (None,)
        for row in tasks.selected(lifecycle, name, None, None).rows(lifecycle)
        if row.phase  # not gone meanwhile
    ]
    if as_json:
        print_json([asdict(row) for row in rows])
    elif rows:
        print_table(*tasks.cells(rows))
    else:
        typer.echo("There are no delivery tasks.")
