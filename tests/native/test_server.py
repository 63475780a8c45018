"""The native provider as a process: the engine that it serves, its end, and refusals."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from support.specs import BAG

from pulumi_tablestore_delivery.native.configuration import CONFIGURATION
from pulumi_tablestore_delivery.native.names import GET, RESOURCE, is_default_provider
from pulumi_tablestore_delivery.native.secrets import NONE, Secrets
from pulumi_tablestore_delivery.spec.properties import draft_of
from pulumi_tablestore_delivery.spec.rules import judge
from pulumi_tablestore_delivery.spec.surroundings import Surroundings

PLUGIN = Path(sys.executable).parent / "pulumi-resource-tablestore-delivery"
URN = f"urn:pulumi:dev::shop::{RESOURCE}::orders"
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("TABLESTORE", "ALI"))}


class Plugin:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [PLUGIN, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        self.port = int(self.process.stdout.readline())
        channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)

    def error(self, method, **fields):
        """Calls a method that is expected to fail, and returns its message."""
        request = getattr(provider_pb2, f"{method}Request")(**fields)
        with pytest.raises(grpc.RpcError) as failed:
            getattr(self.stub, method)(request, timeout=30)
        assert "Traceback" not in failed.value.details()
        assert 'File "' not in failed.value.details()
        return failed.value.details()

    def configure(self, provider="default", **variables):
        values = {f"tablestore-delivery:config:{name}": text for name, text in variables.items()}
        urn = f"urn:pulumi:dev::shop::pulumi:providers:tablestore-delivery::{provider}"
        self.stub.Configure(provider_pb2.ConfigureRequest(variables=values, urn=urn), timeout=30)


@contextmanager
def plugin(*arguments):
    plugin = Plugin(*arguments)
    try:
        yield plugin
    finally:
        plugin.process.kill()
        plugin.process.communicate()


@pytest.fixture
def engine():
    """Something that listens, as the engine's own service does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def address(engine):
    return f"127.0.0.1:{engine.getsockname()[1]}"


@pytest.mark.parametrize("options", [(), ("--logtostderr", "-v=9", "--tracing", "127.0.0.1:1")])
def test_provider_ends_after_its_engine(engine, options):
    with plugin(*options, address(engine)) as served:
        with pytest.raises(subprocess.TimeoutExpired):
            served.process.wait(3)
        engine.close()
        assert served.process.wait(30) == 0


def test_request_after_the_engine_ended_changes_nothing(engine):
    with plugin() as served:  # attached, so that the process itself stays
        served.stub.Attach(plugin_pb2.PluginAttach(address=address(engine)))
        served.configure(endpoint="http://127.0.0.1:1", instance="i")
        engine.close()
        for method in ("Create", "Update", "Delete"):
            message = served.error(method, urn=URN)
            assert "Pulumi's engine has ended" in message
            assert "`pulumi cancel`, and then `pulumi up --refresh`" in message


def test_provider_without_an_address_waits_for_an_engine_to_attach(engine):
    with plugin() as served:
        hint = queue.Queue()
        threading.Thread(target=lambda: hint.put(served.process.stderr.readline())).start()
        assert f"PULUMI_DEBUG_PROVIDERS=tablestore-delivery:{served.port}" in hint.get(timeout=30)
        served.stub.Attach(plugin_pb2.PluginAttach(address=address(engine)))
        served.configure(endpoint="http://127.0.0.1:1", instance="i")
        assert "no credentials" in served.error("Delete", urn=URN, id="i/t/n")
        engine.close()
        with pytest.raises(subprocess.TimeoutExpired):
            served.process.wait(3)
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(30) == 0


def test_call_before_configure_is_an_error_without_a_traceback(engine):
    with plugin(address(engine)) as served:
        for method in ("Check", "Diff", "Create", "Read", "Update", "Delete"):
            assert "is not configured yet" in served.error(method, urn=URN)
        assert "is not configured yet" in served.error("Invoke", tok=GET)
        served.stub.Cancel(empty_pb2.Empty(), timeout=30)


