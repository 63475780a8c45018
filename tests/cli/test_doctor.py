"""doctor: name each problem that prevents deployments, with its remedy."""

import socket
from datetime import datetime, timedelta, timezone

import pytest

from pulumi_tablestore_delivery.client.retry import SystemClock
from pulumi_tablestore_delivery.inspection.doctor.run import CHECKS

SECRET = "a-very-secret-key"
ROLE = "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery"


def by_name(told):
    return {check["check"]: check for check in told.json["checks"]}


@pytest.fixture
def doctor(command, tmp_path, monkeypatch):
    """Runs doctor --json with a Pulumi CLI on PATH; no answer ever holds a secret."""
    (tmp_path / "pulumi").write_text("#!/bin/sh\necho v3.255.0\n")
    (tmp_path / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def call(*arguments, code=3, **environment):
        told = command("doctor", "--json", *arguments, **environment)
        assert told.code == code, told.out
        assert "local-secret" not in told.out + told.err
        assert SECRET not in told.out + told.err
        assert set(by_name(told)) == set(CHECKS)
        return by_name(told)

    return call


def test_healthy_setup_passes_all_checks(world, command, doctor):
    world.task("one")
    found = doctor("--table", "t", "--role", ROLE, code=0)
    problems = {name: check for name, check in found.items() if check["status"] == "problem"}
    assert problems == {}
    assert found["signature"]["status"] == "ok"
    assert found["table"]["detail"] == "t (id STRING)"
    assert found["tasks"]["detail"] == "1 delivery task, none reports an error"
    assert found["role"]["detail"] == f"{ROLE}; whether it exists is not known"
    assert found["instance"]["detail"] == "local, from TABLESTORE_INSTANCE"
    assert (
        "CreateDeliveryTask and DeleteDeliveryTask were not tried"
        in (found["permissions"]["detail"])
    )
    assert all(
        name in found["permissions"]["detail"]
        for name in ("ListTable", "DescribeTable", "ListDeliveryTask", "DescribeDeliveryTask")
    )
    assert found["bucket"] == {
        "check": "bucket",
        "status": "not checked",
        "detail": "the emulator's buckets are folders of its own.",
        "remedy": "",
    }
    assert found["pulumi-cli"]["detail"].startswith("v3.255.0, ")
    told = command("doctor", "--instance", "local")
    assert told.code == 0
    assert "local, from --instance" in told.out
    assert told.out.splitlines()[-1].startswith(f"{len(CHECKS)} checks, 0 problems")


def test_doctor_does_not_change_tables_or_tasks(world, doctor):
    world.task("one")
    before = world.sdk.list_table(), world.state("one").error_code
    doctor(code=0)
    assert (world.sdk.list_table(), world.state("one").error_code) == before


def test_missing_configuration_is_named(emulate, doctor, monkeypatch):
    emulate()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)  # whether the chain is there
    for name in ("TABLESTORE_ENDPOINT", "TABLESTORE_INSTANCE"):
        monkeypatch.delenv(name)
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.delenv(name)
    found = doctor()
    assert {name for name, check in found.items() if check["status"] == "problem"} >= {
        "instance", "endpoint", "region", "credentials",
    }  # fmt: skip
    assert found["connection"]["status"] == "not checked"
    assert found["connection"]["detail"] == "no endpoint is set (see endpoint)."


def test_setting_with_white_space_is_a_problem_of_its_own_check(emulate, doctor, monkeypatch):
    emulate()
    monkeypatch.delenv("TABLESTORE_ENDPOINT")
    monkeypatch.setenv("TABLESTORE_REGION", "cn hangzhou")
    found = doctor()
    for name in ("endpoint", "region"):
        detail = "TABLESTORE_REGION: 'cn hangzhou' has white space inside."
        assert (found[name]["detail"], found[name]["remedy"]) == (detail, "Remove it.")
    assert found["connection"]["detail"] == "the endpoint cannot be used (see endpoint)."
    monkeypatch.setenv("TABLESTORE_INSTANCE", "my inst")
    found = doctor()
    assert found["instance"]["detail"] == "TABLESTORE_INSTANCE: 'my inst' has white space inside."
    assert found["endpoint"]["detail"] == "the instance cannot be used (see instance)."


def test_key_id_without_its_secret_is_reported(world, doctor, monkeypatch):
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    found = doctor()
    assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET is not" in found["credentials"]["detail"]
    assert found["signature"]["detail"] == "there are no keys (see credentials)."
    assert found["service"]["status"] == "ok"


def test_wrong_secret_is_reported(world, doctor):
    found = doctor(ALIBABA_CLOUD_ACCESS_KEY_SECRET=SECRET)
    assert found["signature"]["status"] == "problem"
    assert found["signature"]["remedy"].startswith("Copy the access key secret again")
    assert found["clock"]["status"] == "ok"


