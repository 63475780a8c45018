"""Invalid input: a clear error at preview, and nothing is created."""

from typing import ClassVar

import pytest
from support.pulumi_cli import both

BAD = {
    "task-name": ({"task_name": "Bad_Name"}, ["task_name", "'Bad_Name'", "3 to 16"]),
    "empty-schema": ({"parquet_schema": []}, ["parquet_schema", "is empty"]),
    "prefix": ({"oss_prefix": "/x/$yy/"}, ["oss_prefix", "starts with '/'", "'$yy'", "$yyyy"]),
    "type": (
        {"parquet_schema": [{"source": "id", "type": "VARCHAR"}]},
        ["parquet_schema[0].type", "'VARCHAR'", "UTF8"],
    ),
    "region": (
        {"oss_endpoint": "oss-cn-beijing.aliyuncs.com"},
        ["oss_endpoint", "cn-beijing", "cn-hangzhou"],
    ),
    "missing": ({"oss_bucket": None}, ["oss_bucket", "is required"]),
    "no-number": ({"timeout_seconds": "soon"}, ["timeout_seconds", "whole number"]),
    "key": (
        {"parquet_schema": [{"source": "id", "type": "UTF8", "nme": "x"}]},
        ["parquet_schema[0].nme", "Did you mean 'name'?"],
    ),
}


def test_invalid_input_is_reported_by_its_name(project, inputs):
    """One preview shows each resource's mistake on the resource's own row."""
    project.declare(**{case: {**inputs, **change} for case, (change, _) in BAD.items()})
    run = project.stack().preview(check=False)
    assert run.returncode != 0
    for case, (_, words) in BAD.items():
        errors = " ".join(
            text for severity, row, text in run.diagnostics if (severity, row) == ("error", case)
        )
        for word in words:
            assert word in errors, case
    assert "Traceback" not in run.output


@both
def test_update_without_a_preview_reports_violations(project, emulator, table, inputs):
    project.declare(orders={**inputs, "task_name": "Bad_Name"})
    run = project.stack().up(check=False)
    assert "'Bad_Name'" in run.errors
    assert "Traceback" not in run.output
    assert emulator.tasks(table) == []


@both
def test_all_violations_of_a_resource_are_reported_at_once(project, inputs):
    bad = {"task_name": "Bad_Name", "oss_prefix": "/x/$yy/", "mode": "ALL", "role_arn": "me"}
    project.declare(orders={**inputs, **bad})
    run = project.stack().preview(check=False)
    for word in ("'Bad_Name'", "starts with '/'", "'$yy'", "'ALL'", "'me'"):
        assert word in run.errors


