"""Build the external table of a task's files, for each engine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_tablestore_delivery.consumers import sql, standard_sql
from pulumi_tablestore_delivery.consumers.engines import (
    ENGINES,
    PARTITION_TYPES,
    Dialect,
    Engine,
)
from pulumi_tablestore_delivery.consumers.plan import TableColumn, TablePlan
from pulumi_tablestore_delivery.errors import InvalidInputError, Violation
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.endpoints import mask_user_info
from pulumi_tablestore_delivery.spec.model import ParquetColumn, known
from pulumi_tablestore_delivery.spec.parts import columns_of
from pulumi_tablestore_delivery.spec.prefixes import Layout, Partition, fill, layout_of
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_COLUMN: Final = re.compile(r"\w+")
_PUBLIC_ENDPOINT: Final = re.compile(r"oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com")
_ROLE: Final = re.compile(r"acs:ram::(\d+):")
_LARGEST_INT: Final = (1 << 31) - 1
_LEAVE_OUT: Final = (
    "Give it another name in parquet_schema (a new task), or leave it out of the table "
    "(exclude_columns, --exclude-column)."
)


@dataclass(frozen=True)
class ExternalTable:
    """An external table.

    Attributes:
        name: Its name, with its database if it has one, quoted.
        location: The location of its files: `oss://<bucket>/<folders above the partitions>`.
        columns: Its columns, in the files' order.
        partitions: The partition columns, outermost first.
        statements: The statements, in the order in which to run them.
        notes: Notes for people. They are comments in the script.
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
        notes = "".join(sql.comment(note) + "\n" for note in self.notes)
        return notes + "\n".join(f"{statement};\n" for statement in self.statements)


@dataclass(frozen=True)
class TableOptions:
    """The options of an external table.

    Attributes:
        engine: The name of an engine, such as `hive`.
        time: The time in the example of a partition, for engines that need a statement for each
            partition.
        name: The external table's name; the Tablestore table's if None.
        database: Its database; the session's current one if None.
        exclude_columns: Columns of the files that the table does not have.
        partition_type: The type of the partition columns: `STRING` or `INT`.
    """

    engine: str
    time: datetime
    name: str | None = None
    database: str | None = None
    exclude_columns: Sequence[str] = ()
    partition_type: str = "STRING"


@dataclass(frozen=True)
class _Task:
    """The inputs of a task that an external table needs; the role is empty if it is unknown."""

    table_name: str
    oss_bucket: str
    oss_endpoint: str
    oss_prefix: str
    role_arn: str
    parquet_schema: list[ParquetColumn]


def _task(draft: DeliveryTaskDraft) -> _Task:
    table, bucket, prefix = draft.table_name, draft.oss_bucket, draft.oss_prefix
    columns = [known(column) for _, column in columns_of(draft)]
    schema = [column for column in columns if column is not None]
    if (
        is_unknown(table)
        or is_unknown(bucket)
        or is_unknown(prefix)
        or is_unknown(draft.parquet_schema)
        or len(schema) < len(draft.parquet_schema)
    ):
        raise InvalidInputError(
            [Violation("", "Set table_name, oss_bucket, oss_prefix and parquet_schema.")]
        )
    endpoint = draft.oss_endpoint
    host = "oss-<region>.aliyuncs.com" if is_unknown(endpoint) else mask_user_info(endpoint)
    role = "" if is_unknown(draft.role_arn) else draft.role_arn
    return _Task(table, bucket, host, prefix, role, schema)


