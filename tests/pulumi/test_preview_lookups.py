"""A preview reads rows and existing tasks, with both front ends."""

import json
import shutil
import urllib.request

import pytest
import yaml
from support.delivery_world import task_request
from support.pulumi_cli import NATIVE, both
from support.sdk import sdk_client, tablestore

SECRET_VALUE = 1234.5678


def put_rows(emulator, table, *rows):
    client = sdk_client(emulator)
    for number, columns in enumerate(rows):
        client.put_row(table, tablestore.Row([("id", f"{number:04}")], list(columns.items())))


def make_task(emulator, table, name, prefix):
    request = task_request(name, table, ossPrefix=prefix, ossBucket="my-lake")
    emulator.client.create_delivery_task(request)


def warnings_of(run):
    """The warnings on the rows of tasks; others are not this package's."""
    return [text for severity, row, text in run.diagnostics if severity == "warning" and row]


def schema(*columns):
    return [{"source": "id", "type": "UTF8"}, *columns]


AMOUNT = {"source": "amount", "type": "INT64"}


@pytest.fixture
def stack(project):
    return project.stack()


class TestRows:
    @both
    def test_type_that_no_row_has_stops_the_preview(self, project, stack, emulator, table, inputs):
        put_rows(emulator, table, *[{"amount": SECRET_VALUE}] * 50)
        declared = {**inputs, "parquet_schema": schema(AMOUNT)}
        project.declare(orders=declared)
        run = stack.preview(check=False)
        assert run.returncode != 0
        assert "all 50 sampled values of 'amount' would be dropped" in run.errors
        assert "DOUBLE fits" in run.errors
        assert "rule sampled-type, documented" in run.errors
        assert "Traceback" not in run.output
        assert str(SECRET_VALUE) not in run.output
        project.declare(orders={**declared, "ignore_rules": ["sampled-type"]})
        assert stack.preview().operations == {"orders": ["create"]}

    def test_wrong_types_of_two_tasks_of_a_table_are_reported(
        self, project, stack, emulator, table, inputs
    ):
        """The tasks share a sample, which has the columns of both, whichever is checked first."""
        put_rows(emulator, table, *[{"amount": 1.5, "note": 7}] * 6)
        note = schema({"source": "note", "type": "UTF8"})
        project.declare(
            first={**inputs, "oss_prefix": "first/", "parquet_schema": schema(AMOUNT)},
            second={**inputs, "oss_prefix": "second/", "parquet_schema": note},
        )
        run = stack.preview(check=False)
        assert run.returncode != 0
        for column in ("amount", "note"):
            assert f"all 6 sampled values of {column!r} would be dropped" in run.errors

    @both
    def test_other_findings_are_shown(self, project, stack, emulator, table, inputs):
        rows = [{"amount": 1, "at": "2026-01-01T00:00:00Z", "nota": "a"}] * 6
        put_rows(emulator, table, {"amount": 1.5, "at": "yesterday"}, *rows)
        project.declare(
            orders={
                **inputs,
                "parquet_schema": schema(AMOUNT, {"source": "note", "type": "UTF8"}),
                "event_time_column": {"column": "at", "format": "RFC3339"},
            }
        )
        warnings = stack.preview().warnings
        assert "1 of 7 sampled values of 'amount' would be dropped: 1 DOUBLE value" in warnings
        assert "'note' is in none of the 7 sampled rows. Did you mean 'nota'?" in warnings
        assert "1 of 7 sampled values of 'at' is not in the format 'RFC3339'." in warnings
        assert "yesterday" not in warnings

    @both
    def test_event_time_that_never_parses_stops_the_preview(
        self, project, stack, emulator, table, inputs
    ):
        put_rows(emulator, table, *[{"amount": 1.5, "at": "yesterday"}] * 6)
        event = {"column": "at", "format": "RFC3339"}
        project.declare(orders={**inputs, "event_time_column": event})
        run = stack.preview(check=False)
        assert run.returncode != 0
        assert "none of the 6 sampled values of 'at' is in the format 'RFC3339'" in run.errors

    @both
    def test_good_program_is_quiet(self, project, stack, emulator, table, inputs):
        put_rows(emulator, table, *[{"amount": 1.5}] * 50)
        project.declare(orders=inputs)
        assert warnings_of(stack.preview()) == []

    @both
    def test_zero_sample_rows_read_no_row(self, project, own_emulator, table, inputs):
        own_emulator.create_table(table)
        put_rows(own_emulator, table, *[{"amount": 1.5}] * 6)
        project.environment.update(own_emulator.environment, TABLESTORE_SAMPLE_ROWS="0")
        project.declare(orders={**inputs, "parquet_schema": schema(AMOUNT)})
        stack = project.stack()
        forget_calls(own_emulator)
        assert warnings_of(stack.preview()) == []
        assert calls(own_emulator) == {"DescribeTable": 1, "ListDeliveryTask": 1}


