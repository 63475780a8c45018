"""A program reads its own stack once per run, and continues if that is not possible."""

import asyncio
import json
import time
from types import SimpleNamespace
from typing import ClassVar

import grpc
import pulumi
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2_grpc

from pulumi_tablestore_delivery.frontend import stack_entries
from pulumi_tablestore_delivery.frontend.declaration import declaration
from pulumi_tablestore_delivery.frontend.inputs import ParquetColumnArgs
from pulumi_tablestore_delivery.frontend.shared_text import text_of
from pulumi_tablestore_delivery.frontend.stack_entries import (
    Entry,
    StackEntries,
    read_stack_entries,
)

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
PREFIX = "urn:pulumi:dev::shop::"
DYNAMIC_TYPE = "pulumi-python:dynamic/tablestore:DeliveryTask"
NATIVE_TYPE = "tablestore-delivery:index:DeliveryTask"
DYNAMIC = f"{PREFIX}{DYNAMIC_TYPE}::"
NATIVE = f"{PREFIX}lake:index:Lake${NATIVE_TYPE}::"
OUTPUTS = {
    f"{PREFIX}pulumi:pulumi:Stack::shop-dev": {"outputs": {"DeliveryTask": "no"}},
    f"{DYNAMIC}a": {
        "outputs": {
            "instance_name": "i", "table_name": "t", "task_name": {**SECRET, "value": "n"}
        }
    },
    f"{NATIVE}b": {"outputs": {"instanceName": "i", "tableName": "u", "taskName": "m"}},
    f"{DYNAMIC}half-made": {"outputs": {"instance_name": "i"}},
    f"{PREFIX}alicloud:oss/bucket:Bucket::c": {"outputs": {"table_name": "t", "task_name": "x"}},
}  # fmt: skip
ENTRIES = (Entry(f"{NATIVE}b", "i", "u", "m"), Entry(f"{DYNAMIC}a", "i", "t", "n", has_secret=True))


class Monitor(resource_pb2_grpc.ResourceMonitorStub):
    def __init__(self, answer):
        super().__init__(grpc.insecure_channel("127.0.0.1:1"))
        self.answer, self.requests = answer, []
        self.Invoke = self.invoke

    def invoke(self, request, timeout):
        self.requests.append(request)
        return self.answer()


def answer():
    returned = struct_pb2.Struct()
    returned.update({"name": "acme/shop/dev", "outputs": OUTPUTS})
    return SimpleNamespace(failures=[], **{"return": returned})


@pytest.fixture
def in_program():
    """Runs a coroutine as a program of the stack acme/shop/dev whose monitor is given."""

    def run(monitor, work, *, preview=False):
        settings.configure(
            settings.Settings("shop", "dev", monitor=monitor, organization="acme", dry_run=preview)
        )
        loop = asyncio.new_event_loop()  # of its own: asyncio.run would unset the thread's
        try:
            return loop.run_until_complete(work())
        finally:
            loop.close()

    yield run
    settings.configure(settings.Settings("project", "stack", organization="organization"))


def test_entries_of_delivery_tasks_are_read_once(in_program):
    monitor = Monitor(answer)

    async def work():
        return await read_stack_entries(), await read_stack_entries()

    first, second = in_program(monitor, work)
    assert first.entries == ENTRIES
    assert first is second
    (request,) = monitor.requests
    assert request.args["stackName"] == "acme/shop/dev"


def test_each_run_in_a_process_reads_its_own_entries(in_program):
    async def work():
        return await read_stack_entries()

    monitors = [Monitor(answer), Monitor(answer)]
    assert [in_program(each, work).entries for each in monitors] == [ENTRIES, ENTRIES]
    assert [len(monitor.requests) for monitor in monitors] == [1, 1]


def refused():
    raise grpc.RpcError


def failed():
    return SimpleNamespace(failures=["no"])


