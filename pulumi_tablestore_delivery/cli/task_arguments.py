"""The arguments and options that name tables and tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli.completion import complete_tables, complete_tasks

Tables = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TABLE",
        help="A table. May be repeated. Default: all tables.",
        autocompletion=complete_tables,
    ),
]
TableName = Annotated[
    str | None,
    typer.Argument(
        metavar="TABLE",
        help="The table.",
        show_default=False,
        autocompletion=complete_tables,
    ),
]
TaskName = Annotated[
    str | None,
    typer.Argument(
        metavar="TASK",
        help="A task of the table.",
        show_default=False,
        autocompletion=complete_tasks,
    ),
]
