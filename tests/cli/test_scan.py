"""scan: the written files, and errors."""

import sys
from dataclasses import replace

import pytest
import yaml

from pulumi_tablestore_delivery.inspection import existing
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.wire.enums import ParquetDataType


def test_scan_writes_each_format(world, command):
    world.task("one", ossDirtyPrefix="dirty/")
    inputs = {
        "instance_name": "local",
        "table_name": "t",
        "task_name": "one",
        "oss_bucket": "my-lake",
        "oss_prefix": "data/",
        "oss_dirty_prefix": "dirty/",
        "role_arn": "acs:ram::1:role/r",
        "parquet_schema": [{"source": "id", "type": "UTF8"}, {"source": "n", "type": "INT64"}],
        "adopt_existing": True,
    }
    done = command("scan", "--json")
    assert done.code == 0
    assert done.err.startswith("1 task written\nProtect the tasks in the program")
    assert done.json == {"tasks": {"t-one": inputs}}
    assert command("scan", "--format", "json").out == done.out
    assert yaml.safe_load(command("scan", "--format", "yaml").out) == done.json
    resource = {
        "type": "tablestore-delivery:index:DeliveryTask", "name": "t-one", "id": "local/t/one",
    }  # fmt: skip
    assert command("scan", "--format", "import").json == {"resources": [resource]}
    assert compile(command("scan").out, "program", "exec")


def test_program_protects_tasks_and_explains_how_to_change_one(world, command):
    world.task("one")
    done = command("scan")
    assert done.err == "1 task written\n"
    assert "\nimport pulumi\nimport pulumi_tablestore_delivery as delivery\n" in done.out
    assert "    opts=pulumi.ResourceOptions(protect=True),\n)" in done.out
    assert "pulumi state unprotect" in done.out
    yaml_text = command("scan", "--format", "yaml").out
    assert "pulumi.ResourceOptions(protect=True)" in yaml_text
    assert "pulumi state unprotect" in yaml_text

    unprotected = command("scan", "--no-protect").out
    assert "protect" not in unprotected
    assert "import pulumi\n" not in unprotected
    assert "protect" not in command("scan", "--no-protect", "--format", "yaml").out
    assert command("scan", "--no-protect", "--json").err == "1 task written\n"
    assert command("scan", "--format", "import").err == "1 task written\n"
    assert "--protect=false" in command("scan", "--no-protect", "--format", "import").err


@pytest.fixture
def derived(world, command):
    """Create a task with a derived name in a table, and return the name."""

    def create(table="t"):
        world.task("template", table=table)
        found = command("scan", "--json", "--table", table).json["tasks"][f"{table}-template"]
        world.delete_task("template", table)
        scope = naming.Scope("shop", "prod", "", "orders")
        spec = spec_of({**found, "oss_endpoint": "oss-cn-hangzhou.aliyuncs.com"})
        name = naming.derive(scope, spec, lambda _: False)
        world.task(name, table=table)
        return name

    return create


@pytest.mark.parametrize("form", ["python", "yaml", "json", "import"])
def test_tasks_with_a_derived_name_are_omitted_by_default(world, command, derived, form):
    world.task("one")
    world.task("task-customers")  # looks like a derived name
    name = derived()

    done = command("scan", "--format", form)
    assert f"warning: local/t/{name} is left out: this package derived its name" in done.err
    assert "2 tasks written\n" in done.err
    assert "task-customers" in done.out
    is_commented = form in {"python", "yaml"}
    assert (f"# local/t/{name} is left out" in done.out) is is_commented
    assert done.out.count(name) == is_commented

    done = command("scan", "--format", form, "--include-derived")
    assert "3 tasks written\n" in done.err
    assert "left out" not in done.err
    assert ("# This package derived its name" in done.out) is is_commented


def test_no_program_is_written_if_every_task_is_omitted(world, command, derived, tmp_path):
    world.table("other")
    names = derived(), derived("other")
    done = command("scan")
    assert (done.code, done.out) == (3, "")
    reason, conclusion = done.err.splitlines()
    assert all(name in reason for name in names)
    assert reason.count("this package derived its name") == 1
    assert conclusion == "Nothing is written, because every task is left out."
    file = tmp_path / "__main__.py"
    file.write_text("mine")
    assert command("scan", "--output", str(file), "--force").code == 3
    assert file.read_text() == "mine"
    done = command("scan", "--json")
    assert (done.code, done.json) == (3, {"tasks": {}})


@pytest.mark.parametrize("form", ["python", "yaml", "json"])
def test_terminal_shows_the_reason_for_an_omission_once(world, command, derived, monkeypatch, form):
    world.task("one")
    derived()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    done = command("scan", "--format", form)
    assert done.code == 0
    assert " ".join((done.out + done.err).split()).count("is left out") == 1


