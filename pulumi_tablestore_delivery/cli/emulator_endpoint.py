"""The option that says which emulator a command calls."""

from __future__ import annotations

from typing import Annotated

import typer

Endpoint = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The emulator's URL. Default: TABLESTORE_ENDPOINT, else http://127.0.0.1:8087.",
        show_default=False,
    ),
]
