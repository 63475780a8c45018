"""Write SQL in the dialects of Hive, Spark and MaxCompute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_tablestore_delivery.consumers.engines import Dialect
from pulumi_tablestore_delivery.consumers.plan import TableColumn, TablePlan

_SERDE: Final = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_MAXCOMPUTE_ROLE: Final = "aliyunodpsdefaultrole"


def full_name(plan: TablePlan) -> str:
    """Return the table's quoted name, with its database if it has one."""
    return ".".join(quoted(part) for part in (plan.database, plan.name) if part)


def statements(dialect: Dialect, plan: TablePlan) -> Iterator[str]:
    """Yield the statements that make an external table and its partitions."""
    yield _create(dialect, plan)
    if not plan.partitions:
        return
    name = full_name(plan)
    if not plan.is_discoverable:
        yield _add_partition(name, plan)
    elif dialect is Dialect.MAXCOMPUTE:
        yield f"MSCK REPAIR TABLE {name} ADD PARTITIONS"
    else:
        yield f"MSCK REPAIR TABLE {name}"


def _create(dialect: Dialect, plan: TablePlan) -> str:
    name, columns = full_name(plan), plan.columns
    # A native table of Spark lists all its columns, and is external because it has a location.
    if dialect is Dialect.SPARK:
        head, stored = f"CREATE TABLE IF NOT EXISTS {name} (", ["USING PARQUET"]
        columns, by = columns + plan.partitions, [quoted(each.name) for each in plan.partitions]
    else:
        head, stored = f"CREATE EXTERNAL TABLE IF NOT EXISTS {name} (", ["STORED AS PARQUET"]
        by = [_declared(partition) for partition in plan.partitions]
    if dialect is Dialect.MAXCOMPUTE:
        stored = [*_serde(plan), *stored]
    partitioned = [f"PARTITIONED BY ({', '.join(by)})"] if by else []
    form = stored + partitioned if dialect is Dialect.SPARK else partitioned + stored
    declared = ",\n".join(f"  {_declared(column)}" for column in columns)
    return "\n".join([head, declared, ")", *form, f"LOCATION {text(plan.location)}"])


def _serde(plan: TablePlan) -> Iterator[str]:
    yield f"ROW FORMAT SERDE {text(_SERDE)}"
    if plan.account:
        role = f"acs:ram::{plan.account}:role/{_MAXCOMPUTE_ROLE}"
        yield f"WITH SERDEPROPERTIES ({text('odps.properties.rolearn')}={text(role)})"


def _add_partition(name: str, plan: TablePlan) -> str:
    columns = ", ".join(_pairs(plan.example_values, has_numbers=plan.has_numbers))
    return (
        f"ALTER TABLE {name} ADD IF NOT EXISTS\n"
        f"  PARTITION ({columns})\n"
        f"  LOCATION {text(plan.example_location)}"
    )


def _pairs(values: Mapping[str, str], *, has_numbers: bool) -> Iterator[str]:
    for column, value in values.items():
        yield f"{quoted(column)}={value if has_numbers else text(value)}"


def _declared(column: TableColumn) -> str:
    return f"{quoted(column.name)} {column.type}"


def quoted(name: str) -> str:
    """Quote a name, so that it may be a reserved word. A name does not contain backticks."""
    return f"`{name}`"


def text(value: str) -> str:
    """Return a value as a literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def comment(words: str) -> str:
    """Return text as a comment on one line.

    Spaces replace `;` and quotes, because some shells interpret them even in a comment.
    """
    return "-- " + "".join(
        character if character.isprintable() and character not in ";'\"`" else " "
        for character in words
    )