@pytest.mark.parametrize("form", ["python", "yaml"])
def test_comments_fit_80_columns(world, command, derived, form):
    world.task("one")
    world.fault(fault="task_error", error_code="UNAUTHORIZED", detail="word " * 40, times=None)
    derived()
    comments = [
        line
        for line in command("scan", "--format", form).out.splitlines()
        if line.strip().startswith("#")
    ]
    assert len(comments) > 5
    assert all(len(line) <= 80 for line in comments)
    assert all(line.startswith("#" if form == "python" else ("#", "  #")) for line in comments)


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_check_reads_the_output_of_scan(world, command, tmp_path, form):
    world.task("one")
    world.task("two", ossStsRole="bare")
    world.task("three", ossPrefix="three\n: - #/")
    file = str(tmp_path / "tasks")
    assert command("scan", "--format", form, "--output", file).code == 0
    done = command("check", file, "--region", "cn-hangzhou")
    assert done.code == 0
    assert done.out.endswith("\n3 tasks, 0 errors, 1 warning\n")
    assert "has ':'. Hive's reader fails" in done.out


def test_task_that_breaks_a_new_rule_can_be_adopted(world, command):
    world.task("one", ossPrefix="data/ID=$yyyy/")
    inputs = command("scan", "--json").json["tasks"]["t-one"]
    assert inputs["ignore_rules"] == ["partition-column"]


def test_existing_file_is_not_overwritten(world, command, tmp_path):
    file = tmp_path / "program.py"
    world.task("one")
    assert command("scan", "--output", str(file)).code == 0
    assert "delivery.DeliveryTask" in file.read_text()
    file.write_text("mine")
    done = command("scan", "--output", str(file))
    assert (done.code, done.err) == (
        1, f"error: {file} exists. Give --force to overwrite it.\n",
    )  # fmt: skip
    assert file.read_text() == "mine"
    assert command("scan", "--output", str(file), "--force").code == 0
    assert "delivery.DeliveryTask" in file.read_text()
    done = command("scan", "--output", str(tmp_path / "no" / "folder.py"))
    assert done.code == 1
    assert "folder.py cannot be written: No such file or directory." in done.err


def test_nothing_is_written_if_there_are_no_tasks(world, command, tmp_path):
    done = command("scan")
    assert (done.code, done.out) == (3, "")
    reason = "Nothing is written, because {} does not have delivery tasks.\n"
    assert done.err == reason.format("the instance")
    assert command("scan", "--table", "t").err == reason.format("table t")
    done = command("scan", "--json")
    assert (done.code, done.json) == (3, {"tasks": {}})
    done = command("scan", "--format", "yaml")
    assert (done.code, yaml.safe_load(done.out)) == (3, {"tasks": {}})
    file = tmp_path / "tasks"
    for form in ("python", "yaml", "json", "import"):
        assert command("scan", "--format", form, "--output", str(file)).code == 3
        assert not file.exists()


def test_scan_is_limited_to_the_given_tables(world, command):
    world.table("other")
    world.task("one")
    world.task("two", table="other")
    assert list(command("scan", "--json", "--table", "other").json["tasks"]) == ["other-two"]
    done = command("scan", "--table", "none")
    assert (done.code, done.out) == (1, "")
    assert "OTSObjectNotExist" in done.err


def test_task_deleted_during_the_scan_is_skipped(world, command, monkeypatch):
    world.table("other")
    world.task("one")
    world.task("two")
    world.task("three", table="other")
    describe = existing.Lifecycle.read_all

    def read_all(self, tasks):
        world.delete_task("one")
        return describe(self, tasks)

    def tasks(self, instance, table):
        if table == "other":
            world.sdk.delete_table("other")
        return listed(self, instance, table)

    listed = existing.Lifecycle.tasks
    monkeypatch.setattr(existing.Lifecycle, "read_all", read_all)
    monkeypatch.setattr(existing.Lifecycle, "tasks", tasks)
    assert list(command("scan", "--json").json["tasks"]) == ["t-two"]


def test_every_type_can_be_adopted(world, command, monkeypatch):
    world.task("one")  # the emulator refuses tasks of most types
    columns = [
        {"source": kind.name, "name": kind.name, "type": kind.name, "type_extend": "more"}
        for kind in ParquetDataType
    ]
    read = existing.Lifecycle.read

    def with_columns(self, task, state):
        found = read(self, task, state)
        return replace(found, inputs={**found.inputs, "parquet_schema": columns})

    monkeypatch.setattr(existing.Lifecycle, "read", with_columns)
    inputs = command("scan", "--json").json["tasks"]["t-one"]
    assert [column["type"] for column in inputs["parquet_schema"]] == [
        kind.name for kind in ParquetDataType
    ]
    assert inputs["allow_undocumented_types"] is True
    assert "ignore_rules" not in inputs
