"""`tablestore-delivery paths`: where the files of a moment are."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timezone
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli.arguments import judged
from pulumi_tablestore_delivery.cli.connection import AsJson
from pulumi_tablestore_delivery.cli.output import print_json, print_table
from pulumi_tablestore_delivery.errors import InvalidInputError

Time = Annotated[
    str | None,
    typer.Option(
        help="The moment, ISO 8601; UTC if it names no zone. Now by default.",
        metavar="ISO8601",
        show_default=False,
    ),
]


def paths(
    *,
    prefix: Annotated[
        str,
        typer.Argument(
            help="The prefix of a task, in single quotes because of its $variables.",
            show_default=False,
        ),
    ],
    time: Time = None,
    task: Annotated[str, typer.Option(help="The task's name.")] = "task",
    bucket: Annotated[
        str | None, typer.Option(help="The bucket, to print whole URLs.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show example keys of a prefix's objects, and what to list to find all of a period.

    That the time in a prefix is UTC is assumed. Nothing is called.

    Example: tablestore-delivery paths 'orders/year=$yyyy/month=$MM/' --time 2020-08-31
    """
    from pulumi_tablestore_delivery.consumers.paths import object_keys  # noqa: PLC0415 - slow

    with judged():
        found = object_keys(prefix, moment(time), task)
    root = f"oss://{bucket}/" if bucket else ""
    if as_json:
        print_json({**asdict(found), "bucket": bucket, "time_zone": "UTC (assumed)"})
        return
    typer.echo(f"time    {found.time} (that folders are in UTC is assumed)")
    typer.echo(f"folder  {root}{found.folder}")
    for key in found.keys:
        typer.echo(f"key     {root}{key}")
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
        typer.echo(f"warning: {warning}")


def moment(time: str | None) -> datetime:
    """The moment that `--time` names; now without it.

    Raises:
        typer.BadParameter: It is not a time.
    """
    from pulumi_tablestore_delivery.consumers.paths import parse_time  # noqa: PLC0415 - slow

    try:
        return datetime.now(timezone.utc) if time is None else parse_time(time)
    except InvalidInputError as error:
        raise typer.BadParameter(error.violations[0].message, param_hint="--time") from None
