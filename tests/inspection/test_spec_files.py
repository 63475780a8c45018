"""Files of task specs: their forms, their defaults, and errors of invalid ones."""

import io
import json

import pytest
import yaml
from support.specs import BAG

from pulumi_tablestore_delivery.inspection.spec_files import (
    SpecFileError,
    declared_tasks,
    judged_task,
)


@pytest.fixture
def write(tmp_path):
    def write(text, name="tasks.yaml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return str(file)

    return write


@pytest.mark.parametrize(("name", "dump"), [("a.yaml", yaml.safe_dump), ("a.json", json.dumps)])
def test_each_form_of_a_file_is_read(write, name, dump):
    (one,) = declared_tasks(write(dump(BAG), name))
    assert (one.name, one.inputs) == ("", BAG)
    shared = {key: value for key, value in BAG.items() if key != "mode"}
    group = {
        "defaults": {**shared, "mode": "INC"},
        "tasks": {"a": {"mode": "BASE"}, "b": {"oss_dirty_prefix": "dirty/"}},
    }
    a, b = declared_tasks(write(dump(group), name))
    assert (a.name, a.inputs) == ("a", {**shared, "mode": "BASE"})
    assert (b.name, b.inputs) == ("b", {**shared, "mode": "INC", "oss_dirty_prefix": "dirty/"})


def test_standard_input_and_anchors_are_read(monkeypatch):
    text = "tasks:\n  a: &a {mode: INC}\n  b: {<<: *a, format: Parquet}\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    _, b = declared_tasks("-")
    assert (str(b), b.inputs) == ("-: b", {"mode": "INC", "format": "Parquet"})
    monkeypatch.setattr("sys.stdin", io.StringIO('\n{\t"mode": "INC"}'))
    assert declared_tasks("-")[0].inputs == {"mode": "INC"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n\nb: [", ":3: is not YAML"),
        ("mode: INC\nmode: BASE\n", ":2: is not YAML: the key 'mode' appears twice"),
        ("mode: INC\nx: \x07", ":2: is not YAML: special characters"),
        ("? [1]\n: 2\n", ":1: is not YAML: found unhashable key"),
        (
            "x: !!python/name:os.system\n",
            "the tag !!python/name:os.system is not allowed",
        ),
        ("a: 0x_\n", ":1: is not YAML: '0x_' is not of the type int"),
        ("x: &x [*x]\n", "is nested too deeply"),
        ("- mode: INC\n", "the file holds a list. Write a mapping"),
        ("", "the file holds nothing. Write a mapping"),
        ("1: x\n", "the key 1 is not text"),
        ("tasks: [x]\n", "tasks holds a list"),
        ("tasks: {a: x}\n", "task 'a' holds text"),
        ("tasks: {}\n", "does not have tasks"),
        ("defaults: 1\ntasks: {}\n", "defaults holds a number"),
        ("tasks: {}\ndefault: {}\n", "'default' is neither tasks nor defaults. Did you mean"),
        ('{"a": 1,\n "b"}', ":2: is not JSON"),
        ('{"a": {"b": 1, "b": 2}}', "the key 'b' appears twice in one object"),
        ("{" * 100_000, "is not JSON"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_invalid_file_is_reported(write, text, message):
    with pytest.raises(SpecFileError) as error:
        declared_tasks(write(text))
    assert message in str(error.value)
    assert str(error.value).startswith(str(write(text)))


def test_unreadable_file_is_reported(tmp_path):
    with pytest.raises(SpecFileError, match=r"gone\.yaml: cannot be read: No such file"):
        declared_tasks(str(tmp_path / "gone.yaml"))
    with pytest.raises(SpecFileError, match="cannot be read: Is a directory"):
        declared_tasks(str(tmp_path))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff")
    with pytest.raises(SpecFileError, match="is not text in UTF-8"):
        declared_tasks(str(tmp_path / "bytes.yaml"))


def judged(write, region="", **changes):
    given = {name: value for name, value in {**BAG, **changes}.items() if value is not None}
    (task,) = declared_tasks(write(yaml.safe_dump(given)))
    return judged_task(task, region)


def test_valid_task_needs_no_setting(write, monkeypatch):
    monkeypatch.setenv("TABLESTORE_ENDPOINT", "http://elsewhere.example")
    found = judged(write, instance_name=None, oss_endpoint=None)
    assert (found.errors, found.warnings) == ([], [])
    found = judged(write, "cn-hangzhou", oss_endpoint=None)
    assert found.spec.oss_endpoint == "oss-cn-hangzhou.aliyuncs.com"
    assert (found.errors, found.warnings) == ([], [])


def test_every_violation_is_found(write):
    found = judged(
        write, "eu-west-1", oss_prefix="/x/$zz/$mm/", oss_bukket="b", table_name=1, role_arn=None
    )
    assert {(error.path, error.rule) for error in found.errors} == {
        ("oss_bukket", "unknown-input"),
        ("table_name", "type"),
        ("role_arn", "required"),
        ("oss_prefix", "prefix"),
        ("oss_prefix", "prefix-variable"),
        ("oss_endpoint", "oss-endpoint-region"),
    }
    assert "Did you mean 'oss_bucket'?" in next(
        error.problem for error in found.errors if error.rule == "unknown-input"
    )
    assert {warning.rule for warning in found.warnings} == {
        "delivery-region", "prefix-order", "prefix-minutes",
    }  # fmt: skip


def test_dates_are_read_as_text(write):
    found = judged(write, oss_prefix="2024-02-30")
    assert found.errors == []
