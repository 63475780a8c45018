"""After any failure, the next `pulumi up` repairs the stack, and no task is lost or orphaned."""

import json
import os
import signal
import subprocess
import time
import urllib.request

import pytest
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import DYNAMIC, NATIVE, Project, both
from support.sdk import sdk_client
from torture.server import FaultServer

DELETED_FIRST = ["delete-replaced", "replace", "create-replacement"]
BASE = 0


def control(emulator, route, method, body=None):
    request = urllib.request.Request(f"{emulator.url}/_emulator/{route}", body, method=method)
    urllib.request.urlopen(request).close()


def fault(emulator, **given):
    control(emulator, "faults", "POST", json.dumps(given).encode())


def clear_faults(emulator):
    control(emulator, "faults", "DELETE")


QUOTA = {
    "operation": "CreateDeliveryTask", "fault": "error", "status": 403,
    "code": "OTSQuotaExhausted", "message": "The number of delivery tasks exceeds the limit.",
}  # fmt: skip
DENIED = {
    "operation": "CreateDeliveryTask", "fault": "error", "status": 403,
    "code": "OTSNoPermissionAccess", "message": "You have no permission.",
}  # fmt: skip
OUTAGE = {"operation": "CreateDeliveryTask", "fault": "html", "status": 502, "times": None}
NO_LOOK = {
    "operation": "DescribeDeliveryTask", "fault": "error", "status": 403,
    "code": "OTSAuthFailed", "message": "Request denied.", "times": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def shared_emulator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("never-stuck")
    with EmulatorProcess(folder, "--create-buckets") as process:
        yield process


@pytest.fixture
def emulator(shared_emulator, table):
    """The emulator of this module, with one table; each test leaves it empty."""
    shared_emulator.create_table(table)
    yield shared_emulator
    clear_faults(shared_emulator)
    for name in shared_emulator.tasks(table):
        shared_emulator.client.delete_delivery_task(table, name)
    sdk_client(shared_emulator).delete_table(table)
    control(shared_emulator, "calls", "DELETE")


@pytest.fixture
def table():
    return "orders"


@pytest.fixture
def inputs(table):
    return {
        "table_name": table,
        "oss_bucket": "my-lake",
        "oss_prefix": "orders/year=$yyyy/",
        "role_arn": "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery",
        "parquet_schema": [{"source": "id", "type": "UTF8"}],
    }


@pytest.fixture
def named(inputs):
    """The inputs with an explicit name."""
    return {**inputs, "task_name": "orders"}


def assert_sound(stack, emulator, table, resource="orders"):
    """The service, the state and the program have the same task, and nothing is left to do."""
    (name,) = emulator.tasks(table)
    entry = stack.resources()[resource]
    assert entry["id"] == f"local/{table}/{name}"
    assert not entry.keys() & {"delete", "pendingReplacement", "initErrors"}
    assert stack.preview("--expect-no-changes").returncode == 0
    assert stack.refresh("--expect-no-changes").returncode == 0


class TestReplacementWhoseCreateFails:
    """The old task is deleted, and the create of the new one fails: the state waits for it."""

    @pytest.fixture
    def stuck(self, project, emulator, named):
        """A stack in that state, made by a fault."""

        def make(given=QUOTA, **more):
            project.declare(orders={**named, **more})
            stack = project.stack()
            stack.up()
            if given:
                fault(emulator, **given)
            project.declare(orders={**named, **more, "mode": "BASE"})
            run = stack.up(check=False)
            assert run.returncode != 0
            assert "Traceback" not in run.output
            assert emulator.tasks("orders") == []
            clear_faults(emulator)
            return stack

        return make

    @both
    def test_is_repaired_by_a_plain_up(self, stuck, emulator, table):
        stack = stuck()
        assert stack.resources()["orders"]["pendingReplacement"]
        stack.up()
        assert emulator.task(table, "orders").taskType == BASE
        assert_sound(stack, emulator, table)

    @pytest.mark.parametrize("given", [DENIED, OUTAGE], ids=["denied", "outage"])
    def test_is_repaired_after_any_failure(self, stuck, emulator, table, given):
        stack = stuck(given)
        stack.up()
        assert_sound(stack, emulator, table)

    def test_is_repaired_with_a_refresh(self, stuck, emulator, table):
        stack = stuck()
        stack.up("--refresh")
        assert_sound(stack, emulator, table)

    @pytest.mark.parametrize("name", ["adopt_existing", "delete_before_replace"])
    def test_is_repaired_with_the_command_in_the_message(self, stuck, emulator, named, name):
        stack = stuck()
        wanted = {**named, "mode": "BASE"}
        stack.project.declare(
            orders={**wanted, name: True} if name == "adopt_existing" else (wanted, {name: True})
        )
        stack.up()
        assert_sound(stack, emulator, "orders")

    @both
    def test_is_repaired_with_adopt_existing(self, stuck, emulator, table):
        stack = stuck(adopt_existing=True)
        stack.up()
        assert emulator.task(table, "orders").taskType == BASE
        assert_sound(stack, emulator, table)

    def test_is_repaired_after_two_failures(self, stuck, emulator, table):
        stack = stuck()
        fault(emulator, **DENIED)
        assert stack.up(check=False).returncode != 0
        stack.up()
        assert_sound(stack, emulator, table)

    def test_leaves_nothing_when_it_is_destroyed(self, stuck, emulator, table):
        stack = stuck()
        stack.destroy()
        assert emulator.tasks(table) == []
        assert stack.resources() == {}

    @both
    def test_is_repaired_after_a_kill(self, project, emulator, named, table):
        """Killed once the old task is gone, and before the state has the new one."""
        project.declare(orders=named)
        stack = project.stack()
        stack.up()
        fault(emulator, operation="CreateDeliveryTask", fault="reset", times=None)
        fault(emulator, operation="DescribeDeliveryTask", fault="latency", seconds=5, times=None)
        project.declare(orders={**named, "mode": "BASE"})
        process = subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack.name],
            cwd=project.folder, env=project.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + 30
        while emulator_calls(emulator).get("CreateDeliveryTask", 0) < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        clear_faults(emulator)
        stack.call("cancel", "--yes", "--stack", stack.name, check=False)
        stack.up()
        assert emulator.task(table, "orders").taskType == BASE
        assert_sound(stack, emulator, table)