class TestNames:
    @both
    def test_taken_name_stops_the_preview(self, project, stack, emulator, table, inputs):
        make_task(emulator, table, "by-hand", "else/")
        project.declare(orders={**inputs, "task_name": "by-hand"})
        run = stack.preview(check=False)
        assert run.returncode != 0
        assert f"the task local/{table}/by-hand exists already" in run.errors
        assert project.front_end.terms("adopt_existing=True") in run.errors

    @both
    def test_adoption_is_reported_as_an_adoption(self, project, stack, emulator, table, inputs):
        project.declare(orders={**inputs, "task_name": "by-hand"})
        stack.up()
        other = project.stack("other")
        adopting = {**inputs, "task_name": "by-hand", "adopt_existing": True}
        project.declare(orders=adopting)
        run = other.preview()
        said = [text for severity, row, text in run.diagnostics if row == "orders"]
        assert any(f"local/{table}/by-hand exists and has this content" in text for text in said)
        assert any("nothing is sent to the service" in text for text in said)
        project.declare(orders={**adopting, "mode": "INC"})
        run = other.preview(check=False)
        assert run.returncode != 0
        assert "mode" in run.errors
        assert f"the existing task local/{table}/by-hand has 'BASE_INC'" in run.errors

    @both
    def test_name_of_the_own_task_is_allowed(self, project, stack, inputs):
        named = {**inputs, "task_name": "mine"}
        project.declare(orders=named)
        stack.up()
        urn = stack.resources()["orders"]["urn"]
        assert stack.preview("--replace", urn).operations["orders"]
        project.declare(orders=(named, {"replace_on_changes": ["wait_for"]}))
        assert stack.preview().returncode == 0
        project.declare(orders={**named, "oss_prefix": "else/"})
        assert stack.preview().operations["orders"]

    @both
    def test_folder_of_another_task_is_shown(self, project, stack, emulator, table, inputs):
        make_task(emulator, table, "by-hand", "orders/")
        project.declare(orders=inputs)
        warnings = stack.preview().warnings
        assert f"where the task local/{table}/by-hand writes" in warnings
        assert "rule folder-shared, assumed" in warnings


class TestGap:
    @both
    def test_stops_preview_and_up(self, project, stack, emulator, table, inputs):
        named = {**inputs, "task_name": "orders", "mode": "INC"}
        project.declare(orders=named)
        stack.up()
        moved = {**named, "oss_prefix": "else/"}
        project.declare(orders=moved)
        for command in ("preview", "up"):  # up comes with --skip-preview here
            run = stack.run(command, check=False)
            assert run.returncode != 0
            assert "rule replacement-gap, documented" in run.errors
            assert "Traceback" not in run.output
        project.declare(orders={**moved, "ignore_rules": ["replacement-gap"]})
        stack.up()
        assert emulator.task(table, "orders").taskConfig.ossPrefix == "else/"
        assert stack.up("--expect-no-changes").returncode == 0

    @both
    def test_pending_replacement_is_repaired(self, project, own_emulator, table, inputs):
        own_emulator.create_table(table)
        project.environment.update(own_emulator.environment)
        named = {**inputs, "task_name": "orders", "mode": "INC"}
        project.declare(orders=named)
        stack = project.stack()
        stack.up()
        moved = {**named, "oss_prefix": "else/"}
        project.declare(orders={**moved, "ignore_rules": ["replacement-gap"]})
        fault(
            own_emulator, operation="CreateDeliveryTask", fault="error", code="OTSQuotaExhausted",
            status=403, message="Too many tasks.", times=1,
        )  # fmt: skip
        assert stack.up(check=False).returncode != 0
        assert own_emulator.tasks(table) == []
        project.declare(orders=moved)
        stack.up()
        assert own_emulator.tasks(table) == ["orders"]


