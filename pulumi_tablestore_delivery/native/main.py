"""The executable `pulumi-resource-tablestore-delivery`, which Pulumi's engine starts."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Final

DISTRIBUTION: Final = "pulumi-tablestore-delivery"


def run() -> None:
    """Serve the provider for the engine whose address is an argument.

    Without an address, serve an engine that attaches to the provider.
    """
    try:
        from pulumi_tablestore_delivery.native.server import serve  # noqa: PLC0415 - see below
    except (ImportError, AttributeError) as error:  # Pulumi's module is experimental
        sys.exit(
            f"The native provider does not work with Pulumi's Python SDK {version('pulumi')}: "
            f"{error}. See docs/native.md for the versions it works with."
        )
    serve(version(DISTRIBUTION))
