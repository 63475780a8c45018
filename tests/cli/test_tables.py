"""Tables on terminals of different widths."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pulumi_tablestore_delivery.cli.tables import make_table, print_table
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


def _render(width: int, row: TaskState = _ROW) -> str:
    screen = io.StringIO()
    Console(file=screen, width=width).print(make_table(*task_table([row]), width=width))
    return screen.getvalue()


def test_narrow_terminal_shows_fewer_but_whole_columns() -> None:
    text = _render(80)

    for whole in (_ROW.table, _ROW.task, _ROW.mode, _ROW.phase, "3 s", "OK"):
        assert f" {whole} " in text
    assert "…" not in text
    assert "Synced until and Location: in a wider terminal, or with --json" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_redundant_column_is_omitted_first() -> None:
    text = _render(100)

    assert "Synced until: in a wider terminal" in text
    assert "oss://my-lake/page_views" in text


def test_table_without_rows_fits_a_narrow_terminal() -> None:
    screen = io.StringIO()
    Console(file=screen, width=50).print(make_table(*task_table([]), width=50))
    assert "Table" in screen.getvalue()


def test_wide_terminal_shows_all_columns() -> None:
    text = _render(160)

    assert _ROW.location in text
    assert _ROW.synced_until in text
    assert "wider" not in text


def test_hostile_text_in_a_table_is_escaped() -> None:
    text = _render(160, replace(_ROW, location="oss://my-lake/new\nline/\x1b[31m/名/"))

    assert r"oss://my-lake/new\nline/\x1b[31m/名/" in text


def test_wide_columns_are_folded_and_leave_room_for_the_others() -> None:
    screen = io.StringIO()
    text = make_table(
        ("Column", "Type", "Equal", "Dropped"),
        [("customer_identifier_of_the_order", "TIMESTAMP", "1000000", "3 BINARY, " * 6)],
        dispensable=("Type",),
        width=60,
    )
    Console(file=screen, width=60).print(text)

    lines = screen.getvalue().splitlines()
    assert any(" 1000000 " in line for line in lines)
    assert "TIMESTAMP" not in screen.getvalue()
    assert "…" not in screen.getvalue()
    assert all(len(line) <= 60 for line in lines)


def test_table_in_a_pipe_has_no_trailing_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Name", "Location"), [("a", "b"), ("long name", "c")])

    text = capsys.readouterr().out
    assert "\n a           b\n" in text
    assert all(line == line.rstrip() for line in text.splitlines())
