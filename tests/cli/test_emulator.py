"""`tablestore-delivery emulator deliveries` and `emulator fault`, against a running emulator."""

import http.server
import threading
from typing import get_args

import pytest
import requests

from pulumi_tablestore_delivery.cli import emulator_fault
from pulumi_tablestore_delivery.emulator import faults


@pytest.fixture
def delivered(world):
    """A task that has delivered two rows and discarded a value."""
    world.task(columns=[("id", "UTF8"), ("n", "INT64")])
    world.put("a", n=1)
    world.put("b", n="two")
    world.wait(lambda: world.report()["rows"] == 2)
    return world


def test_deliveries_are_shown_with_what_was_discarded(command, delivered):
    done = command("emulator", "deliveries")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "t task1 BASE_INC INCR 0 s 1 2 1 -" in lines or any(
        line.startswith("t task1 BASE_INC") for line in lines
    )
    assert "t task1 n 1 is not INT64" in lines
    assert (done.code, done.err) == (0, "")


def test_deliveries_as_json_are_those_of_the_control_route(command, delivered):
    (found,) = command("emulator", "deliveries", "--json").json
    assert (found["task"], found["rows"], found["dirty"]) == ("task1", 2, 1)
    assert found["discarded"] == [{"column": "n", "reason": "is not INT64", "count": 1}]


def test_deliveries_are_filtered_by_table(command, delivered):
    assert command("emulator", "deliveries", "--table", "other", "--json").json == []
    assert "There are no delivery tasks." in command("emulator", "deliveries", "--table", "x").out
    assert len(command("emulator", "deliveries", "--table", "t", "--json").json) == 1


def test_faults_are_added_listed_and_cleared(command, world):
    done = command("emulator", "fault", "add", "lost_answer", "--operation", "ListTable")
    assert done.out == "Added lost_answer. It affects the next request of ListTable.\n"
    done = command("emulator", "fault", "add", "latency", "--seconds", "0.5", "--times", "3")
    assert done.out == "Added latency. It affects the next 3 requests of any operation.\n"
    command("emulator", "fault", "add", "task_error", "--error-code", "INVALID_OSS_BUCKET")
    done = command("emulator", "fault", "add", "html", "--status", "504", "--until-cleared")
    assert done.out.endswith("every request of any operation, until it is cleared.\n")
    found = requests.get(f"{world.url}/_emulator/faults", timeout=5).json()["faults"]
    assert [(each["operation"], each["fault"], each["times"]) for each in found] == [
        ("ListTable", "lost_answer", 1),
        ("*", "latency", 3),
        ("DescribeDeliveryTask", "task_error", None),
        ("*", "html", None),
    ]
    assert command("emulator", "fault", "list", "--json").json == found
    lines = [
        " ".join(line.split()) for line in command("emulator", "fault", "list").out.splitlines()
    ]
    assert "* latency 0 3 seconds=0.5" in lines
    assert "* html 0 until cleared status=504" in lines
    assert command("emulator", "fault", "clear").out == "All faults are cleared.\n"
    assert command("emulator", "fault", "list", "--json").json == []
    assert command("emulator", "fault", "list").out == "There are no faults.\n"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["latency", "--seconds", "0"], "seconds"), (["html", "--status", "99999"], "status"),
        (["task_error", "--error-code", "NONE"], "error_code"),
    ],
)  # fmt: skip
def test_wrong_fault_names_the_field(command, world, arguments, text):
    done = command("emulator", "fault", "add", *arguments)
    assert done.code == 1
    assert done.err.startswith("error: Not a fault: ")
    assert text in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["unknown"], "'unknown' is not one of latency, error, html, reset,"),
        (["latency"], "Invalid value for --seconds: latency needs it."),
        (
            ["html", "--code", "x"],
            "--code: html does not have this setting. Its settings: --status.",
        ),
        (["reset", "--error-code", "x"], "--error-code: reset does not have this setting."),
    ],
)
def test_wrong_fault_is_a_usage_error(command, arguments, message):
    done = command("emulator", "fault", "add", *arguments)
    assert done.code == 2
    assert message in done.err


def test_faults_of_the_command_are_those_of_the_emulator():
    common = {*faults.Fault.model_fields, "fault"}
    settings = {
        get_args(kind.model_fields["fault"].annotation)[0]: {*kind.model_fields} - common
        for kind in faults.Fault.__subclasses__()
    }
    assert settings == emulator_fault.SETTINGS


def test_times_and_until_cleared_exclude_each_other(command, world):
    done = command("emulator", "fault", "add", "html", "--times", "1", "--until-cleared")
    assert done.code == 2
    assert "exclude each other" in done.err


@pytest.mark.parametrize(
    "endpoint",
    ["https://shop.cn-hangzhou.ots.aliyuncs.com", "http://192.0.2.1:8087", "http://127.0.0.1",
     "http://127.0.0.1:x", "127.0.0.1:8087", "http://127.0.0.1:1/path", "http://a\x1b[31m:1"],
)  # fmt: skip
def test_endpoint_that_is_not_on_this_machine_is_refused(command, endpoint):
    done = command("emulator", "deliveries", "--endpoint", endpoint)
    assert done.code == 1
    assert "is not an emulator on this machine" in done.err
    assert "\x1b" not in done.err


def test_refused_endpoint_is_printed_without_its_password(command):
    done = command("emulator", "deliveries", "--endpoint", "http://me:hu/sh@192.0.2.1:8087")
    assert "192.0.2.1:8087" in done.err
    assert "sh@" not in done.err


def test_missing_emulator_is_reported_in_one_line(command):
    done = command("emulator", "deliveries", "--endpoint", "http://127.0.0.1:1", "--json")
    assert done.code == 1
    assert done.err == (
        "error: The emulator at http://127.0.0.1:1 does not answer: Connection refused. Start one "
        "with `tablestore-delivery emulator`, or give its URL with --endpoint.\n"
    )
    assert "does not answer" in done.json["error"]


class Other(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"<html>not JSON")

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("status", [200, 404, 500])
def test_other_server_is_not_taken_for_an_emulator(command, status):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        server.status = status
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            done = command("emulator", "deliveries", "--endpoint", url)
        finally:
            server.shutdown()
            thread.join()
    assert done.code == 1
    assert "does not answer as an emulator" in done.err


def test_endpoint_is_the_emulators_by_default(command, monkeypatch):
    monkeypatch.delenv("TABLESTORE_ENDPOINT", raising=False)
    done = command("emulator", "--help")
    assert all(word in done.out for word in ("--oss-port", "deliveries", "fault"))
