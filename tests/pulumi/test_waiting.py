"""A wait in `pulumi up`: a service that is away for a while, and the grace of a new task."""

import json
import threading
import urllib.request

from pulumi_cli import both

MISSING = "the task reports INVALID_OSS_BUCKET"


def faults(emulator, method, **script):
    request = urllib.request.Request(
        f"{emulator.url}/_emulator/faults", json.dumps(script).encode(), method=method
    )
    urllib.request.urlopen(request).close()


@both
def test_up_survives_a_service_that_is_away(project, slow_emulator, inputs):
    emulator = slow_emulator
    project.environment.update(emulator.environment)
    emulator.create_table(inputs["table_name"])
    project.declare(orders=inputs)
    stack = project.stack()
    faults(emulator, "POST", operation="DescribeDeliveryTask", fault="html", status=403, times=None)
    timer = threading.Timer(5, faults, (emulator, "DELETE"))
    timer.start()
    run = stack.up()
    timer.join()
    assert stack.resources()["orders"]["outputs"]["phase"] != "INIT"
    shown = [text for row, text in run.status if row == "orders"]
    assert any("retrying (" in text for text in shown)


@both
def test_a_bucket_made_just_after_the_task_is_waited_for(project, strict_emulator, inputs):
    emulator = strict_emulator
    project.environment.update({**emulator.environment, "TABLESTORE_HEALTH_GRACE": "60"})
    emulator.create_table(inputs["table_name"])
    project.declare(orders=inputs)
    stack = project.stack()
    bucket = emulator.data_dir / "oss" / "my-lake"

    def make_bucket():
        while not emulator.tasks(inputs["table_name"]):
            threading.Event().wait(0.1)
        threading.Event().wait(2)
        bucket.mkdir(parents=True)

    maker = threading.Thread(target=make_bucket)
    maker.start()
    run = stack.up()
    maker.join()
    assert stack.resources()["orders"]["outputs"]["error_code"] == "OK"
    shown = [text for row, text in run.status if row == "orders"]
    assert any(f"{MISSING}, waiting up to 60 s for a bucket" in text for text in shown)


def test_the_grace_is_a_setting_of_the_stack_too(project, strict_emulator, inputs):
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
