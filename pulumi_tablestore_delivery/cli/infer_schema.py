"""`tablestore-delivery infer-schema`: propose a Parquet schema for a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli import python_source as python
from pulumi_tablestore_delivery.cli.completion import complete_tables
from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import FORM_OPTIONS, Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson
from pulumi_tablestore_delivery.cli.terminal import print_note, print_text
from pulumi_tablestore_delivery.client.codec import table_columns
from pulumi_tablestore_delivery.inspection.inference import Column, Proposal, propose
from pulumi_tablestore_delivery.inspection.sampling import Sample, sample_rows

_INDENT: Final = 4
"""Columns before a column of the proposal in Python. In YAML there are 2."""


class Format(str, Enum):
    """The form of the proposal."""

    PYTHON = "python"
    YAML = "yaml"
    JSON = "json"


def infer_schema(
    *,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="The table.",
            show_default=False,
            autocompletion=complete_tables,
        ),
    ],
    rows: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="COUNT",
            help="The number of rows to read, half of them from each end of the table.",
        ),
    ] = 1000,
    form: Annotated[
        Format,
        typer.Option(*FORM_OPTIONS, metavar="python|yaml|json", help="The form of the proposal."),
    ] = Format.PYTHON,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Read some rows of a table and propose a parquet_schema.

    Keys and defined columns get their declared type, other columns the type of their values.

    A column with values of several types is named and left out. So is a BINARY column.

    Reading rows costs read capacity. Exit code 3: no column can be proposed.

    Example: tablestore-delivery infer-schema orders --rows 5000
    """
    client = Connection(endpoint, instance, region, profile, stack).lifecycle().client()
    columns = table_columns(client.describe_table(table))
    sample = sample_rows(client, table, list(columns.keys), rows)
    proposal = propose(columns, sample.first + sample.last)
    if as_json or form is Format.JSON:
        print_data(_as_data(table, sample, proposal), Form.JSON)
    else:
        write = _as_python if form is Format.PYTHON else _as_yaml
        print_text(write(_describe(table, sample), proposal))
    if not proposal.columns:
        print_note(f"No column of table {table!r} can be proposed.")
        raise typer.Exit(exits.NO)


def _describe(table: str, sample: Sample) -> list[str]:
    """Describe the rows that the proposal is based on."""
    first, last = len(sample.first), len(sample.last)
    if not first:
        return [f"Table {table!r} does not have any rows. These are its declared columns."]
    if sample.is_whole:
        return [f"Table {table!r}, by all its rows: {first + last}. Later rows may differ."]
    ends = f"{first} from its beginning, {last} from its end"
    return [
        f"Table {table!r}, by {first + last} of its rows: {ends}.",
        "A sample proves nothing about the other rows.",
    ]


def _describe_undecided(column: Column) -> str:
    declared = f", a {column.origin}," if column.origin else ""
    counts = ", ".join(f"{kind} {count}" for kind, count in column.counts.items())
    return (
        f"{python.literal(column.source)}{declared} is undecided: {counts}. A value that is not "
        "of the declared type is discarded."
    )


def _describe_binary(column: Column) -> str:
    return f"{python.literal(column.source)} is BINARY, which cannot be delivered."


def _as_python(description: list[str], proposal: Proposal) -> str:
    def call(function: str, arguments: Mapping[str, str]) -> str:
        return f"delivery.{function}({', '.join(python.keywords(arguments))})"

    parts = python.parquet_columns((column.entry for column in proposal.columns), 0)
    for column in proposal.undecided:
        parts += python.comment_lines(_describe_undecided(column), _INDENT)
        parts.append(python.comment(f"{call('ParquetColumnArgs', column.entry)},"))
    for column in proposal.binary:
        parts += python.comment_lines(_describe_binary(column), _INDENT)
    times = [
        f"event_time_column = {call('EventTimeColumnArgs', time)}" for time in proposal.event_times
    ]
    return "\n".join(
        [
            *(line for text in description for line in python.comment_lines(text)),
            python.lines("parquet_schema = [", parts, "]", 0),
            *map(python.comment, _event_times(times)),
        ]
    )


def _as_yaml(description: list[str], proposal: Proposal) -> str:
    parts = [f"- {_flow(column.entry)}" for column in proposal.columns]
    for column in proposal.undecided:
        parts += python.comment_lines(_describe_undecided(column), _INDENT)
        parts.append(python.comment(f"- {_flow(column.entry)}"))
    for column in proposal.binary:
        parts += python.comment_lines(_describe_binary(column), _INDENT)
    times = [f"event_time_column: {_flow(time)}" for time in proposal.event_times]
    return "\n".join(
        [
            *(line for text in description for line in python.comment_lines(text)),
            "parquet_schema:" if proposal.columns else "parquet_schema: []",
            *(f"  {part}" for part in parts),
            *map(python.comment, _event_times(times)),
        ]
    )


def _event_times(times: list[str]) -> list[str]:
    """Return the lines that propose an event-time column."""
    return (
        ["All sampled values are times. One of them could be the event time:", *times]
        if times
        else []
    )


def _flow(value: Mapping[str, str]) -> str:
    """Return a mapping as YAML on one line: JSON is YAML."""
    return json.dumps(value, ensure_ascii=False)


def _as_data(table: str, sample: Sample, proposal: Proposal) -> dict[str, Any]:
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
