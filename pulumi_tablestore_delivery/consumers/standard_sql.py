"""Write SQL in the dialects of Trino and DuckDB, which quote as in the SQL standard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.consumers.plan import TablePlan
from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES, Partition

_VARIABLE: Final = re.compile("|".join(re.escape(name) for name in PREFIX_VARIABLES))


_FILE: Final = "name of the file"
"""DuckDB's column of the file's name. Columns of the files do not have spaces in their names."""


def full_name(plan: TablePlan) -> str:
    """Return the table's quoted name, with its database if it has one."""
    return ".".join(quoted(part) for part in (plan.database, plan.name) if part)


def trino_statements(plan: TablePlan) -> Iterator[str]:
    """Yield the statements that make a table of Trino's Hive connector and its partitions."""
    columns = ",\n".join(
        f"  {quoted(column.name)} {column.type}" for column in plan.columns + plan.partitions
    )
    properties = ["format = 'PARQUET'", f"external_location = {text(plan.location)}"]
    if plan.partitions:
        # The connector converts all names to lower case.
        names = ", ".join(text(each.name.lower()) for each in plan.partitions)
        properties.append(f"partitioned_by = ARRAY[{names}]")
    listed = ",\n".join(f"  {each}" for each in properties)
    yield f"CREATE TABLE IF NOT EXISTS {full_name(plan)} (\n{columns}\n)\nWITH (\n{listed}\n)"
    if plan.partitions:
        yield _trino_partitions(plan)


def _trino_partitions(plan: TablePlan) -> str:
    table = f"{text((plan.database or '').lower())}, {text(plan.name.lower())}"
    if plan.is_discoverable:
        # A case-sensitive search expects folders in lower case, as Hive does.
        is_lower = all(each.name == each.name.lower() for each in plan.partitions)
        return f"CALL system.sync_partition_metadata({table}, 'ADD', {str(is_lower).lower()})"
    names = ", ".join(text(name.lower()) for name in plan.example_values)
    values = ", ".join(text(value) for value in plan.example_values.values())
    return (
        f"CALL system.register_partition({table},\n  ARRAY[{names}], ARRAY[{values}],\n"
        f"  {text(plan.example_location)})"
    )


def duckdb_statements(plan: TablePlan) -> Iterator[str]:
    """Yield the statement that makes a view of DuckDB, which finds all folders by itself."""
    options = ["union_by_name = true"]
    partitions = [quoted(each.name) for each in plan.partitions]
    if plan.partitions and plan.is_discoverable:
        types = ", ".join(f"{text(each.name)}: {each.type}" for each in plan.partitions)
        options += ["hive_partitioning = true", f"hive_types = {{{types}}}"]
    else:
        options += ["hive_partitioning = false"]
        if plan.partitions:
            options.append(f"filename = {text(_FILE)}")
        partitions = [
            f"CAST(regexp_extract({quoted(_FILE)}, {text(_pattern(plan, partition))}, 1) "
            f"AS {column.type}) AS {quoted(column.name)}"
            for partition, column in zip(plan.layout.partitions, plan.partitions, strict=True)
        ]
    columns = [quoted(column.name) for column in plan.columns]
    listed = ",\n".join(f"  {each}" for each in columns + partitions)
    glob = plan.bucket + _VARIABLE.sub("*", _glob(plan.layout.folder)) + "*"
    yield (
        f"CREATE OR REPLACE VIEW {full_name(plan)} AS\nSELECT\n{listed}\n"
        f"FROM read_parquet(\n  {text(glob)},\n  {', '.join(options)}\n)"
    )


def _glob(folder: str) -> str:
    """Return a pattern that matches a folder alone, apart from its variables."""
    return re.sub(r"[*?\[]", lambda match: f"[{match[0]}]", folder)


def _pattern(plan: TablePlan, partition: Partition) -> str:
    """Return a regular expression whose group is a partition's value in a file's name."""
    folder = plan.layout.folder
    named = f"{partition.column}={partition.value}/"
    start = folder.find(named)
    start = folder.index(partition.value) if start < 0 else start + len(partition.column) + 1
    end = start + len(partition.value)
    before, value, after = map(_digits, (folder[:start], partition.value, folder[end:]))
    return f"/{before}({value}){after}[^/]*$"


def _digits(template: str) -> str:
    """Return a regular expression for a text. Its variables match digits."""
    return "".join(
        f"[0-9]{{{len(part) - 1}}}" if part in PREFIX_VARIABLES else re.escape(part)
        for part in re.split(f"({_VARIABLE.pattern})", template)
    )


def quoted(name: str) -> str:
    """Quote a name, so that it may be a reserved word."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a value as a literal."""
    return "'" + value.replace("'", "''") + "'"
