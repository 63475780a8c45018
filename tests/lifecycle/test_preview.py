"""A preview reads rows and existing tasks, and neither blocks nor delays unchanged tasks."""

import dataclasses
import threading
import time
from collections import Counter

import pytest
from support.engine_model import CheckError, Killed, Stack
from support.lifecycle_world import HERE, Refusal, bag

from pulumi_tablestore_delivery.client.transport import NoAnswerError, NotSentError, RawResponse
from pulumi_tablestore_delivery.errors import InvalidInputError
from pulumi_tablestore_delivery.lifecycle import Registry, StateEntries, TaskId, lookups
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

SEEING = dataclasses.replace(HERE, urn="own", entries=StateEntries({}), knows_options=True)
PREVIEW = dataclasses.replace(SEEING, preview=True)
NO_ENTRIES = dataclasses.replace(HERE, urn="own", preview=True)
INT64 = {
    "parquet_schema": [
        {"source": "order_id", "type": "UTF8"},
        {"source": "amount", "type": "INT64"},
    ]
}
SECRET_VALUE = 1234.5678


def denied(code="OTSNoPermissionAccess", status=403):
    error = pb.Error(code=code, message="You have no permission.")
    return Refusal(RawResponse(status, {}, error.SerializeToString()))


def preview(world, declaration=PREVIEW, olds=None, run=None, **changes):
    run = run or world.run()
    return run.check(olds or {}, bag(**changes), declaration, world.row)


def rules(checked):
    return [item.rule for item in checked.violations]


