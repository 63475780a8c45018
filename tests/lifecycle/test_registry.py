"""The registry: what this run has seen of resources and their tasks."""

import dataclasses
import sys
import threading

import pytest
from support.lifecycle_world import HERE, bag
from support.specs import BAG

from pulumi_tablestore_delivery.lifecycle import Registry, TaskId
from pulumi_tablestore_delivery.spec.properties import spec_of

TASK = TaskId("inst", "orders", "by-hand")
OTHER = TaskId("inst", "orders", "other")
A, B, C = (dataclasses.replace(HERE.scope, resource=name) for name in "abc")


class Shared(dict):
    """A journal in memory."""

    def record(self, task, *, is_continued):
        self[task] = is_continued

    def is_continued(self, task):
        return self.get(task, False)


def held(name="by-hand"):
    return spec_of({**BAG, "instance_name": "inst", "table_name": "orders", "task_name": name})


def declared(scope):
    return dataclasses.replace(HERE, scope=scope)


class TestMade:
    def test_one_of_many_racing_resources_gets_the_task(self):
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for _ in range(50):
                registry, together, wins = Registry(), threading.Barrier(8), []

                def make(number, registry=registry, together=together, wins=wins):
                    scope = dataclasses.replace(A, resource=f"r{number}")
                    together.wait()
                    wins.append(registry.record_made(TASK, scope))

                threads = [threading.Thread(target=make, args=(n,)) for n in range(8)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                assert sum(wins) == 1
        finally:
            sys.setswitchinterval(interval)

    def test_resource_may_make_its_own_task_again(self):
        registry = Registry()
        assert registry.record_made(TASK, A)
        assert registry.record_made(TASK, A)
        assert not registry.record_made(TASK, B)
        registry.forget_made(TASK)
        assert registry.record_made(TASK, B)


class TestWanted:
    def test_second_resource_is_next_if_the_first_gives_the_task_up(self):
        registry = Registry()
        registry.record_wanted(A, TASK)
        registry.record_wanted(B, TASK)
        assert not registry.is_wanted_by_another(TASK, A)
        assert registry.is_wanted_by_another(TASK, B)
        registry.record_wanted(A, OTHER)
        assert not registry.is_wanted_by_another(TASK, B)
        assert registry.is_wanted_by_another(TASK, C)
        assert registry.is_in_program(TASK)
        registry.record_wanted(B, OTHER)
        assert not registry.is_in_program(TASK)


class TestContinued:
    @pytest.fixture
    def shared(self):
        return Shared()

    @pytest.fixture(params=["same process", "another process"])
    def deleting(self, request, shared):
        """Return the registry that a delete asks."""
        return lambda registry: registry if request.param == "same process" else Registry(shared)

    def test_kept_task_is(self, shared, deleting):
        registry = Registry(shared)
        registry.record_check(declared(A), held())
        assert not deleting(registry).is_continued(TASK)
        registry.record_wanted(A, TASK)
        assert deleting(registry).is_continued(TASK)

    def test_replaced_task_is_not(self, shared, deleting):
        registry = Registry(shared)
        registry.record_check(declared(A), held())
        registry.record_wanted(A, TASK)
        registry.record_check(declared(A), None)
        registry.record_wanted(A, TASK)
        assert not deleting(registry).is_continued(TASK)

    def test_task_that_changes_its_name_is_not(self, shared, deleting):
        registry = Registry(shared)
        registry.record_check(declared(A), held())
        registry.record_wanted(A, OTHER)
        assert not deleting(registry).is_continued(TASK)
        assert not deleting(registry).is_continued(OTHER)

    def test_made_task_is_until_its_create_fails(self, shared, deleting):
        registry = Registry(shared)
        registry.record_made(TASK, A)
        assert deleting(registry).is_continued(TASK)
        registry.forget_made(TASK)
        assert not deleting(registry).is_continued(TASK)


def test_live_task_stays_if_another_process_deletes_its_second_entry(world):
    shared = Shared()
    run = world.run(Registry(shared))
    inputs = run.check({}, bag(task_name="orders"), HERE, world.row).inputs
    found = run.create(inputs, world.row)
    shared.clear()
    run = world.run(Registry(shared))
    run.check(found.inputs, bag(task_name="orders"), HERE, world.row)
    world.run(Registry(shared)).delete(found.id, found.outputs, world.row)
    assert world.tasks() == ["orders"]
    assert "continues with it" in world.row.warnings[-1]
