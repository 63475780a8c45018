"""A replacement always ends with a task, with any name and after any interruption."""

import contextlib
from dataclasses import replace
from typing import ClassVar

import pytest
from support.engine_model import URN, CheckError, Killed, Stack
from support.lifecycle_world import HERE, Refusal, bag

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.client.transport import RawResponse
from pulumi_tablestore_delivery.lifecycle import Registry, StateEntries, TaskId
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

QUOTA = Refusal(
    RawResponse(
        403, {}, pb.Error(code="OTSQuotaExhausted", message="Too many tasks.").SerializeToString()
    )
)
ACCEPTED = {"ignore_rules": ["replacement-gap"]}
"""Most tests here replace a task of mode INC under the same name, with the gap that this means."""
EXPLICIT = {"task_name": "orders", **ACCEPTED}
ADOPTED = {**EXPLICIT, "adopt_existing": True}


@pytest.fixture(params=[False, True], ids=["one provider", "two providers"])
def stack(world, request):
    return Stack(world, has_two_providers=request.param)


def test_unchanged_task_keeps_its_name(stack):
    stack.up()
    first = stack.id
    stack.up()
    stack.up(wait_for="none")
    assert stack.id == first
    stack.assert_sound()


@pytest.mark.parametrize("kill", ["", "create", "delete"])
def test_changed_content_gets_another_name(stack, kill):
    stack.up()
    first = stack.id
    with contextlib.suppress(Killed):
        stack.up(mode="INC", kill=kill)
    stack.up(mode="INC")
    assert stack.id != first
    stack.assert_sound()


class TestForcedReplacementOfADerivedName:
    @pytest.mark.parametrize("kill", ["", "create", "delete"])
    @pytest.mark.parametrize("force", ["targeted", "decided"])
    def test_creates_another_name_first(self, stack, force, kill):
        stack.up()
        first = stack.id
        with contextlib.suppress(Killed):
            stack.up(force=force, kill=kill)
        if kill == "create":
            stack.up(force=force)  # the same command again
        stack.up()
        assert stack.id != first
        stack.assert_sound()
        stack.up(force=force)
        stack.assert_sound()

    @pytest.mark.parametrize("force", ["targeted", "decided"])
    def test_deletes_first_if_the_option_says_so(self, stack, force):
        stack.up()
        stack.up(force=force, option=True)
        stack.assert_sound()

    def test_task_is_not_deleted_if_the_state_is_unknown(self, world):
        """As with YAML: the create continues with the task, and the delete is skipped."""
        stack = Stack(world, sees_state=False)
        stack.up()
        first = stack.id
        stack.up(force="targeted")
        assert stack.id == first
        assert "this stack continues with it" in world.row.warnings[-1]
        stack.assert_sound()

    @pytest.mark.parametrize("sees_state", [True, False])
    def test_replacement_by_a_change_works_if_the_state_is_unknown(self, world, sees_state):
        stack = Stack(world, sees_state=sees_state, has_two_providers=True)
        stack.up()
        stack.up(force="decided")
        stack.assert_sound()


