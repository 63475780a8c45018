"""The options for the instance that a command calls, and completion of names."""

import importlib.util
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from pulumi_tablestore_delivery.cli.connection import Connection
from pulumi_tablestore_delivery.errors import ConfigurationError

PROGRAM = Path(sys.executable).parent / "tablestore-delivery"


def test_region_and_instance_make_the_endpoint(emulate, monkeypatch):
    emulate()
    monkeypatch.delenv("TABLESTORE_ENDPOINT")
    settings = Connection(instance="shop", region=" cn-shanghai ").settings()
    assert settings.endpoint("shop", None) == "https://shop.cn-shanghai.ots.aliyuncs.com"


def test_region_that_differs_from_the_configured_endpoint_is_refused(emulate, monkeypatch):
    emulate()
    monkeypatch.setenv("TABLESTORE_ENDPOINT", "https://shop.cn-hangzhou.ots.aliyuncs.com")
    with pytest.raises(ConfigurationError, match="--region: 'cn-shanghai' is not the region of"):
        Connection(region="cn-shanghai").settings()
    assert Connection(region="cn-hangzhou").settings().region("") == "cn-hangzhou"
    given = Connection(region="cn-shanghai", endpoint="http://127.0.0.1:1").settings()
    assert given.endpoint("shop", None) == "http://127.0.0.1:1"


def test_region_may_be_given_for_an_emulator(world, command):
    world.task("one")
    assert len(command("list", "--region", "cn-shanghai", "--json").json) == 1


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("status",), ("wait",), ("scan",), ("infer-schema", "t"), ("ddl", "t", "one")],
)
def test_message_about_the_instance_names_its_option(emulate, command, monkeypatch, arguments):
    emulate()
    monkeypatch.delenv("TABLESTORE_INSTANCE")
    done = command(*arguments)
    assert done.code == 1
    assert "no instance: give --instance, set TABLESTORE_INSTANCE" in done.err
    assert (
        "--instance: 'a b' has white space inside" in command(*arguments, "--instance", "a b").err
    )


@pytest.fixture
def profiles(monkeypatch):
    """The keys of profiles, which a fake of the extra `credentials` reads."""
    keys = {}

    class CLIProfileCredentialsProvider:
        def __init__(self, *, profile_name):
            self.found = keys.get(profile_name)

        def get_credentials(self):
            if self.found is None:
                raise RuntimeError("secret words of the package")
            return types.SimpleNamespace(
                get_access_key_id=lambda: self.found[0],
                get_access_key_secret=lambda: self.found[1],
                get_security_token=lambda: None,
            )

    provider = types.ModuleType("alibabacloud_credentials.provider")
    provider.CLIProfileCredentialsProvider = CLIProfileCredentialsProvider
    package = types.ModuleType("alibabacloud_credentials")
    package.provider = provider
    monkeypatch.setitem(sys.modules, "alibabacloud_credentials", package)
    monkeypatch.setitem(sys.modules, "alibabacloud_credentials.provider", provider)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: object() if name == "alibabacloud_credentials" else find(name, *rest),
    )
    return keys


def test_profile_comes_before_the_keys_of_the_environment(world, command, profiles):
    profiles["dev"] = "local", "local-secret"
    environment = {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"}
    assert command("list", **environment).code == 1
    assert command("list", "--profile", "dev", **environment).code == 0
    checks = command("doctor", "--profile", "dev", "--json", **environment).json["checks"]
    (found,) = (check["detail"] for check in checks if check["check"] == "credentials")
    assert "from profile 'dev' of the Alibaba Cloud CLI" in found


def test_profile_that_does_not_exist_is_named(world, command, profiles):
    done = command("list", "--profile", "prod")
    assert done.code == 1
    assert "profile 'prod' of the Alibaba Cloud CLI: it does not give any keys" in done.err
    assert "secret words" not in done.err


def test_profile_without_its_extra_names_the_extra(world, command, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "alibabacloud_credentials" else find(name, *rest),
    )
    done = command("list", "--profile", "dev")
    assert done.code == 1
    assert "needs the extra `credentials`" in done.err


def complete(words, **environment):
    """Return the completions of the last word of a command line."""
    done = subprocess.run(
        [PROGRAM],
        env={
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            **environment,
            "_TABLESTORE_DELIVERY_COMPLETE": "complete_bash",
            "COMP_WORDS": f"tablestore-delivery {words}",
            "COMP_CWORD": str(len(words.split(" "))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def instance(world):
    """The environment of an instance with some tables and tasks."""
    world.table("orders")
    world.table("other")
    world.task("one", table="orders")
    world.task("two", table="orders")
    return {
        "TABLESTORE_ENDPOINT": world.url,
        "TABLESTORE_INSTANCE": "local",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "local",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret",
    }


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("status o", ["orders", "other"]),
        ("status orders ", ["one", "two"]),
        ("wait orders t", ["two"]),
        ("list --table or", ["orders"]),
        ("infer-schema or", ["orders"]),
        ("doctor --table or", ["orders"]),
        ("ddl orders o", ["one"]),
    ],
)
def test_tables_and_tasks_are_completed(instance, words, names):
    assert complete(words, **instance) == names


def test_completion_uses_the_options_before_the_word(instance):
    url = instance.pop("TABLESTORE_ENDPOINT")
    assert complete("status or", **instance) == []
    assert complete(f"status --endpoint {url} or", **instance) == ["orders"]


@pytest.mark.parametrize("words", ["status --stack ", "diff ", "wait -s "])
def test_stacks_are_completed_from_the_files_of_the_project(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    assert complete(words) == []
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.md"):
        (tmp_path / name).write_text("name: shop\nruntime: python\n")
    assert complete(words) == ["dev", "prod"]
    assert complete(f"{words}d") == ["dev"]
