"""Create does not lose a task, and does not adopt a task of somebody else."""

import dataclasses
import threading

import pytest
from support.lifecycle_world import HERE, bag

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.transport import NoAnswerError, RawResponse
from pulumi_tablestore_delivery.errors import InvalidInputError
from pulumi_tablestore_delivery.lifecycle import InitializationError
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN


def create(world, run=None, declaration=HERE, olds=None, **changes):
    """Check and create in one run, as the engine does."""
    run = run or world.run()
    checked = run.check(olds or {}, bag(**changes), declaration, world.row)
    assert checked.violations == []
    return run.create(checked.inputs, world.row)


def test_create_sends_one_request_and_waits(world):
    found = create(world)
    assert world.transport.calls == ["CreateDeliveryTask", "DescribeDeliveryTask"]
    assert found.outputs["phase"] == "FULL"
    assert found.outputs["request_id"]
    assert found.outputs["trace_id"]
    assert found.outputs["location"] == "oss://my-lake/orders/year=$yyyy/month=$MM/"
    assert found.id == f"inst/orders/{world.tasks()[0]}"


def test_wait_for_none_does_not_poll(world):
    found = create(world, wait_for="none")
    assert world.transport.calls == ["CreateDeliveryTask"]
    assert found.outputs["phase"] == "INIT"


@pytest.mark.parametrize("broken", ["lost answer", "lost request"])
@pytest.mark.parametrize("name", [{}, {"task_name": "orders"}], ids=["derived", "explicit"])
def test_create_with_a_lost_answer_results_in_one_task(world, broken, name):
    world.transport.break_next["CreateDeliveryTask"] = [broken]
    found = create(world, **name)
    assert [found.id] == [f"inst/orders/{name}" for name in world.tasks()]
    creates = world.transport.calls.count("CreateDeliveryTask")
    assert creates == (1 if broken == "lost answer" else 2)


@pytest.mark.parametrize(
    "page",
    [
        RawResponse(502, {}, b"<html>bad gateway</html>"),
        RawResponse(200, {}, b"garbage"),
        RawResponse(503, {}, b""),
    ],
    ids=["html", "garbage", "empty"],
)
def test_create_answered_by_a_proxys_page_results_in_one_task(world, page):
    world.transport.break_next["CreateDeliveryTask"] = [page]
    create(world)
    assert len(world.tasks()) == 1
    assert world.transport.calls.count("CreateDeliveryTask") == 1


UNCONFIRMED_NAMES = pytest.mark.parametrize(
    "name", [{}, {"task_name": "orders"}], ids=["derived", "explicit"]
)


