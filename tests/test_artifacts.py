"""SQL, keys and policies in a program: the same from a resource, its inputs, or a lookup."""

import json

import pulumi
import pytest
from support.pulumi_mocks import use_mocks
from support.specs import BAG

import pulumi_tablestore_delivery as delivery
from pulumi_tablestore_delivery.frontend.results import GetDeliveryTaskResult

INPUTS = {name: BAG[name] for name in ("table_name", "oss_bucket", "oss_prefix", "role_arn")}
SCHEMA = [
    delivery.ParquetColumnArgs(source="order_id", type=delivery.ParquetType.UTF8),
    {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
]


def value_of(make):
    """The value of the output that `make` returns, in a program under Pulumi's mocks."""
    use_mocks()
    found = []

    @pulumi.runtime.test
    def run():
        return make().apply(found.append)

    run()
    return found[0]


def result_of_get():
    plain = {name: BAG[name] for name in BAG if name != "parquet_schema"}
    rest = dict.fromkeys(
        ("oss_dirty_prefix", "event_time_column", "mode", "format", "phase", "synced_until"), None
    )
    rest |= dict.fromkeys(("error_code", "error_detail", "location", "id"), "")
    columns = [
        delivery.ParquetColumn(source="order_id", name="order_id", type="UTF8", encoding="PLAIN"),
        delivery.ParquetColumn(
            source="amount", name="amount_cny", type="DOUBLE", encoding="PLAIN", type_extend=None
        ),
    ]
    return GetDeliveryTaskResult(**plain, **rest, parquet_schema=columns)


WITHOUT_NOTES = """\
CREATE EXTERNAL TABLE IF NOT EXISTS `lake`.`orders` (
  `order_id` STRING,
  `amount_cny` DOUBLE
)
PARTITIONED BY (`year` STRING, `month` STRING)
STORED AS PARQUET
LOCATION 'oss://my-lake/orders/';

MSCK REPAIR TABLE `lake`.`orders`;
"""


def test_ddl_is_returned_for_plain_values():
    args = delivery.DeliveryTaskArgs(**INPUTS, parquet_schema=SCHEMA)
    for task in (args, {**INPUTS, "parquet_schema": SCHEMA}, result_of_get()):
        assert delivery.external_table_ddl(task, database="lake").endswith(WITHOUT_NOTES)
    assert "fs.oss.endpoint=oss-cn-hangzhou.aliyuncs.com" in delivery.external_table_ddl(
        result_of_get()
    )


def test_ddl_is_an_output_for_outputs():
    def resource():
        task = delivery.DeliveryTask("orders", **INPUTS, parquet_schema=SCHEMA)
        return delivery.external_table_ddl_output(task, database=pulumi.Output.from_input("lake"))

    def inputs():
        bucket = pulumi.Output.from_input("my-lake")
        args = delivery.DeliveryTaskArgs(**{**INPUTS, "oss_bucket": bucket}, parquet_schema=SCHEMA)
        return delivery.external_table_ddl_output(args, "hive", database="lake")

    assert value_of(resource).endswith(WITHOUT_NOTES)
    assert value_of(inputs).endswith(WITHOUT_NOTES)


def test_ddl_is_the_same_in_every_run():
    task = {**INPUTS, "oss_prefix": "orders/$yyyy/", "parquet_schema": SCHEMA}
    assert "PARTITION (`year`='2020')" in delivery.external_table_ddl(task)
    assert "PARTITION (`year`='2024')" in delivery.external_table_ddl(task, time="2024-05-06")


def test_object_keys_are_returned_for_plain_values_and_outputs():
    found = delivery.object_keys("o/$yyyy/", "2020-08-31T16:03Z", "t")
    assert found.keys[0] == "o/2020/t_0_o_2020__1"
    assert isinstance(found, delivery.ObjectKeys)
    assert isinstance(found.listings[0], delivery.ObjectListing)
    prefix = pulumi.Output.from_input("o/$yyyy/")
    assert value_of(lambda: delivery.object_keys_output(prefix, "2020-08-31").folder) == "o/2020/"


def test_policies_are_returned_as_json():
    plain = delivery.deployer_policy("shop", ["orders"], read_only=True)
    instance = pulumi.Output.from_input("shop")
    assert plain == value_of(
        lambda: delivery.deployer_policy_output(instance, ["orders"], read_only=True)
    )
    assert json.loads(plain)["Statement"][0]["Resource"] == [
        "acs:ots:*:*:instance/shop/table/orders"
    ]
    prefixes = [pulumi.Output.from_input("o/$yyyy/")]
    role = value_of(lambda: delivery.role_policy_output("my-lake", prefixes))
    assert role == delivery.role_policy("my-lake", ["o/$yyyy/"])
    assert json.loads(delivery.role_trust_policy())["Statement"][0]["Action"] == ["sts:AssumeRole"]


def test_output_given_to_a_plain_function_names_its_output_form():
    later = pulumi.Output.from_input("x")
    for name, call in (
        (
            "external_table_ddl",
            lambda: delivery.external_table_ddl({**INPUTS, "oss_bucket": later}),
        ),
        ("object_keys", lambda: delivery.object_keys(later, "2020-01-01")),
        ("deployer_policy", lambda: delivery.deployer_policy("shop", [later])),
        ("role_policy", lambda: delivery.role_policy(later, ["orders/"])),
    ):
        with pytest.raises(TypeError, match=f"Use {name}_output for outputs"):
            call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: delivery.external_table_ddl(result_of_get(), nam="t"),
        lambda: delivery.external_table_ddl_output(result_of_get(), nam="t"),
        lambda: delivery.deployer_policy("shop", nam="t"),
        lambda: delivery.deployer_policy_output("shop", nam="t"),
    ],
)
def test_unknown_option_is_refused(call):
    with pytest.raises(TypeError, match=r"[a-z_]+\(\) got an unexpected keyword argument 'nam'"):
        call()


