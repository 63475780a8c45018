"""What the schema has for other languages and for Pulumi's registry."""

import re
from importlib.metadata import metadata
from urllib.parse import urlsplit

import pytest

from pulumi_tablestore_delivery.frontend import inputs
from pulumi_tablestore_delivery.native.main import DISTRIBUTION
from pulumi_tablestore_delivery.native.metadata import HOST, REPOSITORY
from pulumi_tablestore_delivery.native.names import GET, LIST, RESOURCE
from pulumi_tablestore_delivery.native.schema import enum_name, package_schema

SCHEMA = package_schema("1.2.3")
LANGUAGES = SCHEMA["language"]
DESCRIPTIONS = {
    "resource": SCHEMA["resources"][RESOURCE]["description"],
    "provider": SCHEMA["provider"]["description"],
    "get": SCHEMA["functions"][GET]["description"],
    "list": SCHEMA["functions"][LIST]["description"],
}
each_description = pytest.mark.parametrize("text", DESCRIPTIONS.values(), ids=DESCRIPTIONS)


def test_metadata_tells_where_the_package_is_from():
    distribution = metadata(DISTRIBUTION)
    assert SCHEMA["license"] == distribution["License-Expression"]
    assert SCHEMA["displayName"]
    assert SCHEMA["publisher"]
    lines = (line.partition(", ") for line in distribution.get_all("Project-URL", []))
    urls = {name.lower(): url for name, _, url in lines}
    assert urls.get("repository", REPOSITORY) == REPOSITORY
    assert SCHEMA["repository"] == REPOSITORY
    assert SCHEMA["homepage"] == urls.get("homepage", REPOSITORY)


def test_no_address_is_one_that_a_stranger_can_register():
    assert HOST.endswith(".invalid")
    hosts = {urlsplit(SCHEMA[name]).hostname for name in ("homepage", "repository")}
    hosts |= {urlsplit(SCHEMA["pluginDownloadURL"]).hostname}
    assert hosts == {HOST}
    assert LANGUAGES["go"]["importBasePath"].startswith(f"{HOST}/sdk/go/")


def test_keywords_let_the_registry_sort_the_package():
    assert {"pulumi", "category/cloud", "kind/native"} <= set(SCHEMA["keywords"])


def test_the_generated_python_package_is_apart_from_this_one():
    name = LANGUAGES["python"]["packageName"]
    assert re.sub(r"[-_.]+", "-", name).lower() != DISTRIBUTION
    assert name != "pulumi_tablestore_delivery"
    assert name.isidentifier()


def test_generated_packages_ask_for_the_version_of_the_schema():
    assert {name: about["respectSchemaVersion"] for name, about in LANGUAGES.items()} == {
        "go": True, "nodejs": True, "python": True
    }  # fmt: skip


def test_names_of_enums_have_no_underscores_and_read_as_words():
    names = {
        value["name"]
        for about in SCHEMA["types"].values()
        for value in about.get("enum", ())
    }  # fmt: skip
    assert {"BaseInc", "Inc", "Utf8", "Rfc3339", "Unix", "None", "DeltaBinaryPacked"} < names
    assert all(re.fullmatch("[A-Z][a-z0-9]+([A-Z][a-z0-9]*)*", name) for name in names)


@pytest.mark.parametrize("name", ["Mode", "WaitFor", "ParquetType", "EventTimeFormat"])
def test_python_generators_name_enums_as_this_package_does(name):
    ours = {member.value: member.name for member in getattr(inputs, name)}
    for value, python in ours.items():
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum_name(value))  # as Pulumi's does
        assert words.upper() == python


def test_a_value_of_an_enum_has_its_meaning():
    (base_inc,) = (
        value
        for value in SCHEMA["types"]["tablestore-delivery:index:Mode"]["enum"]
        if value["value"] == "BASE_INC"
    )
    assert base_inc["description"] == "All existing rows, then every change."


def reachable(about):
    """The part of the schema and every type that it refers to."""
    yield about
    for item in about.values() if isinstance(about, dict) else about:
        if isinstance(item, dict | list):
            yield from reachable(item)
        elif isinstance(item, str) and item.startswith("#/types/"):
            yield from reachable(SCHEMA["types"][item.removeprefix("#/types/")])


@pytest.mark.parametrize("token", [GET, LIST])
def test_results_of_functions_have_one_type_each(token):
    outputs = SCHEMA["functions"][token]["outputs"]
    assert not [part for part in reachable(outputs) if "oneOf" in part]


def test_inputs_offer_the_values_of_an_enum_and_take_others():
    assert SCHEMA["resources"][RESOURCE]["inputProperties"]["mode"]["oneOf"] == [
        {"type": "string"},
        {"$ref": "#/types/tablestore-delivery:index:Mode"},
    ]


def test_a_column_that_is_looked_up_always_has_its_name_and_encoding():
    column = SCHEMA["types"]["tablestore-delivery:index:GetDeliveryTaskParquetColumn"]
    assert column["required"] == ["source", "name", "type", "encoding"]
    assert "typeExtend" in column["properties"]


def test_a_list_is_asked_for_by_table_and_instance_alone():
    about = SCHEMA["functions"][LIST]["inputs"]
    assert about["properties"].keys() == {"tableName", "instanceName"}
    assert about["required"] == []
    assert SCHEMA["functions"][GET]["inputs"]["required"] == ["tableName", "taskName"]


@each_description
def test_a_description_has_an_example_in_each_language(text):
    for tag in ("examples", "example"):
        assert text.count(f"{{{{% {tag} %}}}}") == text.count(f"{{{{% /{tag} %}}}}") == 1
    examples = text.partition("{{% examples %}}")[2].partition("{{% /examples %}}")[0]
    assert re.findall(r"^```(\w+)$", examples, re.MULTILINE) == [
        "typescript", "go", "python", "yaml"
    ]  # fmt: skip


@each_description
def test_examples_import_the_packages_that_are_generated(text):
    for example, about in {
        f'from "{LANGUAGES["nodejs"]["packageName"]}"': "typescript",
        f'"{LANGUAGES["go"]["importBasePath"]}"': "go",
        f"import {LANGUAGES['python']['packageName']} as": "python",
    }.items():
        assert example in text.partition(f"```{about}\n")[2].partition("```")[0]


def test_the_resource_tells_how_a_task_is_imported():
    section = DESCRIPTIONS["resource"].partition("\n## Import\n")[2]
    assert f"pulumi import {RESOURCE} orders " in section
