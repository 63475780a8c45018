"""diff, and --stack in other commands, with a fake Pulumi CLI."""

import copy
import json
import re

import pytest

from pulumi_tablestore_delivery.cli.tables import print_table

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}
DYNAMIC = "pulumi-python:dynamic/tablestore:DeliveryTask"
NATIVE = "tablestore-delivery:index:DeliveryTask"
ROOT = "pulumi:pulumi:Stack"
ROLE = "acs:ram::{}:role/aliyunserviceroleforotsdatadelivery"
PULUMI = """#!/bin/sh
# Answers `pulumi COMMAND … --stack NAME` with a file.
command="$1"
while [ "$1" != --stack ]; do shift; done
echo "warning: a newer version is there" >&2
cat "{folder}/$command-$(basename "$2").json" 2>/dev/null && exit
echo "error: no stack named '$2' found" >&2
exit 255
"""


def task(stack, name="orders", **changes):
    """Return the outputs of a task in a stack with this name."""
    outputs = {
        "instance_name": f"shop-{stack}",
        "table_name": name,
        "task_name": f"{name}-task",
        "mode": "INC",
        "oss_bucket": f"lake-{stack}",
        "oss_endpoint": "oss-cn-hangzhou.aliyuncs.com",
        "oss_prefix": f"{name}/",
        "role_arn": ROLE.format({"dev": 1, "staging": 2}[stack]),
        "parquet_schema": [{"source": "id", "name": "id", "type": "UTF8", "encoding": "PLAIN"}],
        "location": f"oss://lake-{stack}/{name}/",
        "phase": "INCR",
        "__provider": "pickled",
    }
    outputs.update(changes)
    return {key: value for key, value in outputs.items() if value is not None}


def camel(value):
    if isinstance(value, dict):
        return {
            re.sub("_([a-z])", lambda found: found[1].upper(), key): camel(item)
            for key, item in value.items()
        }
    return [camel(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def stacks(tmp_path, monkeypatch):
    """Writes the state of a stack for the fake CLI: tasks by `name` or `component type$name`.

    None instead of the tasks is a stack before its first deployment.
    """
    (tmp_path / "bin").mkdir()
    cli = tmp_path / "bin" / "pulumi"
    cli.write_text(PULUMI.format(folder=tmp_path))
    cli.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    monkeypatch.chdir(tmp_path)

    def write(stack, tasks, kind=DYNAMIC, configuration=None):
        root = {"urn": f"urn:pulumi:{stack}::shop::{ROOT}::shop-{stack}", "type": ROOT}
        resources = [] if tasks is None else [root]
        for path, outputs in (tasks or {}).items():
            parent, _, name = path.rpartition("$")
            types = f"{parent}${kind}" if parent else kind
            resources.append(
                {
                    "urn": f"urn:pulumi:{stack}::shop::{types}::{name}",
                    "type": kind,
                    "id": "/".join(
                        str(outputs.get(key))
                        for key in ("instance_name", "table_name", "task_name")
                    ),
                    "outputs": camel(outputs) if kind == NATIVE else outputs,
                }
            )
        export = {"version": 3, "deployment": {"resources": resources}}
        (tmp_path / f"stack-{stack}.json").write_text(json.dumps(export))
        (tmp_path / f"config-{stack}.json").write_text(json.dumps(configuration or {}))

    return write


def compare(command, *arguments):
    """Return the exit code, and the differences as (task, path, expected)."""
    done = command("diff", "dev", "staging", "--json", *arguments)
    found = [(item["task"], item["path"], item["expected"]) for item in done.json["differences"]]
    assert done.json["promotable"] is (done.code == 0)
    return done.code, found


def test_expected_differences_of_environments_are_not_reported(stacks, command):
    stacks("dev", {"orders": task("dev"), "views": task("dev", "views")})
    stacks(
        "staging", {"views": task("staging", "views"), "orders": task("staging", wait_for="none")}
    )
    done = command("diff", "dev", "staging")
    assert done.code == 0
    roles = f"{ROLE.format(1)!r} -> {ROLE.format(2)!r}"
    own = "each environment has its own"
    assert done.out.splitlines() == [
        f"expected    orders, views: instance_name: 'shop-dev' -> 'shop-staging' ({own})",
        f"expected    orders, views: oss_bucket: 'lake-dev' -> 'lake-staging' ({own})",
        f"expected    orders, views: role_arn: {roles} (each account has its own)",
        "expected    orders: wait_for: 'initialized' -> 'none' (never sent to the service)",
        "dev -> staging: 7 differences, 0 unexpected.",
    ]


def test_equal_stacks_have_no_difference(stacks, command):
    stacks("dev", {"orders": task("dev", instance_name="shop", oss_bucket="lake")})
    equal = task("dev", instance_name="shop", oss_bucket="lake")
    stacks("staging", {"orders": {**equal, "location": "oss://lake/other/"}})
    assert command("diff", "dev", "staging").out == "dev -> staging: no differences.\n"


def test_stacks_without_tasks_are_named(stacks, command):
    stacks("dev", {})
    stacks("staging", {})
    done = command("diff", "dev", "staging")
    assert (done.code, done.out) == (0, "dev -> staging: neither stack has delivery tasks.\n")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"mode": "BASE"}, "mode"),
        ({"task_name": "other"}, "task_name"),
        ({"oss_prefix": "elsewhere/"}, "oss_prefix"),
        ({"role_arn": "acs:ram::2:role/mine"}, "role_arn"),
        (
            {
                "parquet_schema": [
                    {"source": "id", "name": "id", "type": "INT64", "encoding": "PLAIN"}
                ]
            },
            "parquet_schema[0].type",
        ),
        ({"location": "oss://lake-dev/orders/"}, "location"),
    ],
)
def test_unexpected_differences_are_reported(stacks, command, changes, path):
    stacks("dev", {"orders": task("dev")})
    stacks("staging", {"orders": task("staging", **changes)})
    code, found = compare(command)
    assert code == 3
    assert [where for _, where, expected in found if not expected] == [path]
    done = command("diff", "dev", "staging")
    assert done.out.startswith(f"UNEXPECTED  orders: {path}: ")
    if path != "location":
        assert compare(command, "--allow", path.partition("[")[0])[0] == 0


