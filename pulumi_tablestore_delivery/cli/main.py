"""`tablestore-delivery`: run a command, and end the process with its exit code (see `exits`)."""

import sys
from importlib import import_module

from pulumi_tablestore_delivery.cli import exits


def run() -> None:
    """Run the command line. Ctrl-C ends it without a traceback."""
    try:
        # Imported here, because Ctrl-C may come while modules are imported.
        code = import_module("pulumi_tablestore_delivery.cli.running").run()
    except KeyboardInterrupt:
        code = exits.INTERRUPTED
    sys.exit(code)
