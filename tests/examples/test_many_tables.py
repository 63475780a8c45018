"""examples/many-tables on the emulator, with the real CLI."""

import subprocess
import sys

import pytest
from support.pulumi_cli import NEEDS_PULUMI

pytestmark = NEEDS_PULUMI
ANOTHER = """
  refunds:
    parquet_schema:
      - {source: refund_id, type: UTF8}
      - {source: amount, type: DOUBLE}
"""
TASKS = ("lake-orders", "lake-customers", "lake-page_views")
DAYS = "year=$yyyy/month=$MM/day=$dd/"


def make_tables(project):
    """Create the tables as the README describes."""
    done = subprocess.run(
        [sys.executable, project.folder / "sample_tables.py"],
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(done.stdout.splitlines())


@pytest.fixture
def project(example, emulator):
    project = example("many-tables", emulator.environment)
    assert make_tables(project) == ["customers: created", "orders: created", "page_views: created"]
    return project


def test_edit_of_the_file_changes_only_its_table(project, emulator):
    stack = project.stack()
    stack.config(bucket="lake-dev", accountId="1234567890123456")
    first = stack.up()
    assert first.operations == {name: ["create"] for name in TASKS}
    assert first.warnings == ""
    assert stack.outputs()["locations"] == {
        "orders": f"oss://lake-dev/many-tables/orders/{DAYS}",
        "customers": f"oss://lake-dev/many-tables/customers/{DAYS}",
        "page_views": f"oss://lake-dev/many-tables/page_views/{DAYS}hour=$HH/",
    }
    (orders,) = emulator.tasks("orders")
    config = emulator.task("orders", orders).taskConfig
    assert config.eventTimeColumn.columnName == "created_at"
    assert [(column.columnName, column.ossColumnName) for column in config.schema[:3]] == [
        ("order_id", "order_id"), ("created_at", "created_at"), ("amount", "amount_cny"),
    ]  # fmt: skip
    same = {name: ["same"] for name in TASKS}
    assert stack.up("--expect-no-changes").operations == same

    tables = project.folder / "tables.yaml"
    text = tables.read_text()
    tables.write_text(text + ANOTHER)
    assert make_tables(project) == ["refunds: created"]
    added = stack.up()
    assert added.operations == {**same, "lake-refunds": ["create"]}
    assert len(emulator.tasks("refunds")) == 1

    tables.write_text(text)
    removed = stack.up()
    assert removed.operations == {**same, "lake-refunds": ["delete"]}
    assert emulator.tasks("refunds") == []
    assert emulator.tasks("orders") == [orders]


def test_violation_in_the_file_is_reported_at_preview(project):
    tables = project.folder / "tables.yaml"
    tables.write_text(tables.read_text().replace("mode: INC", "mod: INC"))
    stack = project.stack()
    stack.config(bucket="lake-dev", accountId="1234567890123456")
    run = stack.preview(check=False)
    assert run.returncode != 0
    assert "tasks['page_views'] does not have the input 'mod'; did you mean 'mode'?" in run.errors
    assert "Traceback" not in run.output


def test_sample_tables_are_created_only_on_an_emulator(project):
    project.environment["TABLESTORE_ENDPOINT"] = "https://inst.cn-hangzhou.ots.aliyuncs.com"
    with pytest.raises(AssertionError, match="Set TABLESTORE_ENDPOINT to an emulator"):
        make_tables(project)
