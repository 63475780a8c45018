"""Replacement: the report of a preview, and Pulumi's options."""

import base64
import json
import pickle

import pytest
from support.pulumi_cli import both

from pulumi_tablestore_delivery.dynamic.registration import PROVIDER_TEXT
from pulumi_tablestore_delivery.provider import load_provider

CREATED_FIRST = ["create-replacement", "replace", "delete-replaced"]
DELETED_FIRST = ["delete-replaced", "replace", "create-replacement"]


@pytest.fixture
def up(project, inputs):
    """Brings the stack up with these inputs and options for `orders`."""
    stack = project.stack()

    def run(*arguments, options=None, command="up", check=True, **changes):
        project.declare(orders=({**inputs, **changes}, options or {}))
        return stack.run(command, *arguments, check=check)

    run.stack = stack
    return run


class TestPreviewOfTheCost:
    def warnings(self, run):
        """What was said on the resource's own row."""
        return [text for _, row, text in run.diagnostics if row == "orders"]

    @both
    def test_names_a_full_scan(self, up):
        up()
        run = up(command="preview", role_arn="acs:ram::1:role/other")
        (said,) = self.warnings(run)
        assert said.startswith(up.stack.project.front_end.terms("role_arn changed"))
        assert "the new task is created before the old one is deleted" in said
        assert "BASE_INC scans the whole table and writes everything again" in said
        assert "readers must not see rows twice" in said

    def test_names_changes_that_are_delivered_twice(self, up):
        up(mode="INC")
        run = up(command="preview", mode="INC", oss_prefix="elsewhere/")
        (said,) = self.warnings(run)
        assert "Rows written while both run are delivered twice" in said
        assert "see rows twice" not in said

    def test_names_changes_that_are_lost_under_the_same_name(self, up):
        accepted = {"mode": "INC", "task_name": "orders", "ignore_rules": ["replacement-gap"]}
        up(**accepted)
        run = up(command="preview", **accepted, oss_prefix="elsewhere/")
        (said,) = self.warnings(run)
        assert "the old task is deleted first" in said
        assert "are lost" in said

    def test_names_the_order_of_the_options(self, up):
        options = {"delete_before_replace": True}
        up(mode="INC", options=options)
        run = up(command="preview", mode="INC", oss_prefix="elsewhere/", options=options)
        (said,) = self.warnings(run)
        assert "are lost" in said

    @both
    def test_once_and_only_with_a_replacement(self, up):
        up()
        assert self.warnings(up(command="preview", wait_for="none")) == []
        assert self.warnings(up(mode="INC")) == []  # the update itself repeats nothing


