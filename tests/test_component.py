"""`OssDelivery` with Pulumi's mocks: its resources, and the inputs that it refuses."""

import json
import re
import sys
from pathlib import Path

import pulumi
import pytest

from pulumi_tablestore_delivery import OssDelivery, component, permissions
from pulumi_tablestore_delivery.frontend import inputs

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = [{"source": "id", "type": "UTF8"}]
ROLE = "acs:ram::1:role/r"
DAYS = "year=$yyyy/month=$MM/day=$dd/"
TASK = "pulumi-python:dynamic/tablestore:DeliveryTask"
BUCKET = "alicloud:oss/bucket:Bucket"
SERVICE_ROLE = "alicloud:resourcemanager/serviceLinkedRole:ServiceLinkedRole"


class Mocks(pulumi.runtime.Mocks):
    def __init__(self):
        self.declared = {}

    def new_resource(self, args):
        self.declared[args.name] = (args.typ, args.inputs)
        known = {
            BUCKET: {"bucket": f"{args.name}-1a2b3c"},
            SERVICE_ROLE: {"arn": "acs:ram::7:role/aliyunserviceroleforotsdatadelivery"},
            TASK: {"location": f"oss://{args.inputs.get('oss_bucket')}/"},
        }
        return f"{args.name}-id", {**args.inputs, **known.get(args.typ, {})}

    def call(self, args):
        return {}


@pytest.fixture
def mocks():
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, project="shop", stack="dev")
    return mocks


def declare(name="lake", make=OssDelivery, **inputs):
    """Run a program that declares the component, and return the component."""
    made = []

    @pulumi.runtime.test
    def run():
        made.append(make(name, **inputs))
        return made[0].locations

    run()
    return made[0]


def given(mocks, name):
    kind, inputs = mocks.declared[name]
    assert kind == TASK
    return inputs


def value(output):
    """Return the value of an output."""
    held = []

    @pulumi.runtime.test
    def run():
        return output.apply(held.append)

    run()
    return held[0]


def test_task_with_only_a_key_uses_defaults(mocks):
    lake = declare(
        oss_bucket="my-lake", account_id="12", tasks={"orders": {"parquet_schema": SCHEMA}}
    )
    inputs = given(mocks, "lake-orders")
    assert inputs["table_name"] == "orders"
    assert inputs["oss_bucket"] == "my-lake"
    assert inputs["oss_prefix"] == f"orders/{DAYS}"
    assert inputs["role_arn"] == "acs:ram::12:role/aliyunserviceroleforotsdatadelivery"
    assert inputs["parquet_schema"] == SCHEMA
    assert mocks.declared["lake"][0] == "tablestore:index:OssDelivery"
    assert list(lake.tasks) == ["orders"]
    assert value(lake.oss_bucket) == "my-lake"
    assert value(lake.role_arn) == inputs["role_arn"]
    assert value(lake.locations) == {"orders": "oss://my-lake/"}


def test_input_of_a_task_comes_before_that_of_the_component(mocks):
    declare(
        oss_bucket="my-lake",
        role_arn=ROLE,
        prefix="raw",
        mode="INC",
        instance_name="inst",
        wait_for="none",
        parquet_schema=SCHEMA,
        tasks={
            "plain": {},
            "own": {
                "table_name": pulumi.Output.from_input("orders"),
                "mode": inputs.Mode.BASE,
                "instance_name": None,
                "oss_bucket": "secret-lake",
                "role_arn": "acs:ram::1:role/other",
                "parquet_schema": [inputs.ParquetColumnArgs(source="n", type="INT64")],
            },
            "elsewhere": {"oss_prefix": "x/y/"},
        },
    )
    plain, own = given(mocks, "lake-plain"), given(mocks, "lake-own")
    assert (plain["mode"], plain["instance_name"], plain["wait_for"]) == ("INC", "inst", "none")
    assert (plain["oss_prefix"], plain["parquet_schema"]) == (f"raw/plain/{DAYS}", SCHEMA)
    assert (own["mode"], own["instance_name"], own["wait_for"]) == ("BASE", "inst", "none")
    assert (own["oss_bucket"], own["role_arn"]) == ("secret-lake", "acs:ram::1:role/other")
    assert own["oss_prefix"] == f"raw/orders/{DAYS}"
    assert own["parquet_schema"] == [{"source": "n", "type": "INT64"}]
    assert given(mocks, "lake-elsewhere")["oss_prefix"] == "x/y/"


