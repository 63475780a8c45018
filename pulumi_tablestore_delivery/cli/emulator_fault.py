"""`tablestore-delivery emulator fault`: make operations of a running emulator fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.emulator_endpoint import Endpoint
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.tables import print_table
from pulumi_tablestore_delivery.cli.terminal import print_line
from pulumi_tablestore_delivery.inspection.emulator_control import call

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
def list_faults(
    *,
    endpoint: Endpoint = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """List the requested faults, and the number of requests that met each fault."""
    found = call(endpoint, "GET", "faults")["faults"]
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(found, form)
    elif found:
        print_table(
            ["OPERATION", "FAULT", "MET", "LEFT", "SETTINGS"],
            [
                [each["operation"], each["fault"], str(each["met"]), _left(each), _settings(each)]
                for each in found
            ],
        )
    else:
        print_line("There are no faults.")


@app.command()
def add(
    fault: Annotated[str, typer.Argument(metavar="FAULT", help=f"The fault: {_FAULTS}")],
    *,
    operation: Annotated[
        str | None,
        typer.Option(
            metavar="OPERATION",
            help="The operation, such as PutRow. Any by default.",
            show_default=False,
        ),
    ] = None,
    times: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="COUNT",
            help="How many requests meet it. Default: 1; task_error: until cleared.",
            show_default=False,
        ),
    ] = None,
    until_cleared: Annotated[
        bool, typer.Option("--until-cleared", help="Every request meets it until it is cleared.")
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="The delay: latency, slow_initialization."),
    ] = None,
    status: Annotated[
        int | None, typer.Option(metavar="STATUS", help="The HTTP status: error, html.")
    ] = None,
    code: Annotated[
        str | None, typer.Option(metavar="CODE", help="The service's error code: error.")
    ] = None,
    message: Annotated[str | None, typer.Option(metavar="TEXT", help="The message: error.")] = None,
    error_code: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="UNAUTHORIZED or INVALID_OSS_BUCKET: task_error."),
    ] = None,
    detail: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The detail: task_error.")
    ] = None,
    endpoint: Endpoint = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Make the next requests fail.

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
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(added, form)
    else:
        often = "until it is cleared" if added["times"] is None else f"{added['times']} time(s)"
        print_line(f"Added {added['fault']} for {added['operation']}, {often}.")


@app.command()
def clear(
    *,
    endpoint: Endpoint = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Clear all faults."""
    call(endpoint, "DELETE", "faults")
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data({}, form)
    else:
        print_line("There are no faults any more.")


def _left(fault: Mapping[str, Any]) -> str:
    if fault["times"] is None:
        return "until cleared"
    return str(max(fault["times"] - fault["met"], 0))


def _settings(fault: Mapping[str, Any]) -> str:
    usual = {"operation", "fault", "times", "met", "over"}
    return " ".join(f"{name}={value}" for name, value in fault.items() if name not in usual)
