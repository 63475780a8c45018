"""The resource options that the front ends set, and when they do not set them."""

import pulumi
import pytest
from pulumi import ResourceOptions

from pulumi_tablestore_delivery.dynamic.resource import DeliveryTask
from pulumi_tablestore_delivery.frontend import options
from pulumi_tablestore_delivery.frontend.options import with_default_order, with_former_type
from pulumi_tablestore_delivery.frontend.stack_entries import Entry, StackEntries
from pulumi_tablestore_delivery.native import DeliveryTask as NativeTask

EXPLICIT = {"task_name": "by-hand"}


@pytest.mark.parametrize(
    ("given", "opts", "expected"),
    [
        (EXPLICIT, None, True),
        (EXPLICIT, ResourceOptions(), True),
        (EXPLICIT, ResourceOptions(delete_before_replace=True), True),
        (EXPLICIT, ResourceOptions(delete_before_replace=False), False),
        ({"task_name": None}, ResourceOptions(), None),
        ({}, ResourceOptions(delete_before_replace=True), True),
    ],
)
def test_task_with_an_explicit_name_is_deleted_before_it_is_replaced(given, opts, expected):
    assert with_default_order("orders", given, opts).delete_before_replace is expected


@pytest.mark.parametrize(
    ("resource", "table", "task", "expected"),
    [
        ("orders", "orders", "by-hand", True),
        ("orders", "orders", "other", None),
        ("orders", "other", "by-hand", None),
        ("new", "orders", "other", True),
    ],
)
def test_task_that_gets_another_name_or_table_is_created_first(
    monkeypatch, resource, table, task, expected
):
    urn = "urn:pulumi:dev::shop::pulumi-python:dynamic/tablestore:DeliveryTask::orders"
    entries = StackEntries([Entry(urn, "inst", "orders", "by-hand")])
    monkeypatch.setattr(options, "wait_for_stack_entries", lambda: entries)
    found = with_default_order(
        resource, {"table_name": table, "task_name": task}, ResourceOptions()
    )
    assert found.delete_before_replace is expected


def test_option_that_the_program_sets_is_not_changed():
    opts = ResourceOptions(protect=True)
    assert with_default_order("orders", EXPLICIT, opts).protect is True
    assert opts.delete_before_replace is None
    assert with_default_order("orders", {}, None) is None


def test_former_type_is_added_to_the_programs_aliases():
    opts = ResourceOptions(
        aliases=[pulumi.Alias(name="old"), pulumi.Alias(type_="x:y:Z"), "urn:pulumi:whole"]
    )
    aliases = with_former_type(opts, "a:b:C").aliases
    typed = [(alias.name, alias.type_) for alias in aliases[3:] if isinstance(alias, pulumi.Alias)]
    assert typed == [(..., "a:b:C"), ("old", "a:b:C")]
    assert aliases[:3] == opts.aliases
    assert with_former_type(opts, None) is opts


class Monitor(pulumi.runtime.mocks.MockMonitor):
    """Records the options with which resources are registered."""

    def __init__(self, mocks):
        super().__init__(mocks)
        self.requests = []

    def RegisterResource(self, request):  # noqa: N802 - Pulumi's name
        self.requests.append(request)
        return super().RegisterResource(request)


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return f"{args.name}-id", args.inputs

    def call(self, args):
        raise AssertionError(f"a unit test's mocks are asked for {args.token}")


@pytest.mark.parametrize("task", [DeliveryTask, NativeTask])
def test_order_is_registered_and_mocks_do_not_get_stack_requests(task):
    monitor = Monitor(Mocks())
    pulumi.runtime.set_mocks(Mocks(), project="shop", stack="dev", monitor=monitor)

    class OwnTask(task):
        pass

    @pulumi.runtime.test
    def run():
        return [
            task("derived", {"table_name": "t"}).urn,
            task("explicit", {"table_name": "t", **EXPLICIT}).urn,
            OwnTask("own", {"table_name": "t"}).urn,
        ]

    run()
    derived, explicit, own = monitor.requests[-3:]
    assert not derived.deleteBeforeReplaceDefined
    assert (explicit.deleteBeforeReplaceDefined, explicit.deleteBeforeReplace) == (True, True)
    assert derived.type == explicit.type == own.type
    assert not derived.aliases
    former = [alias.spec.type for alias in own.aliases]
    assert former == (["pulumi-python:dynamic:Resource"] if task is DeliveryTask else [])
