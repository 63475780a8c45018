"""`tablestore-delivery ddl`: print an external table on top of the files of a task."""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli import paths
from pulumi_tablestore_delivery.cli.completion import complete_tables
from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.task_arguments import TaskName
from pulumi_tablestore_delivery.cli.terminal import print_text
from pulumi_tablestore_delivery.consumers.engines import ENGINES
from pulumi_tablestore_delivery.consumers.external_table import TableOptions, external_table
from pulumi_tablestore_delivery.errors import (
    ConfigurationError,
    InvalidInputError,
    TaskMissingError,
)
from pulumi_tablestore_delivery.inspection.spec_files import declared_tasks, judged_task
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.properties import spec_of


class PartitionType(str, Enum):
    """The types that partition columns may have."""

    STRING = "STRING"
    INT = "INT"


def _known_engine(engine: str) -> str:
    if engine not in ENGINES:
        raise typer.BadParameter(f"{engine!r} is not one of {', '.join(ENGINES)}.")
    return engine


def _engines() -> list[str]:
    return list(ENGINES)


def ddl(
    *,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="The table; with --file, a task of the file.",
            show_default=False,
            autocompletion=complete_tables,
        ),
    ] = None,
    task: TaskName = None,
    engine: Annotated[
        str,
        typer.Option(
            metavar="|".join(ENGINES),
            help="The engine that reads the table.",
            callback=_known_engine,
            autocompletion=_engines,
        ),
    ] = "hive",
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The external table's name; the table's by default.",
            show_default=False,
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Its database; the session's by default.", show_default=False
        ),
    ] = None,
    exclude_column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="A column of the files to leave out of the table; may be repeated.",
            show_default=False,
        ),
    ] = None,
    partition_type: Annotated[
        PartitionType,
        typer.Option(
            metavar="STRING|INT", help="The type of partition columns.", case_sensitive=False
        ),
    ] = PartitionType.STRING,
    time: paths.Time = None,
    file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Take the task from a file as `check` reads it; - is standard input.",
            show_default=False,
        ),
    ] = None,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Print SQL for an external table on top of what a task delivers, with its partitions.

    Takes a task that exists (TABLE TASK), or one of a file.

    Example: tablestore-delivery ddl orders my-task --engine spark --database lake
    """
    if file is not None:
        if task is not None:
            raise typer.BadParameter("with --file, name a task of the file and no more.")
        spec = _declared(file, table)
    elif table is not None and task is not None:
        spec = _existing(Connection(endpoint, instance, region, profile, stack), table, task)
    else:
        raise typer.BadParameter("name TABLE and TASK, or a --file.")
    made = external_table(
        spec,
        TableOptions(
            engine,
            paths.moment(time),
            name,
            database,
            tuple(exclude_column or ()),
            partition_type.value,
        ),
    )
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data({**asdict(made), "script": made.script}, form)
    else:
        print_text(made.script)


def _existing(connection: Connection, table: str, task: str) -> DeliveryTaskDraft:
    lifecycle = connection.lifecycle()
    task_id = str(lifecycle.task_id(table, task))
    found = lifecycle.read(task_id, {})
    if found is None:
        raise TaskMissingError(task_id)
    return spec_of(found.outputs)


def _declared(file: str, name: str | None) -> DeliveryTaskDraft:
    tasks = {task.name: task for task in declared_tasks(file)}
    if name is None and len(tasks) == 1:
        (name,) = tasks
    if name is None or name not in tasks:
        raise ConfigurationError(
            f"{file}: name one of its tasks: {', '.join(filter(None, tasks)) or 'there are none'}."
        )
    judged = judged_task(tasks[name], "", is_unchanged=True)  # the task may exist
    if judged.errors:
        raise InvalidInputError(judged.errors)
    return judged.spec