class TestRows:
    def test_type_that_no_row_has_is_an_error(self, world):
        world.put_rows(*[{"amount": SECRET_VALUE}] * 50)
        checked = preview(world, **INT64)
        assert rules(checked) == ["sampled-type"]
        (violation,) = checked.violations
        assert "all 50 sampled values of 'amount' would be dropped" in violation.problem
        assert str(SECRET_VALUE) not in str(violation)

    def test_good_program_is_quiet(self, world):
        world.put_rows(*[{"amount": 1.5}] * 50)
        checked = preview(world)
        assert (checked.violations, world.row.warnings, world.row.infos) == ([], [], [])
        assert sorted(world.transport.calls) == ["DescribeTable", "GetRange", "ListDeliveryTask"]

    def test_rows_at_both_ends_are_read(self, world):
        world.put_rows(*[{"amount": 1.5}] * 150, *[{"amount": 7}] * 40)
        checked = preview(world)
        assert checked.violations == []
        assert "40 of 190 sampled values of 'amount'" in world.row.warnings[0]
        assert world.transport.calls.count("GetRange") == 2
        world.put_rows(*[{"amount": 1.5}] * 300)
        world.row.warnings.clear()
        preview(world, TABLESTORE_SAMPLE_ROWS="100")
        assert world.row.warnings == []

    def test_near_name_comes_from_whole_rows_that_are_read_once(self, world):
        world.put_rows(*[{"amuont": 1.5}] * 50)
        run = world.run()
        for _ in range(3):
            assert preview(world, run=run).violations == []
        assert "Did you mean 'amuont'?" in world.row.warnings[0]
        assert world.transport.calls.count("GetRange") == 2

    def test_table_with_many_columns_is_sampled(self, world):
        world.put_rows(*[{f"c{number}": number for number in range(200)}] * 6)
        columns = [{"source": f"c{number}", "type": "DOUBLE"} for number in range(200)]
        checked = preview(world, parquet_schema=columns)
        assert rules(checked) == ["sampled-type"] * 200

    def test_whole_rows_are_not_read_twice(self, world):
        world.put_rows(*[{f"c{number}": 1.5 for number in range(200)} | {"amuont": 1.5}] * 6)
        names = [*(f"c{number}" for number in range(199)), "amount"]
        columns = [{"source": name, "type": "DOUBLE"} for name in names]
        assert preview(world, parquet_schema=columns).violations == []
        assert any("Did you mean 'amuont'?" in text for text in world.row.warnings)
        assert world.transport.calls.count("GetRange") == 1

    def test_event_times_are_parsed(self, world):
        event = {"event_time_column": {"column": "at", "format": "RFC3339"}}
        world.put_rows(*[{"amount": 1.5, "at": "Thu, 01 Jan 2026 00:00:00 GMT"}] * 6)
        checked = preview(world, **event)
        assert rules(checked) == ["sampled-event-time"]
        assert "6 of them are in the format 'RFC1123'" in checked.violations[0].problem

    def test_other_task_of_the_table_uses_the_first_sample(self, world):
        """A column that was not sampled is not checked."""
        world.put_rows(*[{"amount": 1.5, "note": 7}] * 6)
        run = world.run()
        preview(world, run=run)
        scope = dataclasses.replace(HERE.scope, resource="notes")
        notes = dataclasses.replace(PREVIEW, scope=scope, urn="notes")
        columns = [{"source": "note", "type": "UTF8"}, {"source": "amount", "type": "INT64"}]
        checked = preview(world, notes, run=run, oss_prefix="notes/", parquet_schema=columns)
        assert [item.path for item in checked.violations] == ["parquet_schema[1].type"]

    @pytest.mark.parametrize("first", ["orders", "else"], ids=["same table", "other table"])
    @pytest.mark.parametrize("is_first_new", [True, False], ids=["new", "unchanged"])
    def test_of_one_table_are_sampled_for_all_new_tasks(self, world, first, is_first_new):
        """The first resource's declaration has the columns of all new tasks, whatever it wants."""
        world.make_table("else")
        world.put_rows(*[{"amount": 1.5, "note": 7}] * 6)
        one = {"table_name": first, "oss_prefix": "one/"}
        olds = {}
        if not is_first_new:
            stack = Stack(world)
            stack.up(**one)
            olds = stack.entry.inputs
        columns = {"orders": ("order_id", "amount", "note"), "else": ("order_id", "amount")}
        declaration = dataclasses.replace(PREVIEW, tables=tuple(columns), columns=columns)
        run = world.run()
        assert preview(world, declaration, run=run, olds=olds, **one).violations == []
        scope = dataclasses.replace(HERE.scope, resource="notes")
        notes = dataclasses.replace(PREVIEW, scope=scope, urn="notes")
        schema = [{"source": "note", "type": "UTF8"}]
        two = {"oss_prefix": "notes/", "parquet_schema": schema}
        early = dataclasses.replace(HERE.scope, resource="early")  # reads no column of its own
        early = dataclasses.replace(PREVIEW, scope=early, urn="early")
        preview(world, early, run=run, oss_prefix="early/")
        assert rules(preview(world, notes, run=run, **two)) == ["sampled-type"]
        assert world.transport.calls.count("GetRange") <= 2

    def test_zero_switches_sampling_off_before_any_call(self, world):
        world.put_rows(*[{"amount": 1.5}] * 50)
        run = world.run(TABLESTORE_SAMPLE_ROWS="0")
        assert run.check({}, bag(**INT64), PREVIEW, world.row).violations == []
        assert "GetRange" not in world.transport.calls

    @pytest.mark.parametrize("setting", ["-1", "many", "5001", "1e3", "٣"])
    def test_setting_that_is_not_a_number_of_rows_is_an_error(self, world, setting):
        run = world.run(TABLESTORE_SAMPLE_ROWS=setting)
        (violation,) = run.check({}, bag(), HERE, world.row).violations
        assert f"TABLESTORE_SAMPLE_ROWS: {setting!r} is not a number of rows" in violation.message

    def test_unchanged_task_sends_no_lookup(self, world):
        stack = Stack(world)
        stack.up(**INT64)
        world.put_rows(*[{"amount": 1.5}] * 50)
        olds = stack.entry.inputs
        assert preview(world, olds=olds, **INT64).violations == []
        assert preview(world, olds=olds, **INT64, wait_for="none").violations == []
        assert world.transport.calls == []

    def test_replaced_task_sends_lookups(self, world):
        stack = Stack(world)
        stack.up(**INT64)
        world.put_rows(*[{"amount": 1.5}] * 50)
        checked = preview(world, olds=stack.entry.inputs, **INT64, oss_prefix="else/")
        assert rules(checked) == ["sampled-type"]

    def test_violation_is_a_warning_while_a_replacement_depends_on_an_unknown_value(self, world):
        stack = Stack(world)
        stack.up(**INT64)
        world.put_rows(*[{"amount": 1.5}] * 50)
        changes = {**INT64, "role_arn": UNKNOWN}
        run = world.run()
        for olds in (stack.entry.inputs, {}):
            assert preview(world, run=run, olds=olds, **changes).violations == []
            assert "all 50 sampled values" in world.row.warnings[0]
            world.row.warnings.clear()