def emulator_calls(emulator):
    with urllib.request.urlopen(f"{emulator.url}/_emulator/calls") as answer:
        return json.load(answer)


EXPLICIT_PROVIDER = """
import pulumi
import pulumi_tablestore_delivery as delivery

other = pulumi.ProviderResource("pulumi-python", "other", {{}})
delivery.DeliveryTask("orders", {inputs!r}, pulumi.ResourceOptions(provider=other))
"""


@pytest.mark.parametrize("refused", [False, True], ids=["sound", "create refused"])
def test_new_provider_and_new_content_in_one_run_replace_the_task(
    project, emulator, named, table, refused
):
    project.environment.update(emulator.environment)
    project.declare(orders=named)
    stack = project.stack()
    stack.up()
    project.program(EXPLICIT_PROVIDER.format(inputs={**named, "mode": "BASE"}))
    if refused:
        fault(emulator, **QUOTA)
        assert stack.up(check=False).returncode != 0
    stack.up()
    assert emulator.task(table, "orders").taskType == BASE
    assert_sound(stack, emulator, table)


class TestTwoResourcesForOneTask:
    """A program names a task that another entry of the stack has."""

    @pytest.fixture
    def owned(self, project, emulator, named):
        """A stack whose resource `a` has the task, and a program whose resource `b` wants it."""
        project.declare(a=named)
        stack = project.stack()
        stack.up()
        project.declare(b={**named, "adopt_existing": True})
        return stack

    def urn(self, name):
        return f"**DeliveryTask::{name}"

    @pytest.mark.parametrize("option", ["--target", "--exclude"])
    def test_is_refused_with_a_target(self, owned, emulator, table, option):
        run = owned.up(option, self.urn("b" if option == "--target" else "a"), check=False)
        assert run.returncode != 0
        assert "aliases" in run.errors
        assert "pulumi state rename" in run.errors
        assert emulator.tasks(table) == ["orders"]
        assert owned.resources().keys() == {"a"}

    def test_keep_the_task_in_the_next_runs(self, owned, emulator, table, named):
        owned.up("--target", self.urn("b"), check=False)
        owned.up("--target", self.urn("a"), check=False)
        assert emulator.tasks(table) == ["orders"]
        owned.project.declare(a=named)
        owned.up()
        assert_sound(owned, emulator, table, "a")

    def test_are_repaired_with_the_command_in_the_message(self, owned, emulator, table):
        urn = owned.resources()["a"]["urn"]
        owned.call("state", "rename", urn, "b", "--yes", "--stack", owned.name)
        owned.up()
        assert_sound(owned, emulator, table, "b")

    def twice(self, stack, **changes):
        """Give the state a second entry, `b`, for the task of `a`."""
        state = json.loads(stack.call("stack", "export").stdout)
        resources = state["deployment"]["resources"]
        (one,) = (each for each in resources if each["type"].endswith("DeliveryTask"))
        resources.append(
            {
                **one,
                "urn": one["urn"].removesuffix("::a") + "::b",
                "inputs": {**one["inputs"], **changes},
                "outputs": {**one["outputs"], **changes},
            }
        )
        edited = stack.project.folder / "edited.json"
        edited.write_text(json.dumps(state))
        stack.call("stack", "import", "--file", str(edited))

    def test_destroy_leaves_a_task_that_differs_from_its_entry(self, owned, emulator, table):
        self.twice(owned, mode="BASE")
        run = owned.destroy("--target", self.urn("b"))
        assert emulator.tasks(table) == ["orders"]
        assert "not deleted" in run.warnings
        assert owned.resources().keys() == {"a"}

    def test_refresh_repairs_a_targeted_destroy(self, owned, emulator, table, named):
        """The two entries are the same, and nothing tells the provider of the other one."""
        self.twice(owned)
        owned.destroy("--target", self.urn("b"))
        owned.project.declare(a=named)
        owned.up("--refresh")
        assert_sound(owned, emulator, table, "a")