def external_table(draft: DeliveryTaskDraft, options: TableOptions) -> ExternalTable:
    """Build an external table.

    Args:
        draft: The task. Its table, bucket, prefix and schema must be known; its OSS endpoint and
            role are used if they are known.
        options: The options.

    Raises:
        InvalidInputError: An external table is not possible. The error lists all reasons.
    """
    task = _task(draft)
    layout = layout_of(task.oss_prefix)
    name = task.table_name if options.name is None else options.name
    violations = list(_violations(task, options, layout, name))
    if violations:
        raise InvalidInputError(violations)
    engine = ENGINES[options.engine]
    columns = [column for column in task.parquet_schema if _included(column, options)]
    typed = tuple(TableColumn(column.name, engine.types[column.type]) for column in columns)
    partition_type = engine.partition_types[options.partition_type]
    plan = TablePlan(
        database=options.database,
        name=name,
        columns=typed,
        partitions=tuple(TableColumn(each.column, partition_type) for each in layout.partitions),
        layout=layout,
        bucket=engine.bucket.format(bucket=task.oss_bucket, endpoint=_inner_endpoint(task)),
        account=_account(task),
        is_discoverable=_is_discoverable(engine, layout),
        has_numbers=options.partition_type == "INT",
        time=options.time,
    )
    full_name, statements = _sql(engine, plan)
    return ExternalTable(
        name=full_name,
        location=plan.location,
        columns=typed,
        partitions=plan.partitions,
        statements=statements,
        notes=tuple(_notes(task, engine, plan, columns)),
    )


def _sql(engine: Engine, plan: TablePlan) -> tuple[str, tuple[str, ...]]:
    """Return the table's quoted name and its statements in the engine's dialect."""
    if engine.dialect is Dialect.DUCKDB:
        return standard_sql.full_name(plan), tuple(standard_sql.duckdb_statements(plan))
    if engine.dialect is Dialect.TRINO:
        return standard_sql.full_name(plan), tuple(standard_sql.trino_statements(plan))
    return sql.full_name(plan), tuple(sql.statements(engine.dialect, plan))


def _inner_endpoint(task: _Task) -> str:
    """Return the internal form of a task's OSS endpoint."""
    host = task.oss_endpoint.removeprefix("https://").removeprefix("http://").rstrip("/")
    region = _PUBLIC_ENDPOINT.fullmatch(host)
    return f"oss-{region[1]}-internal.aliyuncs.com" if region else host


def _account(task: _Task) -> str:
    role = _ROLE.match(task.role_arn) if task.role_arn else None
    return role[1] if role else ""


def _violations(
    task: _Task, options: TableOptions, layout: Layout, name: str
) -> Iterator[Violation]:
    for path, value in (("name", name), ("database", options.database)):
        if value is not None and not _NAME.fullmatch(value):
            yield Violation(
                path,
                f"{value!r} is not a name that every engine accepts for a table or database. Use "
                "letters, digits and underscores.",
            )
    if options.engine not in ENGINES:
        yield Violation(
            "engine",
            f"{options.engine!r} is not one of {', '.join(ENGINES)}."
            f"{suggestion(options.engine, list(ENGINES))}",
        )
        return
    yield from _partition_violations(layout.partitions)
    yield from _partition_type_violations(options, layout.partitions)
    is_trino = ENGINES[options.engine].dialect is Dialect.TRINO
    if is_trino and layout.partitions and options.database is None:
        yield Violation(
            "database",
            "is needed: Trino finds partitions by the names of schema and table. Give the schema "
            "(database, --database).",
        )
    yield from _column_violations(task, options, layout.partitions)


def _partition_violations(partitions: tuple[Partition, ...]) -> Iterator[Violation]:
    seen: dict[str, Partition] = {}
    for partition in partitions:
        if not _COLUMN.fullmatch(partition.column):
            yield Violation(
                "oss_prefix",
                f"the folder {partition.column}={partition.value} is a partition column "
                f"{partition.column!r}. Engines accept only letters, digits and underscores. "
                "Deliver to other folders.",
            )
        first = seen.setdefault(partition.column.lower(), partition)
        if first is not partition:
            yield Violation(
                "oss_prefix",
                f"has two partition columns {partition.column!r}, of {first.value} and of "
                f"{partition.value}. Deliver to folders with different names.",
            )


def _partition_type_violations(
    options: TableOptions, partitions: tuple[Partition, ...]
) -> Iterator[Violation]:
    if options.partition_type not in PARTITION_TYPES:
        yield Violation(
            "partition_type",
            f"{options.partition_type!r} is not one of {', '.join(PARTITION_TYPES)}.",
        )
    elif options.partition_type == "INT":
        for partition in partitions:
            value = fill(partition.value, options.time)
            if not (value.isascii() and value.isdecimal() and int(value) <= _LARGEST_INT):
                yield Violation(
                    "partition_type",
                    f"INT does not hold the values of {partition.column!r}, such as {value!r}. "
                    "Use STRING.",
                )


