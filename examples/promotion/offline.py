"""Serve three emulators, one for each environment, with the tables of the deliveries, until Ctrl-C.

    python offline.py [PORT]

They listen on PORT and the two ports after it. PORT is 8101 by default; 0 stands for free ports.
The data is in .tablestore/.
"""

import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import tablestore

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator

TABLES = {"orders": [("order_id", "STRING")], "page_views": [("user_id", "STRING")]}


def create_tables(endpoint: str, options: Options) -> None:
    """Create the missing tables with the official SDK, as applications do."""
    client = tablestore.OTSClient(
        endpoint, options.access_key_id, options.access_key_secret, options.instance
    )
    for name in TABLES.keys() - set(client.list_table()):
        client.create_table(
            tablestore.TableMeta(name, TABLES[name]),
            tablestore.TableOptions(),
            tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
        )


ENDING = {signal.SIGINT, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # before the emulators start their threads

port = int(sys.argv[1]) if len(sys.argv) > 1 else 8101
with ExitStack() as running:
    for number, stack in enumerate(("dev", "staging", "prod")):
        options = Options(
            port=port + number if port else 0,
            data_dir=Path(".tablestore") / stack,
            instance=f"shop-{stack}",
            create_buckets=True,
        )
        emulator = running.enter_context(Emulator(options))
        create_tables(emulator.url, options)
        print(stack, emulator.url, flush=True)  # noqa: T201 - the endpoints, for the stacks
    signal.sigwait(ENDING)
