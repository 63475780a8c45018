"""Metrics of tasks and of verifications, read by Prometheus's own parser."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pulumi_tablestore_delivery.inspection import exporter as exporter_module

COLUMNS = [("id", "UTF8"), ("n", "INT64")]
TASK = {"tablestore_instance": "local", "table": "t", "task": "task1"}


def samples(text):
    """The value of each sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text, name, **labels):
    return samples(text).get((f"tablestore_delivery_{name}", frozenset(labels.items())))


@pytest.fixture
def delivered(world):
    world.put_many((f"r{number}", {"n": number}) for number in range(5))
    world.put("dirty", n="text")
    world.task(columns=COLUMNS)
    world.wait_delivered()
    return world


def test_status_prints_metrics(delivered, command):
    done = command("status", "-o", "prometheus")
    assert done.code == 0
    assert value(done.out, "up") == 1
    assert value(done.out, "tasks") == 1
    assert 0 <= value(done.out, "lag_seconds", **TASK) < 60
    assert [value(done.out, "phase", **TASK, phase=name) for name in ("INIT", "FULL", "INCR")] == [
        0, 0, 1,
    ]  # fmt: skip
    for code in ("UNAUTHORIZED", "INVALID_OSS_BUCKET", "GONE"):
        assert value(done.out, "error", **TASK, code=code) == 0


def test_error_of_a_task_is_a_metric_and_does_not_fail_the_command(delivered, command):
    delivered.fault(fault="task_error", error_code="UNAUTHORIZED", times=None)
    done = command("status", "-o", "prometheus")
    assert done.code == 0
    assert value(done.out, "error", **TASK, code="UNAUTHORIZED") == 1


def test_metrics_count_zero_tasks_if_there_are_none(world, command):
    done = command("status", "-o", "prometheus")
    assert value(done.out, "tasks") == 0


def test_failed_list_is_reported_as_down(world, command, monkeypatch):
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong")
    done = command("status", "-o", "prometheus")
    assert done.code == 1
    assert samples(done.out) == {("tablestore_delivery_up", frozenset()): 0}


def test_metrics_with_another_output_form_is_a_usage_error(world, command):
    for option in ("--watch", "--json"):
        done = command("status", "-o", "prometheus", option)
        assert done.code == 2
        assert "cannot be combined" in done.err


def test_verify_prints_metrics(delivered, command):
    done = command("verify", "-o", "prometheus")
    assert done.code == 0
    assert value(done.out, "verify_complete", **TASK) == 0
    assert value(done.out, "verify_rows", **TASK, finding="compared") == 6
    assert value(done.out, "verify_values", **TASK, column="n", finding="dirty") == 1
    assert value(done.out, "verify_values", **TASK, column="id", finding="dirty") == 0


def test_hostile_name_cannot_leave_its_label(command, emulate):
    world = emulate()
    world.table()
    world.put("r", n=1)
    name = 'n"}\n1\\'
    world.task(columns=[("id", "UTF8"), ("n", "INT64", name)])
    world.wait_delivered()
    done = command("verify", "-o", "prometheus")
    assert value(done.out, "verify_values", **TASK, column=name, finding="dirty") == 0


class Exporter:
    """`tablestore-delivery exporter` in a separate process."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "tablestore-delivery"), "exporter",
                "--listen", "127.0.0.1:0", "--interval", "1s", *options,
            ],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line.startswith("Metrics ready at "), self.process.stderr.read()
        self.url = line.split()[-1]

    def scrape(self):
        with urlopen(self.url) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            return answer.read().decode()

    def wait(self, condition, seconds=20):
        give_up = time.monotonic() + seconds
        while not condition(self.scrape()):
            assert time.monotonic() < give_up, self.scrape()
            time.sleep(0.1)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def exporter():
    running = []

    def start(*options):
        running.append(Exporter(*options))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


def test_exporter_serves_the_tasks_until_it_is_stopped(delivered, exporter):
    serving = exporter()
    text = serving.scrape()
    assert value(text, "up") == value(text, "tasks") == 1
    delivered.fault(fault="task_error", error_code="INVALID_OSS_BUCKET", times=None)
    serving.wait(lambda text: value(text, "error", **TASK, code="INVALID_OSS_BUCKET") == 1)
    delivered.clear_faults()
    delivered.delete_task()
    serving.wait(lambda text: value(text, "tasks") == 0)
    assert serving.stop() == (0, "", "")


def test_exporter_reports_down_while_the_service_is_down(delivered, exporter):
    serving = exporter()
    delivered.fault(
        operation="*", fault="error", status=403, code="OTSNoPermissionAccess", times=None
    )
    serving.wait(lambda text: value(text, "up") == 0)
    assert value(serving.scrape(), "lag_seconds", **TASK) is None
    delivered.clear_faults()
    serving.wait(lambda text: value(text, "up") == 1)
    code, _, err = serving.stop(signal.SIGINT)
    assert code == 0
    assert "Cannot look at the tasks" in err
    assert "Looks succeed again." in err


def test_exporter_stopped_during_its_first_poll_exits_cleanly(delivered, command, monkeypatch):
    def stopped(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"{exporter_module.__name__}.Exporter.refresh", stopped)
    done = command("exporter", "--listen", "127.0.0.1:0")
    assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize("listen", ["9877", "127.0.0.1:", "127.0.0.1:70000", "a:b"])
def test_exporter_without_a_valid_address_is_a_usage_error(world, command, listen):
    done = command("exporter", "--listen", listen)
    assert done.code == 2
    assert "HOST:PORT" in re.sub(r"\s+", " ", done.err)


def test_exporter_says_why_it_cannot_listen(world, command, monkeypatch):
    port = world.url.rpartition(":")[2]
    done = command("exporter", "--listen", f"127.0.0.1:{port}")
    assert done.code == 1
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use." in done.err
    monkeypatch.delenv("TABLESTORE_ENDPOINT")
    assert command("exporter").code == 1