class TestExplicitName:
    @pytest.mark.parametrize("given", [EXPLICIT, ADOPTED], ids=["explicit", "adopted"])
    @pytest.mark.parametrize("force", ["", "targeted", "decided"])
    def test_replacement_deletes_first(self, stack, given, force):
        stack.up(**given)
        stack.up(**given, mode="INC", force=force)
        assert stack.id == "inst/orders/orders"
        stack.assert_sound()

    @pytest.mark.parametrize("given", [EXPLICIT, ADOPTED], ids=["explicit", "adopted"])
    @pytest.mark.parametrize("force", ["", "decided", "targeted"])
    @pytest.mark.parametrize("fault", [QUOTA, "lost request", "lost answer"])
    def test_next_up_repairs_a_create_that_failed_after_the_delete(
        self, stack, given, force, fault
    ):
        world, refresh = stack.world, force == "decided"
        stack.up(**given)
        changes = {**given, "mode": "INC"} if force != "decided" else given
        times = 1 if fault is QUOTA else 3
        world.transport.break_next["CreateDeliveryTask"] = [fault] * times
        with contextlib.suppress(errors.DeliveryError):
            stack.up(**changes, force=force)
        world.transport.break_next.clear()
        stack.up(**changes, refresh=refresh)
        stack.assert_sound()
        stack.destroy()
        assert world.tasks() == []

    @pytest.mark.parametrize("given", [EXPLICIT, ADOPTED], ids=["explicit", "adopted"])
    @pytest.mark.parametrize("force", ["", "targeted", "decided"])
    def test_next_up_finds_the_task_of_a_run_killed_after_the_create(self, stack, given, force):
        stack.up(**given)
        changes = given if force else {**given, "mode": "INC"}
        with pytest.raises(Killed):
            stack.up(**changes, kill="create", force=force)
        stack.up(**changes)
        stack.assert_sound()

    def test_create_first_is_refused_at_check(self, stack):
        stack.up(**EXPLICIT)
        for changes in ({"mode": "INC"}, {"force": "targeted"}, {"force": "decided"}):
            with pytest.raises(CheckError, match="delete_before_replace=False"):
                stack.up(**EXPLICIT, option=False, **changes)
            stack.assert_sound()
        stack.up(**EXPLICIT, option=False)
        stack.assert_sound()

    def test_retain_on_delete_is_refused_at_check(self, stack):
        stack.up(**EXPLICIT)
        with pytest.raises(CheckError, match="retain_on_delete=True"):
            stack.up(**EXPLICIT, retain=True, mode="INC")
        stack.up(**EXPLICIT, retain=True)
        stack.assert_sound()

    @pytest.mark.parametrize("given", [EXPLICIT, ADOPTED], ids=["explicit", "adopted"])
    def test_create_first_by_a_transformation_does_not_delete_the_task(self, world, given):
        """A transformation sets the option after the constructor has run."""
        stack = Stack(world, sees_state=False)
        stack.up(**given)
        with contextlib.suppress(errors.TaskConflictError, CheckError):
            stack.up(**given, force="targeted", option=False)
        assert world.tasks() == ["orders"]
        stack.up(**given)
        stack.assert_sound()

    def test_task_that_another_stack_created_again_is_not_replaced(self, stack, world):
        stack.up(**EXPLICIT)
        create_anew(world, "orders", mode="BASE")
        with pytest.raises(errors.TaskConflictError, match="pulumi up --refresh"):
            stack.up(**EXPLICIT, mode="INC")
        stack.up(**EXPLICIT, mode="INC", refresh=True)
        stack.assert_sound()

    def test_task_that_another_stack_created_again_is_not_deleted(self, stack, world):
        stack.up(**EXPLICIT)
        create_anew(world, "orders", mode="BASE")
        stack.destroy()
        assert world.tasks() == ["orders"]
        assert "mode: 'BASE_INC' -> 'BASE'" in world.row.warnings[-1]
        assert "is not deleted" in world.row.warnings[-1]


def test_foreign_task_is_not_replaced_for_an_unconfirmed_one(world):
    """Our create never arrived, another stack created the task, and our program changed to it."""
    stack = Stack(world)
    world.transport.break_next["CreateDeliveryTask"] = ["lost request"] * 3
    with contextlib.suppress(errors.DeliveryError):
        stack.up(**EXPLICIT)
    run = world.run(Registry())
    run.create(run.check({}, bag(**EXPLICIT, mode="INC"), HERE, world.row).inputs, world.row)
    with pytest.raises(errors.TaskConflictError, match="our create did not make") as caught:
        stack.up(**EXPLICIT, mode="INC")
    assert "adopt_existing=True and run `pulumi up --refresh`" in str(caught.value)
    adopting = Stack(world, entry=replace(stack.entry))
    stack.destroy()
    assert world.tasks() == ["orders"]
    adopting.up(**ADOPTED, mode="INC", refresh=True)  # what the message names
    adopting.assert_sound()


