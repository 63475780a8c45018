"""check and tasks_from_file, for programs and their unit tests."""

import json

import pulumi
import pytest
import yaml
from support.specs import BAG

import pulumi_tablestore_delivery as delivery
from pulumi_tablestore_delivery import native
from pulumi_tablestore_delivery.spec.rules import RULES

ROLE = BAG["role_arn"]
GOOD = {name: value for name, value in BAG.items() if name not in {"instance_name", "oss_endpoint"}}


def found(inputs, **around):
    return {(each.severity, each.rule, each.path) for each in delivery.check(inputs, **around)}


def test_valid_task_has_no_violation():
    assert delivery.check(GOOD) == []
    assert delivery.check(delivery.DeliveryTaskArgs(**GOOD)) == []


def test_all_violations_are_found_with_their_severity():
    wrong = {**GOOD, "oss_prefix": "orders/year=%Y/", "mode": "ALL", "color": "red"}
    del wrong["table_name"]
    assert found(wrong) == {
        ("error", "required", "table_name"),
        ("error", "mode", "mode"),
        ("error", "unknown-input", "color"),
        ("warning", "prefix-time", "oss_prefix"),
    }
    *_, last = delivery.check(wrong)
    assert last.severity == "warning"
    assert "probably means 'orders/year=$yyyy/'" in last.message
    assert str(last) == f"oss_prefix: {last.message}"


def test_args_classes_and_enums_are_checked_as_their_values():
    args = delivery.DeliveryTaskArgs(
        **{
            **GOOD,
            "mode": delivery.Mode.INC,
            "event_time_column": delivery.EventTimeColumnArgs(
                column="order_id", format=delivery.EventTimeFormat.UNIX
            ),
            "parquet_schema": [
                delivery.ParquetColumnArgs(source="order_id", type=delivery.ParquetType.UTF8),
                delivery.ParquetColumnArgs(source="a", name="Order_ID", type="DOUBLE"),
            ],
        }
    )
    assert found(args) == {
        ("error", "column-unique", "parquet_schema[1].name"),
        ("error", "event-time-type", "event_time_column.format"),
    }


def test_outputs_are_skipped_at_any_depth():
    output = pulumi.Output.from_input("/bad/$prefix")
    inputs = {
        **GOOD,
        "table_name": output,
        "oss_prefix": output,
        "parquet_schema": [{"source": output, "type": "VARCHAR"}],
        "event_time_column": output,
    }
    assert found(inputs) == {("error", "type", "parquet_schema[0].type")}


@pytest.mark.parametrize("inputs", [None, "orders", 1, ["orders"]])
def test_argument_that_is_not_a_dict_of_inputs_is_refused(inputs):
    with pytest.raises(TypeError, match="check takes a dict of inputs or DeliveryTaskArgs, not"):
        delivery.check(inputs)


def test_name_that_is_not_text_is_reported():
    assert found({**GOOD, 1: "x"}) == {("error", "unknown-input", "1")}


def test_region_and_stack_are_checked_if_given():
    inputs = {**GOOD, "oss_endpoint": "oss-cn-beijing.aliyuncs.com", "oss_bucket": "lake-prod"}
    assert found(inputs) == set()
    assert found(inputs, region="cn-hangzhou", stack="dev") == {
        ("error", "oss-endpoint-region", "oss_endpoint"),
        ("error", "bucket-environment", "oss_bucket"),
    }


def test_environment_is_not_used(monkeypatch):
    monkeypatch.setenv("TABLESTORE_REGION", "cn-beijing")
    monkeypatch.setenv("TABLESTORE_ENDPOINT", "http://elsewhere.example")
    assert delivery.check({**GOOD, "oss_endpoint": "oss-cn-hangzhou.aliyuncs.com"}) == []


class CheckingMocks(pulumi.runtime.Mocks):
    """As docs/testing.md shows."""

    def __init__(self):
        self.violations = {}

    def new_resource(self, args):
        if args.typ.endswith("DeliveryTask"):
            self.violations[args.name] = delivery.check(args.inputs)
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


def test_mocks_check_tasks_of_the_native_provider():
    mocks = CheckingMocks()
    pulumi.runtime.set_mocks(mocks, project="shop", stack="dev")

    @pulumi.runtime.test
    def run():
        native.DeliveryTask("good", GOOD)
        native.DeliveryTask("bad", {**GOOD, "parquet_schema": [{"source": "a", "type": "TEXT"}]})

    run()
    found = {
        name: [(each.rule, each.path) for each in its] for name, its in mocks.violations.items()
    }
    assert found == {"good": [], "bad": [("type", "parquet_schema[0].type")]}


def test_mocks_check_every_task_of_a_program():
    mocks = CheckingMocks()
    pulumi.runtime.set_mocks(mocks, project="shop", stack="dev")

    @pulumi.runtime.test
    def run():
        bucket = pulumi.Output.from_input("My_Bucket")  # known when the mocks get it
        delivery.DeliveryTask("good", GOOD)
        delivery.DeliveryTask("bad", {**GOOD, "oss_bucket": bucket})
        delivery.OssDelivery(
            "lake",
            oss_bucket="my-lake",
            account_id="1",
            tasks={"orders": {"parquet_schema": [{"source": "a", "type": "TEXT"}]}},
        )

    run()
    rules = {name: [each.rule for each in its] for name, its in mocks.violations.items()}
    assert rules == {"good": [], "bad": ["bucket-name"], "lake-orders": ["type"]}


def test_rules_of_violations_are_documented():
    rules = {rule.id for rule in RULES}
    wrong = {**GOOD, "oss_prefix": "/x", "mode": "ALL"}
    assert {each.rule for each in delivery.check(wrong)} <= rules


@pytest.mark.parametrize(("name", "dump"), [("a.yaml", yaml.safe_dump), ("a.json", json.dumps)])
def test_tasks_from_file_fills_in_defaults(tmp_path, name, dump):
    file = tmp_path / name
    tasks = {"orders": {"table_name": "orders"}, "views": {"table_name": "views", "mode": "INC"}}
    file.write_text(dump({"defaults": {"role_arn": ROLE, "mode": "BASE"}, "tasks": tasks}))
    assert delivery.tasks_from_file(file) == {
        "orders": {"table_name": "orders", "role_arn": ROLE, "mode": "BASE"},
        "views": {"table_name": "views", "role_arn": ROLE, "mode": "INC"},
    }
    assert delivery.tasks_from_file(str(file)) == delivery.tasks_from_file(file)


def test_task_of_a_file_with_one_task_has_the_files_name(tmp_path):
    (tmp_path / "orders.yaml").write_text(yaml.safe_dump(GOOD))
    assert delivery.tasks_from_file(tmp_path / "orders.yaml") == {"orders": GOOD}


@pytest.mark.parametrize("text", ["tasks: [x]\n", "a: b: c\n", "tasks: {}\n"])
def test_invalid_file_ends_the_program_with_a_message(tmp_path, text):
    (tmp_path / "tasks.yaml").write_text(text)
    with pytest.raises(pulumi.RunError, match=r"tasks\.yaml"):
        delivery.tasks_from_file(tmp_path / "tasks.yaml")


def test_hyphen_is_a_file_name_and_not_standard_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pulumi.RunError, match="cannot be read"):
        delivery.tasks_from_file("-")
