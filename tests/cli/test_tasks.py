"""list, status and wait: their output for people and for scripts."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

PROGRAM = Path(sys.executable).parent / "tablestore-delivery"

FAILURES = [
    {"fault": "reset"},
    {"fault": "html", "status": 403},
    {"fault": "error", "status": 503, "code": "OTSServerUnavailable"},
]


def test_list_shows_all_tasks(world, command):
    assert command("list").out == "There are no delivery tasks.\n"
    assert command("list", "--json").json == []
    world.task("one")
    world.task("two", mode="INC")
    done = command("list")
    assert done.code == 0
    assert all(word in done.out for word in ("one", "two", "BASE_INC", "oss://my-lake/data/"))
    rows = command("list", "--json", "--table", "t").json
    assert [(row["task"], row["mode"], row["error_code"]) for row in rows] == [
        ("one", "BASE_INC", "OK"),
        ("two", "INC", "OK"),
    ]


def test_status_shows_one_task(world, command):
    world.task("one")
    world.wait_delivered("one")
    done = command("status", "t", "one")
    assert done.code == 0
    assert "phase         INCR" in done.out
    row = command("status", "t", "one", "--json").json
    assert row["id"] == "local/t/one"
    assert 0 <= row["lag_seconds"] < 60


def test_status_shows_several_tasks(world, command):
    world.task("one")
    world.task("two")
    assert [row["task"] for row in command("status", "--json").json] == ["one", "two"]
    assert [row["task"] for row in command("status", "t", "--json").json] == ["one", "two"]


def test_status_of_a_missing_task_is_an_error(world, command):
    done = command("status", "t", "none")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: local/t/none: the delivery task does not exist")
    assert (
        "the delivery task does not exist" in command("status", "t", "none", "--json").json["error"]
    )


def test_status_exit_code_shows_an_unhealthy_task(emulate, command):
    world = emulate(create_buckets=False)
    world.table()
    world.task("one")
    done = command("status", "t", "one", "--json")
    assert (done.code, done.json["error_code"]) == (3, "INVALID_OSS_BUCKET")


def test_status_escapes_line_breaks_in_details(world, command):
    world.task("one", ossPrefix="new\nline/")
    done = command("status", "t", "one")
    assert done.code == 0
    assert r"oss://my-lake/new\nline/" in done.out


def test_status_watch_prints_repeatedly(world, command):
    world.task("one")
    watching = subprocess.Popen(
        [PROGRAM, "status", "--watch", "--interval", "0.1", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    seen = []
    for line in watching.stdout:
        seen.append([row["task"] for row in json.loads(line)])
        if len(seen) == 1:
            world.task("two")
        if len(seen) == 100 or "two" in seen[-1]:
            break
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10) == 0
    watching.stdout.close()
    assert (seen[0], seen[-1]) == (["one"], ["one", "two"])


@pytest.mark.parametrize("failure", FAILURES, ids=str)
@pytest.mark.parametrize("when", ["from the start", "later"])
def test_status_watch_continues_after_a_service_failure(world, failure, when):
    world.task("one")
    if when == "from the start":
        world.fault(operation="*", times=None, **failure)
        threading.Timer(2, world.clear_faults).start()
    watching = subprocess.Popen(
        [PROGRAM, "status", "--watch", "--interval", "0.1", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout.readline()
    if when == "later":
        world.fault(operation="*", times=None, **failure)
        time.sleep(2)
        world.clear_faults()
    assert all(json.loads(watching.stdout.readline()) for _ in range(20))
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10) == 0
    watching.stdout.close()
    assert "Traceback" not in watching.stderr.read()
    watching.stderr.close()


def test_status_watch_of_a_missing_task_is_an_error(world, command):
    done = command("status", "t", "none", "--watch")
    assert done.code == 1
    assert "the delivery task does not exist" in done.err


def test_status_watch_prints_lines_without_a_terminal(world):
    world.task("one")
    watching = subprocess.Popen(
        [PROGRAM, "status", "--watch", "--interval", "0.1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    polls = 0
    for line in watching.stdout:
        polls += " one " in line
        if polls == 2:
            break
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10) == 0
    watching.stdout.close()


def test_wait_passes_when_tasks_are_healthy(world, command):
    world.task("one")
    done = command("wait", "--healthy", "--max-lag", "1m", "--timeout", "20s")
    assert (done.code, done.out) == (0, "1 delivery task is ready.\n")
    done = command("wait", "t", "one", "--for", "synchronized", "--json")
    assert done.json["passed"] is True
    assert done.json["tasks"][0]["phase"] == "INCR"


def test_wait_stops_at_an_error(emulate, command):
    world = emulate(create_buckets=False)
    world.table()
    world.task("one")
    done = command("wait", "--healthy")
    assert done.code == 3
    assert "local/t/one: the task reports INVALID_OSS_BUCKET" in done.err
    done = command("wait", "--timeout", "0.3", "--json")
    assert done.code == 4
    assert "INVALID_OSS_BUCKET" in done.json["reasons"][0]


def test_wait_times_out_with_the_current_state(emulate, command):
    world = emulate(init_seconds=60)
    world.table()
    world.task("one")
    done = command("wait", "--timeout", "1s")
    assert done.code == 4
    assert "local/t/one is still initializing" in done.err
    assert "waiting for 0 s: local/t/one is still initializing." in done.err


def test_wait_ends_when_the_lag_is_small_enough(emulate, command):
    world = emulate(flush_seconds=2)
    world.table()
    world.task("one")
    done = command("wait", "--max-lag", "0.001s", "--timeout", "0.5s")
    assert done.code == 4
    assert "behind." in done.err or "has not delivered anything yet" in done.err
    assert "is 0 s behind" not in done.err


@pytest.mark.parametrize("failure", FAILURES, ids=str)
@pytest.mark.parametrize("operation", ["ListTable", "DescribeDeliveryTask"])
def test_wait_continues_after_a_service_failure(world, command, failure, operation):
    world.task("one")
    world.fault(operation=operation, times=None, **failure)
    threading.Timer(2, world.clear_faults).start()
    done = command("wait", "--for", "synchronized", "--timeout", "30s")
    assert (done.code, done.out) == (0, "1 delivery task is ready.\n")


def test_wait_shows_the_failure_while_it_retries(world, command):
    world.task("one")
    world.fault(operation="*", fault="html", status=403, times=3)
    done = command("wait")
    assert done.code == 0
    assert "the answer (HTTP 403) is not the service's, retrying." in done.err


def test_wait_timeout_names_the_last_state_and_the_last_failure(emulate, command):
    world = emulate(init_seconds=60)
    world.table()
    world.task("one")
    threading.Timer(
        1, lambda: world.fault(operation="*", fault="html", status=403, times=None)
    ).start()
    done = command("wait", "--timeout", "3s", "--json")
    assert done.code == 4
    initializing, failed = done.json["reasons"]
    assert "local/t/one is still initializing." in initializing
    assert "the last poll failed: DescribeDeliveryTask: the answer (HTTP 403)" in failed
    assert done.json["tasks"][0]["phase"] == "INIT"


def test_wait_fails_if_no_poll_succeeded(world, command, monkeypatch):
    world.task("one")
    monkeypatch.setenv("TABLESTORE_ENDPOINT", "http://127.0.0.1:1")
    done = command("wait", "--timeout", "1s", "--json")
    assert (done.code, done.json["passed"], done.json["tasks"]) == (1, False, [])
    assert "cannot be reached" in done.json["reasons"][0]
    assert "the service cannot be reached, retrying." in done.err


@pytest.mark.parametrize("code", ["OTSAuthFailed", "OTSNoPermissionAccess"])
def test_wait_ends_at_once_when_the_service_refuses(world, command, code):
    world.task("one")
    world.fault(operation="*", fault="error", status=403, code=code, times=None)
    started = time.monotonic()
    done = command("wait")
    assert done.code == 1
    assert code in done.err
    assert time.monotonic() - started < 5


def test_wait_with_timeout_zero_polls_once(emulate, command):
    world = emulate(init_seconds=60)
    world.table()
    world.task("one")
    world.fault(operation="DescribeDeliveryTask", fault="latency", seconds=0.5)
    done = command("wait", "--timeout", "0")
    assert done.code == 4
    assert "local/t/one is still initializing." in done.err
    assert "waiting for" not in done.err
    assert command("wait", "t", "gone", "--timeout", "0").code == 3


def test_wait_for_a_missing_task_ends_at_once(world, command):
    done = command("wait", "t", "gone")
    assert done.code == 3
    assert "local/t/gone: the delivery task does not exist" in done.err


def test_wait_without_tasks_is_an_error(world, command):
    done = command("wait")
    assert done.code == 1
    assert "there are no delivery tasks to wait for" in done.err


def test_wrong_arguments_and_settings_are_reported(world, command, monkeypatch):
    assert command("wait", "--timeout", "soon").code == 2
    assert command("status", "--watch", "--interval", "0").code == 2
    done = command("wait", "--timeout", "soon", "--json")
    assert (done.code, done.err) == (2, f"error: {done.json['error']}\n")
    assert "'soon' is not a duration" in done.json["error"]
    assert "no such option" in command("list", "--jsn", "--json").json["error"].lower()
    monkeypatch.setenv("TABLESTORE_ENDPOINT", "http://127.0.0.1:1")
    done = command("list", "--json")
    assert done.code == 1
    assert "cannot be reached" in done.json["error"]
    assert "Traceback" not in done.err
    monkeypatch.delenv("TABLESTORE_INSTANCE")
    assert "no instance" in command("list").err


def test_wait_ends_at_its_timeout_if_another_server_answers(world, command):
    world.fault(operation="ListTable", fault="html", status=200, times=1000)
    done = command("wait", "--timeout", "0")
    tries = requests.get(f"{world.url}/_emulator/calls", timeout=5).json()["ListTable"]
    assert tries <= 6  # more would take longer than one short poll; a deployment tries 15 times
    assert done.code == 1
    assert "not from Tablestore" in done.err or "not trusted" in done.err


def test_help_and_version_are_printed(command):
    done = command("--help")
    assert all(name in done.out for name in ("diff", "emulator", "list", "status", "wait"))
    assert command("--version").out.count(".") == 2
    assert "Default: 180s." in " ".join(command("wait", "--help").out.split())
    assert "Default: 5s." in " ".join(command("status", "--help").out.split())


def test_shell_completion_lists_commands(command):
    """A shell asks with these variables, by the script of --install-completion."""
    done = subprocess.run(
        [PROGRAM],
        env={
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "_TABLESTORE_DELIVERY_COMPLETE": "complete_bash",
            "COMP_WORDS": "tablestore-delivery inf",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["infer-schema"]
