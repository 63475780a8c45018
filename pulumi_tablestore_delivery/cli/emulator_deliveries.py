"""`tablestore-delivery emulator deliveries`: show delivered rows and discarded values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.emulator_endpoint import Endpoint
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.tables import print_table
from pulumi_tablestore_delivery.cli.terminal import print_line
from pulumi_tablestore_delivery.inspection.emulator_control import call

_SECOND: Final = 1_000_000_000


def deliveries(
    *,
    table: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE", help="A table. May be repeated. Default: all tables."),
    ] = None,
    endpoint: Endpoint = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Show the delivered rows and discarded values of a running emulator.

    Example: tablestore-delivery emulator deliveries --table orders
    """
    found = [
        each
        for each in call(endpoint, "GET", "deliveries")["deliveries"]
        if not table or each["table"] in table
    ]
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(found, form)
        return
    if not found:
        print_line("There are no delivery tasks.")
        return
    now = time.time_ns()
    print_table(
        ["Table", "Task", "Mode", "Phase", "Lag", "Files", "Rows", "Discarded", "Failure"],
        [
            [
                *(each["table"], each["task"], each["mode"], each["phase"], _lag(each, now)),
                *(str(each["files"]), str(each["rows"]), str(each["dirty"]), each["failure"]),
            ]
            for each in found
        ],
        styles=["red" if each["failure"] else "" for each in found],
        dispensable=["Mode", "Files"],
    )
    discarded = [
        [task["table"], task["task"], each["column"], str(each["count"]), each["reason"]]
        for task in found
        for each in task["discarded"]
    ]
    if discarded:
        print_table(["Table", "Task", "Discarded column", "Count", "Reason"], discarded)


def _lag(delivery: Mapping[str, Any], now: int) -> str:
    until = delivery["delivered_until"]
    if delivery["phase"] != "INCR" or not until:
        return ""
    if delivery["mode"] == "BASE":
        return "complete"
    return f"{max(now - until, 0) / _SECOND:.0f} s"
