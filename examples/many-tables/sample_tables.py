"""Makes the tables of tables.yaml on an emulator, to try the example without an account."""

import os
import sys
from pathlib import Path

import tablestore
import yaml

KEY_TYPES = {"UTF8": "STRING", "INT64": "INTEGER"}


def main() -> None:
    """Create the tables that are not there; the first column is the primary key."""
    endpoint = os.environ.get("TABLESTORE_ENDPOINT", "")
    if not endpoint.startswith("http://127.0.0.1:"):
        sys.exit("Set TABLESTORE_ENDPOINT to an emulator, such as http://127.0.0.1:8087")
    client = tablestore.OTSClient(
        endpoint,
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        os.environ["TABLESTORE_INSTANCE"],
    )
    definitions = yaml.safe_load(Path(__file__).with_name("tables.yaml").read_text("utf-8"))
    for table in definitions.keys() - set(client.list_table()):
        key, key_type = next(iter(definitions[table]["columns"].items()))
        client.create_table(
            tablestore.TableMeta(table, [(key, KEY_TYPES[key_type])]),
            tablestore.TableOptions(),
            tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
        )
        sys.stdout.write(f"{table}: created\n")


if __name__ == "__main__":
    main()
