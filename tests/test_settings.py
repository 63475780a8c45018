"""Settings: white space, lists of buckets that allow nothing by mistake, the grace."""

import pytest

from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.messages import in_command_style
from pulumi_tablestore_delivery.message import in_program_style, written
from pulumi_tablestore_delivery.native.names import in_provider_style, in_schema_style
from pulumi_tablestore_delivery.settings import ENDPOINT, INSTANCE, REGION, Settings
from pulumi_tablestore_delivery.spec.properties import read_properties
from pulumi_tablestore_delivery.spec.rules import judge
from pulumi_tablestore_delivery.spec.surroundings import Surroundings


def settings(configuration=None, **environment):
    return Settings(environment, lambda key: (configuration or {}).get(key, ""))


def allows(text, bucket):
    around = Surroundings(allowed_buckets=settings(TABLESTORE_ALLOWED_BUCKETS=text).allowed_buckets)
    spec = read_properties({"oss_bucket": bucket}).draft
    return not any(item.rule == "allowed-buckets" for item in judge(spec, around).errors)


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("lake-[dt]*", ["lake-dev", "lake-test"], ["lake-prod", "dt", "lake-"]),
        ("lake-[!p]*", ["lake-dev"], ["lake-prod"]),
        ("lake-[0-9], raw-?", ["lake-1", "raw-a"], ["lake-a", "raw-"]),
        ('["lake-[dt]*", "scratch"]', ["lake-dev", "scratch"], ["lake-prod", "lake-"]),
        ('["lake-dev"]', ["lake-dev"], ["lake"]),
        ("[123]", ["123"], ["1"]),  # `pulumi config set --path` writes numbers
        ("a-lake b-lake\n", ["a-lake", "b-lake"], ["lake"]),
        ("*", ["any"], []),
        ("", ["any"], []),
    ],
)
def test_allowed_buckets_are_read_from_each_form(text, yes, no):
    assert [bucket for bucket in yes if not allows(text, bucket)] == []
    assert [bucket for bucket in no if allows(text, bucket)] == []


@pytest.mark.parametrize(
    "text",
    [
        "[", "]", "[]", "lake-[", "lake-[]", "lake-[d,t]*", '["lake-dev"', '"lake-dev"', "Lake*",
        '[["lake"]]', '{"a": "lake"}', '["lake", ""]', '["lake", " "]', ",", " ", "lake/dev", "å",
        '["lake-dev", null, "{}"]',
    ],
)  # fmt: skip
def test_invalid_list_of_buckets_is_refused_by_name(text):
    with pytest.raises(ConfigurationError, match="TABLESTORE_ALLOWED_BUCKETS: "):
        assert settings(TABLESTORE_ALLOWED_BUCKETS=text).allowed_buckets
    stack = settings({"tablestore:allowedBuckets": text})
    with pytest.raises(ConfigurationError, match="tablestore:allowedBuckets: "):
        assert stack.allowed_buckets


def test_white_space_around_a_setting_is_ignored():
    found = settings(
        {"tablestore:healthGrace": " 7 "},
        TABLESTORE_ENDPOINT="\thttps://inst.cn-hangzhou.ots.aliyuncs.com\n",
        TABLESTORE_INSTANCE=" inst\r\n",
        TABLESTORE_REGION=" cn-hangzhou ",
        TABLESTORE_SIGNATURE_VERSION=" V4\n",
    )
    assert found.instance_name == "inst"
    assert found.endpoint("inst", None) == "https://inst.cn-hangzhou.ots.aliyuncs.com"
    assert found.region("http://127.0.0.1:1") == "cn-hangzhou"
    assert found.signature_version == "v4"
    assert found.health_grace == 7