class TestFailedLookup:
    @pytest.mark.parametrize(
        ("operation", "says"),
        [
            ("GetRange", "The right ots:GetRange is missing, so rows are not compared"),
            ("ListDeliveryTask", "The right ots:ListDeliveryTask is missing, so names and"),
            ("DescribeDeliveryTask", "The right ots:DescribeDeliveryTask is missing, so existing"),
        ],
    )
    def test_missing_right_is_one_warning_per_run(self, world, operation, says):
        world.make_task("by-hand", oss_prefix="else/")
        world.put_rows(*[{"amount": 1.5}] * 50)
        world.transport.break_next[operation] = [denied()] * 100
        run = world.run()
        for _ in range(2):
            assert preview(world, run=run).violations == []
        (warning,) = world.row.warnings
        assert warning.startswith(says)
        assert "tablestore-delivery policy deployer" in warning

    @pytest.mark.parametrize("trouble", ["lost request", RawResponse(200, {}, b"hello")])
    @pytest.mark.parametrize("operation", ["GetRange", "ListDeliveryTask"])
    def test_failure_is_one_warning_per_run(self, world, operation, trouble):
        world.transport.break_next[operation] = [trouble] * 100
        run = world.run()
        for _ in range(2):
            assert preview(world, run=run).violations == []
        (warning,) = world.row.warnings
        assert warning.startswith(f"{operation} failed, so ")

    def test_unreadable_rows_are_only_a_warning(self, world):
        """The service's own answer, signed, with bytes that are not rows."""
        original = world.transport.service.answer
        world.transport.service.answer = lambda *a: unreadable(original(*a), a[1])
        assert preview(world).violations == []
        (warning,) = world.row.warnings
        assert "GetRange failed" in warning

    @pytest.mark.parametrize(
        "trouble",
        [denied(), denied("OTSQuotaExhausted", 429), "lost request", RawResponse(503, {}, b"")],
        ids=["no right", "quota", "reset", "gateway"],
    )
    def test_failed_table_lookup_is_one_warning_and_other_lookups_continue(self, world, trouble):
        world.make_task("by-hand", oss_prefix="else/")
        world.transport.break_next["DescribeTable"] = [trouble] * 100
        run = world.run()
        assert preview(world, run=run).violations == []
        assert rules(preview(world, run=run, task_name="by-hand")) == ["task-exists"]
        assert preview(world, run=run, oss_prefix="else/").violations == []
        trouble, folder = world.row.warnings
        assert "the table could not be read" in trouble
        assert "[rule folder-shared, " in folder
        assert "GetRange" not in world.transport.calls

    @pytest.mark.parametrize(
        "trouble",
        [
            denied("OTSAuthFailed"),
            denied("OTSObjectNotExist", 404),
            RawResponse(404, {}, b"<html>"),
            NotSentError("refused"),
        ],
        ids=["keys", "no table", "not the service", "no service"],
    )
    def test_failure_that_all_lookups_share_sends_no_other_call(self, world, trouble):
        original = world.transport.post

        def post(url, *rest):
            if isinstance(trouble, NotSentError):
                world.transport.calls.append(url.rsplit("/", 1)[1])
                raise trouble
            return original(url, *rest)

        world.transport.post = post
        world.transport.break_next["DescribeTable"] = [trouble] * 100
        preview(world)
        assert set(world.transport.calls) <= {"DescribeTable", "ListTable"}

    def test_lookup_timeout_is_one_warning(self, world):
        original = world.transport.post

        def post(url, *rest):
            if url.endswith("/GetRange"):
                world.clock.sleep(lookups.LOOKUP_SECONDS)
                raise NoAnswerError("timed out")
            return original(url, *rest)

        world.transport.post = post
        run = world.run()
        for _ in range(3):
            assert preview(world, run=run).violations == []
        (warning,) = world.row.warnings
        assert warning.startswith("The service is slow: this run has waited")
        assert "timed out" not in warning

    def test_slow_service_delays_a_run_by_one_budget(self, world, monkeypatch):
        monkeypatch.setattr(lookups, "LOOKUP_SECONDS", 0.5)
        for name in ("a", "b", "c"):
            world.make_table(name)
        held = threading.Event()
        slow = {"GetRange", "ListDeliveryTask"}
        original = world.transport.post

        def post(url, *rest):
            if url.rsplit("/", 1)[1] in slow:
                held.wait(20)
            return original(url, *rest)

        world.transport.post = post
        run = world.run()
        started = time.monotonic()
        for name in ("orders", "a", "b", "c"):
            scope = dataclasses.replace(HERE.scope, resource=name)
            declaration = dataclasses.replace(PREVIEW, scope=scope, urn=name)
            checked = preview(world, declaration, run=run, table_name=name, oss_prefix=f"{name}/")
            assert checked.violations == []
        assert time.monotonic() - started < 3
        held.set()
        (warning,) = world.row.warnings
        assert warning.startswith("The service is slow: this run has waited")