class TestOptionsThatATransformationMayChange:
    """Transformations run after the program has read the options, so nobody knows the real ones."""

    @pytest.fixture
    def stack(self, world):
        stack = Stack(world)
        stack.up(**EXPLICIT)
        stack.here = replace(HERE, may_be_transformed=True)
        world.row.warnings.clear()
        return stack

    @pytest.mark.parametrize("options", [{"option": False}, {"retain": True}])
    def test_impossible_replacement_is_a_warning(self, stack, world, options):
        with pytest.raises(errors.TaskConflictError, match="a task of this name exists"):
            stack.up(**EXPLICIT, **options, mode="INC")
        (warning,) = world.row.warnings
        assert "is replaced under the same name" in warning
        assert "unless a transformation changes that option" in warning
        assert world.tasks() == ["orders"]

    def test_replacement_goes_on_if_the_real_options_allow_it(self, stack, world):
        """The program says create first, and the transformation delete first."""
        here = replace(HERE, may_be_transformed=True, delete_before_replace=False)
        run = world.run(Registry())
        given = bag(**EXPLICIT, mode="INC")
        checked = run.check(stack.entry.inputs, given, here, world.row)
        assert checked.violations == []

    @pytest.mark.parametrize("force", ["targeted", "decided"])
    def test_own_live_task_is_not_taken_for_that_of_an_interrupted_run(self, stack, world, force):
        """The transformation sets `delete_before_replace=False`."""
        stack.up(**EXPLICIT)  # the program does not set the option
        run = world.run(Registry())
        here = replace(
            stack.here, urn=URN, knows_options=True,
            entries=StateEntries({URN: TaskId.parse(stack.id)}),
        )  # fmt: skip
        if force == "decided":
            run.check(stack.entry.inputs, bag(**EXPLICIT), here, world.row)
        inputs = run.check({}, bag(**EXPLICIT), here, world.row).inputs
        with pytest.raises(errors.TaskConflictError, match="delete_before_replace=True"):
            run.create(inputs, world.row, None, here.scope)
        stack.assert_sound()


class TestStateThatThisVersionCannotRead:
    """A check with old inputs of which nobody knows what a change means."""

    OLDS: ClassVar = {**bag(task_name="orders"), "instance_name": "inst", "wait_for": 7}

    def check(self, world, **options):
        here = replace(
            HERE, preview=True, urn=URN, knows_options=True,
            entries=StateEntries({URN: TaskId("inst", "orders", "orders")}), **options,
        )  # fmt: skip
        return world.run(Registry()).check(self.OLDS, bag(**EXPLICIT), here, world.row)

    def test_is_not_called_a_replacement(self, world):
        assert self.check(world).violations == []
        assert world.row.warnings == []

    @pytest.mark.parametrize(
        "option", [{"retain_on_delete": True}, {"delete_before_replace": False}]
    )
    def test_is_not_refused_as_a_replacement(self, world, option):
        assert self.check(world, **option).violations == []

    def test_diff_says_that_the_state_cannot_be_read(self, world):
        run = world.run(Registry())
        with pytest.raises(errors.ConfigurationError) as caught:
            run.diff(self.OLDS, {**self.OLDS, "wait_for": "none"}, world.row, HERE.scope)
        assert "wait_for: 7 is not a string" in str(caught.value)
        assert "Run `pulumi refresh`" in str(caught.value)

    @pytest.mark.parametrize(
        "unreadable",
        [
            {"wait_for": 7},
            {"event_time_column": "later"},
            {"parquet_schema": [{**column, "color": "red"} for column in bag()["parquet_schema"]]},
        ],
        ids=lambda unreadable: next(iter(unreadable)),
    )
    def test_is_repaired_by_a_refresh(self, world, unreadable):
        """A refresh reads the task. Then it asks diff with the state's inputs as the new ones."""
        run = world.run(Registry())
        given = bag(**EXPLICIT)
        found = run.create(run.check({}, given, HERE, world.row).inputs, world.row)
        run = world.run(Registry())
        read = run.read(found.id, {**found.outputs, **unreadable})
        shown = run.diff(read.outputs, {**found.inputs, **unreadable}, world.row, HERE.scope)
        assert {item.input_name for item in shown.differences} == set(unreadable)
        inputs = run.check(read.inputs, given, HERE, world.row).inputs
        assert run.diff(read.outputs, inputs, world.row, HERE.scope).differences == []


