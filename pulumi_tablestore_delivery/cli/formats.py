"""The option `-o` of commands whose findings Prometheus can collect."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer


class OutputFormat(str, Enum):
    """What a command prints."""

    TEXT = "text"
    PROMETHEUS = "prometheus"


Output = Annotated[
    OutputFormat,
    typer.Option(
        "--output",
        "-o",
        help="prometheus: metrics for a textfile collector; the exit code is then 0 whatever they "
        "say, and 1 if nothing could be looked at.",
    ),
]