def unreadable(answer, path):
    if path == "/GetRange" and answer.status == 200:
        answer = dataclasses.replace(answer, body=b"\x0a\x04\x0a\x02\x08\x01\x12\x02ab")
    return answer


class TestManyTables:
    def names(self, world, count=20):
        names = [f"t{number}" for number in range(count)]
        for name in names:
            world.make_table(name)
        return names

    def test_first_check_starts_the_lookups_of_all_tables(self, world):
        names = self.names(world)
        together = threading.Barrier(16)
        original = world.transport.post

        def post(*arguments):
            if arguments[0].endswith("DescribeTable"):
                together.wait(10)  # broken unless 16 calls are under way
            return original(*arguments)

        world.transport.post = post
        columns = dict.fromkeys(names, ("order_id", "amount"))
        run = world.run()
        declaration = dataclasses.replace(PREVIEW, tables=tuple(names[:16]), columns=columns)
        assert preview(world, declaration, run=run, table_name=names[0]).violations == []
        world.transport.post = original
        for name in names[:16]:
            scope = dataclasses.replace(HERE.scope, resource=name)
            own = dataclasses.replace(declaration, scope=scope, urn=name)
            checked = preview(world, own, run=run, table_name=name, oss_prefix=f"{name}/")
            assert checked.violations == []
        counts = Counter(world.transport.calls)
        assert counts == {"DescribeTable": 16, "GetRange": 16, "ListDeliveryTask": 16}

    def test_table_whose_columns_are_not_known_is_sampled_by_its_own_check(self, world):
        names = self.names(world, 2)
        world.put_rows(*[{"amount": 1.5}] * 9, table=names[1])
        declaration = dataclasses.replace(PREVIEW, tables=tuple(names))
        run = world.run()
        preview(world, declaration, run=run, table_name=names[0])
        scope = dataclasses.replace(HERE.scope, resource="b")
        own = dataclasses.replace(declaration, scope=scope, urn="b")
        checked = preview(world, own, run=run, table_name=names[1], oss_prefix="b/", **INT64)
        assert rules(checked) == ["sampled-type"]

    def test_run_without_a_change_makes_no_call(self, world):
        stack = Stack(world)
        stack.up()
        world.transport.calls.clear()
        declaration = dataclasses.replace(PREVIEW, tables=("orders", "else"))
        assert preview(world, declaration, olds=stack.entry.inputs).violations == []
        assert world.transport.calls == []

    def test_tables_without_a_default_instance_are_not_looked_up(self, world):
        declaration = dataclasses.replace(PREVIEW, tables=("orders", "else"))
        run = world.run(TABLESTORE_INSTANCE="")
        checked = run.check({}, bag(instance_name="inst"), declaration, world.row)
        assert checked.violations == []


