"""paths, ddl and policy: their output and their errors."""

import json
import re

import pytest
import yaml
from support.specs import BAG

from pulumi_tablestore_delivery.consumers.engines import ENGINES

PREFIX = "orders/year=$yyyy/month=$MM/"


def test_paths_prints_keys_and_folders(command):
    done = command("paths", PREFIX, "--time", "2020-08-31T23:30-02:00", "--bucket", "my-lake")
    assert done.code == 0
    assert "2020-09-01T01:30:00Z (folders are assumed to be in UTC)" in done.out
    assert "oss://my-lake/orders/year=2020/month=09/task_0_orders_year=2020_month=09__1" in done.out
    assert "oss://my-lake/orders/year=2020/month=*/task_*" in done.out
    found = command("paths", PREFIX, "--time", "2020-08-31", "--task", "t", "--json").json
    assert found["folder"] == "orders/year=2020/month=08/"
    assert found["time_zone"] == "UTC (assumed)"
    assert found["listings"][-1] == {
        "period": "month",
        "prefix": "orders/year=2020/month=08/",
        "glob": "orders/year=2020/month=08/t_*",
    }


def test_paths_without_a_time_uses_the_current_time_and_gives_advice(command):
    done = command("paths", "o/$HH")
    assert done.code == 0
    assert "warning: oss_prefix: 'o/$HH' uses $HH without $dd" in done.out


def test_paths_warns_of_folders_that_readers_cannot_read(command):
    done = command("paths", "o/year=%Y/_day=$yyyy-$MM-$dd/Day=$HH:00/day=$mm/")
    assert done.code == 0
    rules = set(
        re.findall(r"^warning: .*\[rule ([a-z-]+), seen in readers\]", done.out, re.MULTILINE)
    )
    assert rules == {"prefix-time", "prefix-hidden", "prefix-characters", "partition-column"}
    assert "probably means 'o/year=$yyyy/_day=" in done.out


def test_paths_refuses_an_invalid_prefix(command):
    done = command("paths", "/orders/$yy/", "--json")
    assert done.code == 2
    assert "rule prefix, documented" in done.json["error"]
    assert "rule prefix-variable, documented" in done.err
    assert command("paths", "o", "--time", "noon").code == 2


def test_ddl_reads_an_existing_task(world, command):
    world.task("one", columns=[("id", "UTF8", "orderId"), ("n", "INT64")], ossPrefix=PREFIX)
    done = command("ddl", "t", "one", "--database", "lake", "--name", "orders")
    assert done.code == 0
    assert "CREATE EXTERNAL TABLE IF NOT EXISTS `lake`.`orders` (\n  `orderId` STRING" in done.out
    assert done.out.endswith("\nMSCK REPAIR TABLE `lake`.`orders`;\n")
    made = command("ddl", "t", "one", "--engine", "spark", "--exclude-column", "n", "--json").json
    assert made["columns"] == [{"name": "orderId", "type": "STRING"}]
    assert [each["name"] for each in made["partitions"]] == ["year", "month"]
    assert made["location"] == "oss://my-lake/orders/"
    assert all(statement in made["script"] for statement in made["statements"])


def test_ddl_offers_every_engine(command):
    assert "|".join(ENGINES) in command("ddl", "--help", COLUMNS="200").out
    done = command("ddl", "t", "one", "--engine", "presto")
    assert done.code == 2
    assert f"'presto' is not one of {', '.join(ENGINES)}." in " ".join(done.err.split())


def test_ddl_uses_the_requested_partition_type(world, command):
    world.task("one", ossPrefix="orders/year=$yyyy/month=$MM/")
    done = command("ddl", "t", "one", "--partition-type", "int")
    assert "PARTITIONED BY (`year` INT, `month` INT)" in done.out
    done = command("ddl", "t", "one", "--engine", "duckdb", "--partition-type", "INT")
    assert "hive_types = {'year': INTEGER, 'month': INTEGER}" in done.out


def test_ddl_uses_the_given_time_in_its_example(world, command):
    world.task("one", ossPrefix="orders/$yyyy/")
    assert "PARTITION (`year`='2019')" in command("ddl", "t", "one", "--time", "2019-05-06").out


