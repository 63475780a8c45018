"""`tablestore-delivery emulator fault`: make operations of a running emulator fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.emulator_endpoint import Endpoint
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.help_pages import PlainCommand, plain_application
from pulumi_tablestore_delivery.cli.tables import print_table
from pulumi_tablestore_delivery.cli.terminal import print_line
from pulumi_tablestore_delivery.inspection.emulator_control import call

app = plain_application(
    name="fault",
    help="List, add and clear the faults of a running emulator.",
    no_args_is_help=True,
)
_ANY_OPERATION: Final = "*"
_FAULTS_OF_TASKS: Final = frozenset({"task_error", "slow_initialization"})
SETTINGS: Final[Mapping[str, frozenset[str]]] = {
    "latency": frozenset({"seconds"}),
    "error": frozenset({"status", "code", "message"}),
    "html": frozenset({"status"}),
    "reset": frozenset(),
    "lost_answer": frozenset(),
    "bad_signature": frozenset(),
    "task_error": frozenset({"error_code", "detail"}),
    "slow_initialization": frozenset({"seconds"}),
}
"""The faults of an emulator, and the settings of each."""

_REQUIRED: Final = "seconds"


def _require_fault(fault: str) -> str:
    if fault not in SETTINGS:
        raise typer.BadParameter(f"{fault!r} is not one of {', '.join(SETTINGS)}.")
    return fault


def _complete_fault() -> list[str]:
    return list(SETTINGS)


def _require_settings(fault: str, script: Mapping[str, Any]) -> None:
    """Refuse a setting that the fault does not have, and the lack of one that it needs."""
    own = SETTINGS[fault]
    for name in script:
        if name not in {"operation", "times", *own}:
            options = ", ".join(map(_option, sorted(own))) or "none"
            raise typer.BadParameter(
                f"{fault} does not have this setting. Its settings: {options}.",
                param_hint=_option(name),
            )
    if _REQUIRED in own and _REQUIRED not in script:
        raise typer.BadParameter(f"{fault} needs it.", param_hint=_option(_REQUIRED))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@app.command("list", cls=PlainCommand)
def list_faults(
    *,
    endpoint: Endpoint = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """List the faults, and how many requests each has affected."""
    found = call(endpoint, "GET", "faults")["faults"]
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(found, form)
    elif found:
        print_table(
            ["Operation", "Fault", "Affected", "Left", "Settings"],
            [
                [each["operation"], each["fault"], str(each["met"]), _left(each), _settings(each)]
                for each in found
            ],
        )
    else:
        print_line("There are no faults.")


class _AddCommand(PlainCommand):
    """The command `add`: the texts of a fault may be empty."""

    may_be_empty = frozenset({"message", "detail"})


@app.command(cls=_AddCommand)
def add(
    fault: Annotated[
        str,
        typer.Argument(
            metavar="FAULT",
            help=f"The fault: {', '.join(SETTINGS)}.",
            callback=_require_fault,
            autocompletion=_complete_fault,
        ),
    ],
    *,
    operation: Annotated[
        str | None,
        typer.Option(
            metavar="OPERATION",
            help="The operation, such as PutRow. Default: any operation.",
            show_default=False,
        ),
    ] = None,
    times: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="COUNT",
            help="How many requests the fault affects. Default: 1, and no limit for task_error.",
            show_default=False,
        ),
    ] = None,
    until_cleared: Annotated[
        bool,
        typer.Option("--until-cleared", help="Affect every request until the faults are cleared."),
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="The delay of latency and slow_initialization."),
    ] = None,
    status: Annotated[
        int | None, typer.Option(metavar="STATUS", help="The HTTP status of error and html.")
    ] = None,
    code: Annotated[
        str | None, typer.Option(metavar="CODE", help="The service's error code of error.")
    ] = None,
    message: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The message of error.")
    ] = None,
    error_code: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="The error code of task_error: UNAUTHORIZED or INVALID_OSS_BUCKET."
        ),
    ] = None,
    detail: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The detail of task_error.")
    ] = None,
    endpoint: Endpoint = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Add a fault to the next requests.

    Example: tablestore-delivery emulator fault add lost_answer --operation ListTable
    """
    if until_cleared and times is not None:
        raise typer.BadParameter("--until-cleared and --times exclude each other.")
    if operation is None and fault not in _FAULTS_OF_TASKS:
        operation = _ANY_OPERATION
    fields = {
        "operation": operation,
        "times": times,
        "seconds": seconds,
        "status": status,
        "code": code,
        "message": message,
        "error_code": error_code,
        "detail": detail,
    }
    script: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    _require_settings(fault, script)
    if until_cleared:
        script["times"] = None
    added = call(endpoint, "POST", "faults", {"fault": fault, **script})
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(added, form)
    else:
        print_line(f"Added {added['fault']}. It affects {_affected(added)}.")


@app.command(cls=PlainCommand)
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
        print_line("All faults are cleared.")


def _affected(fault: Mapping[str, Any]) -> str:
    """Describe the requests that a fault affects."""
    operation, times = fault["operation"], fault["times"]
    requests = "any operation" if operation == _ANY_OPERATION else operation
    if times is None:
        return f"every request of {requests}, until it is cleared"
    count = "request" if times == 1 else f"{times} requests"
    return f"the next {count} of {requests}"


def _left(fault: Mapping[str, Any]) -> str:
    if fault["times"] is None:
        return "until cleared"
    return str(max(fault["times"] - fault["met"], 0))


def _settings(fault: Mapping[str, Any]) -> str:
    columns = {"operation", "fault", "times", "met", "over"}
    return " ".join(f"{name}={value}" for name, value in fault.items() if name not in columns)