class TestFailedLookup:
    @both
    def test_missing_rights_are_only_warnings(self, project, own_emulator, table, inputs):
        own_emulator.create_table(table)
        project.environment.update(own_emulator.environment)
        for operation in ("GetRange", "ListDeliveryTask"):
            fault(
                own_emulator, operation=operation, fault="error", code="OTSNoPermissionAccess",
                status=403, message="You have no permission.", times=100,
            )  # fmt: skip
        project.declare(orders=inputs, others={**inputs, "oss_prefix": "others/"})
        run = project.stack().preview()
        for operation in ("GetRange", "ListDeliveryTask"):
            assert run.warnings.count(f"The right ots:{operation} is missing") == 1

    @both
    def test_slow_service_is_only_a_warning(self, project, own_emulator, table, inputs):
        own_emulator.create_table(table)
        project.environment.update(own_emulator.environment)
        project.declare(**{f"task_{n}": {**inputs, "oss_prefix": f"{n}/"} for n in range(3)})
        stack = project.stack()
        for operation in ("GetRange", "ListDeliveryTask"):
            fault(own_emulator, operation=operation, fault="latency", seconds=3600, times=100)
        run = stack.preview()  # ends, although no answer comes
        # The lookups' budget and a call's own deadline end at about the same time.
        slow = run.warnings.count("The service is slow")
        assert slow <= 1
        assert slow or "timed out" in run.warnings or "gave no whole answer" in run.warnings


@both
def test_unchanged_task_that_violates_every_rule_is_kept(project, own_emulator, table, inputs):
    emulator = own_emulator
    emulator.create_table(table)
    project.environment.update(emulator.environment)
    rows = [{"amount": 1.5, "at": "yesterday", "mixed": n or "a"} for n in range(6)]
    put_rows(emulator, table, *rows)
    make_task(emulator, table, "by-hand", "orders/")
    project.declare(
        orders={
            **inputs,
            "task_name": "orders",
            "parquet_schema": schema(
                AMOUNT, {"source": "mixed", "type": "INT64"}, {"source": "gone", "type": "UTF8"}
            ),
            "event_time_column": {"column": "at", "format": "RFC3339"},
        }
    )
    stack = project.stack()
    stack.up()  # with --skip-preview, so nobody has looked
    forget_calls(emulator)
    assert stack.preview("--expect-no-changes").returncode == 0
    assert stack.up("--expect-no-changes").returncode == 0
    assert calls(emulator) == {}
    assert stack.refresh("--expect-no-changes").returncode == 0
    stack.destroy()
    assert emulator.tasks(table) == ["by-hand"]


@pytest.mark.skipif(not shutil.which("pulumi-language-yaml"), reason="no YAML language host")
def test_yaml_program_gets_the_same_findings(project, own_emulator, table, inputs):
    """Its check does not know that it is part of a preview, so its create looks at the table."""
    emulator = own_emulator
    emulator.create_table(table)
    put_rows(emulator, table, *[{"amount": 1.5}] * 50)
    make_task(emulator, table, "by-hand", "orders/")
    project.environment.update(
        emulator.environment, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION="true"
    )

    def declare(**changes):
        camel = {NATIVE.terms(key): value for key, value in {**inputs, **changes}.items()}
        resource = {"type": NATIVE.type, "properties": camel}
        program = {"name": "shop", "runtime": "yaml", "resources": {"orders": resource}}
        project.folder.joinpath("Pulumi.yaml").write_text(yaml.safe_dump(program))

    declare(parquet_schema=schema(AMOUNT), task_name="by-hand")
    stack = project.stack()
    run = stack.preview(check=False)
    assert run.returncode != 0
    for words in ("parquetSchema[1].type: all 50 sampled values", "taskName: the task"):
        assert words in run.output
    assert "Traceback" not in run.output
    declare(oss_prefix="else/")
    assert warnings_of(stack.preview()) == []
    declare(task_name="mine", mode="INC", oss_prefix="else/")
    stack.up()
    declare(task_name="mine", mode="INC", oss_prefix="moved/")
    for command in ("preview", "up"):
        run = stack.run(command, check=False)
        assert run.returncode != 0
        assert "rule replacement-gap, documented" in run.output
    assert sorted(emulator.tasks(table)) == ["by-hand", "mine"]


def fault(emulator, **given):
    request = urllib.request.Request(
        f"{emulator.url}/_emulator/faults", json.dumps(given).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status < 300


def calls(emulator):
    with urllib.request.urlopen(f"{emulator.url}/_emulator/calls") as answer:
        return {name: count for name, count in json.load(answer).items() if count}


def forget_calls(emulator):
    urllib.request.urlopen(
        urllib.request.Request(f"{emulator.url}/_emulator/calls", method="DELETE")
    ).close()
