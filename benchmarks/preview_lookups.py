"""The cost of a preview's lookups: 100 new tasks on 100 tables, checked one after the other.

The service takes 0.05 s for each call, and each table has 200 rows, all of which are sampled. The
engine also checks one resource after the other.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from emulator import Emulator, quiet_sdk

from pulumi_tablestore_delivery.lifecycle import Declaration, Lifecycle, StateEntries
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.naming import Scope

TITLE: Final = "Check 100 new tasks on 100 tables, 0.05 s a call"
COLUMNS: Final = ("lookups", "seconds", "processor seconds", "warnings")
_TABLES: Final = tuple(f"t{number}" for number in range(100))
_SOURCES: Final = ("order_id", "amount")
_ROWS: Final = 200
_LATENCY: Final = 0.05
_LOOKS: Final = ("DescribeTable", "ListDeliveryTask", "DescribeDeliveryTask", "GetRange")


class _Quiet:
    """Counts warnings."""

    def __init__(self) -> None:
        self.warnings = 0

    def status(self, message: str) -> None:
        """Show nothing."""

    def info(self, message: str) -> None:
        """Show nothing."""

    def warn(self, message: str) -> None:
        """Count a warning."""
        del message
        self.warnings += 1


def rows() -> Iterator[tuple[str, ...]]:
    """Check all tasks in several ways; yield a row for each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Emulator(Path(folder), _LATENCY, _LOOKS) as emulator,
    ):
        for table in _TABLES:
            emulator.create_table(table)
            _put_rows(emulator, table)
        yield _checked(emulator, "none, as in an update", preview=False)
        yield _checked(emulator, "all, started together")
        yield _checked(emulator, "without rows (tablestore:sampleRows 0)", sample_rows="0")
        yield _checked(emulator, "all, one table after the other", is_ahead=False)


def _checked(
    emulator: Emulator,
    name: str,
    *,
    preview: bool = True,
    is_ahead: bool = True,
    sample_rows: str = "",
) -> tuple[str, ...]:
    environment = {**emulator.environment, "TABLESTORE_SAMPLE_ROWS": sample_rows}
    lifecycle, report = Lifecycle(Settings(environment, lambda _: "")), _Quiet()
    started, used = time.perf_counter(), time.process_time()
    for table in _TABLES:
        declaration = Declaration(
            Scope("shop", "dev", "", table),
            urn=table,
            preview=preview,
            entries=StateEntries({}),
            tables=_TABLES if is_ahead else (),
            columns=dict.fromkeys(_TABLES, _SOURCES) if is_ahead else {},
        )
        lifecycle.check({}, _inputs(table), declaration, report)
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    return name, f"{seconds:.2f}", f"{processor:.2f}", str(report.warnings)


def _inputs(table: str) -> dict[str, object]:
    return {
        "table_name": table,
        "oss_bucket": "my-lake",
        "oss_prefix": f"{table}/",
        "role_arn": "acs:ram::1:role/r",
        "parquet_schema": [
            {"source": "order_id", "type": "UTF8"},
            {"source": "amount", "type": "DOUBLE"},
        ],
    }


def _put_rows(emulator: Emulator, table: str) -> None:
    sdk, tablestore = emulator.sdk(), quiet_sdk()
    items = [
        tablestore.PutRowItem(
            tablestore.Row([("order_id", f"{number:05}")], [("amount", 1.5)]),
            tablestore.Condition("IGNORE"),
        )
        for number in range(_ROWS)
    ]
    request = tablestore.BatchWriteRowRequest()
    request.add(tablestore.TableInBatchWriteRowItem(table, items))
    sdk.batch_write_row(request)
