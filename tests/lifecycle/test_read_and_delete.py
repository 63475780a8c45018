"""Refresh and delete: a failure never counts as a missing task."""

import threading

import pytest
from support.lifecycle_world import HERE, bag

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.client.transport import NoAnswerError, NotSentError, RawResponse
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, inputs_of
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb


@pytest.fixture
def created(world):
    run = world.run()
    inputs = run.check({}, bag(), HERE, world.row).inputs
    found = run.create(inputs, world.row)
    world.transport.calls.clear()
    return found


def test_read_returns_the_declared_inputs(world, created):
    found = world.run().read(created.id, created.outputs)
    assert found.inputs == created.inputs
    assert world.transport.calls == ["DescribeDeliveryTask"]
    assert found.outputs["request_id"] == created.outputs["request_id"]


def test_read_keeps_local_only_inputs(world, created):
    state = {**created.outputs, "timeout_seconds": 7.0, "wait_for": "none"}
    inputs = world.run().read(created.id, state).inputs
    assert (inputs["timeout_seconds"], inputs["wait_for"]) == (7, "none")


@pytest.mark.parametrize(
    "name",
    [
        name for name, about in inputs_of(DeliveryTaskSpec)
        if about.wire and DeliveryTaskSpec.model_fields[name].default is None
    ],
)  # fmt: skip
def test_read_drops_an_optional_value_that_the_service_does_not_have(world, created, name):
    samples = {"event_time_column": {"column": "created_at", "format": "RFC3339"}}
    state = {**created.outputs, name: samples.get(name, "text")}
    assert name not in world.run().read(created.id, state).inputs


def test_read_of_a_task_without_state_returns_all_inputs(world, created):
    found = world.run().read(created.id, {})
    assert found.inputs == created.inputs


def test_read_of_a_missing_task_returns_none(world, created):
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
def test_failed_read_is_an_error_and_not_absence(world, created, page):
    world.transport.break_next["DescribeDeliveryTask"] = [page] * 100
    with pytest.raises(errors.CallError):
        world.run().read(created.id, created.outputs)


def test_not_found_from_another_region_is_an_error(world, created):
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
def test_invalid_id_is_refused(world, text):
    with pytest.raises(errors.ConfigurationError, match="<instance>/<table>/<task>"):
        world.run().read(text, {})


def test_delete_sends_one_request(world, created):
    world.run().delete(created.id, created.outputs, world.row)
    assert world.transport.calls == ["DeleteDeliveryTask"]
    assert world.tasks() == []


def test_delete_of_a_missing_task_succeeds(world, created):
    for _ in range(2):
        world.run().delete(created.id, created.outputs, world.row)
    world.delete_table("orders")
    world.run().delete(created.id, created.outputs, world.row)


@pytest.mark.parametrize("broken", ["lost answer", "lost request"])
def test_delete_with_an_unknown_outcome_is_confirmed(world, created, broken):
    world.transport.break_next["DeleteDeliveryTask"] = [broken]
    world.run().delete(created.id, created.outputs, world.row)
    assert world.tasks() == []


def test_delete_waits_while_the_task_initializes(slow_world):
    run = slow_world.run()
    inputs = run.check({}, bag(wait_for="none"), HERE, slow_world.row).inputs
    found = run.create(inputs, slow_world.row)
    slow_world.run().delete(found.id, found.outputs, slow_world.row)
    assert slow_world.tasks() == []
    assert slow_world.clock.elapsed >= 30
    assert any("waiting until the task can be deleted" in s for s in slow_world.row.statuses)


def test_delete_timeout_keeps_the_state(slow_world):
    run = slow_world.run()
    inputs = run.check({}, bag(wait_for="none", timeout_seconds=10), HERE, slow_world.row).inputs
    found = run.create(inputs, slow_world.row)
    with pytest.raises(errors.WaitTimeoutError, match="it is still initializing"):
        slow_world.run().delete(found.id, found.outputs, slow_world.row)
    assert len(slow_world.tasks()) == 1