def test_setting_of_white_space_counts_as_not_set():
    found = settings({"tablestore:instance": "inst"}, TABLESTORE_INSTANCE="  ")
    assert found.instance_name == "inst"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("TABLESTORE_INSTANCE", lambda found: found.instance_name),
        ("TABLESTORE_ENDPOINT", lambda found: found.endpoint("inst", None)),
        ("TABLESTORE_REGION", lambda found: found.region("")),
        ("tablestore:instance", lambda found: found.required_instance_name),
        ("tablestore:endpoint", lambda found: found.endpoint("inst", None)),
        ("alicloud:region", lambda found: found.endpoint("inst", None)),
    ],
)
def test_white_space_inside_is_refused_by_name(name, read):
    given = {name: "https://me:hush@a b"}
    with pytest.raises(ConfigurationError, match=f"{name}: .* has white space inside") as caught:
        read(settings(given, **given))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf", "15s", "1 5"])
def test_invalid_grace_is_refused(text):
    with pytest.raises(ConfigurationError, match=r"TABLESTORE_HEALTH_GRACE: .* number of seconds"):
        assert settings(TABLESTORE_HEALTH_GRACE=text).health_grace


def test_grace_is_read():
    assert settings().health_grace == 15
    assert settings({"tablestore:healthGrace": "0"}).health_grace == 0


@pytest.mark.parametrize("text", ["all", "-1", "1.5", "5001", "1 5"])
def test_invalid_sample_rows_are_refused(text):
    with pytest.raises(ConfigurationError, match=r"TABLESTORE_SAMPLE_ROWS: .* number of rows"):
        assert settings(TABLESTORE_SAMPLE_ROWS=text).sample_rows


def test_sample_rows_are_read():
    assert settings().sample_rows == 100
    assert settings({"tablestore:sampleRows": " 0 "}).sample_rows == 0
    assert settings({"tablestore:sampleRows": "7"}, TABLESTORE_SAMPLE_ROWS="8").sample_rows == 8


@pytest.mark.parametrize("name", ["INSTANCE", "REGION", "ENDPOINT"])
def test_white_space_around_a_setting_is_removed(name):
    settings = Settings({f"TABLESTORE_{name}": " \t value\r\n"}, lambda _: "")
    found = settings.find({"INSTANCE": INSTANCE, "REGION": REGION, "ENDPOINT": ENDPOINT}[name])
    assert found.value == "value"


@pytest.mark.parametrize(
    ("value", "problem"),
    [("a b", "white space"), ("a\nb", "white space"), ("a\x00b", "an invisible character"),
     ("a\u200bb", "an invisible character"), ("a\udcffb", "an invisible character")],
)  # fmt: skip
@pytest.mark.parametrize("options", [None, {"TABLESTORE_INSTANCE": "--instance"}])
def test_white_space_inside_a_setting_is_refused_by_name(value, problem, options):
    settings = Settings({"TABLESTORE_INSTANCE": value}, lambda _: "", options=options)
    with pytest.raises(ConfigurationError) as error:
        settings.required_instance_name  # noqa: B018 - raises
    origin = "--instance" if options else "TABLESTORE_INSTANCE"
    assert str(error.value).startswith(f"{origin}: ")
    assert f"has {problem} inside" in str(error.value)


def test_missing_settings_name_the_options_of_the_command_line():
    settings = Settings({}, lambda _: "", options={})
    with pytest.raises(ConfigurationError, match="no instance: give --instance"):
        settings.required_instance_name  # noqa: B018 - raises
    with pytest.raises(ConfigurationError, match="no endpoint: give --endpoint, or --instance and"):
        settings.endpoint("shop", None)
    settings = Settings({"TABLESTORE_SIGNATURE_VERSION": "v4"}, lambda _: "", options={})
    with pytest.raises(ConfigurationError, match="give --region"):
        settings.signing_region("https://shop.example")


