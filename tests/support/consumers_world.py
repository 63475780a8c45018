"""The same rows, delivered under prefixes of every style, and the tables that read them."""

from dataclasses import replace
from datetime import datetime, timezone

from support.specs import BAG

from pulumi_tablestore_delivery.consumers.external_table import TableOptions, external_table
from pulumi_tablestore_delivery.spec.properties import spec_of

PREFIXES = {
    "hive": "hive/year=$yyyy/month=$MM/day=$dd/hour=$HH/",
    "folders": "folders/$yyyy/$MM/$dd",
    "mixed": "mixed/$yyyy-$MM/day=$dd/",
    "fixed": "fixed/region=cn/dt=$yyyy-$MM-$dd/",
    "plain": "plain",
    "case": "case/Year=$yyyy/",
}
"""By style; the task `task-<style>` delivers there."""

MOMENTS = [
    datetime(2024, 2, 29, 23, 58, tzinfo=timezone.utc),
    datetime(2024, 3, 1, 0, 2, tzinfo=timezone.utc),
    datetime(2025, 12, 31, 7, 0, tzinfo=timezone.utc),
]
"""The event times of the rows."""

ROWS = [(number / 2, f"o{number}", number, number == 1) for number in range(len(MOMENTS))]
"""What is in the columns."""

COLUMNS = [
    ("d", "DOUBLE"),
    ("id", "UTF8", "orderId"),
    ("n", "INT64", "select"),
    ("b", "BOOL", "flag"),
]

SCHEMA = [
    {"source": source, "type": kind, "name": (*name, source)[0]} for source, kind, *name in COLUMNS
]
"""The same columns, as a task declares them."""

OPTIONS = TableOptions("hive", datetime(2020, 8, 31, 16, 3, tzinfo=timezone.utc))


def made(engine="hive", schema=(("id", "UTF8"),), options=OPTIONS, **inputs):
    columns = [{"source": name, "type": kind} for name, kind in schema]
    spec = spec_of({**BAG, "parquet_schema": columns, **inputs})
    return external_table(spec, replace(options, engine=engine))


def parts(moment):
    return [f"{moment:%Y}", f"{moment:%m}", f"{moment:%d}", f"{moment:%H}"]


PARTITIONS = {
    "hive": (["year", "month", "day", "hour"], parts),
    "folders": (["year", "month", "day"], lambda moment: parts(moment)[:3]),
    "mixed": (["year", "month", "day"], lambda moment: parts(moment)[:3]),
    "fixed": (["region", "dt"], lambda moment: ["cn", f"{moment:%Y-%m-%d}"]),
    "plain": ([], lambda _: []),
    "case": (["Year"], lambda moment: parts(moment)[:1]),
}
FOUND_BY_MSCK = {
    "hive": {"hive", "fixed"},
    "emr": {"hive", "fixed"},
    "spark": {"hive", "fixed", "case"},
}
"""Styles whose folders the engine finds by itself."""


def deliver_all(world):
    """Writes the rows and waits until every task has delivered them."""
    world.table()
    for moment, (d, key, n, b) in zip(MOMENTS, ROWS, strict=True):
        world.put(key, at=moment.isoformat(), d=d, n=n, b=b)
    for style, prefix in PREFIXES.items():
        name = f"task-{style}"
        world.task(name, "t", "BASE", COLUMNS, ossPrefix=prefix, event=("at", "RFC3339"))
    for style in PREFIXES:
        world.wait_scanned(f"task-{style}")
