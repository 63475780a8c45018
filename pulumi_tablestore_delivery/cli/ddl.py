"""`tablestore-delivery ddl`: print SQL for an external table on a task's files."""

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
from pulumi_tablestore_delivery.consumers.external_table import (
    TableOptions,
    external_table,
)
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


def _require_engine(engine: str) -> str:
    if engine not in ENGINES:
        raise typer.BadParameter(f"{engine!r} is not one of {', '.join(ENGINES)}.")
    return engine


def _complete_engine() -> list[str]:
    return list(ENGINES)


def ddl(
    *,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="The table. With --file: a task in the file.",
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
            callback=_require_engine,
            autocompletion=_complete_engine,
        ),
    ] = "hive",
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The external table's name. Default: the table's name.",
            show_default=False,
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The external table's database. Default: the session's database.",
            show_default=False,
        ),
    ] = None,
    exclude_column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Leave this column of the files out of the table. May be repeated.",
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
            help="Take the task from this file, in the form that `check` reads. - is standard "
            "input.",
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
    """Print SQL for an external table on a task's files, with its partitions.

    Give an existing task (TABLE TASK), or a task in a file (--file).

    Example: tablestore-delivery ddl orders my-task --engine spark --database lake
    """
    if file is not None:
        if task is not None:
            raise typer.BadParameter("with --file, give only the name of a task in the file.")
        spec = _task_in_file(file, table)
    elif table is not None and task is not None:
        spec = _existing_task(Connection(endpoint, instance, region, profile, stack), table, task)
    else:
        raise typer.BadParameter("give TABLE and TASK, or --file.")
    external = external_table(
        spec,
        TableOptions(
            engine,
            paths.parse_moment(time),
            name,
            database,
            tuple(exclude_column or ()),
            partition_type.value,
        ),
    )
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data({**asdict(external), "script": external.script}, form)
    else:
        print_text(external.script)


def _existing_task(connection: Connection, table: str, task: str) -> DeliveryTaskDraft:
    lifecycle = connection.lifecycle()
    task_id = str(lifecycle.task_id(table, task))
    found = lifecycle.read(task_id, {})
    if found is None:
        raise TaskMissingError(task_id)
    return spec_of(found.outputs)


def _task_in_file(file: str, name: str | None) -> DeliveryTaskDraft:
    tasks = {task.name: task for task in declared_tasks(file)}
    if name is None and len(tasks) == 1:
        (name,) = tasks
    if name is None or name not in tasks:
        problem = "give the name of a task" if name is None else f"does not have a task {name!r}"
        names = ", ".join(filter(None, tasks)) or "none"
        raise ConfigurationError(f"{file}: {problem}. Tasks in the file: {names}.")
    judged = judged_task(tasks[name], "", is_unchanged=True)  # the task may exist
    if judged.errors:
        raise InvalidInputError(judged.errors)
    return judged.spec
