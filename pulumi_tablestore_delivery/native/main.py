"""The executable `pulumi-resource-tablestore-delivery`, which Pulumi's engine starts."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Final

DISTRIBUTION: Final = "pulumi-tablestore-delivery"


def run() -> None:
    """Serves the provider; the first argument is the address of the engine's own service."""
    engine = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if not engine:
        sys.exit("pulumi-resource-tablestore-delivery is started by Pulumi: it has to be on PATH.")
    try:
        from pulumi_tablestore_delivery.native.server import serve  # noqa: PLC0415 - see below
    except (ImportError, AttributeError) as error:  # Pulumi's module is experimental
        sys.exit(
            f"The native provider does not work with Pulumi's Python SDK {version('pulumi')}: "
            f"{error}. See docs/native.md for the versions it works with."
        )
    serve(version(DISTRIBUTION), engine)