class TestTakenName:
    def test_is_an_error(self, world):
        world.make_task("by-hand", oss_prefix="else/")
        (violation,) = preview(world, task_name="by-hand").violations
        assert (violation.rule, violation.path) == ("task-exists", "task_name")
        assert "inst/orders/by-hand exists already" in violation.message
        assert "adopt_existing=True" in violation.message

    def test_cannot_be_ignored(self, world):
        checked = preview(world, task_name="by-hand", ignore_rules=["task-exists"])
        assert rules(checked) == ["ignore-rules"]

    def test_is_not_checked_in_an_update(self, world):
        world.make_task("by-hand", oss_prefix="else/")
        assert preview(world, SEEING, task_name="by-hand").violations == []
        assert world.transport.calls == []

    def test_is_an_error_if_a_task_is_renamed_to_it(self, world):
        stack = Stack(world)
        stack.up(task_name="mine")
        world.make_task("by-hand", oss_prefix="else/")
        for declaration in (
            dataclasses.replace(
                PREVIEW, entries=StateEntries({"own": TaskId("inst", "orders", "mine")})
            ),
            NO_ENTRIES,
        ):
            olds = stack.entry.inputs
            checked = preview(world, declaration, olds=olds, task_name="by-hand")
            assert rules(checked) == ["task-exists"]

    @pytest.mark.parametrize("changes", [{}, {"mode": "BASE"}], ids=["same", "changed"])
    def test_of_the_resources_own_entry_is_allowed(self, world, changes):
        """`--replace` and `pulumi state taint`: check gets no old inputs."""
        stack = Stack(world)
        stack.up(task_name="mine")
        own = dataclasses.replace(
            PREVIEW,
            entries=StateEntries({"own": TaskId("inst", "orders", "mine")}),
            delete_before_replace=True,
        )
        assert preview(world, own, task_name="mine", **changes).violations == []

    @pytest.mark.parametrize("declaration", [PREVIEW, NO_ENTRIES])
    def test_of_the_old_inputs_is_allowed(self, world, declaration):
        """`replace_on_changes`, triggers, cascades, another provider: check runs twice."""
        stack = Stack(world)
        stack.up(task_name="mine")
        run = world.run()
        for olds in (stack.entry.inputs, {}):
            checked = preview(world, declaration, run=run, olds=olds, task_name="mine")
            assert checked.violations == []

    def test_that_is_derived_is_allowed(self, world):
        Stack(world).up()
        assert preview(world).violations == []

    def test_is_a_warning_if_the_entry_is_unknown_and_the_content_is_equal(self, world):
        """YAML with `--replace`: the task may be this resource's own."""
        Stack(world).up(task_name="mine")
        assert preview(world, NO_ENTRIES, task_name="mine").violations == []
        (warning,) = world.row.warnings
        assert "the task inst/orders/mine exists already" in warning
        checked = preview(world, NO_ENTRIES, task_name="mine", mode="BASE")
        assert rules(checked) == ["task-exists"]
        assert "run without --replace" in checked.violations[0].message


class TestAdoption:
    def test_is_reported_as_an_adoption(self, world):
        world.make_task("by-hand")
        checked = preview(world, task_name="by-hand", adopt_existing=True)
        assert (checked.violations, world.row.warnings) == ([], [])
        (line,) = world.row.infos
        assert "inst/orders/by-hand" in line
        assert "it is adopted, and nothing is sent" in line

    def test_lists_each_difference_as_an_error(self, world):
        world.make_task("by-hand", mode="INC", oss_prefix="else/")
        checked = preview(world, task_name="by-hand", adopt_existing=True)
        assert [(item.rule, item.path) for item in checked.violations] == [
            ("task-exists", "mode"),
            ("task-exists", "oss_prefix"),
        ]
        assert "has 'INC'" in checked.violations[0].message
        assert world.row.infos == []

    def test_skips_unknown_values(self, world):
        world.make_task("by-hand")
        changes = {"task_name": "by-hand", "adopt_existing": True, "role_arn": UNKNOWN}
        assert preview(world, **changes).violations == []
        assert preview(world, task_name="by-hand", adopt_existing=UNKNOWN).violations == []

    def test_of_a_missing_task_is_not_reported(self, world):
        checked = preview(world, task_name="by-hand", adopt_existing=True)
        assert (checked.violations, world.row.infos) == ([], [])
        assert "DescribeDeliveryTask" not in world.transport.calls