@pytest.mark.parametrize("engine", ENGINES)
def test_ddl_comments_fit_80_columns(world, command, engine):
    world.task("one", ossPrefix=PREFIX)
    comments = [
        line
        for line in command(
            "ddl", "t", "one", "--database", "d", "--engine", engine
        ).out.splitlines()
        if line.startswith("--")
    ]
    assert len(comments) > 3
    assert all(len(line) <= 80 for line in comments)
    assert all(line.startswith("-- ") for line in comments)


def test_ddl_of_a_missing_task_is_an_error(world, command):
    done = command("ddl", "t", "none", "--json")
    assert done.code == 1
    assert "local/t/none: the delivery task does not exist" in done.json["error"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give TABLE and TASK, or --file"),
        (["t"], "give TABLE and TASK, or --file"),
        (["t", "one", "--file", "f.yaml"], "give only the name of a task in the file"),
        (["t", "one", "--engine", "presto"], "presto"),
        (["t", "one", "--time", "noon"], "is not a time"),
    ],
)
def test_ddl_reports_wrong_arguments(world, command, arguments, message):
    world.task("one")
    done = command("ddl", *arguments)
    assert done.code == 2
    assert message in done.err


def test_ddl_reads_a_task_from_a_file(command, tmp_path):
    file = tmp_path / "tasks.yaml"
    orders = {**BAG, "oss_prefix": PREFIX}
    file.write_text(yaml.safe_dump({"tasks": {"orders": orders, "bad": {**BAG, "mode": "X"}}}))
    done = command("ddl", "orders", "--file", str(file))
    assert done.code == 0
    assert "PARTITIONED BY (`year` STRING, `month` STRING)" in done.out
    for name, message in (
        ("bad", "mode: 'X' is not one of"),
        ("other", "does not have a task 'other'. Tasks in the file: bad, orders."),
    ):
        done = command("ddl", name, "--file", str(file), "--json")
        assert done.code == 1
        assert message in done.json["error"]
    done = command("ddl", "--file", str(file))
    assert done.code == 1
    assert "give the name of a task. Tasks in the file: bad, orders." in done.err
    file.write_text(json.dumps({**orders, "parquet_schema": [{"source": "year", "type": "INT64"}]}))
    done = command("ddl", "--file", str(file))
    assert (done.code, done.out) == (1, "")
    assert "leave it out of the table (exclude_columns, --exclude-column)" in done.err
    both = [{"source": "year", "type": "INT64"}, {"source": "id", "type": "UTF8"}]
    file.write_text(json.dumps({**orders, "parquet_schema": both}))
    assert command("ddl", "--file", str(file), "--exclude-column", "year").code == 0


def test_policy_deployer_prints_the_policy(command):
    done = command("policy", "deployer", "--instance", "shop", "--table", "orders", "--read-only")
    assert done.code == 0
    (statement,) = done.json["Statement"]
    assert statement["Resource"] == ["acs:ots:*:*:instance/shop/table/orders"]
    assert "ots:CreateDeliveryTask" not in statement["Action"]
    assert done.err.startswith("assumed: ots:DescribeDeliveryTask, ")
    assert "note: The documentation of delivery does not mention ram:PassRole" in done.err
    made = command("policy", "deployer", "--create-role", "--json", TABLESTORE_INSTANCE="shop").json
    assert [each["source"] for each in made["sources"]] == ["assumed", "assumed", "documented"]
    assert len(made["policy"]["Statement"]) == len(made["sources"])


def test_policy_role_and_trust_print_their_policies(command):
    done = command("policy", "role", "my-lake", PREFIX, "dirty/")
    assert done.json["Statement"][0]["Resource"] == [
        "acs:oss:*:*:my-lake/orders/year=*/month=*/*",
        "acs:oss:*:*:my-lake/dirty/*",
    ]
    assert "documented: oss:PutObject" in done.err
    done = command("policy", "trust")
    assert done.json["Statement"][0]["Principal"]["Service"] == ["datadelivery.ots.aliyuncs.com"]


def test_policy_reports_wrong_arguments(command, monkeypatch):
    monkeypatch.delenv("TABLESTORE_INSTANCE", raising=False)
    assert command("policy", "deployer").code == 2
    done = command("policy", "role", "my-lake", "/orders/", "--json")
    assert done.code == 2
    assert done.json["error"].startswith("oss_prefixes[0]: '/orders/' starts with '/'")
