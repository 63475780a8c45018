"""Three emulators, one an environment, with the tables that the deliveries need; until Ctrl-C.

    python offline.py [PORT]

They listen on PORT and the two ports after it; 8101 by default, 0 for free ones. Their data are
kept in .tablestore/.
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
    """Make the tables that are not there, as applications do it: with the official SDK."""
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
signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # in the emulators' threads too

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
        print(stack, emulator.url, flush=True)  # noqa: T201 - tells where to point a stack
    signal.sigwait(ENDING)
