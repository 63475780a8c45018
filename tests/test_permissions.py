"""Policies allow exactly the calls and writes that the package and delivery make."""

import json
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest
from support.lifecycle_world import HERE, World, bag

from pulumi_tablestore_delivery.client.operations import OPERATIONS
from pulumi_tablestore_delivery.consumers.paths import object_keys, parse_time
from pulumi_tablestore_delivery.errors import InvalidInputError
from pulumi_tablestore_delivery.permissions import (
    SERVICE,
    DeployerOptions,
    deployer_policy,
    role_policy,
    role_trust_policy,
)
from pulumi_tablestore_delivery.spec.rule import Source

TABLE = "acs:ots:cn-hangzhou:1:instance/inst/table/orders"
INSTANCE = "acs:ots:cn-hangzhou:1:instance/inst"
EVERYTHING = DeployerOptions(list_tables=True, sample_rows=True, create_role=True)


def allows(policy, action, resource):
    """As RAM judges it; `*` matches any characters, as in fnmatch."""
    return any(
        action in statement["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        for statement in policy.document()["Statement"]
    )


def actions(policy):
    return {action for statement in policy.statements for action in statement.actions}


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.store.close()


def called(world):
    found = set(world.transport.calls)
    world.transport.calls.clear()
    return found


def test_lifecycle_uses_exactly_the_actions_of_the_policy(world):
    """Preview, create, refresh, list, delete: every call is allowed; only reading is read-only."""
    world.run().check({}, bag(), replace(HERE, preview=True), world.row)
    read = called(world)
    assert "GetRange" in read
    assert allows(deployer_policy("inst", EVERYTHING), "ots:GetRange", TABLE)
    read.remove("GetRange")  # optional
    run = world.run()
    inputs = run.check({}, bag(), HERE, world.row).inputs
    found = run.create(inputs, world.row)
    created = called(world)
    run.read(found.id, found.outputs)
    list(run.tasks(None, "orders"))
    read |= called(world)
    world.run().delete(found.id, found.outputs, world.row)
    deleted = called(world)
    list(run.tasks(None, None))
    listed = called(world)

    options = DeployerOptions(table_names=["orders"], region="cn-hangzhou", account_id="1")
    deploy = deployer_policy("inst", options)
    reading = deployer_policy("inst", DeployerOptions(table_names=["orders"], read_only=True))
    assert {f"ots:{name}" for name in read | created | deleted} == actions(deploy)
    assert {f"ots:{name}" for name in read} == actions(reading)
    assert all(allows(deploy, f"ots:{name}", TABLE) for name in read | created | deleted)
    assert listed - read == {"ListTable"}
    assert allows(deployer_policy("inst", EVERYTHING), "ots:ListTable", INSTANCE)


def test_every_operation_has_an_action():
    """An operation that the client learns needs an action here."""
    known = {f"ots:{operation.name}" for operation in OPERATIONS}
    ours = {name for name in actions(deployer_policy("i", EVERYTHING)) if name.startswith("ots:")}
    assert ours == known
    reads = {f"ots:{operation.name}" for operation in OPERATIONS if operation.repeatable}
    reading = DeployerOptions(read_only=True, list_tables=True, sample_rows=True)
    assert actions(deployer_policy("i", reading)) == reads


def test_right_to_read_rows_is_listed_as_optional():
    without = deployer_policy("i", DeployerOptions())
    assert any(note.startswith("ots:GetRange is optional") for note in without.notes)
    with_it = deployer_policy("i", DeployerOptions(sample_rows=True))
    assert not any("ots:GetRange" in note for note in with_it.notes)
    (statement,) = [each for each in with_it.statements if "ots:GetRange" in each.actions]
    assert "optional" in statement.why


def test_policy_is_limited_to_its_tables():
    policy = deployer_policy("Shop", DeployerOptions(table_names=["orders", "log_*"]))
    base = "acs:ots:cn-hangzhou:1:instance/shop"  # documented: in lower case
    create = "ots:CreateDeliveryTask"
    assert allows(policy, create, f"{base}/table/orders")
    assert allows(policy, create, f"{base}/table/log_2020")
    assert not allows(policy, create, f"{base}/table/orders2")
    assert not allows(policy, create, f"{base}2/table/orders")
    assert not allows(policy, create, base)
    assert allows(deployer_policy("shop", DeployerOptions()), create, f"{base}/table/anything")


def test_creating_the_role_is_limited_to_this_service():
    statement = deployer_policy("i", EVERYTHING).document()["Statement"][-1]
    assert statement == {
        "Effect": "Allow",
        "Action": ["ram:CreateServiceLinkedRole"],
        "Resource": ["*"],
        "Condition": {"StringEquals": {"ram:ServiceName": "datadelivery.ots.aliyuncs.com"}},
    }


def test_role_may_write_only_the_keys_of_delivery():
    prefix = "orders/year=$yyyy/$MM"
    policy = role_policy("my-lake", [prefix, "dirty/"])
    keys = object_keys(prefix, parse_time("2020-08-31"), "t").keys
    put = "oss:PutObject"
    assert all(allows(policy, put, f"acs:oss:oss-cn-hangzhou:1:my-lake/{key}") for key in keys)
    assert allows(policy, put, "acs:oss:oss-cn-hangzhou:1:my-lake/dirty/x")
    for elsewhere in ("my-lake/orders/x", "my-lake/dirty2/x", "my-lake2/dirty/x", "my-lake"):
        assert not allows(policy, put, f"acs:oss:oss-cn-hangzhou:1:{elsewhere}")
    assert not allows(policy, "oss:DeleteObject", f"acs:oss:*:*:my-lake/{keys[0]}")
    assert actions(policy) == {
        "oss:PutObject",
        "oss:AbortMultipartUpload",
        "oss:PutObjectTagging",
        "oss:GetObject",
        "oss:DeleteObjectTagging",
    }


def test_role_trusts_data_delivery():
    assert json.loads(role_trust_policy().json()) == {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Principal": {"Service": [SERVICE]},
            }
        ],
    }


def test_every_statement_has_a_source():
    policies = [deployer_policy("i", EVERYTHING), role_policy("b", ["p"]), role_trust_policy()]
    for statement in (each for policy in policies for each in policy.statements):
        assert statement.source in {Source.DOCUMENTED, Source.ASSUMED}
        assert statement.why.endswith(".")


@pytest.mark.parametrize(
    ("make", "path", "problem"),
    [
        (lambda: deployer_policy("", DeployerOptions()), "instance_name", "is empty"),
        (
            lambda: deployer_policy("i", DeployerOptions(table_names=["a", ""])),
            "table_names[1]",
            "is empty",
        ),
        (lambda: deployer_policy("i", DeployerOptions(region="")), "region", "is empty"),
        (lambda: role_policy("", ["p"]), "oss_bucket", "is empty"),
        (lambda: role_policy("b", []), "oss_prefixes", "is empty"),
        (lambda: role_policy("b", ["p", ""]), "oss_prefixes[1]", "is empty"),
        (lambda: role_policy("b", ["p*/"]), "oss_prefixes[0]", "'p*/' has a wildcard of RAM"),
        (lambda: role_policy("b", ["/a/"]), "oss_prefixes[0]", "'/a/' starts with '/'"),
        (lambda: role_policy("b", ["o/$yy/"]), "oss_prefixes[0]", "'$yy', which is not a variable"),
    ],
)
def test_invalid_arguments_of_a_policy_are_refused(make, path, problem):
    with pytest.raises(InvalidInputError) as refused:
        make()
    (violation,) = refused.value.violations
    assert violation.path == path
    assert problem in violation.message