ENVIRONMENTS = {
    "no-credentials": (
        {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""},
        ["no credentials", "ALIBABA_CLOUD_ACCESS_KEY_ID"],
    ),
    "half-a-pair": (
        {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""},
        ["ALIBABA_CLOUD_ACCESS_KEY_ID is set, but ALIBABA_CLOUD_ACCESS_KEY_SECRET is not"],
    ),
    "unreachable": (
        {"TABLESTORE_ENDPOINT": "http://127.0.0.1:1"},
        ["http://127.0.0.1:1 cannot be reached", "refused"],
    ),
    "wrong-secret": (
        {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong-secret-key"},
        ["OTSAuthFailed", "Check the access key"],
    ),
    "unknown-key": ({"ALIBABA_CLOUD_ACCESS_KEY_ID": "nobody"}, ["OTSAuthFailed"]),
    "no-endpoint": ({"TABLESTORE_ENDPOINT": "", "TABLESTORE_REGION": ""}, ["no endpoint"]),
    "no-instance": ({"TABLESTORE_INSTANCE": ""}, ["instance_name", "no instance"]),
    "not-a-url": ({"TABLESTORE_ENDPOINT": "127.0.0.1:8087"}, ["is not a valid endpoint"]),
    "white-space": ({"TABLESTORE_INSTANCE": "my inst"}, ["'my inst' has white space inside"]),
    "allowed-buckets": (
        {"TABLESTORE_ALLOWED_BUCKETS": "lake-[", "TABLESTORE_HEALTH_GRACE": "soon"},
        ["TABLESTORE_ALLOWED_BUCKETS: 'lake-[' is not", "TABLESTORE_HEALTH_GRACE: 'soon' is not"],
    ),
}


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_violation_that_needs_the_table_is_reported(project, emulator, table, inputs, case):
    environment, words = ENVIRONMENTS[case]
    project.declare(orders=inputs)
    stack = project.stack()
    run = stack.preview(check=False, **environment)
    assert run.returncode != 0
    for word in words:
        assert word in run.errors
    assert "Traceback" not in run.output
    assert "wrong-secret-key" not in run.output
    assert emulator.tasks(table) == []


@both
def test_missing_table_is_a_warning_at_preview_with_its_name(project, emulator, inputs):
    """The same program may create the table; so it is a warning until the task is created."""
    project.declare(orders={**inputs, "table_name": "no_such_table"})
    stack = project.stack()
    assert "'no_such_table' does not exist" in stack.preview().warnings
    run = stack.up(check=False)
    assert run.returncode != 0
    assert "OTSObjectNotExist" in run.errors
    assert "Traceback" not in run.output


@both
def test_existing_task_with_the_same_name_is_refused(project, emulator, table, inputs):
    project.declare(orders={**inputs, "task_name": "orders"})
    project.stack("theirs").up()
    ours = project.stack("ours")
    run = ours.up(check=False)
    assert run.returncode != 0
    assert project.front_end.terms("adopt_existing=True") in run.errors
    project.declare(orders={**inputs, "task_name": "orders", "mode": "INC"})
    run = ours.up(check=False)
    assert "mode: the program has 'INC', the task 'BASE_INC'" in run.errors
    assert "Traceback" not in run.output
    assert emulator.tasks(table) == ["orders"]


def test_mistyped_keyword_is_reported_by_name(project, inputs):
    project.declare(orders={**inputs, "oss_buckett": "b"})
    run = project.stack().preview(check=False)
    assert (
        "DeliveryTask does not have the input 'oss_buckett'; did you mean 'oss_bucket'?"
        in run.output
    )


class TestManyMistakes:
    """A preview shows the mistakes of all resources; nothing is created, and the run fails."""

    BAD: ClassVar = {"role_arn": "me", "parquet_schema": [{"source": "id", "type": "VARCHAR"}]}

    def declare(self, project, inputs):
        project.declare(
            good={**inputs, "oss_prefix": "good/"},
            bad={**inputs, **self.BAD},
            worse={**inputs, **self.BAD, "oss_prefix": "/worse/", "task_name": "W"},
        )

    def assert_all_shown(self, run):
        rows = {row for severity, row, _ in run.diagnostics if severity == "error"}
        assert rows >= {"bad", "worse"}
        assert "good" not in rows
        assert run.errors.count("'VARCHAR'") == 2
        assert "2 delivery tasks have mistakes" in run.errors
        assert "Traceback" not in run.output
        assert run.returncode != 0

    @pytest.mark.oldest
    def test_of_new_tasks_are_reported_in_one_preview(self, project, emulator, table, inputs):
        self.declare(project, inputs)
        stack = project.stack()
        self.assert_all_shown(stack.preview(check=False))
        assert stack.up(check=False).returncode != 0
        assert len(emulator.tasks(table)) <= 1

    def test_of_existing_tasks_are_reported_in_one_preview(self, project, emulator, table, inputs):
        names = ("good", "bad", "worse")
        project.declare(**{name: {**inputs, "oss_prefix": f"{name}/"} for name in names})
        stack = project.stack()
        stack.up()
        before = emulator.tasks(table)
        self.declare(project, inputs)
        self.assert_all_shown(stack.preview(check=False))
        assert emulator.tasks(table) == before

    def test_of_the_wrong_shape_are_reported_without_a_traceback(self, project, inputs):
        """Pulumi reads a resource's outputs by their types, and fails for another shape."""
        project.declare(
            columns={**inputs, "parquet_schema": {"order_id": "UTF8"}},
            rules={**inputs, "ignore_rules": "prefix"},
            time={**inputs, "event_time_column": "created_at"},
        )
        run = project.stack().preview(check=False)
        rows = {row for severity, row, _ in run.diagnostics if severity == "error"}
        assert rows >= {"columns", "rules", "time"}
        assert "3 delivery tasks have mistakes" in run.errors
        assert "Traceback" not in run.output
        assert run.returncode != 0

    def test_up_with_its_preview_creates_nothing(self, project, emulator, table, inputs):
        self.declare(project, inputs)
        stack = project.stack()
        done = stack.call("up", "--yes", "--stack", stack.name, check=False)
        assert done.returncode != 0
        assert "2 delivery tasks have mistakes" in done.stdout + done.stderr
        assert emulator.tasks(table) == []