def test_options_are_the_same_for_plain_values_and_outputs():
    task = {**INPUTS, "oss_prefix": "orders/$yyyy/", "parquet_schema": SCHEMA}
    table = {
        "name": "t", "database": "lake", "exclude_columns": ["amount_cny"], "time": "2024-05-06",
        "partition_type": "INT",
    }  # fmt: skip
    sql = delivery.external_table_ddl(task, "spark", **table)
    assert "`lake`.`t` (\n  `order_id` STRING,\n  `year` INT\n)" in sql
    assert "PARTITION (`year`=2024)" in sql
    assert sql == value_of(lambda: delivery.external_table_ddl_output(task, "spark", **table))
    rights = {
        "region": "cn-hangzhou", "account_id": "1", "list_tables": True, "sample_rows": True,
        "create_role": True,
    }  # fmt: skip
    policy = delivery.deployer_policy("shop", **rights)
    assert policy == value_of(lambda: delivery.deployer_policy_output("shop", **rights))
    statements = json.loads(policy)["Statement"]
    assert [len(each["Action"]) for each in statements] == [3, 2, 1, 1, 1]
    assert statements[0]["Resource"] == ["acs:ots:cn-hangzhou:1:instance/shop/table/*"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: delivery.external_table_ddl(result_of_get(), exclude_columns="order_id"),
        lambda: delivery.deployer_policy("shop", "orders"),
        lambda: delivery.role_policy("my-lake", "orders/"),
    ],
)
def test_string_instead_of_a_list_is_refused(call):
    with pytest.raises(TypeError, match="is a list of strings, not the string 'order"):
        call()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: delivery.external_table_ddl({}), "table_name: is required"),
        (
            lambda: delivery.external_table_ddl({**INPUTS, "parquet_schema": [{"source": "a"}]}),
            r"parquet_schema\[0\].type: is required",
        ),
        (
            lambda: delivery.external_table_ddl(result_of_get(), "presto"),
            "engine: 'presto' is not one",
        ),
        (lambda: delivery.external_table_ddl(result_of_get(), time="noon"), "time: 'noon' is not"),
        (lambda: delivery.object_keys("/o", "2020-01-01"), "oss_prefix: '/o' starts with '/'"),
        (lambda: delivery.deployer_policy(""), "instance_name: is empty"),
        (lambda: delivery.role_policy("b", ["a*"]), "has a wildcard"),
    ],
)
def test_wrong_argument_ends_the_program_with_a_message(make, message):
    with pytest.raises(pulumi.RunError, match=message):
        make()