@pytest.mark.parametrize("broken", [refused, failed, dict, lambda: time.sleep(0.5)])
def test_any_failure_leaves_the_entries_unknown(in_program, monkeypatch, broken):
    monkeypatch.setattr(stack_entries, "_SECONDS", 0.1)

    async def work():
        sent = declaration("orders", {"table_name": "t"}, None)
        return await read_stack_entries(), json.loads(await sent)["entries"]

    assert in_program(Monitor(broken), work) == (None, None)


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("t", f"{DYNAMIC}a\ti/t/n"),
        ("other", ""),
        (pulumi.Output.from_input, f"{NATIVE}b\ti/u/m\n{DYNAMIC}a\ti/t/n"),
    ],
)
def test_declaration_has_the_entries_of_the_resources_table(in_program, table, lines):
    async def work():
        name = table("t") if callable(table) else table
        return json.loads(await declaration("orders", {"table_name": name}, None))["entries"]

    assert in_program(Monitor(answer), work) == lines


def entries_of_a_long_table(*, has_secret):
    return [Entry(f"{DYNAMIC}{n}", "i", "t", f"task-{n}", has_secret) for n in range(100)]


def test_entries_of_a_long_table_are_written_to_one_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    entries = StackEntries(entries_of_a_long_table(has_secret=False))
    value = entries.as_property("t")
    assert entries.as_property("t") is value
    assert text_of(value).splitlines() == [str(entry) for entry in entries.entries]


def test_secret_names_are_not_written_to_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    text = StackEntries(entries_of_a_long_table(has_secret=True)).as_property("t")
    assert len(text.splitlines()) == 100
    assert not list(tmp_path.iterdir())


def test_resource_that_is_only_read_has_no_declaration(in_program):
    async def work():
        return declaration("orders", {}, pulumi.ResourceOptions(id="i/t/n"))

    monitor = Monitor(answer)
    assert in_program(monitor, work) is None
    assert monitor.requests == []


