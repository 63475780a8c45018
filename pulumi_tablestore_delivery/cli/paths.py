"""`tablestore-delivery paths`: show the keys of a moment's files."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timezone
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli.arguments import checked_arguments
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.tables import print_table
from pulumi_tablestore_delivery.cli.terminal import print_line
from pulumi_tablestore_delivery.consumers.paths import object_keys, parse_time
from pulumi_tablestore_delivery.errors import InvalidInputError

Time = Annotated[
    str | None,
    typer.Option(
        help="The moment in ISO 8601; UTC if it does not name a zone. Now by default.",
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
            help="The prefix of a task, in single quotes because of its $variables.",
            show_default=False,
        ),
    ],
    time: Time = None,
    task: Annotated[str, typer.Option(metavar="NAME", help="The task's name.")] = "task",
    bucket: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The bucket, to print whole URLs.", show_default=False),
    ] = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Show example keys of a prefix's objects, and how to list a period's objects.

    It is assumed that the time in a prefix is UTC. No service is called.

    Example: tablestore-delivery paths 'orders/year=$yyyy/month=$MM/' --time 2020-08-31
    """
    with checked_arguments():
        found = object_keys(prefix, moment(time), task)
    root = f"oss://{bucket}/" if bucket else ""
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data({**asdict(found), "bucket": bucket, "time_zone": "UTC (assumed)"}, form)
        return
    print_line(f"time    {found.time} (that folders are in UTC is assumed)")
    print_line(f"folder  {root}{found.folder}")
    for key in found.keys:
        print_line(f"key     {root}{key}")
    print_table(
        ("Files of", "Prefix to list", "Pattern"),
        [
            (
                "all time" if listing.period == "all" else f"the {listing.period}",
                f"{root}{listing.prefix}",
                f"{root}{listing.glob}",
            )
            for listing in found.listings
        ],
    )
    for warning in found.warnings:
        print_line(f"warning: {warning}")


def moment(time: str | None) -> datetime:
    """Return the moment that `--time` names; now without it.

    Raises:
        typer.BadParameter: It is not a time.
    """
    try:
        return datetime.now(timezone.utc) if time is None else parse_time(time)
    except InvalidInputError as error:
        raise typer.BadParameter(error.violations[0].message, param_hint="--time") from None
