"""paths, ddl and policy: their output and their errors."""

import json
import re

import pytest
import yaml
from support.specs import BAG

from pulumi_tablestore_delivery.consumers.engines import ENGINES

PREFIX = "orders/year=$yyyy/month=$MM/"


def test_paths_prints_keys_and_folders(command):
    told = command("paths", PREFIX, "--time", "2020-08-31T23:30-02:00", "--bucket", "my-lake")
    assert told.code == 0
    assert "2020-09-01T01:30:00Z (that folders are in UTC is assumed)" in told.out
    assert "oss://my-lake/orders/year=2020/month=09/task_0_orders_year=2020_month=09__1" in told.out
    assert "oss://my-lake/orders/year=2020/month=*/task_*" in told.out
    found = command("paths", PREFIX, "--time", "2020-08-31", "--task", "t", "--json").json
    assert found["folder"] == "orders/year=2020/month=08/"
    assert found["time_zone"] == "UTC (assumed)"
    assert found["listings"][-1] == {
        "period": "month",
        "prefix": "orders/year=2020/month=08/",
        "glob": "orders/year=2020/month=08/t_*",
    }


def test_paths_without_a_time_uses_the_current_time_and_gives_advice(command):
    told = command("paths", "o/$HH")
    assert told.code == 0
    assert "warning: oss_prefix: 'o/$HH' uses $HH without $dd" in told.out


def test_paths_warns_of_folders_that_readers_cannot_read(command):
    told = command("paths", "o/year=%Y/_day=$yyyy-$MM-$dd/Day=$HH:00/day=$mm/")
    assert told.code == 0
    rules = set(
        re.findall(r"^warning: .*\[rule ([a-z-]+), seen in readers\]", told.out, re.MULTILINE)
    )
    assert rules == {"prefix-time", "prefix-hidden", "prefix-characters", "partition-column"}
    assert "probably means 'o/year=$yyyy/_day=" in told.out


def test_paths_refuses_an_invalid_prefix(command):
    told = command("paths", "/orders/$yy/", "--json")
    assert told.code == 2
    assert "rule prefix, documented" in told.json["error"]
    assert "rule prefix-variable, documented" in told.err
    assert command("paths", "o", "--time", "noon").code == 2


def test_ddl_reads_an_existing_task(world, command):
    world.task("one", columns=[("id", "UTF8", "orderId"), ("n", "INT64")], ossPrefix=PREFIX)
    told = command("ddl", "t", "one", "--database", "lake", "--name", "orders")
    assert told.code == 0
    assert "CREATE EXTERNAL TABLE IF NOT EXISTS `lake`.`orders` (\n  `orderId` STRING" in told.out
    assert told.out.endswith("\nMSCK REPAIR TABLE `lake`.`orders`;\n")
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


def test_ddl_of_a_missing_task_is_an_error(world, command):
    told = command("ddl", "t", "none", "--json")
    assert told.code == 1
    assert "local/t/none: the delivery task does not exist" in told.json["error"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name TABLE and TASK, or a --file"),
        (["t"], "name TABLE and TASK, or a --file"),
        (["t", "one", "--file", "f.yaml"], "name a task of the file and no more"),
        (["t", "one", "--engine", "presto"], "presto"),
        (["t", "one", "--time", "noon"], "is not a time"),
    ],
)
def test_ddl_reports_wrong_arguments(world, command, arguments, told):
    world.task("one")
    done = command("ddl", *arguments)
    assert done.code == 2
    assert told in " ".join(done.err.replace("│", " ").split())


def test_ddl_reads_a_task_from_a_file(command, tmp_path):
    file = tmp_path / "tasks.yaml"
    orders = {**BAG, "oss_prefix": PREFIX}
    file.write_text(yaml.safe_dump({"tasks": {"orders": orders, "bad": {**BAG, "mode": "X"}}}))
    told = command("ddl", "orders", "--file", str(file))
    assert told.code == 0
    assert "PARTITIONED BY (`year` STRING, `month` STRING)" in told.out
    for name, said in (
        ("bad", "mode: 'X' is not one of"),
        ("other", "name one of its tasks: bad, orders"),
    ):
        told = command("ddl", name, "--file", str(file), "--json")
        assert told.code == 1
        assert said in told.json["error"]
    assert command("ddl", "--file", str(file)).code == 1
    file.write_text(json.dumps({**orders, "parquet_schema": [{"source": "year", "type": "INT64"}]}))
    told = command("ddl", "--file", str(file))
    assert (told.code, told.out) == (1, "")
    assert "leave it out of the table (exclude_columns, --exclude-column)" in told.err
    both = [{"source": "year", "type": "INT64"}, {"source": "id", "type": "UTF8"}]
    file.write_text(json.dumps({**orders, "parquet_schema": both}))
    assert command("ddl", "--file", str(file), "--exclude-column", "year").code == 0


def test_policy_deployer_prints_the_policy(command):
    told = command("policy", "deployer", "--instance", "shop", "--table", "orders", "--read-only")
    assert told.code == 0
    (statement,) = told.json["Statement"]
    assert statement["Resource"] == ["acs:ots:*:*:instance/shop/table/orders"]
    assert "ots:CreateDeliveryTask" not in statement["Action"]
    assert told.err.startswith("assumed: ots:DescribeDeliveryTask, ")
    assert "note: The documentation of delivery does not mention ram:PassRole" in told.err
    made = command("policy", "deployer", "--create-role", "--json", TABLESTORE_INSTANCE="shop").json
    assert [each["source"] for each in made["sources"]] == ["assumed", "assumed", "documented"]
    assert len(made["policy"]["Statement"]) == len(made["sources"])


def test_policy_role_and_trust_print_their_policies(command):
    told = command("policy", "role", "my-lake", PREFIX, "dirty/")
    assert told.json["Statement"][0]["Resource"] == [
        "acs:oss:*:*:my-lake/orders/year=*/month=*/*",
        "acs:oss:*:*:my-lake/dirty/*",
    ]
    assert "documented: oss:PutObject" in told.err
    told = command("policy", "trust")
    assert told.json["Statement"][0]["Principal"]["Service"] == ["datadelivery.ots.aliyuncs.com"]


def test_policy_reports_wrong_arguments(command, monkeypatch):
    monkeypatch.delenv("TABLESTORE_INSTANCE", raising=False)
    assert command("policy", "deployer").code == 2
    told = command("policy", "role", "my-lake", "/orders/", "--json")
    assert told.code == 2
    assert told.json["error"].startswith("oss_prefixes[0]: '/orders/' starts with '/'")
