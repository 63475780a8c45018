"""Run the emulator's server for `tablestore-delivery emulator`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import typer

from pulumi_tablestore_delivery.emulator.faults import FaultError, parse
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import run


def serve(faults: Iterable[str], **options: Any) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit code.

    Args:
        faults: The faults from the start, each as JSON.
        options: The other fields of the emulator's `Options`.

    Raises:
        typer.BadParameter: A fault is not valid.
    """
    try:
        parsed = tuple(parse(fault) for fault in faults)
    except FaultError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None
    return run(Options(**options, faults=parsed))
