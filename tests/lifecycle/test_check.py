"""Check: settings, defaults, and a preview that describes the table."""

import dataclasses
import threading

import pytest
from support.lifecycle_world import HERE, bag

from pulumi_tablestore_delivery.client.transport import RawResponse
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

PREVIEW = dataclasses.replace(HERE, preview=True)


def check(world, declaration=HERE, environment=None, **changes):
    run = world.run(**environment or {})
    return run.check({}, bag(**changes), declaration, world.row)


def test_oss_endpoint_defaults_to_the_instances_region(world):
    checked = check(world, oss_endpoint=None)
    assert checked.inputs["oss_endpoint"] == "oss-cn-hangzhou.aliyuncs.com"
    elsewhere = {
        "TABLESTORE_REGION": "cn-hangzhou",
        "TABLESTORE_ENDPOINT": "https://inst.cn-beijing.vpc.tablestore.aliyuncs.com",
    }
    checked = check(world, environment=elsewhere, oss_endpoint=None)
    assert checked.inputs["oss_endpoint"] == "oss-cn-beijing.aliyuncs.com"


def test_endpoint_on_this_machine_has_a_default_region(world):
    nowhere = {"TABLESTORE_REGION": ""}
    checked = check(world, environment=nowhere, oss_endpoint=None)
    assert checked.inputs["oss_endpoint"] == "oss-cn-hangzhou.aliyuncs.com"
    checked = check(world, environment=nowhere, oss_endpoint="oss-cn-beijing.aliyuncs.com")
    assert [item.rule for item in checked.violations] == ["oss-endpoint-region"]


def test_endpoint_with_an_unknown_region_needs_an_oss_endpoint(world):
    somewhere = {"TABLESTORE_REGION": "", "TABLESTORE_ENDPOINT": "https://tablestore.test"}
    checked = check(world, environment=somewhere, oss_endpoint=None)
    assert [item.path for item in checked.violations] == ["oss_endpoint"]


@pytest.mark.parametrize("instance", [UNKNOWN, "inst"])
def test_region_and_instance_make_the_endpoint_of_an_instance_that_may_not_be_known(
    world, instance
):
    """A preview does not know the name of an instance that the same run creates."""
    region = {"TABLESTORE_ENDPOINT": "", "TABLESTORE_INSTANCE": ""}
    for declaration in (HERE, PREVIEW):
        changes = {"instance_name": instance, "oss_endpoint": None}
        checked = check(world, declaration, region, **changes)
        assert checked.violations == []
        assert checked.inputs["oss_endpoint"] == "oss-cn-hangzhou.aliyuncs.com"


def test_missing_instance_is_reported_once_where_the_region_makes_the_endpoint(world):
    checked = check(world, environment={"TABLESTORE_ENDPOINT": "", "TABLESTORE_INSTANCE": ""})
    assert [item.path for item in checked.violations] == ["instance_name"]


def test_setting_with_white_space_is_reported_once(world):
    region = {"TABLESTORE_ENDPOINT": "", "TABLESTORE_REGION": "cn hangzhou"}
    checked = check(world, environment=region, oss_endpoint=None)
    (violation,) = checked.violations
    assert violation.message.startswith("TABLESTORE_REGION: 'cn hangzhou' has white space inside")


@pytest.mark.parametrize("endpoint", ["ftp://x", "https://other.cn-hangzhou.ots.aliyuncs.com"])
def test_mistake_in_a_configured_endpoint_names_the_setting(world, endpoint):
    (violation,) = check(world, environment={"TABLESTORE_ENDPOINT": endpoint}).violations
    assert violation.message.startswith(f"{endpoint!r}, from TABLESTORE_ENDPOINT, ")
    (violation,) = check(world, tablestore_endpoint=endpoint).violations
    assert "from" not in violation.message


def test_all_missing_settings_are_reported_at_once(world):
    checked = check(
        world,
        environment={
            "TABLESTORE_ENDPOINT": "",
            "TABLESTORE_INSTANCE": "",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "",
            "TABLESTORE_SIGNATURE_VERSION": "v3",
        },
        task_name="Bad_Name",
    )
    text = "\n".join(str(item) for item in checked.violations)
    for words in ("no instance", "ACCESS_KEY_ID is not", "'v3'", "'Bad_Name'"):
        assert words in text


