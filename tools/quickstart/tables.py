"""The sample tables, created and filled with the official Python SDK."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

import tablestore

from tools.quickstart.sample import Row

# Name and primary key.
TABLES: Final = {
    "orders": [("order_id", "STRING")],
    "page_views": [("user_id", "STRING"), ("viewed_at", "INTEGER")],
}
_BATCH: Final = 200  # the service takes no more


class Tables:
    """An instance's tables."""

    def __init__(self, endpoint: str, instance: str, credentials: tuple[str, str]) -> None:
        """Connect. Nothing is sent yet."""
        self._client = tablestore.OTSClient(endpoint, *credentials, instance)

    def create_missing(self) -> list[str]:
        """Create the missing sample tables. Return their names."""
        there = self._client.list_table()
        missing = [name for name in TABLES if name not in there]
        for name in missing:
            self._client.create_table(
                tablestore.TableMeta(name, TABLES[name]),
                tablestore.TableOptions(time_to_live=-1, max_version=1),
                tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
            )
        return missing

    def fill(self, table: str, rows: Iterable[Row]) -> int:
        """Write rows unless the last of them exists. Return the number of written rows."""
        given = list(rows)
        _, last, _ = self._client.get_row(table, given[-1][0], max_version=1)
        if last is not None:
            return 0
        waiting = iter(given)
        while batch := list(islice(waiting, _BATCH)):
            request = tablestore.BatchWriteRowRequest()
            request.add(
                tablestore.TableInBatchWriteRowItem(
                    table,
                    [
                        tablestore.PutRowItem(
                            tablestore.Row(key, columns), tablestore.Condition("IGNORE")
                        )
                        for key, columns in batch
                    ],
                )
            )
            if not self._client.batch_write_row(request).is_all_succeed():
                raise RuntimeError(f"Rows of {table} were refused")
        return len(given)
