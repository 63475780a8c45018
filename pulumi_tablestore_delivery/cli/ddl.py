"""`tablestore-delivery ddl`: an external table on top of what a task delivers."""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_tablestore_delivery.cli import paths
from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    connected,
)
from pulumi_tablestore_delivery.cli.output import print_json
from pulumi_tablestore_delivery.errors import ConfigurationError, InvalidInputError

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft


class EngineName(str, Enum):
    """The engines that there are tables for."""

    HIVE = "hive"
    SPARK = "spark"
    EMR = "emr"
    DUCKDB = "duckdb"
    TRINO = "trino"
    MAXCOMPUTE = "maxcompute"


class PartitionType(str, Enum):
    """The types that partition columns may have."""

    STRING = "STRING"
    INT = "INT"


def ddl(  # noqa: PLR0913 - one a setting
    *,
    table: Annotated[
        str | None,
        typer.Argument(help="The table; with --file, a task of the file.", show_default=False),
    ] = None,
    task: Annotated[str | None, typer.Argument(help="The task.", show_default=False)] = None,
    engine: Annotated[EngineName, typer.Option(help="Who reads the table.")] = EngineName.HIVE,
    name: Annotated[
        str | None,
        typer.Option(help="The external table's name; the table's by default.", show_default=False),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Its database; the session's by default.", show_default=False),
    ] = None,
    exclude_column: Annotated[
        list[str] | None,
        typer.Option(
            help="A column of the files that the table does not have; may be given again.",
            show_default=False,
        ),
    ] = None,
    partition_type: Annotated[
        PartitionType,
        typer.Option(help="The type of partition columns.", case_sensitive=False),
    ] = PartitionType.STRING,
    time: paths.Time = None,
    file: Annotated[
        str | None,
        typer.Option(
            help="Take the task from a file of specs (see check), - for standard input.",
            show_default=False,
        ),
    ] = None,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Print SQL for an external table on top of what a task delivers, with its partitions.

    Takes a task that exists (TABLE TASK), or one of a file.

    Example: tablestore-delivery ddl orders my-task --engine spark --database lake
    """
    # Not at the top: slow to import.
    from pulumi_tablestore_delivery.consumers.external_table import (  # noqa: PLC0415
        TableOptions,
        external_table,
    )

    if file is not None:
        if task is not None:
            raise typer.BadParameter("with --file, name a task of the file and no more.")
        spec = _declared(file, table)
    elif table is not None and task is not None:
        spec = _existing(table, task, endpoint, instance, stack)
    else:
        raise typer.BadParameter("name TABLE and TASK, or a --file.")
    made = external_table(
        spec,
        TableOptions(
            engine.value,
            paths.moment(time),
            name,
            database,
            tuple(exclude_column or ()),
            partition_type.value,
        ),
    )
    if as_json:
        print_json({**asdict(made), "script": made.script})
    else:
        typer.echo(made.script, nl=False)


def _existing(
    table: str, task: str, endpoint: str | None, instance: str | None, stack: str | None
) -> DeliveryTaskDraft:
    from pulumi_tablestore_delivery.spec.properties import spec_of  # noqa: PLC0415 - slow to import

    lifecycle = connected(endpoint, instance, stack)
    named = lifecycle.task_id(table, task)
    found = lifecycle.read(str(named), {})
    if found is None:
        raise ConfigurationError(f"{named}: there is no such delivery task, or no such table.")
    return spec_of(found.outputs)


def _declared(file: str, name: str | None) -> DeliveryTaskDraft:
    # Not at the top: slow to import.
    from pulumi_tablestore_delivery.inspection.spec_files import declared_tasks, judged_task  # noqa: PLC0415

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