def test_task_that_only_one_stack_has_is_reported(stacks, command):
    stacks("dev", {"orders": task("dev"), "views": task("dev", "views")})
    stacks("staging", {"orders": task("staging")})
    done = command("diff", "dev", "staging")
    assert done.code == 3
    assert done.out.startswith("UNEXPECTED  views: staging does not have it\n")
    missing = command("diff", "staging", "dev", "--json").json["differences"][-1]
    assert missing["values"] == {"staging": None, "dev": "shop-dev/views/views-task"}


def test_stack_before_its_first_deployment_is_not_compared(stacks, command):
    stacks("dev", {"orders": task("dev")})
    stacks("staging", None)
    done = command("diff", "dev", "staging")
    assert done.code == 3
    assert done.out == (
        "dev -> staging: staging was not deployed yet. Only dev has these tasks: orders.\n"
    )
    assert done.err == "Run `pulumi up --stack staging` first.\n"
    found = command("diff", "dev", "staging", "--json").json
    assert found["deployed"] == {"dev": True, "staging": False}
    assert found["promotable"] is False


def test_stack_without_tasks_and_an_undeployed_stack_are_named(stacks, command):
    stacks("dev", None)
    stacks("staging", {})
    done = command("diff", "dev", "staging")
    assert done.code == 3
    assert done.out == (
        "dev -> staging: dev was not deployed yet, and staging does not have delivery tasks.\n"
    )


def test_two_stacks_before_their_first_deployment_are_not_compared(stacks, command):
    stacks("dev", None)
    stacks("staging", None)
    done = command("diff", "dev", "staging")
    assert done.code == 3
    assert done.out == (
        "dev -> staging: neither stack was deployed yet, so there is nothing to compare.\n"
    )
    assert done.err == "Run `pulumi up --stack dev` and `pulumi up --stack staging` first.\n"
    assert command("diff", "dev", "staging", "--json").json["promotable"] is False


def test_tasks_of_different_components_are_distinguished(stacks, command):
    stacks("dev", {"shop:Lake$orders": task("dev")})
    stacks("staging", {"shop:Lake$orders": task("staging"), "orders": task("staging")})
    code, found = compare(command)
    assert code == 3
    assert {(name, path) for name, path, expected in found if not expected} == {("orders", "")}
    assert ("orders in shop:Lake", "oss_bucket", True) in found