class TestNameThatAnotherStackDerived:
    """Only the resource for which a name was derived may take its task for its own."""

    @pytest.mark.parametrize(
        "front_ends",
        [(DYNAMIC, DYNAMIC), (NATIVE, NATIVE), (DYNAMIC, NATIVE), (NATIVE, DYNAMIC)],
        ids=lambda pair: "-".join(each.name for each in pair),
    )
    def test_is_refused_when_it_is_given_explicitly(
        self, tmp_path, emulator, inputs, table, front_ends
    ):
        first, second = front_ends
        owner = Project(tmp_path / "owner", emulator.environment, first)
        owner.declare(orders=inputs)
        owners = owner.stack("dev")
        owners.up()
        (name,) = emulator.tasks(table)
        other = Project(tmp_path / "other", emulator.environment, second)
        other.declare(orders={**inputs, "task_name": name})
        others = other.stack("other")
        run = others.up(check=False)
        assert run.returncode != 0
        assert "already" in run.errors
        assert others.resources() == {}
        others.destroy()
        assert emulator.tasks(table) == [name]
        assert_sound(owners, emulator, table)


class TestLostCreateWhoseLookupFails:
    """It is unknown whether the task exists, and the state says so."""

    @pytest.fixture
    def stack(self, project, emulator, named):
        project.declare(orders=named)
        stack = project.stack()
        self.lose(emulator)
        run = stack.up(check=False)
        assert run.returncode != 0
        assert "Traceback" not in run.output
        assert emulator.tasks("orders") == ["orders"]
        clear_faults(emulator)
        return stack

    def lose(self, emulator):
        fault(emulator, operation="CreateDeliveryTask", fault="lost_answer")
        fault(emulator, **NO_LOOK)

    @both
    def test_is_destroyed(self, stack, emulator, table):
        stack.destroy()
        assert emulator.tasks(table) == []

    @both
    def test_is_confirmed_by_a_plain_up(self, stack, emulator, table):
        stack.up()
        assert_sound(stack, emulator, table)

    def test_in_a_replacement_is_destroyed(self, project, emulator, named, table):
        project.declare(orders=named)
        stack = project.stack()
        stack.up()
        project.declare(orders={**named, "mode": "BASE"})
        self.lose(emulator)
        assert stack.up(check=False).returncode != 0
        clear_faults(emulator)
        stack.destroy()
        assert emulator.tasks(table) == []

    def test_in_a_replacement_is_confirmed_by_a_plain_up(self, project, emulator, named, table):
        project.declare(orders=named)
        stack = project.stack()
        stack.up()
        project.declare(orders={**named, "mode": "BASE"})
        self.lose(emulator)
        assert stack.up(check=False).returncode != 0
        clear_faults(emulator)
        stack.up()
        assert emulator.task(table, "orders").taskType == BASE
        assert_sound(stack, emulator, table)

    def test_that_was_not_carried_out_is_created_by_the_next_up(
        self, project, emulator, named, table
    ):
        project.declare(orders=named)
        stack = project.stack()
        fault(emulator, operation="CreateDeliveryTask", fault="reset")
        fault(emulator, **NO_LOOK)
        assert stack.up(check=False).returncode != 0
        clear_faults(emulator)
        assert emulator.tasks(table) == []
        stack.up()
        assert_sound(stack, emulator, table)


