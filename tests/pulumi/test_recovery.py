"""The next `up` recovers from failed waits, lost answers and killed runs."""

import json
import os
import signal
import subprocess
import time
import urllib.request

import pytest
from support.pulumi_cli import both

BUCKET = ("oss", "my-lake")


class TestFailedWait:
    @pytest.mark.oldest
    @both
    def test_keeps_the_task_and_the_next_up_resumes_the_wait(
        self, project, strict_emulator, inputs
    ):
        """A missing bucket: the first `up` fails with the remedy, the second one is fine."""
        emulator, table = strict_emulator, inputs["table_name"]
        project.environment.update(emulator.environment)
        emulator.create_table(table)
        project.declare(orders=inputs)
        stack = project.stack()
        run = stack.up(check=False)
        assert run.returncode != 0
        assert "INVALID_OSS_BUCKET" in run.errors
        assert "create it in the instance's region" in run.errors
        assert "Traceback" not in run.output
        (name,) = emulator.tasks(table)
        resource = stack.resources()["orders"]
        assert resource["id"] == f"local/{table}/{name}"
        assert resource["outputs"]["error_code"] == "INVALID_OSS_BUCKET"
        assert resource["initErrors"]

        emulator.data_dir.joinpath(*BUCKET).mkdir(parents=True)
        run = stack.up()
        assert run.operations == {"orders": ["update"]}
        resource = stack.resources()["orders"]
        assert resource["outputs"]["error_code"] == "OK"
        assert "initErrors" not in resource
        assert emulator.tasks(table) == [name]
        assert stack.up("--expect-no-changes").returncode == 0

    @pytest.mark.oldest
    @both
    def test_shows_progress_on_the_resources_own_row(self, project, slow_emulator, inputs):
        project.environment.update(slow_emulator.environment)
        slow_emulator.create_table(inputs["table_name"])
        project.declare(orders=inputs)
        run = project.stack().up()
        shown = [text for row, text in run.status if row == "orders"]
        assert any("phase INIT, waiting for initialized" in text for text in shown)

    def test_delete_waits_for_the_end_of_the_initialization(self, project, slow_emulator, inputs):
        project.environment.update(slow_emulator.environment)
        slow_emulator.create_table(inputs["table_name"])
        project.declare(orders={**inputs, "wait_for": "none", "task_name": "orders"})
        stack = project.stack()
        stack.up()
        changed = {"mode": "INC", "ignore_rules": ["replacement-gap"]}
        project.declare(orders={**inputs, "wait_for": "none", "task_name": "orders", **changed})
        stack.up()  # deletes first, so it waits too
        assert slow_emulator.task(inputs["table_name"], "orders").taskType == 1
        stack.destroy()
        assert slow_emulator.tasks(inputs["table_name"]) == []