class TestUnconfirmed:
    """Create was sent, and it is unknown whether the task exists."""

    def lose(self, world, create_fault, look_fault, **name):
        world.transport.break_next["CreateDeliveryTask"] = [create_fault] * 3
        world.transport.break_next["DescribeDeliveryTask"] = [look_fault] * 1000
        with pytest.raises(InitializationError, match="outcome is not known") as caught:
            create(world, **name)
        world.transport.break_next.clear()
        return caught.value.found

    @UNCONFIRMED_NAMES
    @pytest.mark.parametrize("fault", ["lost answer", "lost request"])
    def test_next_update_confirms_or_creates_the_task(self, world, fault, name):
        found = self.lose(world, fault, "lost request", **name)
        assert found.outputs["__unconfirmed"] is True
        updated = world.run().update(found.outputs, found.inputs, world.row)
        assert "__unconfirmed" not in updated.outputs
        assert [updated.id] == [f"inst/orders/{name}" for name in world.tasks()]
        assert updated.outputs["phase"] == "FULL"

    @UNCONFIRMED_NAMES
    @pytest.mark.parametrize("fault", ["lost answer", "lost request"])
    def test_delete_removes_the_task_of_our_create(self, world, fault, name):
        found = self.lose(world, fault, "lost request", **name)
        world.run().delete(found.id, found.outputs, world.row)
        assert world.tasks() == []

    def test_delete_leaves_a_task_of_other_content(self, world):
        found = self.lose(world, "lost request", "lost request", task_name="orders")
        create(world, task_name="orders", mode="BASE")
        world.run().delete(found.id, found.outputs, world.row)
        assert world.tasks() == ["orders"]
        assert "is not deleted" in world.row.warnings[-1]

    def test_refresh_confirms_our_task_and_no_other(self, world):
        found = self.lose(world, "lost answer", "lost request", task_name="orders")
        assert "__unconfirmed" not in world.run().read(found.id, found.outputs).outputs
        other = {**found.outputs, "mode": "BASE"}
        assert world.run().read(found.id, other) is None

    def test_update_refuses_a_task_of_other_content(self, world):
        found = self.lose(world, "lost request", "lost request", task_name="orders")
        create(world, task_name="orders", mode="BASE")
        with pytest.raises(errors.TaskConflictError, match="mode: the program has 'BASE_INC'"):
            world.run().update(found.outputs, found.inputs, world.row)

    def test_is_kept_if_no_lookup_finds_the_task(self, world):
        """The service may still carry out a request that it has received."""
        world.transport.break_next["CreateDeliveryTask"] = ["lost request"] * 3
        with pytest.raises(InitializationError):
            create(world)
        assert world.tasks() == []

    @pytest.mark.parametrize("fault", ["lost answer", "lost request"])
    def test_is_not_claimed_if_another_stack_has_the_same_task(self, world, fault):
        create(world, task_name="orders")
        world.transport.break_next["CreateDeliveryTask"] = [fault]
        with pytest.raises(errors.TaskConflictError, match="adopt_existing=True"):
            create(world, task_name="orders")
        assert world.transport.calls.count("CreateDeliveryTask") == 1  # the other stack's

    def test_is_claimed_with_a_warning_if_the_owner_is_unknown(self, world):
        """The look before the create failed, and the answer that the name is taken was lost."""
        create(world, task_name="orders")
        post = world.transport.post

        def lose(url, *rest):
            if url.endswith("CreateDeliveryTask"):
                world.transport.post = post
                post(url, *rest)
            raise NoAnswerError("connection reset")

        world.transport.post = lose
        assert create(world, task_name="orders").id == "inst/orders/orders"
        (warning,) = world.row.warnings
        assert "may be somebody else's" in warning

    def test_is_claimed_without_a_warning_if_the_task_did_not_exist_before(self, world):
        world.transport.break_next["CreateDeliveryTask"] = ["lost answer"]
        create(world, task_name="orders")
        assert world.row.warnings == []

    def test_is_claimed_if_the_request_of_an_earlier_run_arrives_late(self, world):
        """Update finds no task and creates it, and meanwhile the earlier request is carried out."""
        found = self.lose(world, "lost request", "lost request", task_name="orders")
        post = world.transport.post

        def arrive_late(url, *rest):
            if url.endswith("CreateDeliveryTask") and not world.tasks():
                post(url, *rest)
            return post(url, *rest)

        world.transport.post = arrive_late
        updated = world.run().update(found.outputs, found.inputs, world.row)
        assert updated.id == "inst/orders/orders"
        assert "__unconfirmed" not in updated.outputs
        assert updated.outputs["trace_id"] == found.outputs["trace_id"]

    def test_is_not_claimed_if_the_task_existed_before(self, world):
        create(world, task_name="orders")
        world.transport.break_next["DescribeDeliveryTask"] = ["lost request"] * 100
        with pytest.raises(errors.ConnectionLostError):
            create(world, task_name="orders")


