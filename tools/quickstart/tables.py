"""The sample tables, made with Tablestore's official Python SDK, as an application makes them."""

import tablestore

# Name and primary key.
TABLES = {
    "orders": [("order_id", "STRING")],
    "page_views": [("user_id", "STRING"), ("viewed_at", "INTEGER")],
}


def create_missing(endpoint: str, instance: str, credentials: tuple[str, str]) -> list[str]:
    """Create the sample tables that are not there; return their names."""
    client = tablestore.OTSClient(endpoint, *credentials, instance)
    missing = [name for name in TABLES if name not in client.list_table()]
    for name in missing:
        client.create_table(
            tablestore.TableMeta(name, TABLES[name]),
            tablestore.TableOptions(time_to_live=-1, max_version=1),
            tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
        )
    return missing