STYLES = {
    "program": in_program_style,
    "native program": in_schema_style,
    "explicit provider": in_provider_style,
    "command": in_command_style,
}
ALL = {"instance": "inst", "region": "cn-hangzhou", "accessKeyId": "id", "accessKeySecret": "hush"}
# Each mistake, and the beginning of its message for each user.
MESSAGES = [
    (
        {"instance": ""},
        {
            "program": "no instance: run `pulumi config set tablestore:instance <name>`, or set "
            "TABLESTORE_INSTANCE or the input instance_name.",
            "native program": "no instance: run `pulumi config set tablestore-delivery:instance "
            "<name>`, or set TABLESTORE_INSTANCE or the input instanceName.",
            "explicit provider": "no instance: set the provider's input `instance`, or set "
            "TABLESTORE_INSTANCE or the input instanceName.",
            "command": "no instance: give --instance, set TABLESTORE_INSTANCE, or give --stack",
        },
    ),
    (
        {"region": ""},
        {
            "program": "no endpoint: run `pulumi config set tablestore:region <region>`, or run "
            "`pulumi config set tablestore:endpoint <URL>`, or set TABLESTORE_REGION",
            "native program": "no endpoint: run `pulumi config set tablestore-delivery:region",
            "explicit provider": "no endpoint: set the provider's input `region`, or set the "
            "provider's input `endpoint`, or set TABLESTORE_REGION",
            "command": "no endpoint: give --endpoint, or --instance and --region, or set",
        },
    ),
    (
        {"accessKeyId": "", "accessKeySecret": ""},
        {
            "program": "no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and "
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or run `pulumi config set "
            "tablestore:accessKeyId <id>` and run `pulumi config set --secret "
            "tablestore:accessKeySecret`, or install",
            "native program": "no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID",
            "explicit provider": "no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and "
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or set the provider's input "
            "`accessKeyId` and set the provider's input `accessKeySecret`",
            "command": "no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and "
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET, give --profile",
        },
    ),
    (
        {"accessKeyId": ""},
        {
            "program": "tablestore:accessKeySecret is set, but tablestore:accessKeyId is not",
            "native program": "tablestore-delivery:accessKeySecret is set, but",
            "explicit provider": "the provider's input `accessKeySecret` is set, but the "
            "provider's input `accessKeyId` is not",
        },
    ),
    (
        {"accessKeyId": "a b"},
        {
            "program": "tablestore:accessKeyId contains a space",
            "native program": "tablestore-delivery:accessKeyId contains a space",
            "explicit provider": "the provider's input `accessKeyId` contains a space",
        },
    ),
    (
        {"region": "a b"},
        {
            "program": "tablestore:region: 'a b' has white space inside",
            "native program": "tablestore-delivery:region: 'a b' has white space inside",
            "explicit provider": "the provider's input `region`: 'a b' has white space inside",
            "command": "--region: 'a b' has white space inside",
        },
    ),
    (
        {"signatureVersion": "v3"},
        {
            "program": "tablestore:signatureVersion: 'v3' is not",
            "explicit provider": "the provider's input `signatureVersion`: 'v3' is not",
        },
    ),
]


def read_all(found):
    """Read the settings that a request needs."""
    instance = found.required_instance_name
    return found.credentials, found.signature_version, found.endpoint(instance, None)


@pytest.mark.parametrize(
    ("wrong", "user", "beginning"),
    [(wrong, user, text) for wrong, texts in MESSAGES for user, text in texts.items()],
)
def test_message_names_a_setting_as_its_user_sets_it(monkeypatch, wrong, user, beginning):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)  # without the default chain
    values = {**ALL, **wrong}
    environment, options = {}, None
    if user == "command":
        options = {"TABLESTORE_INSTANCE": "--instance", "TABLESTORE_REGION": "--region"}
        environment = {
            f"TABLESTORE_{name.upper()}": values[name] for name in ("instance", "region")
        }
        values = {} if "accessKeyId" in wrong else {"accessKeyId": "id", "accessKeySecret": "hush"}
    found = Settings(
        environment,
        lambda key: values.get(key.removeprefix("tablestore:"), ""),
        configuration_first=user == "explicit provider",
        options=options,
    )
    with pytest.raises(ConfigurationError) as failed:
        read_all(found)
    message = written(failed.value.message, STYLES[user])
    assert message.startswith(beginning)
    assert "hush" not in message