def _column_violations(
    task: _Task, options: TableOptions, partitions: tuple[Partition, ...]
) -> Iterator[Violation]:
    engine = ENGINES[options.engine]
    taken = {
        partition.column.lower(): f"a partition of {task.oss_prefix}" for partition in partitions
    }
    known = [column.name for column in task.parquet_schema]
    for name in options.exclude_columns:
        if name not in known:
            yield Violation(
                "exclude_columns",
                f"{name!r} is not a column of the files.{suggestion(name, known)}",
            )
    if set(known) <= set(options.exclude_columns):
        yield Violation(
            "parquet_schema", "leaves the table without columns. It needs at least one."
        )
    for index, column in enumerate(task.parquet_schema):
        if not _included(column, options):
            continue
        path = f"parquet_schema[{index}]"
        if column.type not in engine.types:
            yield Violation(
                f"{path}.type",
                f"{engine.title} does not have a clear type for {column.type}. Leave "
                f"{column.name!r} out of the table (exclude_columns, --exclude-column).",
            )
        if not _COLUMN.fullmatch(column.name):
            yield Violation(
                f"{path}.name",
                f"{column.name!r} has characters that some engines do not accept in a column's "
                f"name. {_LEAVE_OUT}",
            )
        if column.name.lower() in taken:
            yield Violation(
                f"{path}.name",
                f"{column.name!r} is also the name of {taken[column.name.lower()]}. Engines do "
                f"not distinguish upper and lower case. {_LEAVE_OUT}",
            )
        taken.setdefault(column.name.lower(), path)


def _is_discoverable(engine: Engine, layout: Layout) -> bool:
    # Hive converts names to lower case. Then not every version finds a folder Year=2020.
    return layout.is_hive and (
        engine.keeps_case
        or all(partition.column == partition.column.lower() for partition in layout.partitions)
    )


def _notes(
    task: _Task, engine: Engine, plan: TablePlan, columns: list[ParquetColumn]
) -> Iterator[str]:
    yield (
        f"{engine.title}: the Tablestore table {task.table_name}, delivered to "
        f"oss://{task.oss_bucket}/{task.oss_prefix}"
    )
    yield engine.access.format(endpoint=task.oss_endpoint)
    is_added_singly = bool(plan.partitions) and not plan.is_discoverable
    if not plan.layout.location and not is_added_singly:
        yield "The location is the whole bucket: do not keep other objects in it."
    if plan.partitions:
        if plan.has_numbers:
            yield "Partition columns are numbers: month=02 is 2. Their time is UTC (assumed)."
        else:
            yield (
                "Partition columns are STRING, because folders have leading zeros. Their time is "
                "UTC (assumed)."
            )
        yield _about_new_folders(engine, plan)
    has_upper_case = any(column.name != column.name.lower() for column in columns)
    if engine.dialect is Dialect.HIVE and has_upper_case:
        yield "Hive converts column names to lower case, and still finds them in the files."
    if engine.dialect is Dialect.MAXCOMPUTE and has_upper_case:
        yield (
            "MaxCompute does not distinguish upper and lower case in column names, and still finds "
            "them in the files (assumed)."
        )
    if engine.dialect is Dialect.TRINO:
        yield "Trino converts column names to lower case, and still finds them in the files."
    yield from dict.fromkeys(
        engine.type_notes[column.type] for column in columns if column.type in engine.type_notes
    )


def _about_new_folders(engine: Engine, plan: TablePlan) -> str:
    if engine.dialect is Dialect.DUCKDB:
        return "DuckDB finds new folders by itself."
    if engine.dialect is Dialect.TRINO:
        return (
            "sync_partition_metadata finds new folders: run it on a schedule."
            if plan.is_discoverable
            else "sync_partition_metadata cannot find these folders. Each needs a "
            "register_partition, as in the example below. The catalog must allow it: "
            "hive.allow-register-partition-procedure=true."
        )
    return (
        "MSCK REPAIR TABLE finds new folders: run it on a schedule."
        if plan.is_discoverable
        else "MSCK REPAIR TABLE cannot find these folders. Each needs an ADD PARTITION, as in the "
        "example below."
    )


def _included(column: ParquetColumn, options: TableOptions) -> bool:
    return column.name not in options.exclude_columns