class TestOptions:
    @both
    def test_delete_before_replace_deletes_first(self, up, emulator, table):
        options = {"delete_before_replace": True}
        up(options=options)
        assert up(options=options, mode="INC").operations == {"orders": DELETED_FIRST}
        assert len(emulator.tasks(table)) == 1

    def test_protect_prevents_a_replacement(self, up, emulator, table):
        up(options={"protect": True})
        run = up(options={"protect": True}, mode="INC", check=False)
        assert run.returncode != 0
        assert "protect" in run.errors
        assert up.stack.destroy(check=False).returncode != 0
        assert len(emulator.tasks(table)) == 1
        up(options={"protect": False})
        up.stack.destroy()
        assert emulator.tasks(table) == []

    def test_retain_on_delete_keeps_the_old_task(self, up, emulator, table):
        up(options={"retain_on_delete": True})
        up.stack.destroy()
        assert len(emulator.tasks(table)) == 1

    @both
    def test_ignore_changes_keeps_the_task(self, up, emulator, table):
        up()
        names = emulator.tasks(table)
        columns = [
            {"source": "id", "type": "INT64"},
            {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
        ]
        options = {"ignore_changes": ["mode", "parquet_schema[0].type"]}
        run = up("--expect-no-changes", mode="INC", parquet_schema=columns, options=options)
        assert run.operations == {"orders": ["same"]}
        assert emulator.tasks(table) == names

    @both
    def test_replace_on_changes_replaces_the_task(self, up, emulator, table):
        options = {"replace_on_changes": ["timeout_seconds"]}
        up(options=options)
        (before,) = emulator.tasks(table)
        run = up(options=options, timeout_seconds=60)
        assert run.operations == {"orders": CREATED_FIRST}
        (after,) = emulator.tasks(table)
        assert after != before  # forced: the same content under another name
        assert up("--expect-no-changes", options=options, timeout_seconds=60)

    def test_deleted_with_skips_the_delete(self, project, emulator, table, inputs):
        """The task is not deleted by itself when what it is deleted with goes."""
        project.program(DELETED_WITH.format(inputs={**inputs, "task_name": "child"}, table=table))
        stack = project.stack()
        stack.up()
        assert emulator.tasks(table) == ["child", "parent"]
        stack.destroy()
        assert emulator.tasks(table) == ["child"]

    @pytest.mark.oldest
    @both
    def test_custom_timeouts_limit_the_wait(self, project, slow_emulator, inputs):
        project.environment.update(slow_emulator.environment)
        slow_emulator.create_table(inputs["table_name"])
        project.program(CUSTOM_TIMEOUTS.format(inputs=inputs))
        stack = project.stack()
        run = stack.up(check=False)
        assert "still in phase INIT after 1 s" in run.errors
        assert "still in phase INIT after" in str(stack.resources()["orders"]["initErrors"])


DELETED_WITH = """
import pulumi
import pulumi_tablestore_delivery as delivery

inputs = {inputs!r}
apart = {{**inputs, "task_name": "parent", "oss_prefix": "parent/"}}
parent = delivery.DeliveryTask("parent", apart)
delivery.DeliveryTask("child", inputs, pulumi.ResourceOptions(deleted_with=parent))
"""

CUSTOM_TIMEOUTS = """
import pulumi
import pulumi_tablestore_delivery as delivery

options = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="1s"))
delivery.DeliveryTask("orders", {inputs!r}, options)
"""


class TestForced:
    """`up --replace` and a taint of unchanged content never end with no task.

    The engine shows a provider nothing of the old resource then: it looks like a create whose
    task exists, followed by the delete of that very task. The program reads the stack's state.
    """

    URN = "**DeliveryTask::orders"

    @pytest.fixture(params=["--replace", "taint"])
    def forced(self, request, up):
        def run(**given):
            if request.param == "--replace":
                return up("--replace", self.URN, **given)
            urn = up.stack.resources()["orders"]["urn"]
            up.stack.call("state", "taint", urn, "--yes", "--stack", up.stack.name)
            return up(**given)

        return run

    def assert_sound(self, up, emulator, table, **given):
        (name,) = emulator.tasks(table)
        assert up.stack.resources()["orders"]["id"] == f"local/{table}/{name}"
        assert up("--expect-no-changes", **given).operations == {"orders": ["same"]}
        assert emulator.tasks(table) == [name]

    @pytest.mark.oldest
    @both
    def test_derived_name_is_created_under_another_name_first(self, up, forced, emulator, table):
        up()
        (before,) = emulator.tasks(table)
        assert forced().operations == {"orders": CREATED_FIRST}
        (after,) = emulator.tasks(table)
        assert after != before
        self.assert_sound(up, emulator, table)

    @both
    @pytest.mark.parametrize(
        "given",
        [{"task_name": "orders"}, {"task_name": "orders", "adopt_existing": True}],
        ids=["explicit", "adopted"],
    )
    def test_given_name_is_deleted_first(self, up, forced, emulator, table, given):
        up(**given)
        before = up.stack.resources()["orders"]["outputs"]["request_id"]
        assert forced(**given).operations == {"orders": DELETED_FIRST}
        assert up.stack.resources()["orders"]["outputs"]["request_id"] != before
        self.assert_sound(up, emulator, table, **given)

    @both
    def test_create_first_is_refused_for_a_given_name(self, up, emulator, table):
        given = {"task_name": "orders", "options": {"delete_before_replace": False}}
        up(**given)
        run = up("--replace", self.URN, check=False, **given)
        assert up.stack.project.front_end.terms("delete_before_replace=False") in run.errors
        self.assert_sound(up, emulator, table, **given)

    @both
    def test_derived_name_is_deleted_first_if_the_option_says_so(self, up, forced, emulator, table):
        options = {"delete_before_replace": True}
        up(options=options)
        assert forced(options=options).operations == {"orders": DELETED_FIRST}
        self.assert_sound(up, emulator, table, options=options)

    @both
    @pytest.mark.parametrize("given", [{}, {"task_name": "orders", "adopt_existing": True}])
    def test_second_entry_of_a_task_is_removed_without_a_delete(self, up, emulator, table, given):
        """An interrupted run of an earlier release left the task twice in the state."""
        up(**given)
        state = json.loads(up.stack.call("stack", "export").stdout)
        resources = state["deployment"]["resources"]
        (live,) = (one for one in resources if one["type"].endswith("DeliveryTask"))
        resources.append({**live, "delete": True})
        edited = up.stack.project.folder / "edited.json"
        edited.write_text(json.dumps(state))
        up.stack.call("stack", "import", "--file", str(edited))
        before = emulator.tasks(table)
        run = up(**given)
        assert "is not deleted: this stack continues with it" in run.warnings
        assert emulator.tasks(table) == before
        self.assert_sound(up, emulator, table, **given)


TRIGGERED = """
import pulumi
import pulumi_tablestore_delivery as delivery

inputs = {inputs!r}
given = delivery.DeliveryTask("given", {{**inputs, "task_name": "given"}}, pulumi.ResourceOptions(
    replacement_trigger={trigger!r}))
derived = delivery.DeliveryTask("derived", {{**inputs, "oss_prefix": "derived/"}},
    pulumi.ResourceOptions(replace_with=[given]))
"""


class TestPreviewAndUpAgreeOnForcedReplacements:
    @both
    def test_with_replacement_trigger_and_replace_with(self, project, emulator, table, inputs):
        project.program(TRIGGERED.format(inputs=inputs, trigger="one"))
        stack = project.stack()
        stack.up()
        before = set(emulator.tasks(table))
        project.program(TRIGGERED.format(inputs=inputs, trigger="two"))
        preview = stack.preview()
        costs = {row: text for _, row, text in preview.diagnostics if "Pulumi was asked to" in text}
        assert "the old task is deleted first" in costs["given"]
        assert "created before the old one is deleted, or after it if" in costs["derived"]
        run = stack.up()
        assert run.operations == {"given": DELETED_FIRST, "derived": DELETED_FIRST}
        after = set(emulator.tasks(table))
        assert len(after) == 2
        assert before & after == {"given"}
        assert stack.up("--expect-no-changes").returncode == 0

    @both
    def test_with_the_option_replace(self, up, emulator, table):
        up()
        preview = up("--replace", TestForced.URN, command="preview")
        assert preview.operations == {"orders": CREATED_FIRST}
        assert "the new task is created before the old one is deleted" in preview.warnings


class TestTwoProviderObjectsInOneRun:
    """The state's provider was pickled by another Python, so the host keeps an object for each."""

    PROTOCOL_5 = base64.b64encode(pickle.dumps(load_provider(), protocol=5)).decode()

    @pytest.mark.parametrize("given", [{}, {"task_name": "orders"}], ids=["derived", "explicit"])
    @pytest.mark.parametrize("change", [{}, {"mode": "BASE"}], ids=["forced", "changed"])
    def test_replacement_ends_with_one_task(self, up, emulator, table, given, change):
        up(**given)
        state = up.stack.call("stack", "export").stdout
        assert PROVIDER_TEXT in state
        edited = up.stack.project.folder / "edited.json"
        edited.write_text(state.replace(PROVIDER_TEXT, self.PROTOCOL_5))
        up.stack.call("stack", "import", "--file", str(edited))
        forced = () if change else ("--replace", TestForced.URN)
        up(*forced, **given, **change)
        (name,) = emulator.tasks(table)
        assert up.stack.resources()["orders"]["id"] == f"local/{table}/{name}"
        assert up("--expect-no-changes", **given, **change).returncode == 0


class TestUnknownsInAPreview:
    """Each case as a preview in which a value is an output that does not exist yet."""

    @both
    def test_do_not_prevent_a_create(self, project, emulator, table, inputs):
        project.program(CHAINED.format(inputs=inputs))
        stack = project.stack()
        assert stack.preview().operations == {"first": ["create"], "second": ["create"]}
        stack.up()
        assert len(emulator.tasks(table)) == 2
        assert stack.up("--expect-no-changes").returncode == 0

    @both
    def test_of_an_upstream_update_keep_the_name(self, project, emulator, table, inputs):
        """The upstream output is unknown in the preview, and unchanged in the end."""
        project.program(CHAINED.format(inputs=inputs))
        stack = project.stack()
        stack.up()
        before = emulator.tasks(table)
        project.program(CHAINED.format(inputs={**inputs, "timeout_seconds": 60}))
        stack.preview()
        run = stack.up()
        assert run.operations == {"first": ["update"], "second": ["update"]}
        assert emulator.tasks(table) == before

    def test_do_not_hide_violations_of_known_inputs(self, project, inputs):
        project.program(CHAINED.format(inputs={**inputs, "mode": "ALL"}))
        run = project.stack().preview(check=False)
        assert "'ALL'" in run.errors
        assert "oss_dirty_prefix" not in run.errors


CHAINED = """
import pulumi
import pulumi_tablestore_delivery as delivery

inputs = {inputs!r}
first = delivery.DeliveryTask("first", inputs)
dirty = first.location.apply(lambda location: "dirty/" + location.rsplit("/")[-2] + "/")
second = delivery.DeliveryTask(
    "second", {{**inputs, "oss_prefix": "second/", "oss_dirty_prefix": dirty}}
)
"""


CREATES_FIRST = """
import pulumi
import pulumi_tablestore_delivery as delivery


def create_first(args):
    if "DeliveryTask" not in args.type_:
        return None
    options = pulumi.ResourceOptions(delete_before_replace=False)
    return pulumi.ResourceTransformResult(
        args.props, pulumi.ResourceOptions.merge(args.opts, options)
    )


pulumi.runtime.register_resource_transform(create_first)
delivery.DeliveryTask("orders", **{inputs})
"""


LEGACY = """
import pulumi
import pulumi_tablestore_delivery as delivery


def delete_first(args):
    options = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceTransformationResult(
        args.props, pulumi.ResourceOptions.merge(args.opts, options)
    )


delivery.DeliveryTask(
    "orders", {inputs}, pulumi.ResourceOptions(transformations=[delete_first])
)
"""


@both
@pytest.mark.parametrize("text", [LEGACY, CREATES_FIRST], ids=["legacy", "transform"])
def test_preview_names_both_orders_if_a_transformation_may_change_the_option(project, inputs, text):
    changes = {**inputs, "mode": "INC"}
    project.program(text.replace("{inputs}", repr(changes)))
    stack = project.stack()
    stack.up()
    moved = {**changes, "oss_prefix": "elsewhere/"}
    project.program(text.replace("{inputs}", repr(moved)))
    run = stack.preview()
    assert "before the old one is deleted, or after it if" in run.warnings
    assert "if the old task is deleted first, rows" in run.warnings


def test_create_first_that_a_transformation_sets_is_refused_for_a_given_name(
    project, emulator, table, inputs
):
    """Create cannot know whether the engine has deleted the old task, so it takes no live task."""
    named = {**inputs, "task_name": "by-hand"}
    project.program(CREATES_FIRST.replace("{inputs}", repr(named)))
    stack = project.stack()
    stack.up()
    run = stack.up("--replace", TestForced.URN, check=False)
    assert "delete_before_replace=True in its options" in run.errors
    assert emulator.tasks(table) == ["by-hand"]
    assert stack.up("--expect-no-changes").operations == {"orders": ["same"]}


class TestReplacementInTwoProviderProcesses:
    """`--replace '**'` replaces the provider too: one process creates, another one deletes."""

    @both
    def test_adopted_task_that_is_created_first_under_its_name_is_not_lost(
        self, project, emulator, table, inputs
    ):
        named = {**inputs, "task_name": "by-hand", "adopt_existing": True}
        project.program(CREATES_FIRST.replace("{inputs}", repr(named)))
        stack = project.stack()
        stack.up()
        run = stack.up("--replace", "**")
        assert "is not deleted: this stack continues with it" in run.warnings
        assert emulator.tasks(table) == ["by-hand"]
        assert stack.refresh("--expect-no-changes").returncode == 0

    @both
    def test_second_entry_of_a_kept_task_is_removed_without_a_delete(
        self, project, emulator, table, inputs
    ):
        """A run was killed before it removed the old entry, and the provider changed after it."""
        project.declare(orders=inputs)
        stack = project.stack()
        stack.up()
        state = json.loads(stack.call("stack", "export").stdout)
        resources = state["deployment"]["resources"]
        (live,) = (one for one in resources if one["type"].endswith("DeliveryTask"))
        urn, _, _ = live["provider"].rpartition("::")
        (provider,) = (one for one in resources if one["urn"] == urn)
        former = {**provider, "urn": f"{urn}-former", "id": "former"}
        resources.insert(resources.index(provider), former)
        resources.append({**live, "delete": True, "provider": f"{former['urn']}::former"})
        edited = project.folder / "edited.json"
        edited.write_text(json.dumps(state))
        stack.call("stack", "import", "--file", str(edited))
        before = emulator.tasks(table)
        run = stack.up()
        assert emulator.tasks(table) == before
        assert "is not deleted: this stack continues with it" in run.warnings
        assert stack.resources()["orders"]["id"] == live["id"]
