"""The quickstart's summary of the delivered files."""

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.quickstart import delivered

NAME = "order-l9ofwzfgt_0_orders_year=2024_month=01_day={day:02}__1"


def test_unreadable_event_time_is_not_reported_as_dropped():
    """The files contain such a value. It does not decide the row's folder."""
    report = [
        {"column": "amount", "reason": "is not DOUBLE", "count": 60},
        {"column": "created_at", "reason": "is not an event time", "count": 30},
        {"column": "created_at", "reason": "the row has no event time", "count": 2},
        {"column": "items", "reason": "is not INT64", "count": 31},
    ]
    assert list(delivered.findings(report)) == [
        "amount: 60 values were dropped (is not DOUBLE).",
        "items: 31 values were dropped (is not INT64).",
        "created_at: 30 values are not event times. The time of the write counts.",
        "created_at: 2 rows do not have a value. The time of the write counts.",
    ]


@pytest.fixture
def bucket(tmp_path):
    for day in range(1, 10):
        folder = tmp_path / "orders" / f"year=2024/month=01/day={day:02}"
        folder.mkdir(parents=True)
        rows = pa.table({"order_id": ["a", "b"], "created_at": ["2024-01-29T18:02:31+08:00"] * 2})
        pq.write_table(rows, folder / NAME.format(day=day))
    return tmp_path


def test_summary_fits_80_columns(bucket, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    report = [{"column": "created_at", "reason": "is not an event time", "count": 30}]
    delivered.show(bucket, {"orders": {"rows": 18, "files": 9, "discarded": report}})
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "orders: 18 rows in 9 files" in printed
    assert re.search(r"orders/year=2024/month=01/day=01/ +│ +1 │ +2 │", printed)
    assert re.search(r"… and 3 more folders +│ +3 │ +6 │", printed)
    assert "┃ row 2" in printed
    assert not re.search(r"day=\S*…", printed), "a name is cut"