class TestHeldTask:
    """The program refuses a task that another entry holds, where it is sure of the task."""

    @pytest.fixture(autouse=True)
    def no_settings(self, monkeypatch):
        monkeypatch.delenv("TABLESTORE_INSTANCE", raising=False)
        pulumi.runtime.set_all_config({})
        yield
        pulumi.runtime.set_all_config({})

    @pytest.fixture
    def is_refused(self, in_program):
        def run(options=None, resource="other", front_end=DYNAMIC_TYPE, **changes):
            async def work():
                given = {"table_name": "t", "task_name": "n", **changes}
                opts = options() if options else None
                return await declaration(resource, given, opts, front_end)

            try:
                in_program(Monitor(answer), work)
            except pulumi.RunError as error:
                return str(error)
            return ""

        return run

    @pytest.mark.parametrize(("instance", "refused"), [("i", True), ("far", False)])
    def test_instance_comes_from_the_program(self, is_refused, instance, refused):
        assert bool(is_refused(instance_name=instance)) is refused

    @pytest.mark.parametrize(("instance", "refused"), [(" i ", True), ("far", False)])
    @pytest.mark.parametrize(
        ("front_end", "namespace"),
        [(DYNAMIC_TYPE, "tablestore"), (NATIVE_TYPE, "tablestore-delivery")],
    )
    def test_instance_comes_from_the_configuration(
        self, is_refused, instance, refused, front_end, namespace
    ):
        pulumi.runtime.set_config(f"{namespace}:instance", instance)
        assert bool(is_refused(front_end=front_end)) is refused

    @pytest.mark.parametrize(("instance", "refused"), [("i", True), ("far", False)])
    def test_environment_comes_before_the_configuration(
        self, is_refused, monkeypatch, instance, refused
    ):
        pulumi.runtime.set_config("tablestore:instance", "else")
        monkeypatch.setenv("TABLESTORE_INSTANCE", instance)
        assert bool(is_refused()) is refused

    def test_unknown_instance_is_not_refused(self, is_refused):
        assert not is_refused()
        assert not is_refused(instance_name=pulumi.Output.from_input("i"))

    def test_instance_of_an_explicit_provider_is_unknown(self, is_refused, monkeypatch):
        monkeypatch.setenv("TABLESTORE_INSTANCE", "i")
        own = SimpleNamespace(package="tablestore-delivery")
        parent = SimpleNamespace(
            pulumi_resource_type="x:y:Z",
            get_provider=lambda member: own if member.startswith(f"{own.package}:") else None,
        )

        def options(**named):
            given = pulumi.ResourceOptions()
            given.__dict__.update(named)
            return lambda: given

        native = {"front_end": NATIVE_TYPE}
        assert is_refused(**native)
        assert not is_refused(options(provider=own), **native)
        assert not is_refused(options(providers=[own]), **native)
        assert not is_refused(options(parent=parent), **native)
        assert is_refused(options(parent=parent))

    @pytest.mark.parametrize("ignored", ["task_name", "taskName", "tableName", "*"])
    def test_name_that_the_engine_ignores_is_not_refused(self, is_refused, ignored):
        """The engine takes the old name. A resource without an entry does not have one."""

        def options():
            return pulumi.ResourceOptions(ignore_changes=["mode", ignored])

        wanted = {"instance_name": "i", "table_name": "t", "task_name": "n"}
        assert not is_refused(options, resource="b", **wanted)
        assert is_refused(options, resource="new", **wanted)
        assert is_refused(lambda: pulumi.ResourceOptions(ignore_changes=["mode"]), "b", **wanted)

    def test_alias_by_name_is_the_remedy_for_the_same_type_and_parent(self, is_refused):
        remedy = is_refused(instance_name="i")
        assert "aliases=[pulumi.Alias(name='a')]" in remedy
        assert "pulumi state rename" in remedy

    def test_alias_by_urn_is_the_remedy_for_another_type_or_parent(self, is_refused):
        child = pulumi.ResourceOptions()
        child.parent = SimpleNamespace(pulumi_resource_type="x:y:Z")
        of_child = {"instance_name": "i", "table_name": "u", "task_name": "m"}
        for remedy, urn in (
            (is_refused(front_end=NATIVE_TYPE, instance_name="i"), f"{DYNAMIC}a"),
            (is_refused(lambda: child, instance_name="i"), f"{DYNAMIC}a"),
            (is_refused(front_end=NATIVE_TYPE, **of_child), f"{NATIVE}b"),
        ):
            assert f"aliases=[{urn!r}]" in remedy
            assert "rename" not in remedy

    def test_own_task_is_not_refused(self, is_refused):
        assert not is_refused(instance_name="i", resource="a")


class TestTablesOfAPreview:
    COLUMNS: ClassVar = [{"source": "id", "type": "UTF8"}, {"source": "x", "type": "INT64"}]

    def declare(self, name, table, **inputs):
        sent = declaration(name, {"table_name": table, **inputs}, None)
        return asyncio.ensure_future(self.tables_in(sent))

    async def tables_in(self, sent):
        return json.loads(await sent)["tables"]

    def test_first_resource_carries_all_new_tables_and_others_the_one_they_share(self, in_program):
        async def work():
            first = self.declare("n1", "t", parquet_schema=self.COLUMNS)
            event = {"column": "at", "format": "RFC3339"}
            column = ParquetColumnArgs(source="y", type="UTF8")
            others = [
                self.declare("n2", "t", parquet_schema=[column], event_time_column=event),
                self.declare("n3", "u", parquet_schema=self.COLUMNS),
                self.declare("a", "unchanged"),  # the state has an entry of this name
                self.declare("n4", pulumi.Output.from_input("later")),
                self.declare("n5", "elsewhere", instance_name="other"),
            ]
            return json.loads(await first), [await each for each in others]

        tables, others = in_program(Monitor(answer), work, preview=True)
        assert tables == {"t": ["id", "x", "y", "at"], "u": ["id", "x"]}
        shared, *rest = others
        assert json.loads(shared) == {"t": tables["t"]}  # the engine may check this one first
        assert rest == [None] * 4

    def test_update_sends_no_tables(self, in_program):
        async def work():
            return await self.declare("n1", "t")

        assert in_program(Monitor(answer), work) is None
