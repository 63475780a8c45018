"""`tablestore-delivery emulator fault`: let a running emulator's operations go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli.connection import AsJson
from pulumi_tablestore_delivery.cli.emulator_control import Endpoint, call
from pulumi_tablestore_delivery.cli.output import print_json, print_table

app = typer.Typer(
    name="fault",
    help="List, add and clear the faults of a running emulator.",
    no_args_is_help=True,
)
_ANY_OPERATION: Final = "*"
_OF_ONE_OPERATION: Final = frozenset({"task_error", "slow_initialization"})
_FAULTS: Final = (
    "latency, error, html, reset, lost_answer, bad_signature, task_error or slow_initialization."
)


@app.command("list")
def list_faults(*, endpoint: Endpoint = None, as_json: AsJson = False) -> None:
    """List the faults that were asked for, and how often each was met."""
    found = call(endpoint, "GET", "faults")["faults"]
    if as_json:
        print_json(found)
    elif found:
        print_table(
            ["OPERATION", "FAULT", "MET", "LEFT", "SETTINGS"],
            [
                [each["operation"], each["fault"], str(each["met"]), _left(each), _settings(each)]
                for each in found
            ],
        )
    else:
        typer.echo("There are no faults.")


@app.command()
def add(  # noqa: PLR0913 - one a setting
    fault: Annotated[str, typer.Argument(help=f"What goes wrong: {_FAULTS}")],
    *,
    operation: Annotated[
        str | None,
        typer.Option(help="The operation, such as PutRow. Any by default.", show_default=False),
    ] = None,
    times: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many requests meet it. Default: 1; task_error: until cleared.",
            show_default=False,
        ),
    ] = None,
    until_cleared: Annotated[
        bool, typer.Option("--until-cleared", help="Every request meets it until it is cleared.")
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(help="How late or how much longer: latency, slow_initialization."),
    ] = None,
    status: Annotated[int | None, typer.Option(help="The HTTP status: error, html.")] = None,
    code: Annotated[str | None, typer.Option(help="The service's error code: error.")] = None,
    message: Annotated[str | None, typer.Option(help="The message: error.")] = None,
    error_code: Annotated[
        str | None, typer.Option(help="UNAUTHORIZED or INVALID_OSS_BUCKET: task_error.")
    ] = None,
    detail: Annotated[str | None, typer.Option(help="The detail: task_error.")] = None,
    endpoint: Endpoint = None,
    as_json: AsJson = False,
) -> None:
    """Let the next requests meet a fault.

    Example: tablestore-delivery emulator fault add lost_answer --operation CreateDeliveryTask
    """
    if until_cleared and times is not None:
        raise typer.BadParameter("--until-cleared and --times exclude each other.")
    if operation is None and fault not in _OF_ONE_OPERATION:
        operation = _ANY_OPERATION
    given = {
        "operation": operation,
        "times": times,
        "seconds": seconds,
        "status": status,
        "code": code,
        "message": message,
        "error_code": error_code,
        "detail": detail,
    }
    script: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if until_cleared:
        script["times"] = None
    added = call(endpoint, "POST", "faults", {"fault": fault, **script})
    if as_json:
        print_json(added)
    else:
        often = "until it is cleared" if added["times"] is None else f"{added['times']} time(s)"
        typer.echo(f"Added {added['fault']} for {added['operation']}, {often}.")


@app.command()
def clear(*, endpoint: Endpoint = None, as_json: AsJson = False) -> None:
    """Clear all faults."""
    call(endpoint, "DELETE", "faults")
    if as_json:
        print_json({})
    else:
        typer.echo("There are no faults any more.")


def _left(fault: Mapping[str, Any]) -> str:
    if fault["times"] is None:
        return "until cleared"
    return str(max(fault["times"] - fault["met"], 0))


def _settings(fault: Mapping[str, Any]) -> str:
    usual = {"operation", "fault", "times", "met", "over"}
    return " ".join(f"{name}={value}" for name, value in fault.items() if name not in usual)
