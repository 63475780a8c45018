"""check: report all violations of the tasks in files, offline."""

import io
import json
import sys
import time
from pathlib import Path

import pytest
import yaml
from support.specs import BAG

from pulumi_tablestore_delivery.inspection import spec_files


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.delenv("TABLESTORE_REGION", raising=False)
    monkeypatch.chdir(tmp_path)

    def write(**tasks):
        text = yaml.safe_dump({"defaults": BAG, "tasks": tasks}, allow_unicode=True)
        (tmp_path / "tasks.yaml").write_text(text, encoding="utf-8")
        return "tasks.yaml"

    return write


def test_valid_tasks_pass(command, file):
    done = command("check", file(a={}))
    assert (done.code, done.out) == (0, "1 task, 0 errors, 0 warnings\n")
    assert command("check", file(a={}), "--json").json == {"tasks": 1, "breaches": []}


def test_every_violation_of_every_task_is_reported(command, file):
    tasks = file(
        a={"mode": "SOME"}, b={"oss_prefix": "/$mm", "oss_bukket": "x"}, c={"oss_prefix": "c/"}
    )
    done = command("check", tasks)
    assert done.code == 3
    assert done.out.splitlines()[0] == (
        "tasks.yaml: a: error: mode: 'SOME' is not one of BASE, INC, BASE_INC. Use BASE_INC for "
        "all rows and then changes, INC for changes only, BASE for all rows once. [rule mode, "
        "documented]"
    )
    assert done.out.endswith("\n3 tasks, 3 errors, 2 warnings\n")
    done = command("check", tasks, "--json")
    assert done.code == 3
    breaches = [(one["task"], one["severity"], one["rule"]) for one in done.json["breaches"]]
    assert breaches == [
        ("a", "error", "mode"),
        ("b", "error", "unknown-input"),
        ("b", "error", "prefix"),
        ("b", "warning", "prefix-order"),
        ("b", "warning", "prefix-minutes"),
    ]
    assert done.json["breaches"][0] == {
        "file": "tasks.yaml",
        "task": "a",
        "property": "mode",
        "severity": "error",
        "rule": "mode",
        "problem": "'SOME' is not one of BASE, INC, BASE_INC.",
        "remedy": "Use BASE_INC for all rows and then changes, INC for changes only, BASE for all "
        "rows once.",
        "source": "documented",
    }


def test_shared_folder_of_two_tasks_is_reported(command, file):
    done = command("check", file(a={}, b={}, c={"oss_bucket": "other"}))
    assert done.code == 3
    assert done.out.count("[rule unique-prefix, assumed]") == 2
    assert (
        "tasks.yaml: a: error: oss_prefix: 'orders/year=$yyyy/month=$MM/' is the folder of "
        in done.out
    )
    assert "'tasks.yaml: b' too." in done.out


def test_region_of_an_endpoint_is_checked_if_it_is_given(command, file):
    assert command("check", file(a={})).code == 0
    done = command("check", file(a={}), "--region", "cn-shanghai")
    assert done.code == 3
    assert "[rule oss-endpoint-region, documented]" in done.out
    assert command("check", file(a={}), TABLESTORE_REGION="cn-shanghai").code == 3


def test_warning_does_not_fail_the_command(command, file):
    done = command("check", file(a={"oss_prefix": "a/$mm/"}))
    assert done.code == 0
    assert "tasks.yaml: a: warning: oss_prefix:" in done.out


def test_unreadable_file_is_reported(command, file, tmp_path):
    (tmp_path / "bad.yaml").write_text("tasks: {\n")
    done = command("check", file(a={}), "bad.yaml")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: bad.yaml:2: is not YAML")
    assert command("check", "gone.yaml", "--json").json == {
        "error": "gone.yaml: cannot be read: No such file or directory."
    }
    assert command("check").code == 2


@pytest.mark.parametrize("name", ["endless.yaml", "-"])
def test_file_that_is_too_long_is_refused(command, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(spec_files, "LONGEST", 1000)
    Path("endless.yaml").write_text("a: 1 " * 200 + "\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("a: 1 " * 201))
    done = command("check", name)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {name}: is longer than 1,000 characters.\n"


def test_file_in_the_docs_passes(command, tmp_path):
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    text = page.read_text(encoding="utf-8").split("```yaml\n", 1)[1].split("```", 1)[0]
    (tmp_path / "docs.yaml").write_text(text, encoding="utf-8")
    done = command("check", str(tmp_path / "docs.yaml"), "--region", "cn-hangzhou")
    assert (done.code, done.out) == (0, "2 tasks, 0 errors, 0 warnings\n")


def test_line_break_in_a_name_is_escaped(command, file):
    done = command("check", file(**{"a\nb: fine": {"mode": "SOME"}}))
    assert done.out.startswith("tasks.yaml: a\\nb: fine: error: mode: ")
    assert len(done.out.splitlines()) == 2


def test_time_grows_linearly_with_the_number_of_tasks(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def seconds(count, prefix):
        tasks = {f"t{number}": {"oss_prefix": prefix.format(number)} for number in range(count)}
        Path("many.json").write_text(json.dumps({"defaults": BAG, "tasks": tasks}))
        started = time.process_time()
        done = command("check", "many.json")
        return time.process_time() - started, done

    elapsed, done = seconds(3000, "lake/t{}/")
    assert done.out == "3000 tasks, 0 errors, 0 warnings\n"
    assert elapsed < 6  # about 1.5 s; 150 s if all pairs were compared
    elapsed, done = seconds(1000, "lake/")
    assert done.out.endswith("\n1000 tasks, 10000 errors, 0 warnings\n")
    assert elapsed < 6
