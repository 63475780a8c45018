"""The option that names the emulator."""

from __future__ import annotations

from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli.arguments import require_text

Endpoint = Annotated[
    str | None,
    typer.Option(
        callback=require_text,
        metavar="URL",
        help="The emulator's URL. Default: TABLESTORE_ENDPOINT, or http://127.0.0.1:8087.",
        show_default=False,
    ),
]
