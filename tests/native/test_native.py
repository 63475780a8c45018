"""The native front end without the CLI: its schema, names, property bags and arguments."""

import ast
import inspect
import itertools
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import jsonschema
import pulumi
import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from support.specs import BAG

from pulumi_tablestore_delivery.dynamic import resource
from pulumi_tablestore_delivery.message import Message, Name, written
from pulumi_tablestore_delivery.native import main
from pulumi_tablestore_delivery.native import resource as native_resource
from pulumi_tablestore_delivery.native.bags import bag, plain
from pulumi_tablestore_delivery.native.configuration import CONFIGURATION
from pulumi_tablestore_delivery.native.names import (
    GET,
    LIST,
    RESOURCE,
    camel,
    in_schema_style,
    snake,
)
from pulumi_tablestore_delivery.native.provider import scope_of
from pulumi_tablestore_delivery.native.schema import package_schema
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.model import (
    OUTPUTS,
    UNKNOWN,
    WAIT_FOR,
    Change,
    DeliveryTaskSpec,
    inputs_of,
)
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.properties import read_properties
from pulumi_tablestore_delivery.wire import enums

METASCHEMA = Path(__file__).resolve().parents[1] / "data" / "pulumi" / "package-schema.json"
SCHEMA = package_schema("1.2.3")
TASK = SCHEMA["resources"][RESOURCE]


def test_schema_is_valid_for_pulumi():
    metaschema = METASCHEMA.read_text().replace("(?<", "(?P<")  # groups as Go names them
    jsonschema.Draft7Validator(json.loads(metaschema)).validate(SCHEMA)


def test_schema_has_every_input_of_the_model():
    inputs = dict(inputs_of(DeliveryTaskSpec))
    assert set(TASK["inputProperties"]) == {camel(name) for name in inputs}
    assert set(TASK["properties"]) == {camel(name) for name in (*inputs, *OUTPUTS)}
    for name, about in inputs.items():
        told = TASK["inputProperties"][camel(name)]
        assert told["description"] == about.doc
        assert told.get("replaceOnChanges", False) == (about.change is Change.REPLACE)
    assert TASK["requiredInputs"] == [
        "tableName", "ossBucket", "ossPrefix", "roleArn", "parquetSchema"
    ]  # fmt: skip
    assert TASK["inputProperties"]["mode"]["default"] == "BASE_INC"
    assert TASK["inputProperties"]["timeoutSeconds"]["type"] == "integer"


def values(name):
    return {item["value"] for item in SCHEMA["types"][f"tablestore-delivery:index:{name}"]["enum"]}


def test_enums_match_the_protocol():
    assert values("Mode") == set(enums.DeliveryTaskType.__members__)
    assert values("ParquetEncoding") == set(enums.ParquetEncoding.__members__)
    assert values("EventTimeFormat") == set(enums.EventTimeFormat.__members__)
    assert values("WaitFor") == set(WAIT_FOR.values)


def test_every_reference_has_a_type():
    text = json.dumps(SCHEMA)
    for part in text.split('"#/types/')[1:]:
        assert part.split('"')[0] in SCHEMA["types"]


def test_keys_are_secrets_in_the_configuration_and_of_a_provider():
    for place in (SCHEMA["config"]["variables"], SCHEMA["provider"]["inputProperties"]):
        secret = {name for name, about in place.items() if about.get("secret")}
        assert secret == {"accessKeySecret", "securityToken"}
        assert set(place) == set(CONFIGURATION)


def test_every_setting_of_the_schema_is_read():
    for name in CONFIGURATION:
        asked = []

        def read(key, asked=asked):
            asked.append(key)
            return ""

        settings = Settings({}, read, configuration_first=True)
        for setting in (
            "instance_name", "signature_version", "allowed_buckets", "sample_rows", "health_grace"
        ):  # fmt: skip
            getattr(settings, setting)
        for fails in (lambda s: s.credentials, lambda s: s.endpoint("inst", None)):
            with pytest.raises(Exception, match="no "):
                fails(settings)
        assert f"tablestore:{name}" in asked


def test_provider_takes_every_setting_of_the_schema():
    taken = native_resource.ProviderSettings.__annotations__
    assert {camel(name) for name in taken} == set(CONFIGURATION)
    numbers = {name for name, about in CONFIGURATION.items() if about.type != "string"}
    assert numbers == {camel(name) for name in native_resource._NUMBERS}
    secrets = {name for name, about in CONFIGURATION.items() if about.is_secret}
    assert secrets == {camel(name) for name in native_resource._SECRET_SETTINGS}
    with pytest.raises(TypeError, match="'endpiont'"):
        native_resource.Provider("p", endpiont="x")


def test_functions_are_in_the_schema():
    assert set(SCHEMA["functions"]) == {GET, LIST}
    told = SCHEMA["functions"][GET]["outputs"]["properties"]
    assert {"id", "mode", "phase", "parquetSchema"} < set(told)
    assert not {"waitFor", "requestId", "timeoutSeconds"} & set(told)


