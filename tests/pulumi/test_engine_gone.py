"""After the CLI is killed, its providers begin no request and end, and a later run repairs it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import both


def providers_of(process, name):
    """The providers of a run, by its session; the engine gives them groups of their own."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                session = folder.joinpath("stat").read_text().rpartition(")")[2].split()[3]
                command = folder.joinpath("cmdline").read_text()
            except OSError:
                continue
            if int(session) == process.pid and name in command:
                found.append(int(folder.name))
    return found


def start(stack, *arguments):
    return subprocess.Popen(
        ["pulumi", *arguments, "--yes", "--skip-preview", "--stack", stack.name],
        cwd=stack.project.folder,
        env=stack.project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_until(condition, seconds=120):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.1)


@pytest.fixture
def initializing_emulator(tmp_path):
    """An emulator whose tasks initialize for longer than the test of a delete takes."""
    options = ("--create-buckets", "--init-seconds", "60")
    with EmulatorProcess(tmp_path / "emulator", *options) as process:
        yield process


@pytest.mark.oldest
@both
def test_killed_destroy_deletes_no_further_task(project, initializing_emulator, inputs, front_end):
    emulator = initializing_emulator
    table, calls = inputs["table_name"], f"{emulator.url}/_emulator/calls"
    project.environment.update(emulator.environment)
    emulator.create_table(table)
    tasks = {f"task_{n}": {**inputs, "oss_prefix": f"{n}/", "wait_for": "none"} for n in range(4)}
    project.declare(**tasks)
    stack = project.stack()
    stack.up("--parallel", "8")
    requests.delete(calls, timeout=10)
    destroy = start(stack, "destroy", "--parallel", "8")
    try:
        # The deletes look at the tasks, and wait until these have left their phase INIT.
        wait_until(lambda: requests.get(calls, timeout=10).json().get("DescribeDeliveryTask", 0))
        destroy.kill()
        destroy.wait(10)
        wait_until(lambda: not providers_of(destroy, front_end.process))
        assert len(emulator.tasks(table)) == 4
    finally:
        for provider in providers_of(destroy, front_end.process):
            os.kill(provider, signal.SIGKILL)
        destroy.communicate()
    stack.call("cancel", "--yes", "--stack", stack.name)
    stack.up("--refresh")
    assert len(emulator.tasks(table)) == len(stack.resources()) == 4
    assert stack.up("--expect-no-changes").returncode == 0


OTHERS = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class SlowProvider(ResourceProvider):
    def create(self, props):
        import time
        from pathlib import Path

        running = Path(props["folder"], props["name"])
        running.touch()
        at_once = len(list(running.parent.iterdir()))
        time.sleep(props["seconds"])
        Path(props["log"]).open("a").write(f"{at_once}\\n")
        running.unlink()
        return CreateResult(props["name"], props)


class Slow(Resource):
    def __init__(self, name, **props):
        super().__init__(SlowProvider(), name, {"name": name, **props})


given = json.loads(Path("given.json").read_text())
for number in range(given["others"]):
    Slow(f"slow-{number}", **given["props"])
for name, inputs in given["tasks"].items():
    delivery.DeliveryTask(name, inputs)
"""


@pytest.fixture
def with_others(project):
    """Declares resources of another dynamic provider beside tasks."""
    folder, log = project.folder / "running", project.folder / "log"
    folder.mkdir()
    project.program(OTHERS)

    def declare(others, seconds, tasks):
        props = {"folder": str(folder), "log": str(log), "seconds": seconds}
        given = {"others": others, "props": props, "tasks": tasks}
        (project.folder / "given.json").write_text(json.dumps(given))
        return folder, log

    return declare


@pytest.mark.oldest
def test_other_dynamic_providers_keep_their_limit(project, own_emulator, inputs, with_others):
    project.environment.update(own_emulator.environment)
    own_emulator.create_table(inputs["table_name"])
    tasks = {f"task-{n}": {**inputs, "oss_prefix": f"{n}/"} for n in range(12)}
    _, log = with_others(12, 1, tasks)
    project.stack().up("--parallel", "32")
    at_once = [int(line) for line in log.read_text().split()]
    assert len(at_once) == 12
    assert max(at_once) <= 4


def test_process_stays_for_a_running_call_of_another_provider(
    project, slow_emulator, inputs, with_others, front_end
):
    project.environment.update(slow_emulator.environment)
    slow_emulator.create_table(inputs["table_name"])
    folder, log = with_others(1, 8, {"orders": inputs})
    stack = project.stack()
    up = start(stack, "up", "--parallel", "8")
    try:
        wait_until(lambda: list(folder.iterdir()) and slow_emulator.tasks(inputs["table_name"]))
        up.kill()
        up.wait(10)
        time.sleep(3)
        assert not log.exists()
        assert providers_of(up, front_end.process)
        wait_until(lambda: not providers_of(up, front_end.process))
        assert log.read_text() == "1\n"
    finally:
        for provider in providers_of(up, front_end.process):
            os.kill(provider, signal.SIGKILL)
        up.communicate()