class TestFolders:
    def test_of_a_task_outside_the_stack_is_a_warning_with_its_name(self, world):
        world.make_task("by-hand", oss_prefix="orders/")
        assert preview(world).violations == []
        (warning,) = world.row.warnings
        assert "is inside 'orders/', where the task inst/orders/by-hand writes" in warning
        assert "folder-shared" in warning

    def test_of_other_buckets_and_ignored_rules_are_not_reported(self, world):
        world.make_task("by-hand", oss_prefix="else/")
        world.make_task("in-another", oss_bucket="my-other-lake")
        preview(world)
        assert world.row.warnings == []
        world.make_task("here")
        preview(world, ignore_rules=["folder-shared"])
        assert world.row.warnings == []

    def test_of_the_stacks_own_tasks_are_not_described(self, world):
        stack = Stack(world)
        stack.up()
        world.make_task("sibling")
        entries = {
            "own": TaskId("inst", "orders", world.tasks()[0]),
            "sibling": TaskId("inst", "orders", "sibling"),
        }
        entries["own"] = TaskId.parse(stack.id)
        own = dataclasses.replace(PREVIEW, entries=StateEntries(entries))
        preview(world, own, olds=stack.entry.inputs, mode="INC")
        assert "DescribeDeliveryTask" not in world.transport.calls
        assert world.row.warnings == []

    def test_of_a_replaced_task_is_its_own_if_entries_are_unknown(self, world):
        Stack(world).up()
        preview(world, NO_ENTRIES)
        assert [text for text in world.row.warnings if "folder-shared" in text] == []

    def test_of_at_most_50_tasks_are_described(self, world):
        for number in range(60):
            world.make_task(f"task-{number:02}", oss_prefix=f"else/{number}/")
        run = world.run()
        for _ in range(2):
            assert preview(world, run=run).violations == []
        assert world.transport.calls.count("DescribeDeliveryTask") == 50
        (warning,) = world.row.warnings
        assert "10 of table 'orders'" in warning
        assert "tablestore-delivery doctor" in warning


EXPLICIT = {"task_name": "orders", "mode": "INC"}
IGNORED = {"ignore_rules": ["replacement-gap"]}


