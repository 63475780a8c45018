"""An external table on top of what a task delivers, for Hive, Spark and EMR."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_tablestore_delivery.consumers.engines import ENGINES, Engine
from pulumi_tablestore_delivery.consumers.sql import (
    TableColumn,
    add_partition,
    comment,
    create_table,
    quoted,
)
from pulumi_tablestore_delivery.errors import InvalidInputError, Violation
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, ParquetColumn, is_known
from pulumi_tablestore_delivery.spec.prefixes import Layout, Partition, fill, layout_of
from pulumi_tablestore_delivery.spec.properties import suggestion

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_COLUMN: Final = re.compile(r"\w+")
_LEAVE_OUT: Final = (
    "Give it another name in parquet_schema (a new task), or leave it out of the table "
    "(exclude_columns, --exclude-column)."
)


@dataclass(frozen=True)
class ExternalTable:
    """An external table.

    Attributes:
        name: Its name, with its database if it has one, quoted.
        location: Where its files are: `oss://<bucket>/<folders above the partitions>`.
        columns: Its columns, in the files' order.
        partitions: The partition columns, outermost first.
        statements: What to run, in order.
        notes: What to know; they are comments in the script.
    """

    name: str
    location: str
    columns: tuple[TableColumn, ...]
    partitions: tuple[TableColumn, ...]
    statements: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def script(self) -> str:
        """Notes and statements as one text that the engine's shell runs."""
        notes = "".join(comment(note) + "\n" for note in self.notes)
        return notes + "\n".join(f"{statement};\n" for statement in self.statements)


@dataclass(frozen=True)
class TableOptions:
    """How the table is to be.

    Attributes:
        engine: `hive`, `spark` or `emr`.
        name: Its name; the Tablestore table's if None.
        database: Its database; the session's current one if None.
        exclude_columns: Columns of the files that the table does not have.
        time: The moment of the example, where partitions have to be added one by one.
    """

    engine: str
    time: datetime
    name: str | None = None
    database: str | None = None
    exclude_columns: Sequence[str] = ()


def external_table(task: DeliveryTaskSpec, options: TableOptions) -> ExternalTable:
    """Makes the table.

    Args:
        task: The task; its table, bucket, prefix and schema count, and its OSS endpoint if known.
        options: How the table is to be.

    Raises:
        InvalidInputError: There is no such table; carries all that is wrong.
    """
    layout = layout_of(task.oss_prefix)
    name = task.table_name if options.name is None else options.name
    violations = list(_violations(task, options, layout, name))
    if violations:
        raise InvalidInputError(violations)
    engine = ENGINES[options.engine]
    columns = [column for column in task.parquet_schema if _included(column, options)]
    typed = tuple(TableColumn(column.name, engine.types[column.type]) for column in columns)
    partitions = tuple(TableColumn(each.column, "STRING") for each in layout.partitions)
    full_name = ".".join(quoted(part) for part in (options.database, name) if part)
    location = f"oss://{task.oss_bucket}/{layout.location}"
    discoverable = _discoverable(engine, layout)
    statements = [create_table(engine, full_name, typed, partitions, location)]
    if partitions:
        statements.append(
            f"MSCK REPAIR TABLE {full_name}"
            if discoverable
            else add_partition(
                full_name,
                {each.column: fill(each.value, options.time) for each in layout.partitions},
                f"oss://{task.oss_bucket}/{fill(layout.folder, options.time)}",
            )
        )
    return ExternalTable(
        name=full_name,
        location=location,
        columns=typed,
        partitions=partitions,
        statements=tuple(statements),
        notes=tuple(_notes(task, engine, layout, columns, discoverable=discoverable)),
    )


def _violations(
    task: DeliveryTaskSpec, options: TableOptions, layout: Layout, name: str
) -> Iterator[Violation]:
    for path, value in (("name", name), ("database", options.database)):
        if value is not None and not _NAME.fullmatch(value):
            yield Violation(
                path,
                f"{value!r} is no name of a table or database for Hive and Spark. Use letters, "
                "digits and underscores.",
            )
    if options.engine not in ENGINES:
        yield Violation(
            "engine",
            f"{options.engine!r} is none of {', '.join(ENGINES)}."
            f"{suggestion(options.engine, list(ENGINES))}",
        )
        return
    yield from _partition_violations(layout.partitions)
    yield from _column_violations(task, options, layout.partitions)


