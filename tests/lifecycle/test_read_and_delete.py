"""Refresh sees what is there; delete is sure; trouble is never taken for absence."""

import threading

import pytest
from support.lifecycle_world import HERE, bag

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.client.transport import NoAnswerError, RawResponse
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb


@pytest.fixture
def created(world):
    run = world.run()
    inputs = run.check({}, bag(), HERE, world.row).inputs
    found = run.create(inputs, world.row)
    world.transport.calls.clear()
    return found


def test_read_finds_the_same_inputs(world, created):
    found = world.run().read(created.id, created.outputs)
    assert found.inputs == created.inputs
    assert world.transport.calls == ["DescribeDeliveryTask"]
    assert found.outputs["request_id"] == created.outputs["request_id"]


def test_read_keeps_what_the_service_does_not_know(world, created):
    state = {**created.outputs, "timeout_seconds": 7.0, "wait_for": "none"}
    inputs = world.run().read(created.id, state).inputs
    assert (inputs["timeout_seconds"], inputs["wait_for"]) == (7, "none")


def test_read_of_a_task_that_is_new_to_the_state(world, created):
    found = world.run().read(created.id, {})
    assert found.inputs == created.inputs


def test_gone_is_none(world, created):
    world.run().delete(created.id, created.outputs, world.row)
    assert world.run().read(created.id, created.outputs) is None


@pytest.mark.parametrize(
    "page",
    [
        RawResponse(403, {}, pb.Error(code="OTSAuthFailed").SerializeToString()),
        RawResponse(403, {}, pb.Error(code="OTSNoPermissionAccess").SerializeToString()),
        RawResponse(404, {}, b"<html>not found</html>"),
        RawResponse(200, {}, b""),
        "lost request",
    ],
    ids=["auth", "permission", "html 404", "unsigned", "reset"],
)
def test_trouble_is_an_error_never_absence(world, created, page):
    world.transport.break_next["DescribeDeliveryTask"] = [page] * 100
    with pytest.raises(errors.CallError):
        world.run().read(created.id, created.outputs)


def test_asking_another_region_is_an_error_never_absence(world, created):
    elsewhere = {"TABLESTORE_REGION": "cn-beijing"}
    world.run().delete(created.id, created.outputs, world.row)
    with pytest.raises(errors.ConfigurationError, match=r"in cn-hangzhou.*nothing is concluded"):
        world.run(**elsewhere).read(created.id, created.outputs)
    with pytest.raises(errors.ConfigurationError):
        world.run(**elsewhere).delete(created.id, created.outputs, world.row)


@pytest.mark.parametrize(
    "text",
    ["", "inst", "inst/orders", "inst//task", "/a/b", " inst/orders/task", "in st/orders/task"],
)
def test_an_id_that_is_none(world, text):
    with pytest.raises(errors.ConfigurationError, match="<instance>/<table>/<task>"):
        world.run().read(text, {})


def test_delete_is_one_call(world, created):
    world.run().delete(created.id, created.outputs, world.row)
    assert world.transport.calls == ["DeleteDeliveryTask"]
    assert world.tasks() == []


def test_deleting_what_is_gone_succeeds(world, created):
    for _ in range(2):
        world.run().delete(created.id, created.outputs, world.row)
    world.delete_table("orders")
    world.run().delete(created.id, created.outputs, world.row)


@pytest.mark.parametrize("broken", ["lost answer", "lost request"])
def test_an_ambiguous_delete_is_looked_after(world, created, broken):
    world.transport.break_next["DeleteDeliveryTask"] = [broken]
    world.run().delete(created.id, created.outputs, world.row)
    assert world.tasks() == []


def test_an_initialising_task_is_waited_for(slow_world):
    run = slow_world.run()
    inputs = run.check({}, bag(wait_for="none"), HERE, slow_world.row).inputs
    found = run.create(inputs, slow_world.row)
    slow_world.run().delete(found.id, found.outputs, slow_world.row)
    assert slow_world.tasks() == []
    assert slow_world.clock.elapsed >= 30
    assert any("waiting until the task can be deleted" in s for s in slow_world.row.statuses)


def test_a_delete_that_takes_too_long_says_so_and_keeps_the_state(slow_world):
    run = slow_world.run()
    inputs = run.check({}, bag(wait_for="none", timeout_seconds=10), HERE, slow_world.row).inputs
    found = run.create(inputs, slow_world.row)
    with pytest.raises(errors.WaitTimeoutError, match="it is still initializing"):
        slow_world.run().delete(found.id, found.outputs, slow_world.row)
    assert len(slow_world.tasks()) == 1


def test_a_delete_that_never_gets_through_says_why(world, created):
    world.transport.break_next["DeleteDeliveryTask"] = ["lost request"] * 1000
    with pytest.raises(errors.WaitTimeoutError, match="gave no whole answer"):
        world.run().delete(created.id, created.outputs, world.row)
    assert len(world.tasks()) == 1


def test_task_that_another_stack_creates_after_a_lost_delete_stays(world):
    run = world.run()
    inputs = run.check({}, bag(task_name="orders"), HERE, world.row).inputs
    found = run.create(inputs, world.row)
    post = world.transport.post

    def lose(url, *rest):
        if url.endswith("DeleteDeliveryTask") and world.transport.post is lose:
            world.transport.post = post
            post(url, *rest)
            other = world.run()
            theirs = other.check({}, bag(task_name="orders", mode="BASE"), HERE, world.row).inputs
            other.create(theirs, world.row)
            raise NoAnswerError("connection reset")
        return post(url, *rest)

    world.transport.post = lose
    world.run().delete(found.id, found.outputs, world.row)
    assert world.tasks() == ["orders"]
    assert "is not deleted" in world.row.warnings[-1]


def test_a_delete_that_is_refused_is_an_error(world, created):
    denied = RawResponse(403, {}, pb.Error(code="OTSNoPermissionAccess").SerializeToString())
    world.transport.break_next["DeleteDeliveryTask"] = [denied]
    with pytest.raises(errors.ServiceError, match="OTSNoPermissionAccess"):
        world.run().delete(created.id, created.outputs, world.row)


def test_many_tasks_are_read_at_once_and_told_in_order(world, monkeypatch):
    run = world.run()
    together = threading.Barrier(4, timeout=10)  # passes only where four wait at once

    def read(task, state):
        together.wait()
        return f"{task} {state}"

    monkeypatch.setattr(run, "read", read)
    tasks = {f"inst/orders/task-{number}": number for number in range(4)}
    assert list(run.read_all(tasks)) == [
        (task, f"{task} {number}") for task, number in tasks.items()
    ]