@pytest.mark.parametrize(
    ("prefix", "folder"),
    [("", ""), ("raw/", "raw/"), ("a/b", "a/b/"), (pulumi.Output.from_input("late"), "late/")],
)
def test_prefix_gets_a_slash_at_its_end(mocks, prefix, folder):
    declare(oss_bucket="b", role_arn=ROLE, prefix=prefix, parquet_schema=SCHEMA, tasks={"t": {}})
    assert given(mocks, "lake-t")["oss_prefix"] == f"{folder}t/{DAYS}"


def test_bucket_and_role_are_created(mocks):
    lake = declare(create_role=True, parquet_schema=SCHEMA, tasks={"orders": {}})
    assert mocks.declared["lake-bucket"] == (BUCKET, {})
    role, inputs = mocks.declared["lake-role"]
    assert (role, inputs["serviceName"]) == (SERVICE_ROLE, "datadelivery.ots.aliyuncs.com")
    task = given(mocks, "lake-orders")
    assert task["oss_bucket"] == "lake-bucket-1a2b3c"
    assert task["role_arn"] == "acs:ram::7:role/aliyunserviceroleforotsdatadelivery"
    assert value(lake.locations) == {"orders": "oss://lake-bucket-1a2b3c/"}


def test_bucket_resource_gives_its_name(mocks):
    def program(name, **inputs):
        import pulumi_alicloud  # noqa: PLC0415 - as heavy as it is large

        bucket = pulumi_alicloud.oss.Bucket("mine")
        tasks = {"orders": {}, "views": {"oss_bucket": pulumi_alicloud.oss.Bucket("other")}}
        return OssDelivery(name, oss_bucket=bucket, tasks=tasks, **inputs)

    declare(make=program, role_arn=ROLE, parquet_schema=SCHEMA)
    assert given(mocks, "lake-orders")["oss_bucket"] == "mine-1a2b3c"
    assert given(mocks, "lake-views")["oss_bucket"] == "other-1a2b3c"


def test_component_without_tasks_declares_none(mocks):
    lake = declare(oss_bucket="b", role_arn=ROLE, tasks={})
    assert lake.tasks == value(lake.locations) == {}
    assert set(mocks.declared) == {"lake"}


def test_options_apply_to_the_resources_in_the_component(mocks):
    options = {}

    def record(args):
        options[args.name] = args.opts

    def program(name, **inputs):
        pulumi.runtime.register_stack_transformation(record)
        first = pulumi.ComponentResource("x:y:First", "first")
        opts = pulumi.ResourceOptions(depends_on=[first], protect=True)
        own = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="a")], delete_before_replace=True)
        tasks = {"orders": {"opts": own}, "views": {"opts": None}}
        return OssDelivery(name, opts=opts, tasks=tasks, **inputs)

    lake = declare(make=program, create_role=True, parquet_schema=SCHEMA)
    children = ("lake-bucket", "lake-role", "lake-orders", "lake-views")
    for name in children:
        assert options[name].parent is lake
        (first,) = value(pulumi.Output.from_input(options[name].depends_on))
        assert first.pulumi_resource_name == "first"
    assert [lake.tasks[key]._protect for key in ("orders", "views")] == [True, True]
    assert [options[name].retain_on_delete for name in children] == [None, True, None, None]
    assert options["lake-orders"].delete_before_replace
    assert [alias.name for alias in options["lake-orders"].aliases] == ["a"]
    assert json.loads(given(mocks, "lake-orders")["_declaration"])["delete_before_replace"]


