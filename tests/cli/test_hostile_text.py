"""Untrusted text in the output of commands cannot control a terminal or a build."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml
from support.hostile import HOSTILE, is_safe
from support.specs import BAG

from pulumi_tablestore_delivery.cli import emulator_deliveries, emulator_fault, infer_schema
from pulumi_tablestore_delivery.inspection.sampling import Sample
from pulumi_tablestore_delivery.inspection.stacks import Stack, StackTask
from pulumi_tablestore_delivery.lifecycle import Lifecycle

TEXT = "x\n::error::y\x1b[31m\u202e##[error]z"
FORMS = [(), ("--json",), ("-o", "yaml")]


@pytest.fixture
def check_safe(command):
    """Run a command. Its output must be safe in every form, and valid as JSON and YAML."""

    def run(*arguments, forms=FORMS):
        runs = []
        for form in forms:
            done = command(*arguments, *form)
            assert is_safe(done.out), done.out
            assert is_safe(done.err), done.err
            assert "Traceback" not in done.err
            if form == ("--json",):
                json.loads(done.out)
            elif form == ("-o", "yaml"):
                list(yaml.safe_load_all(done.out))
            runs.append(done)
        return runs

    return run


@pytest.fixture
def hostile_task(world, monkeypatch):
    """A task that a hostile service describes: its table, name, location and detail are hostile."""
    world.task("one")
    read = Lifecycle.read_all

    def read_all(self, tasks):
        for task, found in read(self, tasks):
            changed = dict.fromkeys(("table_name", "task_name", "location", "error_detail"), TEXT)
            outputs = {**found.outputs, **changed, "error_code": "UNAUTHORIZED"}
            inputs = {**found.inputs, "oss_prefix": TEXT, "table_name": TEXT, "task_name": TEXT}
            yield task, replace(found, id=f"local/{TEXT}", outputs=outputs, inputs=inputs)

    monkeypatch.setattr(Lifecycle, "read_all", read_all)


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("status",),
        ("status", "t", "one"),
        ("wait", "--healthy"),
        ("wait", "--timeout", "0.5"),
        ("verify",),
    ],
)
def test_hostile_names_and_details_of_tasks_are_escaped(hostile_task, check_safe, arguments):
    assert "error::y" in check_safe(*arguments)[0].out + check_safe(*arguments)[0].err


@pytest.mark.parametrize("form", ["python", "yaml", "json", "import"])
def test_hostile_tasks_are_escaped_by_scan(hostile_task, check_safe, form):
    check_safe("scan", "-o", form, forms=[()])


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_scan_keeps_hostile_values(world, command, tmp_path, form):
    world.task("one", ossPrefix=TEXT)
    done = command("scan", "-o", form)
    assert is_safe(done.out)
    assert yaml.safe_load(done.out)["tasks"]["t-one"]["oss_prefix"] == TEXT
    command("scan", "-o", form, "--output", str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == done.out


def test_scanned_program_keeps_hostile_values(world, command):
    world.task("one", ossPrefix=TEXT)
    done = command("scan")
    assert is_safe(done.out)
    line = next(line for line in done.out.splitlines() if "oss_prefix=" in line)
    assert eval(line.strip().removeprefix("oss_prefix=").rstrip(",")) == TEXT


def test_hostile_prefix_is_escaped_by_ddl(world, check_safe):
    world.task("one", ossPrefix=f"{TEXT}/$yyyy/")
    check_safe("ddl", "t", "one")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_column_names_are_escaped(world, check_safe, monkeypatch, text):
    rows = [[("id", "a"), (text, 1), (f"{text}2", b"")], [("id", "b"), (text, "1")]]
    sample = Sample(rows, [], is_whole=True)
    monkeypatch.setattr(infer_schema, "sample_rows", lambda *_: sample)
    forms = [()] if "\ud800" in text else FORMS
    check_safe("infer-schema", "t", forms=forms)
    monkeypatch.setattr(infer_schema, "sample_rows", lambda *_: Sample([[(text, 1)]], [], True))
    check_safe("infer-schema", "t", forms=forms)


def test_hostile_answer_of_an_emulator_is_escaped(check_safe, monkeypatch):
    delivery = dict.fromkeys(("table", "task", "mode", "phase", "failure"), TEXT)
    numbers = dict.fromkeys(("files", "rows", "dirty", "delivered_until"), 1)
    discarded = [{"column": TEXT, "count": 1, "reason": TEXT}]
    answer = {"deliveries": [{**delivery, **numbers, "discarded": discarded}]}
    monkeypatch.setattr(emulator_deliveries, "call", lambda *_: answer)
    check_safe("emulator", "deliveries")
    fault = {"operation": TEXT, "fault": TEXT, "met": 1, "times": None, TEXT: TEXT}
    monkeypatch.setattr(emulator_fault, "call", lambda *_: {**fault, "faults": [fault]})
    check_safe("emulator", "fault", "list")
    check_safe("emulator", "fault", "add", TEXT)
    check_safe("emulator", "fault", "add", "reset")


def test_hostile_detail_of_a_service_error_is_escaped(world, check_safe):
    world.fault(
        operation="*", fault="error", status=403, code="OTSAuthFailed", message=TEXT, times=None
    )
    assert "error::y" in check_safe("list")[0].err
    check_safe("status", "--watch")
    check_safe("doctor")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_keys_and_names_in_files_are_escaped(check_safe, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    inputs = {**BAG, text: text, "mode": text, "parquet_schema": [{text: text}]}
    (tmp_path / "f.yaml").write_text(json.dumps({"tasks": {text: inputs}}))
    check_safe("check", "f.yaml")
    check_safe("ddl", "--file", "f.yaml")
    (tmp_path / "f.yaml").write_text(json.dumps({"tasks": {}, text: {}}))
    check_safe("check", "f.yaml")
    (tmp_path / "f.yaml").write_text(json.dumps({"tasks": {text: text}}))
    check_safe("check", "f.yaml")


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE if "\ud800" not in text and "\0" not in text]
)
def test_hostile_file_names_and_arguments_are_escaped(check_safe, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    name = text.replace("/", "-")
    (tmp_path / name).write_text(json.dumps({"mode": "SOME"}))
    check_safe("check", name)
    check_safe("check", f"{name}.gone")
    check_safe("paths", text)
    check_safe("paths", "orders/", "--time", text)
    check_safe("policy", "role", text, text)
    check_safe("status", "--endpoint", text, "--instance", "local")
    check_safe("ddl", "t", "--engine", text)
    check_safe(text)
    check_safe("diff", "a", "b", "--allow", text)


def test_hostile_values_in_states_are_escaped(check_safe, monkeypatch):
    def tasks(self):
        outputs = {
            **BAG,
            "instance_name": self.name,
            "oss_prefix": TEXT + self.name,
            "mode": self.name,
        }
        return [StackTask(TEXT, TEXT, f"{self.name}/{TEXT}", outputs)]

    monkeypatch.setattr(Stack, "tasks", tasks)
    monkeypatch.setattr(Stack, "is_deployed", True)
    check_safe("diff", "BASE", "INC")
    check_safe("diff", "BASE", TEXT)
    monkeypatch.setattr(Stack, "is_deployed", False)
    check_safe("diff", "BASE", TEXT)


LOCALES = [
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
]


@pytest.mark.parametrize("locale", LOCALES, ids=str)
def test_text_is_utf8_in_every_locale(tmp_path, locale):
    program = "from pulumi_tablestore_delivery.cli.main import run; run()"
    text = json.dumps({"名": 1, "mode": "Ω\ud800"}, ensure_ascii=True).replace(r"\u540d", "名")
    for arguments in (["check", "-"], ["check", "-", "--json"], ["check", "-", "-o", "yaml"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            input=text.encode(),
            capture_output=True,
            check=False,
            env={**os.environ, **locale},
        )
        assert (done.returncode, done.stderr) == (3, b"")
        assert "名" in done.stdout.decode("utf-8")
        assert "Ω" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("locale", LOCALES, ids=str)
def test_tables_and_help_are_utf8_in_every_locale(world, locale):
    world.task("one", ossPrefix="名/")
    program = "from pulumi_tablestore_delivery.cli.main import run; run()"
    for arguments in (["list"], ["status", "--help"], ["status", "--bad"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True,
            check=False,
            env={**os.environ, **locale},
        )
        assert "Traceback" not in done.stderr.decode("utf-8")
        assert done.stdout.decode("utf-8") or done.returncode == 2
        if arguments == ["list"]:
            assert "oss://my-lake/名/" in done.stdout.decode("utf-8")


def test_argument_that_is_not_utf8_is_a_usage_error(command):
    done = command("status", "t\udcff")
    assert done.code == 2
    assert "is not text in UTF-8" in done.err


def test_pipe_closed_by_its_reader_is_not_reported(world):
    world.task("one")
    program = "from pulumi_tablestore_delivery.cli.main import run; run()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr.read() == b""
    process.stderr.close()
