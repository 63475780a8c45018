"""The option that names the emulator."""

from __future__ import annotations

from typing import Annotated

import typer

Endpoint = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The emulator's URL. Default: TABLESTORE_ENDPOINT, or http://127.0.0.1:8087.",
        show_default=False,
    ),
]