@pytest.fixture(scope="module")
def fault_server():
    with FaultServer() as server:
        yield server


@pytest.mark.parametrize("name", ["unsigned 404", "wrongly signed 404"])
class TestNotFoundThatTheServiceDidNotSign:
    """A "does not exist" that the service did not sign is not accepted."""

    @pytest.fixture
    def cell(self, fault_server):
        with fault_server.cell("orders") as cell:
            yield cell

    @pytest.fixture
    def stack(self, tmp_path, cell, named):
        project = Project(tmp_path / "faults", cell.environment)
        project.declare(orders=named)
        stack = project.stack()
        stack.up()
        return stack

    def test_does_not_remove_the_resource_in_a_refresh(self, stack, cell, name):
        """It is an error where nothing confirms it."""
        cell.set_fault("DescribeDeliveryTask", name, [1])
        stack.refresh(check=False)
        cell.clear_faults()
        assert list(cell.tasks()) == ["orders/orders"]
        assert stack.resources()["orders"]["id"] == "local/orders/orders"
        assert stack.up("--expect-no-changes").returncode == 0

        cell.set_fault("*", name)
        run = stack.refresh(check=False)
        cell.clear_faults()
        assert run.returncode != 0
        assert "Traceback" not in run.output
        assert stack.resources()["orders"]["id"] == "local/orders/orders"

    def test_does_not_complete_a_destroy(self, stack, cell, name):
        """It is an error where nothing confirms it."""
        cell.set_fault("*", name)
        run = stack.destroy(check=False)
        cell.clear_faults()
        assert run.returncode != 0
        assert stack.resources()["orders"]["id"] == "local/orders/orders"

        cell.set_fault("DeleteDeliveryTask", name, [1])
        run = stack.destroy(check=False)
        cell.clear_faults()
        assert (run.returncode == 0) == (cell.tasks() == {})
        stack.destroy()
        assert cell.tasks() == {}

    def test_removes_the_resource_if_a_signed_list_confirms_it(self, stack, cell, name):
        cell.delete("orders", "orders")
        cell.set_fault("DescribeDeliveryTask", name)
        stack.refresh()
        cell.clear_faults()
        assert stack.resources() == {}