@pytest.mark.parametrize(
    "error", [errors.ConfigurationError("the keys are gone"), KeyError("the keys are gone")]
)
def test_error_after_a_successful_create_keeps_the_resource(world, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(TablestoreClient, "describe_delivery_task", fail)
    with pytest.raises(InitializationError, match="the keys are gone") as caught:
        create(world)
    assert [caught.value.found.id] == [f"inst/orders/{name}" for name in world.tasks()]


def test_next_run_finds_the_task_of_a_crashed_create(world):
    """The first run created the task and crashed before the state was written."""
    first = create(world)
    again = create(world)
    assert again.id == first.id
    assert len(world.tasks()) == 1


class TestOwnTask:
    """Only a name that check derived for this resource is recognized."""

    ELSEWHERE = dataclasses.replace(HERE, scope=Scope("shop", "prod", "", "orders"))

    def create(self, world, declaration, **changes):
        run = world.run()
        inputs = run.check({}, bag(**changes), declaration, world.row).inputs
        return run.create(inputs, world.row, None, declaration.scope)

    def test_own_task_is_recognized_and_the_user_is_warned(self, world):
        first = self.create(world, HERE)
        world.row.warnings.clear()
        assert self.create(world, HERE).id == first.id
        assert "an earlier run of this stack created it" in world.row.warnings[-1]
        assert "another backend" in world.row.warnings[-1]

    @pytest.mark.parametrize("here", [HERE, ELSEWHERE], ids=["same stack", "other stack"])
    def test_derived_name_given_by_a_program_is_not_recognized(self, world, here):
        name = self.create(world, HERE).outputs["task_name"]
        with pytest.raises(errors.TaskConflictError, match="adopt_existing=True"):
            self.create(world, here, task_name=name)

    def test_name_derived_in_another_scope_is_not_recognized(self, world):
        inputs = world.run().check({}, bag(), HERE, world.row).inputs
        self.create(world, HERE)
        with pytest.raises(errors.TaskConflictError):
            world.run().create(inputs, world.row, None, self.ELSEWHERE.scope)

    def test_ignored_changes_keep_the_derived_name(self, world):
        """With `ignore_changes=["*"]` the engine copies all old inputs, the mark too."""
        inputs = world.run().check({}, bag(), HERE, world.row).inputs
        again = world.run().check(inputs, dict(inputs), HERE, world.row)
        assert again.violations == []
        assert again.inputs == inputs

    @pytest.mark.parametrize("refreshed", [False, True])
    def test_ignored_name_stays_derived(self, world, refreshed):
        """With `ignore_changes=["task_name"]` the engine copies the old name without the mark."""
        here = dataclasses.replace(HERE, explicit_name=False)
        found = self.create(world, here, mode="INC")
        name = found.outputs["task_name"]
        expected = old = world.run().check({}, bag(mode="INC"), here, world.row).inputs
        if refreshed:
            old = world.run().read(found.id, found.outputs).inputs
        same = world.run().check(old, bag(mode="INC", task_name=name), here, world.row)
        assert same.inputs == expected
        changed = bag(mode="INC", oss_prefix="else/", task_name=name)
        checked = world.run().check(old, changed, here, world.row)
        assert checked.violations == []
        assert checked.inputs["task_name"] != name
        assert checked.inputs["__task_name_derived"] is True

    @pytest.mark.parametrize("explicit", [True, None], ids=["Python", "other languages"])
    def test_derived_name_that_a_program_gives_stays_as_it_is(self, world, explicit):
        here = dataclasses.replace(HERE, explicit_name=explicit)
        old = world.run().check({}, bag(), here, world.row).inputs
        given = bag(oss_prefix="else/", task_name=old["task_name"])
        checked = world.run().check(old, given, here, world.row)
        assert checked.inputs["task_name"] == old["task_name"]
        assert "__task_name_derived" not in checked.inputs

    def test_mark_in_the_inputs_of_a_program_is_ignored(self, world):
        name = self.create(world, HERE).outputs["task_name"]
        given = {**bag(task_name=name), "__task_name_derived": True}
        checked = world.run().check({}, given, HERE, world.row)
        assert [item.rule for item in checked.violations] == ["unknown-input"]


def test_two_resources_with_the_same_content_have_two_tasks(world):
    run = world.run()
    create(world, run, ignore_rules=["unique-prefix"])
    other = HERE.__class__(HERE.scope.__class__("shop", "dev", "", "copies"), preview=False)
    create(world, run, other, ignore_rules=["unique-prefix"])
    assert len(world.tasks()) == 2


def test_concurrent_resources_do_not_share_a_task(world):
    run = world.run()
    given = bag(task_name="orders", adopt_existing=True)
    inputs = run.check({}, given, HERE, world.row).inputs
    ends = []
    scopes = [dataclasses.replace(HERE.scope, resource=f"r{number}") for number in range(8)]

    def make(scope):
        try:
            ends.append(run.create(inputs, world.row, None, scope).id)
        except errors.TaskConflictError:
            ends.append("refused")

    threads = [threading.Thread(target=make, args=(scope,)) for scope in scopes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["inst/orders/orders", *["refused"] * 7]


def test_failed_create_can_be_repeated_in_the_same_run(world):
    run = world.run()
    world.transport.break_next["CreateDeliveryTask"] = ["lost request"] * 3
    with pytest.raises(InitializationError):
        create(world, run)
    assert create(world, run).id


def test_two_resources_with_the_same_name_are_reported_at_preview(world):
    run = world.run()
    elsewhere = dataclasses.replace(HERE, scope=dataclasses.replace(HERE.scope, resource="other"))
    assert run.check({}, bag(task_name="orders"), HERE, world.row).violations == []
    other = bag(task_name="orders", oss_prefix="other/")
    (violation,) = run.check({}, other, elsewhere, world.row).violations
    assert violation.path == "task_name"
    assert "Two resources cannot share a task" in violation.message
    assert run.check({}, bag(task_name="orders"), HERE, world.row).violations == []


def test_existing_task_with_an_explicit_name_is_not_adopted_by_default(world):
    create(world, task_name="orders")
    with pytest.raises(errors.TaskConflictError, match="adopt_existing=True"):
        create(world, task_name="orders")


def test_existing_task_is_adopted_with_adopt_existing(world):
    create(world, task_name="orders")
    world.transport.calls.clear()
    found = create(world, task_name="orders", adopt_existing=True)
    assert found.id == "inst/orders/orders"
    assert "CreateDeliveryTask" not in world.transport.calls


def test_adopted_task_has_its_real_state_without_a_wait(world):
    create(world, task_name="orders")
    found = create(world, task_name="orders", adopt_existing=True, wait_for="none")
    assert found.outputs["phase"] != "INIT"


def test_existing_task_with_an_invalid_name_can_be_adopted(world):
    """The documentation's own samples have such names; only creating one is refused."""
    create(world, task_name="orders")
    old = world.store.task("inst", "orders", "orders")
    world.store.add_task("inst", dataclasses.replace(old, name="testTaskTimeParitioned"), 0)
    found = create(world, task_name="testTaskTimeParitioned", adopt_existing=True)
    assert found.id == "inst/orders/testTaskTimeParitioned"
    assert world.run().read(found.id, found.outputs).inputs == found.inputs
    world.run().delete(found.id, found.outputs, world.row)
    assert world.tasks() == ["orders"]


def test_adopt_existing_creates_a_missing_task(world):
    create(world, task_name="orders", adopt_existing=True)
    assert world.tasks() == ["orders"]


@pytest.mark.parametrize("adopt", [True, False])
def test_different_content_is_listed_field_by_field(world, adopt):
    create(world, task_name="orders")
    columns = [{"source": "order_id", "type": "INT64"}]
    with pytest.raises(errors.TaskConflictError) as caught:
        create(
            world, task_name="orders", adopt_existing=adopt, mode="INC", parquet_schema=columns,
            event_time_column={"column": "t", "format": "Unix"},
        )  # fmt: skip
    text = str(caught.value)
    assert "mode: the program has 'INC', the task 'BASE_INC'" in text
    assert "parquet_schema[0].type: the program has 'INT64', the task 'UTF8'" in text
    assert "parquet_schema[1]: the program has None, the task {" in text
    assert "event_time_column: the program has {" in text
    assert len(world.tasks()) == 1


def test_refused_create_is_reported_and_not_repeated(world):
    with pytest.raises(errors.ServiceError, match="OTSObjectNotExist"):
        create(world, table_name="missing")
    assert world.transport.calls == ["CreateDeliveryTask"]


class TestWaiting:
    def test_progress_is_shown(self, slow_world):
        found = create(slow_world)
        assert found.outputs["phase"] != "INIT"
        assert 30 <= slow_world.clock.elapsed < 40
        assert "phase INIT, waiting for initialized (0 s)" in slow_world.row.statuses

    def test_delays_between_polls_grow(self, slow_world):
        create(slow_world)
        assert slow_world.transport.calls.count("DescribeDeliveryTask") < 20

    def test_synchronized_waits_until_all_rows_are_delivered(self, slow_world):
        found = create(slow_world, wait_for="synchronized")
        assert found.outputs["phase"] == "INCR"
        assert found.outputs["synced_until"].endswith("Z")

    def test_timeout_keeps_the_task(self, slow_world):
        with pytest.raises(InitializationError, match="still in phase INIT") as caught:
            create(slow_world, timeout_seconds=10)
        assert slow_world.clock.elapsed <= 10
        found = caught.value.found
        assert found.id == f"inst/orders/{slow_world.tasks()[0]}"
        assert found.outputs["phase"] == "INIT"

    def test_next_update_resumes_the_wait(self, slow_world):
        with pytest.raises(InitializationError) as caught:
            create(slow_world, timeout_seconds=10)
        found = caught.value.found
        updated = slow_world.run().update(
            found.outputs, found.inputs | {"timeout_seconds": 60}, slow_world.row
        )
        assert updated.outputs["phase"] != "INIT"
        assert updated.outputs["request_id"] == found.outputs["request_id"]

    def test_failure_during_the_wait_keeps_the_task(self, world):
        page = RawResponse(403, {}, b"<html>")
        world.transport.break_next["DescribeDeliveryTask"] = [page] * 100
        with pytest.raises(InitializationError, match="not from Tablestore") as caught:
            create(world)
        assert caught.value.found.id == f"inst/orders/{world.tasks()[0]}"

    def test_task_deleted_during_the_wait_is_reported(self, world):
        found = create(world)
        world.run().delete(found.id, found.outputs, world.row)
        state = {**found.outputs, "phase": "INIT"}
        with pytest.raises(InitializationError, match="pulumi up --refresh"):
            world.run().update(state, found.inputs, world.row)

    def test_wait_for_none_returns_at_once(self, world):
        found = create(world)
        state = {**found.outputs, "error_code": "INVALID_OSS_BUCKET"}
        world.transport.calls.clear()
        world.run().update(state, found.inputs | {"wait_for": "none"}, world.row)
        assert world.transport.calls == []

    def test_missing_bucket_fails_with_the_remedy(self, world):
        (world.folder / "oss" / "my-lake").mkdir(parents=True)
        found = create(world)
        (world.folder / "oss" / "my-lake").rmdir()
        state = {**found.outputs, "phase": "INIT"}
        with pytest.raises(InitializationError, match=r"INVALID_OSS_BUCKET.*create it in"):
            world.run().update(state, found.inputs, world.row)


class TestAWaitThatIsCancelled:
    def test_keeps_the_task(self, slow_world):
        run = slow_world.run()
        inputs = run.check({}, bag(), HERE, slow_world.row).inputs
        slow_world.clock.while_sleeping.append(run.cancel)
        with pytest.raises(InitializationError, match="was cancelled in phase INIT") as caught:
            run.create(inputs, slow_world.row)
        assert slow_world.clock.elapsed < 1
        assert caught.value.found.id == f"inst/orders/{slow_world.tasks()[0]}"


class TestPreview:
    def test_of_a_new_task_returns_known_outputs(self, world):
        run = world.run()
        inputs = run.check({}, bag(oss_prefix="a/"), HERE, world.row).inputs
        expected = run.preview({}, inputs, world.row)
        assert expected["task_name"] == inputs["task_name"]
        assert expected["location"] == f"oss://{inputs['oss_bucket']}/a/"
        assert expected["phase"] is UNKNOWN
        assert expected["request_id"] is UNKNOWN
        assert world.tasks() == []

    def test_of_an_update_keeps_unchanged_outputs(self, world):
        run = world.run()
        found = run.create(run.check({}, bag(), HERE, world.row).inputs, world.row)
        expected = run.preview(found.outputs, {**found.inputs, "wait_for": "none"}, world.row)
        assert expected["request_id"] == found.outputs["request_id"]
        assert expected["wait_for"] == "none"

    def test_compares_the_task_with_the_table(self, world):
        run = world.run()
        columns = [{"source": "order_id", "type": "INT64"}]
        inputs = run.check({}, bag(parquet_schema=columns), HERE, world.row).inputs
        with pytest.raises(InvalidInputError, match="does not fit primary key 'order_id'"):
            run.preview({}, inputs, world.row)