class TestGap:
    """These runs are updates, so they show what `--skip-preview` does too."""

    @pytest.fixture
    def stack(self, world):
        made = Stack(world)
        made.up(**EXPLICIT)
        world.transport.calls.clear()
        return made

    @pytest.mark.parametrize("force", ["", "decided"])
    def test_is_an_error_with_its_remedies(self, stack, world, force):
        changes = {} if force else {"oss_prefix": "else/"}
        with pytest.raises(CheckError, match="replacement-gap"):
            stack.up(**EXPLICIT, **changes, force=force)
        assert world.tasks() == ["orders"]
        assert world.transport.calls.count("DescribeDeliveryTask") == 1
        stack.up(**EXPLICIT, **changes, **IGNORED, force=force)
        stack.assert_sound()

    def test_is_an_error_for_a_targeted_replacement(self, stack):
        with pytest.raises(CheckError, match="replacement-gap"):
            stack.up(**EXPLICIT, force="targeted")
        stack.up(**EXPLICIT, **IGNORED, force="targeted")
        stack.assert_sound()

    def test_depends_on_the_new_mode(self, world):
        stack = Stack(world)
        stack.up(task_name="orders", mode="BASE_INC")
        with pytest.raises(CheckError, match="replacement-gap"):
            stack.up(**EXPLICIT)
        stack.up(task_name="orders", mode="BASE")
        stack.assert_sound()

    @pytest.mark.parametrize(
        "changes",
        [
            {"mode": "INC", "oss_prefix": "else/"},
            {"mode": "INC", "task_name": "orders-2", "oss_prefix": "else/"},
            {"mode": "BASE_INC", "task_name": "orders", "oss_prefix": "else/"},
        ],
        ids=["no name", "another name", "all rows"],
    )
    def test_replacements_without_a_gap_are_allowed(self, stack, changes):
        stack.up(**changes)
        stack.assert_sound()

    def test_unchanged_task_makes_no_call(self, stack, world):
        stack.up(**EXPLICIT)
        stack.up(**EXPLICIT, wait_for="none")
        assert world.transport.calls == []

    def test_pending_replacement_is_repaired(self, stack, world):
        """The old task is gone, so the gap is there already."""
        world.transport.break_next["CreateDeliveryTask"] = [denied()] * 9
        with pytest.raises(Exception, match="OTSNoPermissionAccess"):
            stack.up(**EXPLICIT, **IGNORED, oss_prefix="else/")
        world.transport.break_next.clear()
        assert world.tasks() == []
        stack.up(**EXPLICIT, oss_prefix="else/")
        stack.assert_sound()

    def test_new_task_of_a_killed_run_is_not_a_gap(self, stack, world):
        with pytest.raises(Killed):
            stack.up(**EXPLICIT, **IGNORED, oss_prefix="else/", kill="create")
        stack.up(**EXPLICIT, oss_prefix="else/")
        stack.assert_sound()

    def test_is_not_reported_while_a_value_is_unknown(self, stack, world):
        run = world.run()
        for olds in (stack.entry.inputs, {}):
            changes = {**EXPLICIT, "role_arn": UNKNOWN}
            assert preview(world, SEEING, run=run, olds=olds, **changes).violations == []
        assert world.transport.calls == []

    def test_failed_lookup_is_only_a_warning(self, stack, world):
        world.transport.break_next["DescribeDeliveryTask"] = [denied()]
        stack.up(**EXPLICIT, oss_prefix="else/")
        assert "ots:DescribeDeliveryTask is missing" in world.row.warnings[0]
        stack.assert_sound()


class TestCheckWithoutAPreviewFlag:
    """YAML and other languages: the create of a preview checks what check could not."""

    NATIVE = dataclasses.replace(HERE, urn="own")

    def run_preview(self, world, **changes):
        run = world.run(registry=Registry())
        checked = run.check({}, bag(**changes), self.NATIVE, world.row)
        assert checked.violations == []
        return run.preview({}, checked.inputs, world.row, self.NATIVE.scope)

    def test_reports_rows_and_names(self, world):
        world.put_rows(*[{"amount": 1.5}] * 50)
        world.make_task("by-hand", oss_prefix="else/")
        with pytest.raises(InvalidInputError) as caught:
            self.run_preview(world, **INT64, task_name="by-hand")
        assert [item.rule for item in caught.value.violations] == ["sampled-type", "task-exists"]

    def test_reports_an_adoption(self, world):
        world.make_task("by-hand")
        self.run_preview(world, task_name="by-hand", adopt_existing=True)
        assert "it is adopted" in world.row.infos[0]

    def test_good_program_is_quiet(self, world):
        world.put_rows(*[{"amount": 1.5}] * 50)
        self.run_preview(world)
        assert world.row.warnings == []

    def test_does_not_repeat_what_a_check_in_a_preview_reported(self, world):
        """A check may log its errors, and let the preview go on to the other resources."""
        world.put_rows(*[{"amount": 1.5}] * 50)
        run = world.run(registry=Registry())
        assert run.check({}, bag(**INT64), PREVIEW, world.row).violations
        news = bag(**INT64, instance_name="inst", task_name="order-123456789")
        run.preview({}, news, world.row, PREVIEW.scope)