@pytest.mark.parametrize("name", ["ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"])
def test_key_with_a_line_end_is_trimmed_and_one_with_a_space_is_refused(world, name):
    name = f"ALIBABA_CLOUD_{name}"
    value = {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret"}.get(name, "local")
    checked = check(world, PREVIEW, environment={name: f"{value}\r\n"})
    assert checked.violations == []
    (violation,) = check(world, environment={name: "hush\nhush"}).violations
    assert name in violation.message
    assert "hush" not in violation.message


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:abc", "http://[::1", "127.0.0.1:8087"])
def test_invalid_endpoint_is_reported(world, endpoint):
    for given in ({"environment": {"TABLESTORE_ENDPOINT": endpoint}},
                  {"tablestore_endpoint": endpoint}):  # fmt: skip
        (violation,) = check(world, PREVIEW, **given).violations
        assert endpoint in violation.message


def test_failure_of_one_table_is_reported_by_all_its_tasks(world):
    """No check waits forever, after any failure."""

    def fault(*_):
        raise RuntimeError("a fault of ours")

    world.transport.post = fault
    run = world.run()
    told = []

    def ask():
        try:
            run.check({}, bag(), PREVIEW, world.row)
        except RuntimeError:
            told.append(True)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert told == [True] * 4


def test_preview_describes_a_table_once_and_an_update_never(world):
    run = world.run()
    for _ in range(3):
        run.check({}, bag(), PREVIEW, world.row)
    assert sorted(world.transport.calls) == ["DescribeTable", "GetRange", "ListDeliveryTask"]
    world.transport.calls.clear()
    world.run().check({}, bag(), HERE, world.row)
    assert world.transport.calls == []


def test_key_types_are_compared_with_the_table(world):
    columns = [{"source": "order_id", "type": "INT64"}]
    (violation,) = check(world, PREVIEW, parquet_schema=columns).violations
    assert violation.rule == "table-key-type"


def test_temporary_service_failure_is_a_warning(world):
    for stumble in (RawResponse(503, {}, b""), "lost request"):
        world.transport.break_next["DescribeTable"] = [stumble] * 100
        assert check(world, PREVIEW).violations == []
        assert "the table could not be read" in world.row.warnings.pop()


def test_answer_that_is_not_the_services_is_an_error(world):
    for page in (RawResponse(404, {}, b"<html>"), RawResponse(200, {}, b"hello")):
        world.transport.break_next["DescribeTable"] = [page] * 100
        (violation,) = check(world, PREVIEW).violations
        assert violation.rule == "reachable"


def test_shared_folder_of_two_tasks_is_an_error(world):
    run = world.run()
    views = dataclasses.replace(HERE, scope=dataclasses.replace(HERE.scope, resource="views"))
    assert run.check({}, bag(oss_prefix="a/"), HERE, world.row).violations == []
    (found,) = run.check({}, bag(oss_prefix="a"), views, world.row).violations
    assert found.rule == "unique-prefix"
    assert "the folder of 'orders' too" in str(found)
    assert run.check({}, bag(oss_prefix="b/"), views, world.row).violations == []
    # The first moves to where nobody is any more, and to where it was.
    assert run.check({}, bag(oss_prefix="a/"), HERE, world.row).violations == []


def test_bucket_that_is_not_allowed_is_an_error(world):
    (found,) = check(world, oss_bucket="lake-prod").violations
    assert found.rule == "bucket-environment"
    settings = {"TABLESTORE_ALLOWED_BUCKETS": '["lake-dev*", "my-lake"]'}
    assert check(world, environment=settings, oss_bucket="lake-dev-2").violations == []
    assert check(world, environment=settings).violations == []
    (found,) = check(world, environment=settings, oss_bucket="else").violations
    assert found.rule == "allowed-buckets"
    assert "'else' does not match lake-dev*, my-lake." in str(found)