def _partition_violations(partitions: tuple[Partition, ...]) -> Iterator[Violation]:
    seen: dict[str, Partition] = {}
    for partition in partitions:
        if not _COLUMN.fullmatch(partition.column):
            yield Violation(
                "oss_prefix",
                f"the folder {partition.column}={partition.value} would make a partition column "
                f"{partition.column!r}, and engines take letters, digits and underscores only. "
                "Deliver to other folders.",
            )
        first = seen.setdefault(partition.column.lower(), partition)
        if first is not partition:
            yield Violation(
                "oss_prefix",
                f"has two partition columns {partition.column!r}, of {first.value} and of "
                f"{partition.value}. Deliver to folders with different names.",
            )


def _column_violations(
    task: DeliveryTaskSpec, options: TableOptions, partitions: tuple[Partition, ...]
) -> Iterator[Violation]:
    engine = ENGINES[options.engine]
    taken = {
        partition.column.lower(): f"a partition of {task.oss_prefix}" for partition in partitions
    }
    known = [column.name for column in task.parquet_schema]
    for name in options.exclude_columns:
        if name not in known:
            yield Violation(
                "exclude_columns", f"{name!r} is no column of the files.{suggestion(name, known)}"
            )
    if set(known) <= set(options.exclude_columns):
        yield Violation("parquet_schema", "leaves no column for the table. It needs one.")
    for index, column in enumerate(task.parquet_schema):
        if not _included(column, options):
            continue
        path = f"parquet_schema[{index}]"
        if column.type not in engine.types:
            yield Violation(
                f"{path}.type",
                f"{engine.title} has no clear type for {column.type}. Leave {column.name!r} out of "
                "the table (exclude_columns, --exclude-column).",
            )
        if not _COLUMN.fullmatch(column.name):
            yield Violation(
                f"{path}.name",
                f"{column.name!r} has characters that not every engine takes in a column's name. "
                f"{_LEAVE_OUT}",
            )
        if column.name.lower() in taken:
            yield Violation(
                f"{path}.name",
                f"{column.name!r} is the name of {taken[column.name.lower()]} too, upper and "
                f"lower case being the same. {_LEAVE_OUT}",
            )
        taken.setdefault(column.name.lower(), path)


def _discoverable(engine: Engine, layout: Layout) -> bool:
    # Hive keeps names in lower case, and not every version finds a folder Year=2020 by it.
    return layout.is_hive and (
        engine.is_spark
        or all(partition.column == partition.column.lower() for partition in layout.partitions)
    )


def _notes(
    task: DeliveryTaskSpec,
    engine: Engine,
    layout: Layout,
    columns: list[ParquetColumn],
    *,
    discoverable: bool,
) -> Iterator[str]:
    yield (
        f"{engine.title}: the table {task.table_name} of Tablestore, as delivered to "
        f"oss://{task.oss_bucket}/{task.oss_prefix}"
    )
    endpoint = task.oss_endpoint if is_known(task.oss_endpoint) else "oss-<region>.aliyuncs.com"
    yield engine.access.format(endpoint=endpoint)
    if not layout.location and (discoverable or not layout.partitions):
        yield "The location is the whole bucket: keep everything else out of it."
    if layout.partitions:
        yield (
            "Partition columns are STRING, because folders have leading zeros. Their time is UTC "
            "(assumed)."
        )
        yield (
            "MSCK REPAIR TABLE finds new folders: run it again, by the clock, as they appear."
            if discoverable
            else "MSCK REPAIR TABLE cannot find these folders: each needs its own ADD PARTITION, "
            "of which one is shown."
        )
    if not engine.is_spark and any(column.name != column.name.lower() for column in columns):
        yield "Hive keeps column names in lower case and finds them in the files all the same."
    yield from dict.fromkeys(
        engine.type_notes[column.type] for column in columns if column.type in engine.type_notes
    )


def _included(column: ParquetColumn, options: TableOptions) -> bool:
    return column.name not in options.exclude_columns
