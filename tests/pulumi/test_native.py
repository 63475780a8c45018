"""Features of the native provider: import, other languages, providers, and the change to it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import DYNAMIC, NATIVE, Project

from pulumi_tablestore_delivery.native.names import RESOURCE
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

ROOT = Path(__file__).resolve().parents[2]
NO_DOWNLOADS = {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}


@pytest.fixture
def front_end():
    return NATIVE


needs_yaml = pytest.mark.skipif(
    shutil.which("pulumi-language-yaml") is None, reason="no YAML host on PATH: run `make test`"
)


def in_camel(inputs):
    return {NATIVE.terms(name): value for name, value in inputs.items()}


def yaml_program(project, properties, **more):
    project.folder.joinpath("Pulumi.yaml").write_text(
        yaml.safe_dump(
            {
                "name": "shop",
                "runtime": "yaml",
                "resources": {"orders": {"type": RESOURCE, "properties": properties, **more}},
                "outputs": {"name": "${orders.taskName}", "location": "${orders.location}"},
            }
        )
    )


@needs_yaml
@pytest.mark.parametrize("more", [{}, {"taskName": "by-name", "adoptExisting": True}])
def test_yaml_program_keeps_its_task_if_its_provider_is_replaced(
    project, emulator, table, inputs, more
):
    project.environment.update(NO_DOWNLOADS)
    yaml_program(project, {**in_camel(inputs), **more})
    stack = project.stack()
    stack.up()
    tasks = emulator.tasks(table)
    stack.up("--replace", "**")
    assert emulator.tasks(table) == tasks
    assert stack.refresh("--expect-no-changes").returncode == 0


@needs_yaml
def test_yaml_program_creates_updates_and_destroys_a_task(project, emulator, table, inputs):
    project.environment.update(NO_DOWNLOADS)
    properties = in_camel(inputs)
    yaml_program(project, properties)
    stack = project.stack()
    assert stack.preview().operations == {"orders": ["create"]}
    stack.up()
    (name,) = emulator.tasks(table)
    location = "oss://my-lake/orders/year=$yyyy/month=$MM/"
    assert stack.outputs() == {"name": name, "location": location}
    assert stack.up("--expect-no-changes").returncode == 0
    yaml_program(project, {**properties, "waitFor": "none"})
    assert stack.up().operations == {"orders": ["update"]}
    yaml_program(project, {**properties, "mode": "INC"})
    stack.up()
    assert emulator.task(table, *emulator.tasks(table)).taskType == 1
    assert stack.refresh("--expect-no-changes").returncode == 0
    yaml_program(project, {**properties, "ossPrefix": "/x/$yy/", "taskName": "Bad_Name"})
    run = stack.preview(check=False)
    for word in ("ossPrefix", "starts with '/'", "taskName", "'Bad_Name'"):
        assert word in run.errors
    stack.destroy()
    assert emulator.tasks(table) == []


@needs_yaml
def test_yaml_example_finds_the_plugin_through_its_project(project, own_emulator):
    """As docs/native.md says it: the folder of the plugin in Pulumi.yaml, and nothing on PATH."""
    own_emulator.create_table("orders")
    plugins = Path(sys.executable).parent
    path = project.environment["PATH"].split(os.pathsep)
    project.environment.update(
        own_emulator.environment,
        PATH=os.pathsep.join(folder for folder in path if Path(folder) != plugins),
        **NO_DOWNLOADS,
    )
    program = yaml.safe_load((ROOT / "examples" / "yaml" / "Pulumi.yaml").read_text())
    program["plugins"] = {"providers": [{"name": "tablestore-delivery", "path": str(plugins)}]}
    (project.folder / "Pulumi.yaml").write_text(yaml.safe_dump(program))
    stack = project.stack()
    stack.up()
    (name,) = own_emulator.tasks("orders")
    assert stack.outputs()["task"] == name
    assert stack.up("--expect-no-changes").returncode == 0


def test_cli_prints_the_schema(project):
    from pulumi_tablestore_delivery.native.schema import package_schema  # noqa: PLC0415

    executable = shutil.which("pulumi-resource-tablestore-delivery")
    printed = project.stack().call("package", "get-schema", executable)
    schema = json.loads(printed.stdout)
    assert schema["resources"].keys() == {RESOURCE}
    ours = package_schema(schema["version"])
    assert schema["types"].keys() == ours["types"].keys()
    assert schema["functions"].keys() == ours["functions"].keys()


def shapes(service, table):
    """Requests of tasks as somebody makes them by hand, each of another shape."""
    columns = [
        pb.ParquetSchema(columnName="id", ossColumnName="id", type=2, encode=0),
        pb.ParquetSchema(columnName="amount", ossColumnName="amount_cny", type=3, encode=0),
    ]
    base = {
        "ossBucket": service.bucket,
        "ossEndpoint": f"oss-{service.region}.aliyuncs.com",
        "ossStsRole": service.role_arn,
        "format": 0,
        "schema": columns,
    }
    event = pb.EventColumn(columnName="created_at", timeFormat=4)
    changes = [
        ("plain", {}, 2),
        ("inc", {}, 1),
        ("base", {}, 0),
        ("event", {"eventTimeColumn": event}, 2),
        ("internal", {"ossEndpoint": f"oss-{service.region}-internal.aliyuncs.com"}, 2),
        ("one-column", {"schema": columns[:1]}, 2),
        ("encoded", {"schema": [pb.ParquetSchema(
            columnName="id", ossColumnName="id", type=2, encode=1)]}, 2),
        ("root", {"ossPrefix": f"{service.folder}r/"}, 1),
    ]  # fmt: skip
    if not service.is_real:  # an account has one bucket, and no SDK sends a dirty prefix
        changes += [
            ("dirty", {"ossDirtyPrefix": "dirty/"}, 2),
            ("other-bucket", {"ossBucket": "my-other-lake"}, 2),
        ]
    for number, (name, change, mode) in enumerate(changes):
        config = {**base, "ossPrefix": f"{service.folder}orders/{number}/$yyyy/", **change}
        yield pb.CreateDeliveryTaskRequest(
            tableName=table, taskName=name, taskType=mode, taskConfig=pb.OSSTaskConfig(**config)
        )


@pytest.mark.acceptance
def test_ten_imported_tasks_have_no_difference(project, service, table):
    ids = {}
    for request in shapes(service, table):
        service.client.create_delivery_task(request)
        ids[request.taskName] = f"{service.instance}/{table}/{request.taskName}"
    wanted = [{"type": RESOURCE, "name": name, "id": task} for name, task in ids.items()]
    (project.folder / "import.json").write_text(json.dumps({"resources": wanted}))
    project.declare()
    stack = project.stack()
    imported = stack.call(
        "import", "--file", "import.json", "--yes", "--protect=false", "--generate-code=false"
    )
    assert "Traceback" not in imported.stdout + imported.stderr
    resources = stack.resources()
    assert {name: found["id"] for name, found in resources.items()} == ids
    # What a person writes down: the inputs as imported, without those that have their default.
    project.declare(
        **{
            name.replace("-", "_"): {
                key: value
                for key, value in NATIVE.snake(found["inputs"]).items()
                if key not in {"instance_name", "format", "wait_for", "timeout_seconds"}
            }
            for name, found in resources.items()
        }
    )
    assert stack.up("--expect-no-changes").operations == {name: ["same"] for name in ids}
    assert stack.refresh("--expect-no-changes").returncode == 0


@pytest.mark.parametrize(
    ("task_id", "said"),
    [
        ("local/{table}/no-such", "the delivery task does not exist"),
        ("no-such", "<instance>/<table>/<task>"),
    ],
)
def test_import_of_a_missing_task_fails(project, table, task_id, said):
    project.declare()
    stack = project.stack()
    failed = stack.call(
        "import", RESOURCE, "orders", task_id.format(table=table), "--yes", check=False
    )
    assert failed.returncode != 0
    assert said in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
    assert stack.resources() == {}


@pytest.mark.oldest
def test_each_difference_is_shown_by_its_path(project, emulator, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    columns = [
        inputs["parquet_schema"][0],
        {**inputs["parquet_schema"][1], "type": "INT64"},
        {"source": "n", "type": "INT64"},
    ]
    project.declare(orders={**inputs, "parquet_schema": columns, "timeout_seconds": 60})
    run = stack.preview()
    (detailed,) = (
        event["resourcePreEvent"]["metadata"]["detailedDiff"]
        for event in run.events
        if event.get("resourcePreEvent", {}).get("metadata", {}).get("op") == "create-replacement"
    )
    kinds = {path: about["diffKind"] for path, about in detailed.items()}
    assert kinds == {
        "parquetSchema[1].type": "update-replace",
        "parquetSchema[2]": "add-replace",
        "timeoutSeconds": "update",
        "taskName": "update-replace",
    }


@pytest.mark.oldest
def test_interrupted_once_it_ends_the_wait_and_keeps_the_task(project, tmp_path, inputs):
    options = ("--create-buckets", "--init-seconds", "600")
    with EmulatorProcess(tmp_path / "emulator", *options) as emulator:
        project.environment.update(emulator.environment)
        emulator.create_table(inputs["table_name"])
        project.declare(orders=inputs)
        stack = project.stack()
        process = subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack.name],
            cwd=project.folder,
            env=project.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        while not emulator.tasks(inputs["table_name"]):
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        assert "was cancelled in phase INIT" in said
        assert "Traceback" not in said
        assert stack.resources()["orders"]["initErrors"]


def test_a_mistyped_setting_of_the_stack_is_refused_without_its_value(project, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.config(tablestore__acessKeySecret="hush-hush", tablestore__region="cn-hangzhou")
    run = stack.preview(check=False)
    assert run.returncode != 0
    assert "'tablestore-delivery:acessKeySecret' is not a setting of this provider." in run.errors
    assert "Did you mean 'accessKeySecret'?" in run.errors
    assert "hush-hush" not in run.output
    assert "Traceback" not in run.output


TWO_ACCOUNTS = """
import json
from pathlib import Path

