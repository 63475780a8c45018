"""Tables on a narrow terminal."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from pulumi_tablestore_delivery.cli.tables import make_table
from pulumi_tablestore_delivery.cli.task_table import task_table
from pulumi_tablestore_delivery.inspection.task_states import TaskState

_ROW = TaskState(
    id="shop/page_views/page-gy35wbrex",
    table="page_views",
    task="page-gy35wbrex",
    mode="BASE_INC",
    phase="INCR",
    synced_until="2026-11-24T01:46:49.410Z",
    lag_seconds=3.0,
    error_code="OK",
    error_detail="",
    location="oss://my-lake/page_views/year=$yyyy/month=$MM/day=$dd/hour=$HH/",
)


def _shown(width: int, row: TaskState = _ROW) -> str:
    screen = io.StringIO()
    Console(file=screen, width=width).print(make_table(*task_table([row]), width=width))
    return screen.getvalue()


def test_narrow_terminal_shows_fewer_but_whole_columns() -> None:
    shown = _shown(80)

    for whole in (_ROW.table, _ROW.task, _ROW.mode, _ROW.phase, "3 s", "OK"):
        assert f" {whole} " in shown
    assert "…" not in shown
    assert "Synced until and Location: in a wider terminal, or with --json" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_redundant_column_is_dropped_first() -> None:
    shown = _shown(100)

    assert "Synced until: in a wider terminal" in shown
    assert "oss://my-lake/page_views" in shown


def test_table_without_rows_fits_a_narrow_terminal() -> None:
    screen = io.StringIO()
    Console(file=screen, width=50).print(make_table(*task_table([]), width=50))
    assert "Table" in screen.getvalue()


def test_wide_terminal_shows_all_columns() -> None:
    shown = _shown(160)

    assert _ROW.location in shown
    assert _ROW.synced_until in shown
    assert "wider" not in shown


def test_hostile_text_in_a_table_is_escaped() -> None:
    shown = _shown(160, replace(_ROW, location="oss://my-lake/new\nline/\x1b[31m/名/"))

    assert r"oss://my-lake/new\nline/\x1b[31m/名/" in shown


def test_wide_columns_are_folded_and_leave_room_for_the_others() -> None:
    screen = io.StringIO()
    shown = make_table(
        ("Column", "Type", "Equal", "Dropped"),
        [("customer_identifier_of_the_order", "TIMESTAMP", "1000000", "3 BINARY, " * 6)],
        dispensable=("Type",),
        width=60,
    )
    Console(file=screen, width=60).print(shown)

    lines = screen.getvalue().splitlines()
    assert any(" 1000000 " in line for line in lines)
    assert "TIMESTAMP" not in screen.getvalue()
    assert "…" not in screen.getvalue()
    assert all(len(line) <= 60 for line in lines)