INSTALL = "pip install 'pulumi-tablestore-delivery[alicloud]'"
FINE = {"oss_bucket": "b", "role_arn": ROLE, "parquet_schema": SCHEMA, "tasks": {"t": {}}}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"prefixx": "x/"}, "does not have the input 'prefixx'; did you mean 'prefix'?"),
        ({"table_name": "x"}, "has table_name, which differs for each task; give it there"),
        ({"oss_prefix": "x/"}, "give it there, or prefix here for a folder of them all"),
        ({"tasks": None}, "tasks is missing; give a dict of dicts, by key"),
        ({"tasks": pulumi.Output.from_input({})}, "tasks is of type Output"),
        ({"tasks": {2024: {}}}, "tasks[2024] has a key of type int; write it as a string"),
        ({"tasks": {"t": [1]}}, "tasks['t'] is of type list; give a dict of inputs"),
        (
            {"tasks": {"t": {"tabel_name": "x"}}},
            "tasks['t'] does not have the input 'tabel_name'; did you",
        ),
        ({"parquet_schema": None}, "tasks['t'] does not have a parquet_schema"),
        ({"prefix": ["x"]}, "prefix is of type list; give a folder like raw/"),
        (
            {"tasks": {"t": {"parquet_schema": [], "opts": {}}}},
            "tasks['t'].opts is of type dict; give a pulumi.ResourceOptions",
        ),
        ({"role_arn": None}, "does not have a role; give role_arn, account_id or create_role=True"),
        ({"role_arn": None, "create_role": False}, "does not have a role"),
        ({"account_id": "1"}, "has role_arn and account_id; give only one of them"),
        ({"create_role": True}, "has role_arn and create_role; give only one of them"),
        ({"create_role": "yes"}, "create_role is of type str; give True or False"),
        ({"create_role": pulumi.Output.from_input(True)}, "create_role is of type Output"),
        (
            {"tasks": {"a": {"table_name": "t"}, "t": {}}},
            "tasks['a'] and tasks['t'] both deliver 't' under the same default prefix",
        ),
    ],
)
def test_wrong_input_is_reported_before_any_resource_is_declared(mocks, wrong, message):
    with pytest.raises(pulumi.RunError, match=re.escape(message)) as raised:
        OssDelivery("lake", **{**FINE, **wrong})
    assert str(raised.value).startswith("OssDelivery 'lake':\n  ")
    assert mocks.declared == {}


def test_resource_that_is_not_a_bucket_is_refused(mocks):
    def program(name, **inputs):
        group = pulumi.ComponentResource("x:y:Group", "group")
        tasks = {"t": {"oss_bucket": group}}
        with pytest.raises(pulumi.RunError, match="oss_bucket is of type ComponentResource, which"):
            OssDelivery(name, **{**inputs, "tasks": tasks})
        with pytest.raises(pulumi.RunError, match=r"tasks\['t'\].oss_bucket is of type Component"):
            OssDelivery(name, **{**inputs, "oss_bucket": group, "tasks": tasks})
        return OssDelivery(name, **inputs)

    declare(make=program, **FINE)


def test_all_wrong_inputs_are_reported_at_once(mocks):
    with pytest.raises(pulumi.RunError) as raised:
        OssDelivery("lake", oss_bucket="b", tasks={"a": {"mod": "INC"}, "b": {}})
    assert str(raised.value).splitlines() == [
        "OssDelivery 'lake':",
        "  does not have a role; give role_arn, account_id or create_role=True",
        "  tasks['a'] does not have the input 'mod'; did you mean 'mode'?",
        "  tasks['a'] does not have a parquet_schema; give the columns of its files",
        "  tasks['b'] does not have a parquet_schema; give the columns of its files",
    ]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"oss_bucket": None}, "without oss_bucket a bucket is created"),
        ({"role_arn": None, "create_role": True}, "create_role creates a role"),
    ],
)
def test_missing_extra_is_reported_with_its_installation(mocks, monkeypatch, inputs, reason):
    monkeypatch.setitem(sys.modules, "pulumi_alicloud", None)
    declare(**FINE)
    assert "lake-t" in mocks.declared
    with pytest.raises(pulumi.RunError) as raised:
        OssDelivery("lake", **{**FINE, **inputs})
    assert str(raised.value).splitlines()[1:] == [
        f"  {reason}, and pulumi-alicloud is not installed: {INSTALL}",
    ]


def test_component_has_every_input_of_a_task():
    task, whole = component.OssDeliveryTaskInputs, component.OssDeliveryInputs
    assert set(task.__annotations__) == {*inputs.INPUTS, "opts"}
    own = component._OWN - {"oss_bucket", "role_arn"}
    assert set(whole.__annotations__) == {*inputs.INPUTS, *own} - set(component._DIFFERING)


def test_role_has_the_name_in_the_policies():
    """A program does not import the policies, because they load the model."""
    assert component._SERVICE == permissions.SERVICE


def test_page_lists_every_input():
    page = (ROOT / "docs" / "components.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    listed = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert {*component._OWN, *component._DIFFERING, "parquet_schema", "opts"} <= listed