def fault(emulator, **given):
    request = urllib.request.Request(
        f"{emulator.url}/_emulator/faults", json.dumps(given).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status < 300


class TestLostAnswers:
    @pytest.mark.parametrize("name", [{}, {"task_name": "orders"}], ids=["derived", "explicit"])
    def test_of_a_create_result_in_one_task(self, project, own_emulator, inputs, name):
        own_emulator.create_table(inputs["table_name"])
        project.environment.update(own_emulator.environment)
        fault(own_emulator, operation="CreateDeliveryTask", fault="lost_answer", times=1)
        project.declare(orders={**inputs, **name})
        stack = project.stack()
        stack.up()
        assert len(own_emulator.tasks(inputs["table_name"])) == 1
        assert stack.up("--expect-no-changes").returncode == 0

    def test_of_a_delete_are_confirmed(self, project, own_emulator, inputs):
        own_emulator.create_table(inputs["table_name"])
        project.environment.update(own_emulator.environment)
        project.declare(orders=inputs)
        stack = project.stack()
        stack.up()
        fault(own_emulator, operation="DeleteDeliveryTask", fault="lost_answer", times=1)
        stack.destroy()
        assert own_emulator.tasks(inputs["table_name"]) == []

    @pytest.mark.oldest
    @both
    def test_failed_refresh_is_an_error_and_keeps_the_resource(self, project, own_emulator, inputs):
        own_emulator.create_table(inputs["table_name"])
        project.environment.update(own_emulator.environment)
        project.declare(orders=inputs)
        stack = project.stack()
        stack.up()
        fault(
            own_emulator, operation="DescribeDeliveryTask", fault="error", code="OTSAuthFailed",
            status=403, message="Request denied by instance ACL policies.", times=1000,
        )  # fmt: skip
        run = stack.refresh(check=False)
        assert run.returncode != 0
        assert "Request denied by instance ACL policies." in run.errors
        assert "Traceback" not in run.output
        assert stack.resources()["orders"]["id"]

    def test_task_deleted_after_a_failed_wait_is_created_again(
        self, project, strict_emulator, inputs
    ):
        emulator, table = strict_emulator, inputs["table_name"]
        project.environment.update(emulator.environment)
        emulator.create_table(table)
        project.declare(orders=inputs)
        stack = project.stack()
        stack.up(check=False)  # the bucket is missing
        emulator.data_dir.joinpath(*BUCKET).mkdir(parents=True)
        emulator.client.delete_delivery_task(table, *emulator.tasks(table))
        assert "pulumi up --refresh" in stack.up(check=False).errors
        stack.up("--refresh")
        assert len(emulator.tasks(table)) == 1


def calls(emulator):
    with urllib.request.urlopen(f"{emulator.url}/_emulator/calls") as answer:
        return json.load(answer)


def forget_calls(emulator):
    urllib.request.urlopen(
        urllib.request.Request(f"{emulator.url}/_emulator/calls", method="DELETE")
    ).close()


@both
def test_deployment_sends_only_the_needed_requests(project, own_emulator, inputs):
    emulator = own_emulator
    project.environment.update(emulator.environment)
    emulator.create_table(inputs["table_name"])
    project.declare(**{f"task_{n}": {**inputs, "oss_prefix": f"{n}/"} for n in range(5)})
    stack = project.stack()

    def counted(command, *arguments):
        forget_calls(emulator)
        stack.run(command, *arguments)
        return {name: count for name, count in calls(emulator).items() if count}

    looks = {"DescribeTable": 1, "ListDeliveryTask": 1, "GetRange": 1}  # the table has no rows
    assert counted("preview") == looks
    assert counted("up") == {"CreateDeliveryTask": 5, "DescribeDeliveryTask": 5}
    assert counted("up", "--expect-no-changes") == {}
    assert counted("preview", "--expect-no-changes") == {}
    assert counted("refresh") == {"DescribeDeliveryTask": 5}
    assert counted("destroy") == {"DeleteDeliveryTask": 5}


class TestKilled:
    """The CLI or the provider's process is killed during a create or a replacement."""

    def started(self, stack, *arguments):
        process = subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack.name, *arguments],
            cwd=stack.project.folder,
            env=stack.project.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.sessions.append(process.pid)
        return process

    def until(self, happens):
        end = time.monotonic() + 120
        while not happens():
            assert time.monotonic() < end
            time.sleep(0.02)

    def kill_all(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def converge(self, stack, emulator, table):
        stack.call("cancel", "--yes", "--stack", stack.name, check=False)
        stack.up()
        (name,) = emulator.tasks(table)
        assert stack.resources()["orders"]["id"] == f"local/{table}/{name}"
        assert stack.up("--expect-no-changes").returncode == 0
        stack.destroy()
        assert emulator.tasks(table) == []

    @pytest.fixture
    def stack(self, project, slow_emulator, inputs):
        project.environment.update(slow_emulator.environment)
        slow_emulator.create_table(inputs["table_name"])
        project.declare(orders=inputs)
        self.sessions = []
        yield project.stack()
        for session in self.sessions:  # plugins outlive a CLI that is killed
            subprocess.run(["pkill", "-KILL", "-s", str(session)], check=False)

    @both
    def test_cli_during_create_loses_no_task(self, stack, slow_emulator, inputs):
        """The task exists, the state does not know it: the next `up` finds it by its name."""
        table = inputs["table_name"]
        process = self.started(stack)
        self.until(lambda: slow_emulator.tasks(table))
        self.kill_all(process)
        assert stack.resources() == {}
        self.converge(stack, slow_emulator, table)

    def test_cli_during_a_replacement_loses_no_task(self, stack, slow_emulator, inputs):
        """New and old exist, the state knows the old one; the program still wants the new."""
        table = inputs["table_name"]
        stack.up()
        stack.project.declare(orders={**inputs, "mode": "INC"})
        process = self.started(stack)
        self.until(lambda: len(slow_emulator.tasks(table)) == 2)
        self.kill_all(process)
        self.converge(stack, slow_emulator, table)

    @pytest.mark.oldest
    @both
    def test_cli_interrupted_twice_loses_no_task(self, stack, slow_emulator, inputs):
        """Ctrl-C once waits, twice ends it and leaves a pending create in the state."""
        table = inputs["table_name"]
        process = self.started(stack)
        self.until(lambda: slow_emulator.tasks(table))
        for _ in range(2):
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.3)
        process.wait(30)
        self.converge(stack, slow_emulator, table)

    @both
    def test_provider_process_during_create_loses_no_task(self, stack, slow_emulator, inputs):
        table = inputs["table_name"]
        process = self.started(stack)
        self.until(lambda: slow_emulator.tasks(table))
        host = stack.project.front_end.process
        subprocess.run(["pkill", "-KILL", "-s", str(process.pid), "-f", host], check=True)
        process.wait(30)
        self.converge(stack, slow_emulator, table)