class TestTaskOfAnotherEntry:
    HELD: ClassVar = {"other": TaskId("inst", "orders", "orders")}

    def test_is_refused_with_the_remedy(self, world):
        first = Stack(world)
        first.up(**ADOPTED)
        second = Stack(world, others={"urn:pulumi:dev::shop::t::a": self.HELD["other"]})
        with pytest.raises(CheckError, match=r"Alias\(name='a'\).*pulumi state rename"):
            second.up(**ADOPTED)
        first.assert_sound()

    def test_of_a_component_is_kept_by_an_alias_of_its_urn(self, world):
        Stack(world).up(**ADOPTED)
        urn = "urn:pulumi:dev::shop::c$t::a"
        second = Stack(world, others={urn: self.HELD["other"]})
        with pytest.raises(CheckError) as error:
            second.up(**ADOPTED)
        assert f"aliases=[{urn!r}] in its options. Otherwise" in str(error.value)

    def test_is_kept_by_an_alias(self, world):
        first = Stack(world)
        first.up(**EXPLICIT)
        entry = replace(first.entry)
        second = Stack(world, entry=entry, others=self.HELD)
        second._entries = lambda: StateEntries(self.HELD)  # the state has the old URN only
        second.up(**EXPLICIT)
        second.up(**EXPLICIT, mode="INC")
        second.assert_sound()


def test_drifted_task_is_replaced_under_another_name(stack, world):
    stack.up()
    first, name = stack.id, stack.entry.outputs["task_name"]
    create_anew(world, name, mode="INC")
    stack.up(refresh=True)
    assert stack.id != first
    assert stack.entry.outputs["mode"] == "BASE_INC"
    stack.assert_sound()


def create_anew(world, name, **changes):
    """Somebody else deletes a task and creates another one with the same name."""
    run = world.run(Registry())
    run.delete(f"inst/orders/{name}", {}, world.row)
    inputs = run.check({}, bag(task_name=name, **changes), HERE, world.row).inputs
    run.create(inputs, world.row)


def test_policy_that_rewrites_inputs_does_not_replace_each_time(world):
    """The engine checks the program's inputs; what a policy makes of them is diffed."""
    run = world.run()
    first = {**run.check({}, bag(), HERE, world.row).inputs, "oss_prefix": "policy/"}
    for _ in range(3):
        run = world.run()
        checked = {**run.check(first, bag(), HERE, world.row).inputs, "oss_prefix": "policy/"}
        assert run.diff(first, checked, world.row, HERE.scope).differences == []
        first = checked


def test_name_is_kept_by_an_alias(world):
    run = world.run()
    first = run.check({}, bag(), HERE, world.row).inputs
    elsewhere = HERE.__class__(HERE.scope.__class__("shop", "dev", "Lake", "sales"), preview=False)
    second = world.run().check(first, bag(), elsewhere, world.row).inputs
    assert second["task_name"] == first["task_name"]


def test_name_of_another_entry_is_not_derived_again(world):
    """A resource was renamed by an alias and kept the name; a new one takes its place."""
    name = world.run().check({}, bag(), HERE, world.row).inputs["task_name"]
    here = replace(HERE, urn="new", entries=StateEntries({"old": TaskId("inst", "orders", name)}))
    assert world.run().check({}, bag(), here, world.row).inputs["task_name"] != name


def test_second_entry_of_a_kept_task_is_removed_without_a_delete(world):
    """An interrupted forced replacement of an earlier release left the task twice."""
    stack = Stack(world)
    stack.up(**EXPLICIT)
    stack.to_delete.append(replace(stack.entry))
    stack.up(**EXPLICIT)
    assert world.tasks() == ["orders"]
    assert "continues with it" in world.row.warnings[-1]