def test_outputs_of_a_resource_have_the_types_of_the_dynamic_one():
    ours = pulumi._types.resource_types(native_resource.DeliveryTask)
    theirs = pulumi._types.resource_types(resource.DeliveryTask)
    assert set(ours) >= {camel(name) for name in (*DeliveryTaskSpec.model_fields, *OUTPUTS)}
    different = {name for name in theirs if ours[camel(name)] != theirs[name]}
    assert different == {"parquet_schema"}  # whose type_extend has another name on the way


@pytest.mark.parametrize("name", [*DeliveryTaskSpec.model_fields, *OUTPUTS])
def test_names_are_converted_both_ways(name):
    assert snake(camel(name)) == name
    assert snake(name) == name


def test_bags_are_converted_both_ways():
    given = {
        "table_name": "t",
        "timeout_seconds": 5,
        "adopt_existing": True,
        "oss_prefix": UNKNOWN,
        "parquet_schema": [{"source": "s", "type_extend": UNKNOWN}],
    }
    there = bag(given)
    assert set(there) == {camel(name) for name in given}
    assert plain(PropertyValue.unmarshal_map(PropertyValue.marshal_map(there))) == given


def test_message_has_names_of_the_schema_and_unchanged_values():
    said = Message(
        "{path}: the stack's {value!r} is taken; set {.adopt_existing=True}, {.task_name} or "
        "{.tablestore:endpoint}. {inner}",
        path=Name("parquet_schema[1].type_extend"),
        value="set active=True for 'task_name' in tablestore:region",
        inner=Message("See {.oss_prefix}."),
    )
    assert written(said, in_schema_style) == (
        "parquetSchema[1].typeExtend: the stack's \"set active=True for 'task_name' in "
        'tablestore:region" is taken; set adoptExisting: true, taskName or '
        "tablestore-delivery:endpoint. See ossPrefix."
    )


def test_mistyped_input_gets_a_suggestion_in_camel_case():
    (violation,) = read_properties({**BAG, "oss_buckett": "b"}).violations
    message = written(violation.full_message, in_schema_style)
    assert message.startswith("ossBuckett: is not a known input; known are instanceName, ")
    assert "Did you mean 'ossBucket'?" in message


def test_scope_is_read_from_the_urn():
    types = f"lake:Outer$lake:Inner${RESOURCE}"
    urn = f"urn:pulumi:dev::shop::{types}::a::b"
    assert scope_of(urn) == Scope("shop", "dev", types, "a::b")


ENVIRONMENT = {
    "TABLESTORE_ENDPOINT": "https://env.cn-hangzhou.ots.aliyuncs.com",
    "TABLESTORE_INSTANCE": "env",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-secret",
}


class TestArgumentsOfAProvider:
    def settings(self, *, first=True, **arguments):
        def read(key):
            return arguments.get(key.partition(":")[2], "")

        return Settings(ENVIRONMENT, read, configuration_first=first)

    def test_come_before_the_environment(self):
        given = {"instance": "arg", "accessKeyId": "arg-id", "accessKeySecret": "arg-secret"}
        settings = self.settings(**given)
        assert settings.instance_name == "arg"
        assert settings.credentials().access_key_id == "arg-id"
        assert self.settings(first=False, **given).instance_name == "env"

    def test_that_are_missing_come_from_the_environment(self):
        settings = self.settings(instance="arg")
        assert settings.endpoint("arg", None) == ENVIRONMENT["TABLESTORE_ENDPOINT"]
        assert settings.credentials().access_key_id == "env-id"

    def test_region_makes_the_endpoint(self):
        settings = self.settings(instance="arg", region="cn-beijing")
        assert settings.endpoint("arg", None) == "https://arg.cn-beijing.ots.aliyuncs.com"


def test_unsupported_sdk_is_reported_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "pulumi.provider.experimental.server", None)
    monkeypatch.delitem(sys.modules, "pulumi_tablestore_delivery.native.server", raising=False)
    monkeypatch.setattr(sys, "argv", ["plugin", "127.0.0.1:1"])
    with pytest.raises(SystemExit, match=r"does not work with Pulumi's Python SDK \d.*native\.md"):
        main.run()


def test_program_loads_no_more_than_with_the_dynamic_resource():
    code = (
        "import sys; from pulumi_tablestore_delivery import native; native.DeliveryTask; "
        "native.list_delivery_tasks; print({'pydantic', 'requests'} & set(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "set()\n"


def test_settings_in_python_have_the_texts_of_the_schema():
    """Except for `allowed_buckets`, which is a list in Python and text in the schema."""
    source = ast.parse(textwrap.dedent(inspect.getsource(native_resource.ProviderSettings)))
    (body,) = source.body
    fields = {}
    for field, text in itertools.pairwise(body.body):
        if isinstance(field, ast.AnnAssign):
            fields[camel(field.target.id)] = text.value.value
    texts = {name: about.doc for name, about in CONFIGURATION.items()}
    del fields["allowedBuckets"], texts["allowedBuckets"]
    assert fields == texts