@pytest.mark.parametrize(
    ("provider", "setting"),
    [("default", "tablestore-delivery:endpoint"), ("mine", "the provider's input `endpoint`")],
)
def test_settings_are_named_as_the_provider_gets_them(engine, provider, setting):
    with plugin(address(engine)) as served:
        served.configure(
            provider, endpoint="http://127.0.0.1:1", accessKeyId="id", accessKeySecret="secret"
        )
        assert f"Check {setting} (or" in served.error("Delete", urn=URN, id="i/t/n")
        failures = served.stub.Check(provider_pb2.CheckRequest(urn=URN), timeout=30).failures
        (reason,) = (each.reason for each in failures if each.property == "instanceName")
        place = {"default": "run `pulumi config set tablestore-delivery:instance <name>`"}
        assert place.get(provider, "set the provider's input `instance`") in reason


def test_every_method_refuses_another_type_or_function(engine):
    with plugin(address(engine)) as served:
        served.configure(endpoint="http://127.0.0.1:1", instance="i")
        other = URN.replace(":DeliveryTask", ":Deliverytask")
        for method in ("Check", "Diff", "Create", "Read", "Update", "Delete"):
            message = served.error(method, urn=other)
            assert "'tablestore-delivery:index:Deliverytask' is not a resource" in message
            assert f"Write the type as {RESOURCE}" in message
        message = served.error("Invoke", tok="tablestore-delivery:index:getDeliverytask")
        assert "getDeliverytask' is not a function" in message
        assert GET in message


def secret(value):
    return PropertyValue(value).with_secret(True)


INPUTS = {
    "tableName": PropertyValue("orders"),
    "taskName": PropertyValue("Bad_Name_of_mine"),
    "ossBucket": PropertyValue("my-lake"),
    "ossPrefix": secret("/hush-hush/$yy/"),
    "roleArn": secret("hush-role"),
    "parquetSchema": PropertyValue(
        [PropertyValue({"source": PropertyValue("id"), "type": secret("HUSH8")})]
    ),
}


def test_secret_is_masked_in_messages_and_stays_secret(engine):
    with plugin(address(engine)) as served:
        served.configure(
            endpoint="http://127.0.0.1:1", instance="i", accessKeyId="k", accessKeySecret="s"
        )
        news = PropertyValue.marshal_map(INPUTS)
        checked = served.stub.Check(provider_pb2.CheckRequest(urn=URN, news=news), timeout=60)
        reasons = "\n".join(failure.reason for failure in checked.failures)
        assert "hush" not in reasons.lower()
        assert "[secret]" in reasons
        assert "Bad_Name_of_mine" in reasons
        named = {failure.property for failure in checked.failures}
        assert "taskName" in named
        assert not named & {"ossPrefix", "roleArn"}  # the engine would show their values
        assert "ossPrefix: " in reasons
        inputs = PropertyValue.unmarshal_map(checked.inputs)
        marked = {name for name, value in inputs.items() if value.contains_secret()}
        assert marked == {"ossPrefix", "roleArn", "parquetSchema"}


@pytest.mark.parametrize(
    "prefix",
    [
        "acme-corp-$YYYY/",
        "acme-corp-%Y/",
        "o/customer=acme-$day/",
        "acme-corp=1/year=$yyyy/",
        "acm/$YYYY/",
        "acme-corp/{yyyy}/",
        "oss://acme-corp/$yyyy/",
        "ac/me/$YYYY/ef",
        "{acme}zq/{yyyy}/",
        "zq/$acme/",
        "$acmeYYYY/$acme",
        """acme"x/'q/%Y""",
    ],
)
def test_no_part_of_a_secret_prefix_is_in_a_message(prefix):
    secrets = Secrets({"ossPrefix": secret(prefix)})
    around = Surroundings(secret_prefixes=secrets.prefixes)
    problems = judge(draft_of({**BAG, "oss_prefix": prefix}), around)
    for problem in (*problems.errors, *problems.warnings):
        message = secrets.mask(problem.full_message)
        assert message.startswith("oss_prefix: [secret] breaks this rule. ")
        assert "acm" not in message
    assert problems.errors + problems.warnings


