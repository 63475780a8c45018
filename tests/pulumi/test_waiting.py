"""A wait in `pulumi up`: an unreachable service, and the grace of a new task."""

import json
import threading
import time
import urllib.request
from contextlib import contextmanager

from support.pulumi_cli import both

MISSING = "the task reports INVALID_OSS_BUCKET"


def faults(emulator, method, **script):
    request = urllib.request.Request(
        f"{emulator.url}/_emulator/faults", json.dumps(script).encode(), method=method
    )
    urllib.request.urlopen(request).close()


@contextmanager
def after_create(emulator, table, act, seconds=3):
    """Act some seconds after the table has a task."""

    def wait_and_act():
        while not emulator.tasks(table):
            time.sleep(0.1)
        time.sleep(seconds)
        act()

    thread = threading.Thread(target=wait_and_act, daemon=True)
    thread.start()
    yield
    thread.join(30)
    assert not thread.is_alive()


@both
def test_up_continues_after_a_service_failure(project, slow_emulator, inputs):
    emulator = slow_emulator
    project.environment.update(emulator.environment)
    emulator.create_table(inputs["table_name"])
    project.declare(orders=inputs)
    stack = project.stack()
    faults(emulator, "POST", operation="DescribeDeliveryTask", fault="html", status=403, times=None)
    with after_create(emulator, inputs["table_name"], lambda: faults(emulator, "DELETE")):
        run = stack.up()
    assert stack.resources()["orders"]["outputs"]["phase"] != "INIT"
    shown = [text for row, text in run.status if row == "orders"]
    assert any("retrying (" in text for text in shown)


@both
def test_up_waits_for_a_bucket_created_after_the_task(project, strict_emulator, inputs):
    emulator = strict_emulator
    project.environment.update({**emulator.environment, "TABLESTORE_HEALTH_GRACE": "60"})
    emulator.create_table(inputs["table_name"])
    project.declare(orders=inputs)
    stack = project.stack()
    bucket = emulator.data_dir / "oss" / "my-lake"

    with after_create(emulator, inputs["table_name"], lambda: bucket.mkdir(parents=True)):
        run = stack.up()
    assert stack.resources()["orders"]["outputs"]["error_code"] == "OK"
    shown = [text for row, text in run.status if row == "orders"]
    assert any(f"{MISSING}, waiting up to 60 s for a bucket" in text for text in shown)


def test_grace_can_be_set_in_the_stacks_configuration(project, strict_emulator, inputs):
    emulator = strict_emulator
    project.environment.update(emulator.environment)
    del project.environment["TABLESTORE_HEALTH_GRACE"]
    emulator.create_table(inputs["table_name"])
    project.declare(orders=inputs)
    stack = project.stack()
    stack.config(tablestore__healthGrace="1")
    run = stack.up(check=False)
    assert run.returncode != 0
    assert MISSING in run.errors
    assert any("waiting up to 1 s for a bucket" in text for _, text in run.status)
