"""`tablestore-delivery paths`: show the keys of the files of a time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timezone
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli.arguments import checked_arguments
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.terminal import print_line, print_prose
from pulumi_tablestore_delivery.consumers.paths import object_keys, parse_time
from pulumi_tablestore_delivery.errors import InvalidInputError

Time = Annotated[
    str | None,
    typer.Option(
        help="A time in ISO 8601, in UTC unless it has a time zone. Default: now.",
        metavar="ISO8601",
        show_default=False,
    ),
]


def paths(
    *,
    prefix: Annotated[
        str,
        typer.Argument(
            metavar="PREFIX",
            help="A task's prefix. Quote it with ' because of its $variables.",
            show_default=False,
        ),
    ],
    time: Time = None,
    task: Annotated[str, typer.Option(metavar="NAME", help="The task's name.")] = "task",
    bucket: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Print URLs with this bucket.", show_default=False),
    ] = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Show example keys of a prefix's objects, and how to list the objects of a period.

    The time in a prefix is assumed to be UTC. The command does not call the service.

    Example: tablestore-delivery paths 'orders/year=$yyyy/month=$MM/' --time 2020-08-31
    """
    with checked_arguments():
        found = object_keys(prefix, parse_moment(time), task)
    root = f"oss://{bucket}/" if bucket else ""
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data({**asdict(found), "bucket": bucket, "time_zone": "UTC (assumed)"}, form)
        return
    print_line(f"time     {found.time} (folders are assumed to be in UTC)")
    print_line(f"folder   {root}{found.folder}")
    for key in found.keys:
        print_line(f"key      {root}{key}")
    for listing in found.listings:
        period = "all time" if listing.period == "all" else f"the {listing.period}"
        print_line()
        print_line(f"Files of {period}:")
        print_line(f"prefix   {root}{listing.prefix}")
        print_line(f"pattern  {root}{listing.glob}")
    if found.warnings:
        print_line()
    for warning in found.warnings:
        print_prose(f"warning: {warning}")


def parse_moment(time: str | None) -> datetime:
    """Return the time of the option `--time`, or the current time without it.

    Raises:
        typer.BadParameter: The text is not a time.
    """
    try:
        return datetime.now(timezone.utc) if time is None else parse_time(time)
    except InvalidInputError as error:
        raise typer.BadParameter(error.violations[0].message, param_hint="--time") from None