def test_secret_folder_of_another_resource_is_masked():
    Secrets({"ossPrefix": secret("acme-corp/$yyyy/"), "type": secret("UTF8")})
    message = "'a/' is inside 'acme-corp/$yyyy/', the folder of 'b'; UTF8."
    assert NONE.mask(message) == "'a/' is inside '[secret]', the folder of 'b'; UTF8."


@pytest.mark.parametrize(
    ("name", "is_default"),
    [
        ("default", True),
        ("default_1_2_3", True),
        ("default_1_2_3_alpha_4", True),
        ("default_https_/example.com/plugins", True),
        ("default_1_2_3_https_/example.com", True),
        ("default_github_/api.github.com/acme", True),
        ("default-archive", False),
        ("default_archive", False),
        ("defaults", False),
        ("default_1", False),
        ("other", False),
        ("", False),
    ],
)
def test_default_provider_is_recognized_by_its_name(name, is_default):
    assert is_default_provider(name) is is_default


def check_config(served, name, olds=(), **news):
    bags = [
        PropertyValue.marshal_map({key: PropertyValue(value) for key, value in dict(bag).items()})
        for bag in (olds, news)
    ]
    urn = f"urn:pulumi:dev::shop::pulumi:providers:tablestore-delivery::{name}"
    request = provider_pb2.CheckRequest(urn=urn, olds=bags[0], news=bags[1])
    return served.stub.CheckConfig(request, timeout=30)


ENGINES_OWN = dict.fromkeys(("version", "pluginDownloadURL", "__internal", "__new"), "x")


def test_a_setting_that_does_not_exist_is_refused_without_its_value(engine):
    with plugin(address(engine)) as served:
        checked = check_config(
            served, "default_1_2_3", region="cn-hangzhou", acessKeySecret="hush", **ENGINES_OWN
        )
        (failure,) = checked.failures
        assert failure.property == ""  # the engine would show the value
        for part in (
            "'tablestore-delivery:acessKeySecret' is not a setting of this provider.",
            "Did you mean 'accessKeySecret'?",
            "Allowed are endpoint, instance, region, accessKeyId,",
            "`pulumi config rm`",
            "another namespace than `tablestore-delivery:`",
        ):
            assert part in failure.reason
        assert "hush" not in failure.reason


def test_a_setting_that_only_an_older_state_has_is_left_alone(engine):
    with plugin(address(engine)) as served:
        checked = check_config(served, "default", {"acessKeySecret": "hush"}, instance="i")
        assert not checked.failures
        assert set(checked.inputs) == {"instance"}


def test_each_unknown_argument_of_a_provider_is_refused(engine):
    with plugin(address(engine)) as served:
        checked = check_config(served, "other", regoin="x", ossEndpoint="x", **ENGINES_OWN)
        first, second = (failure.reason for failure in checked.failures)
        assert first.startswith("'ossEndpoint' is not an argument of this provider.")
        assert second.startswith("'regoin' is not an argument of this provider. Did you mean 'reg")
        assert "pulumi config" not in first + second


def test_settings_are_taken_with_the_engines_own_keys_and_those_of_commands(engine):
    settings = {**dict.fromkeys(CONFIGURATION, "x"), "ossEndpoint": "x"}
    with plugin(address(engine)) as served:
        checked = check_config(served, "default", **settings, **ENGINES_OWN)
        assert not checked.failures
        inputs = PropertyValue.unmarshal_map(checked.inputs)
        assert set(inputs) == {*settings, *ENGINES_OWN}
        secret = {name for name, value in inputs.items() if value.contains_secret()}
        assert secret == {"accessKeySecret", "securityToken"}
