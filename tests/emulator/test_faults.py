"""Requested faults, from the side of a client."""

import json
import time

import pytest
import requests
from support.emulator_process import EmulatorProcess
from support.sdk import sdk_client, tablestore
from urllib3.exceptions import ProtocolError

from pulumi_tablestore_delivery.emulator.http import control
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator


@pytest.fixture
def emulator(tmp_path):
    options = Options(port=0, data_dir=tmp_path, create_buckets=True)
    with Emulator(options) as running:
        running.security_token = ""
        running.access_key_id = options.access_key_id
        running.access_key_secret = options.access_key_secret
        running.instance = options.instance
        yield running


@pytest.fixture
def client(emulator):
    return sdk_client(emulator, retry_policy=tablestore.NoRetryPolicy())


def script(emulator, **fault):
    answer = requests.post(f"{emulator.url}/_emulator/faults", json=fault, timeout=5)
    assert answer.status_code == 201, answer.text
    return answer.json()


def pending(emulator):
    return requests.get(f"{emulator.url}/_emulator/faults", timeout=5).json()["faults"]


def calls(emulator):
    return requests.get(f"{emulator.url}/_emulator/calls", timeout=5).json()


def create_table(client, name="t"):
    client.create_table(
        tablestore.TableMeta(name, [("id", "STRING")]),
        tablestore.TableOptions(),
        tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
    )


def test_error_fault_replaces_the_operation(emulator, client):
    script(emulator, operation="CreateTable", fault="error", status=403, code="OTSAuthFailed")
    with pytest.raises(tablestore.OTSServiceError) as refused:
        create_table(client)
    assert (refused.value.get_http_status(), refused.value.code) == (403, "OTSAuthFailed")
    assert list(client.list_table()) == []
    create_table(client)


def test_error_fault_is_throttling_by_default_and_the_sdk_retries(emulator):
    script(emulator, operation="ListTable", fault="error", times=2)
    assert list(sdk_client(emulator).list_table()) == []
    assert calls(emulator) == {"ListTable": 3}


def test_reset_precedes_the_operation_and_lost_answer_follows_it(emulator, client):
    script(emulator, operation="CreateTable", fault="reset")
    script(emulator, operation="CreateTable", fault="lost_answer")
    with pytest.raises(ProtocolError, match="reset by peer"):
        create_table(client)
    assert list(client.list_table()) == []
    with pytest.raises(ProtocolError, match="reset by peer"):
        create_table(client)
    assert list(client.list_table()) == ["t"]


def test_html_fault_is_not_signed_by_tablestore(emulator, client):
    script(emulator, operation="*", fault="html", status=502)
    with pytest.raises(tablestore.OTSClientError, match="502"):
        client.list_table()


def test_bad_signature_fault_answers_a_completed_operation(emulator, client):
    script(emulator, operation="CreateTable", fault="bad_signature")
    with pytest.raises(tablestore.OTSClientError, match="signature"):
        create_table(client)
    assert list(client.list_table()) == ["t"]


def test_latency_delays_one_answer_and_no_other(emulator, client):
    script(emulator, operation="CreateTable", fault="latency", seconds=0.5)
    started = time.monotonic()
    create_table(client)
    assert time.monotonic() - started >= 0.5
    started = time.monotonic()
    client.list_table()
    assert time.monotonic() - started < 0.4


def test_faults_are_listed_with_counters_and_cleared(emulator, client):
    script(emulator, operation="ListTable", fault="html", times=3)
    with pytest.raises(tablestore.OTSClientError):
        client.list_table()
    assert pending(emulator) == [
        {"operation": "ListTable", "times": 3, "fault": "html", "status": 502}
        | {"met": 1, "over": False}
    ]
    requests.delete(f"{emulator.url}/_emulator/faults", timeout=5)
    assert pending(emulator) == []
    client.list_table()


def test_calls_are_counted_since_they_were_cleared(emulator, client):
    client.list_table()
    create_table(client)
    client.list_table()
    assert calls(emulator) == {"ListTable": 2, "CreateTable": 1}
    requests.delete(f"{emulator.url}/_emulator/calls", timeout=5)
    assert calls(emulator) == {}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"operation": "PutRow", "fault": "explosion"}, "explosion"),
        ({"operation": "PutRow", "fault": "latency"}, "seconds: Field required"),
        ({"operation": "PutRow", "fault": "reset", "times": 0}, "times"),
        ({"operation": "PutRow", "fault": "reset", "seconds": 1}, "seconds"),
        ({"operation": "PutRow", "fault": "task_error"}, "operation"),
        ({"fault": "reset"}, "operation: Field required"),
    ],
)
def test_invalid_fault_is_refused_by_name(emulator, given, named):
    answer = requests.post(f"{emulator.url}/_emulator/faults", json=given, timeout=5)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert pending(emulator) == []


@pytest.mark.parametrize("peer", ["192.0.2.7", "2001:db8::1"])
def test_other_machines_may_only_ask_for_health(peer):
    routes = control.Control("127.0.0.1")
    assert routes.answer("GET", "health", {}, b"", peer).status == 200
    for method, name in [("POST", "faults"), ("GET", "faults"), ("GET", "calls")]:
        assert routes.answer(method, name, {}, b"{}", peer).status == 403


def test_faults_can_be_given_on_the_command_line(tmp_path):
    fault = json.dumps({"operation": "ListTable", "fault": "html"})
    with EmulatorProcess(tmp_path, "--fault", fault) as process:
        assert [each["fault"] for each in pending(process)] == ["html"]
