"""Create the tables of tables.yaml on an emulator, to try the example without an account."""

import os
import sys
from pathlib import Path

import tablestore

import pulumi_tablestore_delivery as delivery

KEY_TYPES = {"UTF8": "STRING", "INT64": "INTEGER"}


def main() -> None:
    """Create the missing tables. The first column is the primary key."""
    endpoint = os.environ.get("TABLESTORE_ENDPOINT", "")
    if not endpoint.startswith("http://127.0.0.1:"):
        sys.exit("Set TABLESTORE_ENDPOINT to an emulator, such as http://127.0.0.1:8087")
    client = tablestore.OTSClient(
        endpoint,
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        os.environ["TABLESTORE_INSTANCE"],
    )
    tasks = delivery.tasks_from_file(Path(__file__).with_name("tables.yaml"))
    for table in tasks.keys() - set(client.list_table()):
        key = tasks[table]["parquet_schema"][0]
        client.create_table(
            tablestore.TableMeta(table, [(key["source"], KEY_TYPES[key["type"]])]),
            tablestore.TableOptions(),
            tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
        )
        sys.stdout.write(f"{table}: created\n")


if __name__ == "__main__":
    main()
