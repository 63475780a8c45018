"""examples/oss-bucket with Pulumi's mocks, because pulumi-alicloud calls a real account."""

import runpy
from pathlib import Path

import pulumi
import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "oss-bucket" / "__main__.py"
TASK = "pulumi-python:dynamic/tablestore:DeliveryTask"
BUCKET = "alicloud:oss/bucket:Bucket"
INSTANCE = "alicloud:ots/instance:Instance"
TABLE = "alicloud:ots/table:Table"
ROLE = "alicloud:resourcemanager/serviceLinkedRole:ServiceLinkedRole"
# Values that the provider generates.
GENERATED = {
    BUCKET: {"bucket": "lake-1a2b3c"},
    INSTANCE: {"name": "shop-4d5e6f"},
    ROLE: {"arn": "acs:ram::12:role/aliyunserviceroleforotsdatadelivery"},
}


class Mocks(pulumi.runtime.Mocks):
    def __init__(self):
        self.inputs = {}

    def new_resource(self, args):
        self.inputs[args.typ] = args.inputs
        return f"{args.name}-id", {**args.inputs, **GENERATED.get(args.typ, {})}

    def call(self, args):
        raise AssertionError(f"{args.token} is called")


@pytest.fixture
def run():
    """Return a function that runs the program and returns each resource's inputs by type.

    The first result has the inputs as sent to the engine, the second as the program gives them.
    """

    def start(**config):
        mocks, written = Mocks(), {}
        pulumi.runtime.set_mocks(mocks, project="oss-bucket", stack="dev")
        pulumi.runtime.set_all_config({f"oss-bucket:{key}": value for key, value in config.items()})

        @pulumi.runtime.test
        def program():
            pulumi.runtime.register_stack_transformation(
                lambda args: written.update({args.type_: args})
            )
            runpy.run_path(str(PROGRAM))

        program()
        return mocks.inputs, written

    yield start
    pulumi.runtime.set_all_config({})


def sources(value):
    """Return the types of the resources for which Pulumi waits before it uses an input."""
    found = set()

    async def look():
        found.update(each.pulumi_resource_type for each in await value.resources())

    @pulumi.runtime.test
    def run():
        return pulumi.Output.from_input(look())

    run()
    return found


def test_resources_are_connected_by_outputs(run):
    inputs, written = run()
    assert set(inputs) == {BUCKET, ROLE, INSTANCE, TABLE, TASK}
    task = inputs[TASK]
    assert task["oss_bucket"] == "lake-1a2b3c"
    assert task["role_arn"] == "acs:ram::12:role/aliyunserviceroleforotsdatadelivery"
    assert task["instance_name"] == inputs[TABLE]["instanceName"] == "shop-4d5e6f"
    assert task["table_name"] == inputs[TABLE]["tableName"] == "orders"
    assert inputs[ROLE]["serviceName"] == "datadelivery.ots.aliyuncs.com"

    wired = {"oss_bucket": BUCKET, "role_arn": ROLE, "instance_name": INSTANCE, "table_name": TABLE}
    assert {name: sources(written[TASK].props[name]) for name in wired} == {
        name: {source} for name, source in wired.items()
    }
    assert sources(written[TABLE].props["instance_name"]) == {INSTANCE}
    assert written[ROLE].opts.retain_on_delete


def test_delivered_rows_are_those_of_the_table(run):
    inputs, _ = run()
    columns = {
        column["name"]: column["type"]
        for column in [*inputs[TABLE]["primaryKeys"], *inputs[TABLE]["definedColumns"]]
    }
    fitting = {"String": "UTF8", "Double": "DOUBLE"}
    assert {column["source"]: column["type"] for column in inputs[TASK]["parquet_schema"]} == {
        name: fitting[kind] for name, kind in columns.items()
    }
    assert inputs[TASK]["event_time_column"]["column"] in columns


def test_existing_role_is_used(run):
    inputs, _ = run(roleArn="acs:ram::34:role/aliyunserviceroleforotsdatadelivery")
    assert ROLE not in inputs
    assert inputs[TASK]["role_arn"] == "acs:ram::34:role/aliyunserviceroleforotsdatadelivery"
