"""Automatic names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.specs import BAG

from pulumi_tablestore_delivery.errors import TaskConflictError
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.properties import spec_of

SCOPE = naming.Scope("shop", "dev", "", "orders")
VALID = re.compile(r"[a-z0-9][a-z0-9-]{1,14}[a-z0-9]")


def derive(scope=SCOPE, in_use=lambda _: False, **changes):
    return naming.derive(scope, spec_of({**BAG, **changes}), in_use)


def named(name, **changes):
    return spec_of({**BAG, **changes, "task_name": name})


def test_derived_names_are_pinned():
    """If the algorithm changed, a run after a crash would not recognize its own tasks."""
    assert derive() == "order-l9ofwzfgt"


@given(st.text(max_size=40))
def test_derived_names_are_valid(resource):
    name = derive(naming.Scope("shop", "dev", "", resource))
    assert VALID.fullmatch(name)
    assert naming.is_derived(named(name))


def test_derived_names_differ_by_resource_stack_project_and_parent():
    scopes = [
        SCOPE,
        naming.Scope("shop2", "dev", "", "orders"),
        naming.Scope("shop", "prod", "", "orders"),
        naming.Scope("shop", "dev", "Lake", "orders"),
        naming.Scope("shop", "dev", "", "orders2"),
    ]
    assert len({derive(scope) for scope in scopes}) == len(scopes)


def test_derived_name_depends_only_on_scope_and_content():
    same = {
        derive(), derive(task_name="other"), derive(wait_for="none"), derive(timeout_seconds=5),
        derive(adopt_existing=True), derive(tablestore_endpoint="http://127.0.0.1:1"),
    }  # fmt: skip
    assert len(same) == 1
    other = [
        derive(mode="INC"),
        derive(table_name="orders2"),
        derive(oss_prefix="elsewhere/"),
        derive(parquet_schema=BAG["parquet_schema"][::-1]),
        derive(event_time_column={"column": "t", "format": "Unix"}),
    ]
    assert len({*same, *other}) == 1 + len(other)


def test_names_in_use_are_skipped():
    first = derive()
    second = derive(in_use=lambda name: name == first)
    third = derive(in_use=lambda name: name in {first, second})
    assert len({first, second, third}) == 3
    assert all(naming.is_derived(named(name)) for name in (first, second, third))


def test_every_name_that_can_be_derived_belongs_to_its_scope():
    taken = set()
    for _ in range(64):
        taken.add(derive(in_use=taken.__contains__))
    assert all(naming.belongs_to(SCOPE, name) for name in taken)
    with pytest.raises(TaskConflictError, match="all 64 automatic task names"):
        derive(in_use=taken.__contains__)


@pytest.mark.parametrize("scheme", ["", "https://", "http://"])
@pytest.mark.parametrize("end", ["", "/"])
def test_name_stays_derived_if_the_endpoint_is_spelled_differently(scheme, end):
    name = derive()
    assert naming.is_derived(named(name, oss_endpoint=f"{scheme}{BAG['oss_endpoint']}{end}"))
    spelled = derive(oss_endpoint=f"{scheme}{BAG['oss_endpoint']}{end}")
    assert naming.is_derived(named(spelled))
    assert not naming.is_derived(named(name, oss_endpoint="oss-cn-beijing.aliyuncs.com"))


def test_names_of_different_spellings_are_pinned():
    """A name that a state holds must stay the name of its content."""
    assert derive(oss_endpoint="https://oss-cn-hangzhou.aliyuncs.com") == "order-l9of6ljp4"


def test_derived_name_is_recognized_without_other_information():
    name = derive()
    assert naming.is_derived(named(name))
    assert naming.is_derived(named(name, wait_for="none"))
    assert not naming.is_derived(named(name, mode="INC"))
    assert not naming.is_derived(named("orders-task"))
    assert not naming.is_derived(named("order-abcdefghi"))
    assert not naming.is_derived(named(""))
