"""Every recipe of docs/recipes.md, with the real CLI; the files are read back with DuckDB."""

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import Project
from support.sdk import sdk_client, tablestore

from pulumi_tablestore_delivery.testing import EmulatedTablestore
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

PAGE = Path(__file__).resolve().parents[2] / "docs" / "recipes.md"
TABLE = "orders"


def blocks(heading, language):
    """The code blocks of a recipe in one language, in order."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    assert section, heading
    found = re.findall(rf"```{language}\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    assert found, (heading, language)
    return found


@dataclass
class World:
    """A table, a stack, and DuckDB on what is delivered."""

    emulator: EmulatorProcess
    project: Project
    database: duckdb.DuckDBPyConnection

    def __post_init__(self):
        self.client = sdk_client(self.emulator)
        self.client.create_table(
            tablestore.TableMeta(TABLE, [("order_id", "STRING")]),
            tablestore.TableOptions(),
            tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
        )
        self.stack = self.project.stack()

    @property
    def buckets(self):
        return self.emulator.data_dir / "oss"

    def put(self, key, **columns):
        row = tablestore.Row([("order_id", key)], list(columns.items()))
        self.client.put_row(TABLE, row)

    def up(self, program):
        self.project.program(program)
        return self.stack.up()

    def wait(self):
        EmulatedTablestore(
            self.emulator.url,
            self.emulator.instance,
            self.emulator.access_key_id,
            self.emulator.access_key_secret,
            self.buckets,
        ).wait_until_delivered()

    def sql(self, text):
        """Runs SQL of the page on the emulator's folders, after everything was delivered."""
        self.wait()
        return self.database.execute(text.replace("oss://", f"{self.buckets}/"))

    def rows(self, text):
        return sorted(self.sql(text).fetchall(), key=str)

    @property
    def tasks(self):
        return self.emulator.tasks(TABLE)


@pytest.fixture
def world(tmp_path):
    options = ("--create-buckets", "--flush-seconds", "0.1")
    with EmulatorProcess(tmp_path / "emulator", *options) as emulator, duckdb.connect() as database:
        yield World(emulator, Project(tmp_path / "project", emulator.environment), database)


def test_recipe_changes_a_schema_and_rolls_back(world):
    before, after = blocks("Change a schema without a gap", "python")
    first_view, second_view = blocks("Change a schema without a gap", "sql")
    world.put("a", amount=1.0, city="Hangzhou")
    world.up(before)
    (old,) = world.tasks
    world.put("b", amount=2.0, city="Beijing")
    world.sql(first_view)
    assert world.rows("SELECT order_id, amount FROM orders") == [("a", 1.0), ("b", 2.0)]

    assert world.up(after).operations == {
        "orders": ["create-replacement", "replace", "delete-replaced"]
    }
    (new,) = world.tasks
    assert new != old
    # Readers of the old view miss nothing that was there before, and the new one has all at once.
    assert world.rows("SELECT order_id, amount FROM orders") == [("a", 1.0), ("b", 2.0)]
    world.sql(second_view)
    world.put("c", amount=3.0, city="Shanghai")
    assert world.rows("SELECT order_id, amount_cny, city FROM orders") == [
        ("a", 1.0, "Hangzhou"), ("b", 2.0, "Beijing"), ("c", 3.0, "Shanghai"),
    ]  # fmt: skip

    (program,) = blocks("Roll back", "python")
    (view,) = blocks("Roll back", "sql")
    world.up(program)
    world.sql(view)
    complete = [("a", 1.0), ("b", 2.0), ("c", 3.0)]
    assert world.rows("SELECT order_id, amount FROM orders") == complete

    # What the page warns of: the old program writes into the old folder under the old name.
    world.up(before)
    assert world.tasks == [old]
    world.sql(first_view)
    counted = world.rows("SELECT order_id, count(*) FROM orders GROUP BY order_id")
    assert counted == [("a", 2), ("b", 2), ("c", 1)]


def test_recipe_adds_a_column(world):
    before, after = blocks("Add a column in the same folder", "python")
    (query,) = blocks("Add a column in the same folder", "sql")
    world.up(before)
    world.put("a", amount=1.0, city="Hangzhou")
    world.wait()
    world.up(after)
    world.put("b", amount=2.0, city="Beijing")
    assert world.rows(query) == [("a", 1.0, None), ("b", 2.0, "Beijing")]
    hidden = query.replace(", union_by_name = true", "")
    assert hidden != query
    with pytest.raises(duckdb.Error, match="city"):
        world.rows(hidden)


def test_recipe_moves_to_another_bucket(world):
    before, after = blocks("Move to another bucket", "python")
    (view,) = blocks("Move to another bucket", "sql")
    world.put("a", amount=1.0)
    world.up(before)
    world.put("b", amount=2.0)
    world.up(after)
    assert len(world.tasks) == 1
    world.put("c", amount=3.0)
    world.sql(view)
    assert world.rows("SELECT order_id, amount FROM orders") == [
        ("a", 1.0), ("b", 2.0), ("c", 3.0),
    ]  # fmt: skip
    assert (world.buckets / "my-lake" / "orders").is_dir()


def test_recipe_splits_a_table(world):
    before, both, after = blocks("Split a table into two tasks", "python")
    (view,) = blocks("Split a table into two tasks", "sql")
    world.put("a", amount=1.0, city="Hangzhou")
    world.up(before)
    added = world.up(both)
    assert added.operations == {"orders": ["same"], "sales": ["create"], "places": ["create"]}
    assert added.warnings == ""
    world.sql(view)
    assert world.rows("SELECT * FROM orders") == [("a", 1.0, "Hangzhou")]
    removed = world.up(after)
    assert removed.operations == {"orders": ["delete"], "sales": ["same"], "places": ["same"]}
    world.put("b", amount=2.0, city="Beijing")
    assert world.rows("SELECT * FROM orders") == [("a", 1.0, "Hangzhou"), ("b", 2.0, "Beijing")]


def test_recipe_adopts_production(world):
    config = pb.OSSTaskConfig(
        ossPrefix="orders/year=$yyyy/",
        ossBucket="my-lake",
        ossEndpoint="oss-cn-hangzhou.aliyuncs.com",
        ossStsRole="acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery",
        format=0,
        schema=[pb.ParquetSchema(columnName="order_id", ossColumnName="order_id", type=2)],
    )
    world.emulator.client.create_delivery_task(
        pb.CreateDeliveryTaskRequest(
            tableName=TABLE, taskName="by-hand", taskConfig=config, taskType=1
        )
    )
    before = world.emulator.task(TABLE, "by-hand").taskConfig
    (script,) = blocks("Adopt production safely", "sh")
    for line in script.splitlines():
        done = subprocess.run(
            shlex.split(line),
            cwd=world.project.folder,
            env=world.project.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    world.put("a")
    query = "SELECT order_id FROM read_parquet('oss://my-lake/orders/*/*')"
    assert world.rows(query) == [("a",)]
    assert world.stack.destroy(check=False).returncode != 0
    assert world.tasks == ["by-hand"]
    assert world.emulator.task(TABLE, "by-hand").taskConfig == before