def test_states_of_both_providers_are_compared(stacks, command):
    events = {"event_time_column": {"column": "at", "format": "RFC3339"}}
    stacks("dev", {"orders": task("dev", **events)})
    stacks("staging", {"orders": task("staging", **events)}, kind=NATIVE)
    code, found = compare(command)
    assert code == 0
    assert [path for _, path, _ in found] == ["instance_name", "oss_bucket", "role_arn"]


def test_secret_in_a_state_is_not_shown(stacks, command):
    secret = task("dev", oss_prefix=SECRET, location=SECRET)
    secret["parquet_schema"] = copy.deepcopy(secret["parquet_schema"])
    secret["parquet_schema"][0]["name"] = SECRET
    stacks("dev", {"orders": secret})
    stacks("staging", {"orders": task("staging")})
    done = command("diff", "dev", "staging")
    assert done.code == 0
    assert "oss_prefix: [secret] -> 'orders/' (secret, not compared)" in done.out
    assert "ciphertext" not in done.out
    found = command("diff", "dev", "staging", "--json").json["differences"]
    assert {item["path"]: item["values"]["dev"] for item in found}["oss_prefix"] == "[secret]"


def test_unreadable_stacks_are_reported(stacks, command, tmp_path, monkeypatch):
    stacks("dev", {"orders": task("dev", parquet_schema=None)})
    stacks("staging", {"orders": task("staging")})
    done = command("diff", "dev", "nosuch")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: stack nosuch: `pulumi stack export` failed: no stack named 'nosuch' found.\n"
    )
    done = command("diff", "dev", "staging")
    assert done.code == 1
    assert "stack dev: the state of orders cannot be read: parquet_schema" in done.err
    (tmp_path / "Pulumi.yaml").unlink()
    assert "There is no Pulumi project in this folder" in command("diff", "dev", "nosuch").err
    monkeypatch.setenv("PATH", "")
    assert "the Pulumi CLI is not on PATH" in command("diff", "dev", "staging").err


def test_wrong_arguments_are_reported(stacks, command):
    assert command("diff", "dev", "dev").code == 2
    done = command("diff", "dev", "staging", "--allow", "oss_prefx")
    assert done.code == 2
    assert "'oss_prefx' is not an input. Did you mean 'oss_prefix'? Use one of adopt_" in done.err


@pytest.mark.parametrize("namespace", ["tablestore", "tablestore-delivery"])
def test_environment_comes_before_a_stacks_configuration(
    stacks, world, command, monkeypatch, namespace
):
    world.task("one")
    given = {"accessKeyId": "local", "accessKeySecret": "local-secret", "endpoint": world.url}
    configuration = {f"{namespace}:{key}": {"value": value} for key, value in given.items()}
    outputs = task("dev", "t", instance_name="local", task_name="one")
    stacks("dev", {"orders": outputs}, configuration=configuration)
    for name in ("ENDPOINT", "INSTANCE"):
        monkeypatch.delenv(f"TABLESTORE_{name}")
    for name in ("ID", "SECRET"):
        monkeypatch.delenv(f"ALIBABA_CLOUD_ACCESS_KEY_{name}")
    done = command("wait", "-s", "dev", "--healthy", "--json")
    assert (done.code, done.json["tasks"][0]["id"]) == (0, "local/t/one")
    assert command("status", "--stack", "organization/shop/dev").code == 0
    monkeypatch.setenv("TABLESTORE_ENDPOINT", "http://127.0.0.1:1")
    assert "cannot be reached" in command("status", "--stack", "dev").err


def test_configuration_of_another_project_is_not_used(stacks, command, monkeypatch):
    stacks("dev", {"orders": task("dev")})
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_ID", raising=False)
    done = command("wait", "--stack", "organization/lake/dev")
    assert done.code == 1
    assert "the project in this folder is shop; the configuration of the stack is in" in done.err


def test_table_shows_an_arn_unchanged(capsys):
    print_table(("Role",), [(ROLE.format(1),)])
    assert ROLE.format(1) in capsys.readouterr().out