import pulumi
from pulumi_tablestore_delivery import native

given = json.loads(Path("given.json").read_text())
other = native.Provider("other", **given["provider"])
native.DeliveryTask("here", given["inputs"])
native.DeliveryTask("there", given["inputs"], pulumi.ResourceOptions(provider=other))
listed = native.list_delivery_tasks_output(
    given["inputs"]["table_name"], opts=pulumi.InvokeOutputOptions(provider=other)
)
pulumi.export("listed", listed.apply(lambda found: len(found.tasks)))
"""


@pytest.mark.oldest
def test_two_providers_use_two_accounts_in_one_program(
    project, emulator, keyed_emulator, table, inputs
):
    """The arguments of an explicit provider come before the environment."""
    keyed_emulator.create_table(table)
    given = {
        "inputs": inputs,
        "provider": {
            "endpoint": keyed_emulator.url,
            "instance": keyed_emulator.instance,
            "access_key_id": keyed_emulator.access_key_id,
            "access_key_secret": keyed_emulator.access_key_secret,
            "security_token": keyed_emulator.security_token,
        },
    }
    (project.folder / "given.json").write_text(json.dumps(given))
    project.program(TWO_ACCOUNTS)
    stack = project.stack()
    stack.up()
    assert [len(one.tasks(table)) for one in (emulator, keyed_emulator)] == [1, 1]
    state = stack.call("stack", "export").stdout
    assert keyed_emulator.access_key_secret not in state
    assert keyed_emulator.security_token not in state
    assert stack.up("--expect-no-changes").returncode == 0
    stack.refresh("--expect-no-changes")
    stack.destroy()
    assert [len(one.tasks(table)) for one in (emulator, keyed_emulator)] == [0, 0]


ALIASED = """
import json
from pathlib import Path