class TestWaitUntilATaskCanBeDeleted:
    """The service refuses to delete a task that initializes, so delete waits."""

    @pytest.fixture
    def initializing(self, slow_world):
        run = slow_world.run()
        inputs = run.check({}, bag(wait_for="none"), HERE, slow_world.row).inputs
        return run.create(inputs, slow_world.row)

    @pytest.mark.parametrize("operation", ["DeleteDeliveryTask", "DescribeDeliveryTask"])
    @pytest.mark.parametrize("trouble", ["lost request", NotSentError("refused")])
    def test_survives_a_failed_poll(self, slow_world, initializing, operation, trouble):
        post = slow_world.transport.post

        def fail(url, *rest):
            if url.endswith(operation) and 5 < slow_world.clock.elapsed < 25:
                raise trouble if isinstance(trouble, Exception) else NoAnswerError("reset")
            return post(url, *rest)

        slow_world.transport.post = fail
        slow_world.run().delete(initializing.id, initializing.outputs, slow_world.row)
        assert slow_world.tasks() == []
        if operation == "DescribeDeliveryTask":
            assert any("retrying" in status for status in slow_world.row.statuses)

    def test_ends_if_a_poll_is_refused(self, slow_world, initializing):
        post = slow_world.transport.post

        def deny(url, *rest):
            if slow_world.clock.elapsed > 5:
                return RawResponse(
                    403, {}, pb.Error(code="OTSNoPermissionAccess").SerializeToString()
                )
            return post(url, *rest)

        slow_world.transport.post = deny
        with pytest.raises(errors.ServiceError, match="OTSNoPermissionAccess"):
            slow_world.run().delete(initializing.id, initializing.outputs, slow_world.row)
        assert slow_world.clock.elapsed < 15

    def test_that_is_cancelled_says_so(self, slow_world, initializing):
        run = slow_world.run()
        slow_world.clock.while_sleeping.append(run.cancel)
        with pytest.raises(errors.WaitTimeoutError, match="was cancelled") as caught:
            run.delete(initializing.id, initializing.outputs, slow_world.row)
        assert "Try again later" not in str(caught.value)
        assert len(slow_world.tasks()) == 1


def test_delete_timeout_names_the_last_failure(world, created):
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


class TestDeleteOfAStateThatThisVersionCannotRead:
    """Another version wrote the state, and one of its values is not known here."""

    @pytest.fixture
    def named(self, world):
        run = world.run()
        inputs = run.check({}, bag(task_name="orders"), HERE, world.row).inputs
        found = run.create(inputs, world.row)
        return {**found.outputs, "event_time_column": "later"}

    def test_compares_the_other_values(self, world, named):
        world.run().delete("inst/orders/orders", {**named, "oss_prefix": "else/"}, world.row)
        assert world.tasks() == ["orders"]
        assert "oss_prefix: 'else/' -> " in world.row.warnings[-1]

    def test_deletes_the_task_if_they_are_the_same(self, world, named):
        world.run().delete("inst/orders/orders", named, world.row)
        assert world.tasks() == []

    def test_leaves_an_unconfirmed_task_whose_content_is_not_known(self, world, named):
        unconfirmed = {**named, "__unconfirmed": True}
        world.run().delete("inst/orders/orders", unconfirmed, world.row)
        assert world.tasks() == ["orders"]
        assert "is not deleted" in world.row.warnings[-1]
        assert "event_time_column" in world.row.warnings[-1]

    @pytest.mark.parametrize(
        "value", [{"timeout_seconds": "later"}, {"tablestore_endpoint": 7}, {"ignore_rules": [7]}]
    )
    def test_values_that_only_this_package_knows_get_their_defaults(self, world, named, value):
        state = {**named, **value}
        expected = {name: named[name] for name in named if name in ("mode", "timeout_seconds")}
        read = world.run().read("inst/orders/orders", state)
        assert expected.items() <= read.inputs.items()
        assert not value.items() <= read.inputs.items()
        world.run().delete("inst/orders/orders", state, world.row)
        assert world.tasks() == []

    def test_refresh_does_not_confirm_a_task_whose_content_is_not_known(self, world, named):
        unconfirmed = {**named, "__unconfirmed": True}
        assert world.run().read("inst/orders/orders", unconfirmed) is None


def test_refused_delete_is_an_error(world, created):
    denied = RawResponse(403, {}, pb.Error(code="OTSNoPermissionAccess").SerializeToString())
    world.transport.break_next["DeleteDeliveryTask"] = [denied]
    with pytest.raises(errors.ServiceError, match="OTSNoPermissionAccess"):
        world.run().delete(created.id, created.outputs, world.row)


def test_many_tasks_are_read_concurrently_and_returned_in_order(world, monkeypatch):
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
