"""`tablestore-delivery infer-schema`: propose a Parquet schema for a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli import python_source as python
from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    connected,
)
from pulumi_tablestore_delivery.cli.output import print_json

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.cli.inference import Column, Proposal
    from pulumi_tablestore_delivery.cli.sampling import Sample


class Format(str, Enum):
    """What a proposal is written as."""

    PYTHON = "python"
    YAML = "yaml"


def infer_schema(  # noqa: PLR0913 - one an option
    *,
    table: Annotated[str, typer.Argument(help="The table.", show_default=False)],
    rows: Annotated[
        int, typer.Option(min=1, help="Rows to look at, half of them from each end of the table.")
    ] = 1000,
    form: Annotated[
        Format, typer.Option("--format", help="What the proposal is written as.")
    ] = Format.PYTHON,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Look at some rows of a table and propose a parquet_schema.

    Keys and defined columns have their declared type, others that of their values.

    What has values of several types is named and left out, and so is BINARY.

    Exit code 3 says that no column could be proposed. Reading costs capacity.

    Example: tablestore-delivery infer-schema orders --rows 5000
    """
    from pulumi_tablestore_delivery.cli.inference import proposed  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.cli.sampling import sampled  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.client.codec import table_columns  # noqa: PLC0415

    client = connected(endpoint, instance, stack).client()
    columns = table_columns(client.describe_table(table))
    sample = sampled(client, table, list(columns.keys), rows)
    proposal = proposed(columns, sample.first + sample.last)
    if as_json:
        print_json(_as_json(table, sample, proposal))
    else:
        write = _as_python if form is Format.PYTHON else _as_yaml
        typer.echo(write(_about(table, sample), proposal))
    if not proposal.columns:
        sys.stderr.write(f"No column of table {table!r} could be proposed.\n")
        raise typer.Exit(exits.NO)


def _about(table: str, sample: Sample) -> list[str]:
    """What the proposal rests on, in words."""
    first, last = len(sample.first), len(sample.last)
    if not first:
        return [f"Table {table!r} holds no rows: this is what it declares, and nothing else."]
    if sample.is_whole:
        return [f"Table {table!r}, by all its rows: {first + last}. Later ones may differ."]
    ends = f"{first} from its beginning, {last} from its end"
    return [
        f"Table {table!r}, by {first + last} of its rows: {ends}.",
        "A sample proves nothing about the others.",
    ]


def _undecided(column: Column) -> str:
    declared = f", a {column.origin}," if column.origin else ""
    counts = ", ".join(f"{kind} {count}" for kind, count in column.counts.items())
    return (
        f"{python.literal(column.source)}{declared} is undecided: {counts}. A value that is not "
        "of the declared type is discarded."
    )


def _binary(column: Column) -> str:
    return f"{python.literal(column.source)} is BINARY, which cannot be delivered."


def _as_python(about: list[str], proposal: Proposal) -> str:
    def call(function: str, arguments: Mapping[str, str]) -> str:
        return f"delivery.{function}({', '.join(python.keywords(arguments))})"

    parts = python.parquet_columns((column.entry for column in proposal.columns), 0)
    for column in proposal.undecided:
        parts.append(python.comment(_undecided(column)))
        parts.append(python.comment(f"{call('ParquetColumnArgs', column.entry)},"))
    parts += [python.comment(_binary(column)) for column in proposal.binary]
    times = [
        f"event_time_column = {call('EventTimeColumnArgs', time)}" for time in proposal.event_times
    ]
    return "\n".join(
        [
            *map(python.comment, about),
            python.lines("parquet_schema = [", parts, "]", 0),
            *map(python.comment, _offered(times)),
        ]
    )


def _as_yaml(about: list[str], proposal: Proposal) -> str:
    parts = [f"- {_flow(column.entry)}" for column in proposal.columns]
    for column in proposal.undecided:
        parts.append(python.comment(_undecided(column)))
        parts.append(python.comment(f"- {_flow(column.entry)}"))
    parts += [python.comment(_binary(column)) for column in proposal.binary]
    times = [f"event_time_column: {_flow(time)}" for time in proposal.event_times]
    return "\n".join(
        [
            *map(python.comment, about),
            "parquet_schema:" if proposal.columns else "parquet_schema: []",
            *(f"  {part}" for part in parts),
            *map(python.comment, _offered(times)),
        ]
    )


def _offered(times: list[str]) -> list[str]:
    return (
        ["All sampled values are times, if one is to be the event time:", *times] if times else []
    )


def _flow(value: Mapping[str, str]) -> str:
    """A mapping on one line; JSON is YAML."""
    return json.dumps(value, ensure_ascii=False)


def _as_json(table: str, sample: Sample, proposal: Proposal) -> dict[str, Any]:
    return {
        "table": table,
        "rows_from_the_beginning": len(sample.first),
        "rows_from_the_end": len(sample.last),
        "is_whole_table": sample.is_whole,
        "parquet_schema": [column.entry for column in proposal.columns],
        "undecided": [{**column.entry, "values": column.counts} for column in proposal.undecided],
        "binary": [column.source for column in proposal.binary],
        "event_time_columns": proposal.event_times,
    }
