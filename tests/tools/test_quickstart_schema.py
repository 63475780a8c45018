"""The schema that infer-schema proposes for the quickstart's tables has no dirty values."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.delivery_world import World
from support.emulator_process import EmulatorProcess

from tools.quickstart import sample
from tools.quickstart.tables import Tables


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    options = ("--create-buckets", "--flush-seconds", "0.1")
    with EmulatorProcess(tmp_path_factory.mktemp("emulator"), *options) as process:
        keys = (process.access_key_id, process.access_key_secret)
        tables = Tables(process.url, process.instance, keys)
        tables.create_missing()
        tables.fill("orders", sample.orders())
        tables.fill("page_views", sample.page_views())
        yield process


def proposal(emulator, table, *options):
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "tablestore-delivery"),
            *("infer-schema", table, "--json", *options),
        ],
        env=emulator.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def delivered(emulator, table, name, found, event=None):
    """What the emulator says of a task with that schema."""
    world = World(emulator.url, emulator.data_dir)
    columns = [(column["source"], column["type"]) for column in found["parquet_schema"]]
    world.task(name, table=table, columns=columns, ossPrefix=f"{name}/", event=event)
    world.wait_delivered(name)
    return world.report(name)


def test_inferred_schema_of_orders_is_that_of_the_quickstart(emulator):
    found = proposal(emulator, "orders")
    assert (found["rows_from_the_beginning"], found["rows_from_the_end"]) == (500, 500)
    columns = {column["source"]: column["type"] for column in found["parquet_schema"]}
    assert columns == {
        "order_id": "UTF8", "created_at": "UTF8", "paid": "BOOL", "city": "UTF8", "goods": "UTF8",
    }  # fmt: skip
    undecided = {column["source"]: column for column in found["undecided"]}
    assert undecided.keys() == {"amount", "items"}
    assert undecided["amount"]["type"] == "DOUBLE"
    assert undecided["amount"]["values"] == {"DOUBLE": 980, "STRING": 10, "INTEGER": 10}
    assert found["event_time_columns"] == []  # somebody wrote "yesterday"
    report = delivered(emulator, "orders", "some", found)
    assert report["rows"] == sample.ORDERS
    assert report["dirty"] == 0


def test_inferred_schema_of_page_views_is_that_of_the_quickstart(emulator):
    found = proposal(emulator, "page_views")
    assert found["is_whole_table"] is True
    assert found["rows_from_the_beginning"] + found["rows_from_the_end"] == sample.PAGE_VIEWS
    assert found["undecided"] == []
    assert found["event_time_columns"] == [{"column": "viewed_at", "format": "Unix"}]
    report = delivered(emulator, "page_views", "views", found, event=("viewed_at", "Unix"))
    assert report["rows"] == sample.PAGE_VIEWS
    assert report["dirty"] == 0