import pulumi
from pulumi_tablestore_delivery import native as delivery

options = pulumi.ResourceOptions(
    aliases=[pulumi.Alias(type_="pulumi-python:dynamic/tablestore:DeliveryTask")]
)
for name, resource in json.loads(Path("resources.json").read_text()).items():
    task = delivery.DeliveryTask(name, resource["inputs"], options)
    pulumi.export("name", task.task_name)
"""


@pytest.mark.parametrize("name", [{}, {"task_name": "orders"}], ids=["derived", "explicit"])
class TestChangeOfProvider:
    def test_to_the_native_provider_and_back_keeps_the_tasks(
        self, tmp_path, own_emulator, inputs, name
    ):
        """One `up` with an alias there; back by forgetting and adopting. The task is untouched."""
        emulator, table = own_emulator, inputs["table_name"]
        emulator.create_table(table)
        project = Project(tmp_path / "project", emulator.environment, DYNAMIC)
        project.declare(orders={**inputs, **name})
        stack = project.stack()
        stack.up()
        (task,) = emulator.tasks(table)
        created = stack.resources()["orders"]["outputs"]["request_id"]

        project.front_end = NATIVE
        project.program(ALIASED)
        run = stack.up()
        assert run.operations == {"orders": ["update"]}
        assert emulator.tasks(table) == [task]
        assert stack.outputs()["name"] == task
        resource = stack.resources()["orders"]
        assert resource["type"] == NATIVE.type
        assert resource["outputs"]["request_id"] == created
        assert "__provider" not in resource["outputs"]
        assert stack.up("--expect-no-changes").returncode == 0
        assert stack.refresh("--expect-no-changes").returncode == 0

        stack.call("state", "delete", resource["urn"], "--yes", "--stack", "dev")
        again = Project(tmp_path / "project", emulator.environment, DYNAMIC)
        again.declare(orders={**inputs, "task_name": task, "adopt_existing": True})
        stack.project = again
        assert stack.up().operations == {"orders": ["create"]}
        assert emulator.tasks(table) == [task]
        assert stack.up("--expect-no-changes").returncode == 0


def test_without_an_alias_the_stack_has_its_task_at_the_end(tmp_path, own_emulator, inputs):
    """The engine makes the one and then deletes the other: they must not be the same task."""
    emulator, table = own_emulator, inputs["table_name"]
    emulator.create_table(table)
    project = Project(tmp_path / "project", emulator.environment, DYNAMIC)
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    (first,) = emulator.tasks(table)
    again = Project(tmp_path / "project", emulator.environment, NATIVE)
    again.declare(orders=inputs)
    stack.project = again
    stack.up()
    (task,) = emulator.tasks(table)
    assert task != first
    assert stack.resources()["orders"]["id"] == f"local/{table}/{task}"
