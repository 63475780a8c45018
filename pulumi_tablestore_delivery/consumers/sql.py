"""SQL in the dialects of Hive and Spark, as text: names and values quoted, comments harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_tablestore_delivery.consumers.engines import Engine


@dataclass(frozen=True)
class TableColumn:
    """A column of an external table: its name and its type."""

    name: str
    type: str

    def __str__(self) -> str:
        return f"{quoted(self.name)} {self.type}"


def create_table(
    engine: Engine,
    name: str,
    columns: tuple[TableColumn, ...],
    partitions: tuple[TableColumn, ...],
    location: str,
) -> str:
    """The statement that makes an external table of Parquet files."""
    # A native table of Spark lists all its columns, and is external because it has a location.
    if engine.is_spark:
        head, stored = f"CREATE TABLE IF NOT EXISTS {name} (", ["USING PARQUET"]
        columns, by = columns + partitions, [quoted(partition.name) for partition in partitions]
    else:
        head, stored = f"CREATE EXTERNAL TABLE IF NOT EXISTS {name} (", ["STORED AS PARQUET"]
        by = [str(partition) for partition in partitions]
    partitioned = [f"PARTITIONED BY ({', '.join(by)})"] if by else []
    form = stored + partitioned if engine.is_spark else partitioned + stored
    declared = ",\n".join(f"  {column}" for column in columns)
    return "\n".join([head, declared, ")", *form, f"LOCATION {text(location)}"])


def add_partition(name: str, values: Mapping[str, str], location: str) -> str:
    """The statement that adds one partition, with the columns' values, to a table."""
    columns = ", ".join(f"{quoted(column)}={text(value)}" for column, value in values.items())
    return (
        f"ALTER TABLE {name} ADD IF NOT EXISTS\n"
        f"  PARTITION ({columns})\n"
        f"  LOCATION {text(location)}"
    )


def quoted(name: str) -> str:
    """A name in backticks, of which it has none: reserved words are names like others."""
    return f"`{name}`"


def text(value: str) -> str:
    """A value as a literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def comment(words: str) -> str:
    """A comment that cannot be ended; not every shell reads over `;` and quotes in one."""
    return "-- " + "".join(
        character if character.isprintable() and character not in ";'\"`" else " "
        for character in words
    )