def test_wrong_clock_is_reported(world, doctor, monkeypatch):
    def skewed(by, code):
        monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(timezone.utc) + by)
        return doctor(code=code)

    found = skewed(timedelta(minutes=2), 0)["clock"]
    assert (found["status"], " s ahead of the service's" in found["detail"]) == ("warning", True)
    found = skewed(timedelta(minutes=-20), 3)
    assert found["clock"]["status"] == "problem"
    assert " s behind the service's" in found["clock"]["detail"]
    assert found["signature"]["remedy"] == "Set this machine's clock (see clock)."


def test_refused_connection_is_reported(world, doctor):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = doctor("--endpoint", f"http://127.0.0.1:{free.getsockname()[1]}")
    assert found["connection"]["detail"] == "no connection: Connection refused."
    assert found["signature"]["detail"] == "the endpoint cannot be reached (see connection)."


def test_html_answer_is_reported(world, doctor):
    world.fault(operation="*", fault="html", status=403, times=None)
    found = doctor()
    assert "another server answers" in found["service"]["detail"]
    assert "not from Tablestore" in found["signature"]["detail"]


def test_network_access_control_is_reported(world, doctor):
    world.fault(
        operation="*", fault="error", status=403, code="OTSAuthFailed", times=None,
        message="Request denied by instance ACL policies.",
    )  # fmt: skip
    found = doctor()
    assert found["network-access"]["status"] == "problem"
    assert found["signature"]["status"] == "not checked"


def test_missing_permissions_are_reported(world, doctor):
    world.fault(
        operation="*", fault="error", status=403, code="OTSNoPermissionAccess", times=None,
        message="You have no permission.",
    )  # fmt: skip
    found = doctor("--table", "t")
    assert found["signature"]["status"] == "ok"
    assert "ots:DescribeTable, ots:ListDeliveryTask" in found["permissions"]["remedy"]


def test_proxy_is_named(world, doctor, monkeypatch):
    for name in ("no_proxy", "NO_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", f"http://me:{SECRET}@127.0.0.1:9")
    found = doctor()
    assert found["proxy"]["status"] == "warning"
    assert found["proxy"]["detail"].startswith("http://127.0.0.1:9")
    assert found["name"]["detail"] == "the proxy resolves 127.0.0.1."
    assert found["connection"]["status"] == "problem"


def test_missing_certificates_are_reported(world, doctor):
    found = doctor(REQUESTS_CA_BUNDLE="/nowhere.pem")
    assert found["certificates"]["detail"] == "/nowhere.pem does not exist."


def test_missing_table_and_binary_key_are_reported(world, doctor):
    assert "gone: the table does not exist" in doctor("--table", "gone")["table"]["detail"]
    world.table("b", keys=(("id", "STRING"), ("raw", "BINARY")))
    found = doctor("--table", "b", code=0)
    assert (found["table"]["status"], "b.raw" in found["table"]["detail"]) == ("warning", True)


@pytest.mark.parametrize(
    ("error", "check"), [("UNAUTHORIZED", "role"), ("INVALID_OSS_BUCKET", "bucket")]
)
def test_unhealthy_tasks_are_reported(world, doctor, error, check):
    world.task("one")
    world.fault(fault="task_error", error_code=error)
    found = doctor()
    assert f"local/t/one reports {error}" in found["tasks"]["detail"]
    assert found[check]["status"] == "problem"


def test_folders_that_two_tasks_share_are_reported(world, doctor):
    world.table("other")
    world.task("one", ossPrefix="lake/orders/")
    world.task("two", table="other", ossPrefix="lake/orders")
    world.task("three", ossPrefix="lake/orders/year=$yyyy/")
    world.task("four", ossPrefix="lake/orders-2/")
    found = doctor(code=0)["folders"]
    assert found["status"] == "warning"
    assert found["detail"] == (
        "4 tasks: local/t/one writes to 'lake/orders/', the same folder as local/other/two; "
        "local/t/three writes to 'lake/orders/year=$yyyy/', inside the folder of local/t/one."
    )


def test_separate_folders_pass(world, doctor):
    world.task("one", ossPrefix="lake/orders/")
    world.task("two", ossPrefix="lake/views/")
    assert doctor(code=0)["folders"]["detail"] == "2 tasks, each with its own folder"


def test_invalid_role_and_bucket_are_reported(world, doctor):
    found = doctor("--role", "myrole", "--bucket", "oss://my-lake")
    assert found["role"]["detail"] == "myrole is not the ARN of a role."
    assert found["bucket"]["detail"] == "oss://my-lake is not a bucket name."


def test_unreadable_stack_is_reported(world, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command("doctor", "--stack", "dev").code == 1
