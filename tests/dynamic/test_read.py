"""Read in the dynamic provider: a missing task was deleted, or is an error of the program."""

import pytest
from support.lifecycle_world import World

from pulumi_tablestore_delivery.dynamic import host, service

ABSENT = "inst/orders/absent"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read as the engine asks, with a service that has the task `by-hand`."""
    world = World(tmp_path)
    world.make_task("by-hand")
    monkeypatch.setattr(service, "Lifecycle", lambda *_, **__: world.run())
    yield service.Service(lambda _: None, service.ResourceProvider).read
    world.close()


def test_get_of_a_missing_task_is_an_error(read):
    """The engine gives the inputs of `DeliveryTask.get`, and there are none."""
    with pytest.raises(host.PlainError, match=f"{ABSENT}: the delivery task does not exist"):
        read(ABSENT, {})
    assert read("inst/orders/by-hand", {}).outs["task_name"] == "by-hand"


def test_read_of_a_deleted_task_returns_an_empty_id(read):
    outputs = read("inst/orders/by-hand", {}).outs
    assert read(ABSENT, outputs).id == ""
