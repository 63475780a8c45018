"""The same rows, delivered under prefixes of every style."""

from datetime import datetime, timezone

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