class TestCost:
    def test_names_the_change_but_not_the_derived_name(self, world):
        preview = replace(HERE, preview=True)
        first = world.run().check({}, bag(), HERE, world.row).inputs
        run = world.run()
        second = run.check(first, bag(mode="INC"), preview, world.row).inputs
        run.diff(first, second, world.row, HERE.scope)
        assert world.row.warnings[-1].startswith(
            "mode changed, and the service cannot change a task"
        )
        unknown = run.check(first, bag(mode="INC", oss_bucket=UNKNOWN), preview, world.row).inputs
        run.diff(first, unknown, world.row, HERE.scope)
        assert world.row.warnings[-1].startswith("mode, oss_bucket changed")

    def test_is_reported_once_and_only_by_a_preview(self, world):
        run = world.run()
        found = run.create(run.check({}, bag(), HERE, world.row).inputs, world.row)
        world.row.warnings.clear()
        run = world.run()
        news = run.check(found.inputs, bag(mode="INC"), HERE, world.row).inputs
        diff = run.diff(found.outputs, news, world.row, HERE.scope)
        assert diff.cost.startswith("mode changed")
        assert world.row.warnings == []
        news = run.check(found.inputs, bag(timeout_seconds=5), HERE, world.row).inputs
        assert run.diff(found.outputs, news, world.row, HERE.scope).cost == ""

    @pytest.mark.parametrize(
        ("given", "option", "order"),
        [
            ({}, None, "the new task is created before the old one is deleted"),
            ({}, True, "the old task is deleted first"),
            (EXPLICIT, None, "the old task is deleted first"),
        ],
    )
    @pytest.mark.parametrize("force", ["targeted", "decided"])
    def test_of_a_forced_replacement_names_the_real_order(self, world, given, option, order, force):
        stack = Stack(world, here=replace(HERE, preview=True))
        stack.up(**given)
        world.row.warnings.clear()
        stack.up(**given, force=force, option=option)
        (cost,) = [text for text in world.row.warnings if "replaced because Pulumi" in text]
        assert order in cost
        is_open = force == "targeted" and not given and option is None
        assert ("or after it if" in cost) is is_open  # another resource may be the cause
        assert "BASE_INC scans the whole table" in cost

    @pytest.mark.parametrize(("force", "is_open"), [("targeted", True), ("decided", False)])
    def test_names_both_orders_if_neither_options_nor_diff_tell(self, world, force, is_open):
        """Diff answers that a task of the same name is deleted first; --replace asks no diff."""
        stack = Stack(world, here=replace(HERE, preview=True))
        stack.up(**EXPLICIT)
        world.row.warnings.clear()
        here = replace(stack.here, urn=URN, entries=StateEntries({URN: TaskId.parse(stack.id)}))
        run = world.run(Registry())
        if force == "decided":
            run.check(stack.entry.inputs, bag(**EXPLICIT), here, world.row)
        run.check({}, bag(**EXPLICIT), here, world.row)
        (cost,) = [text for text in world.row.warnings if "replaced because Pulumi" in text]
        assert ("or after it if" in cost) is is_open
        assert ("the old task is deleted first, once" in cost) is not is_open

    @pytest.mark.parametrize("other", [{"table_name": "clicks"}, {"instance_name": "far"}])
    def test_of_another_tables_changes_does_not_speak_of_rows_delivered_twice(self, world, other):
        run = world.run()
        found = run.create(run.check({}, bag(mode="INC"), HERE, world.row).inputs, world.row)
        news = run.check(found.inputs, bag(mode="INC", **other), HERE, world.row).inputs
        cost = run.diff(found.outputs, news, world.row, HERE.scope).cost
        assert "twice" not in cost
        assert "written to the other table after the new task starts." in cost
        assert "see rows of both tables" in cost

    def test_of_a_table_that_is_not_known_yet_speaks_of_rows_delivered_twice(self, world):
        run = world.run()
        found = run.create(run.check({}, bag(mode="INC"), HERE, world.row).inputs, world.row)
        given = bag(mode="INC", table_name=UNKNOWN, role_arn=f"{bag()['role_arn']}2")
        news = run.check(found.inputs, given, HERE, world.row).inputs
        cost = run.diff(found.outputs, news, world.row, HERE.scope).cost
        assert "delivered twice" in cost

    def test_names_both_orders_if_the_option_is_unknown(self, world):
        run = world.run()
        found = run.create(run.check({}, bag(), HERE, world.row).inputs, world.row)
        run = world.run()
        news = run.check(found.inputs, bag(mode="INC"), HERE, world.row).inputs
        cost = run.diff(found.outputs, news, world.row, HERE.scope).cost
        assert "created before the old one is deleted, or after it" in cost
