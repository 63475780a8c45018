"""When the worker looks for work."""

from itertools import count
from threading import Event

import pytest
from support.delivery_world import task_request

from pulumi_tablestore_delivery.emulator.delivery import worker as worker_module
from pulumi_tablestore_delivery.emulator.delivery.task import Setting
from pulumi_tablestore_delivery.emulator.delivery.worker import Worker
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask, Store, Table
from pulumi_tablestore_delivery.wire import table_pb2


class Pauses(Event):
    """Records the worker's pauses, and stops it after ten."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def wait(self, seconds):
        self.seconds.append(seconds)
        if len(self.seconds) == 10:
            self.set()


@pytest.fixture
def pauses_of(tmp_path, monkeypatch):
    """Run a worker that has delivered everything; return its pauses."""

    def run(seconds_of_round):
        table = table_pb2.CreateTableRequest()
        table.table_meta.table_name = "t"
        table.table_meta.primary_key.add(name="id", type=2)
        store, stop = Store(tmp_path), Pauses()
        store.add_table("local", Table("t", table.SerializeToString(), 0))
        config = task_request().taskConfig.SerializeToString()
        store.add_task("local", DeliveryTask("t", "task1", 2, config, 0), 0)
        objects = ObjectStore(tmp_path / "oss")
        (tmp_path / "oss" / "my-lake").mkdir(parents=True)
        clock = count(0, 10**18)
        setting = Setting(
            store=store.checkpoints,
            objects=objects,
            flush=0,
            now=lambda: next(clock),
            is_held=lambda: False,
            is_stopping=stop.is_set,
        )
        used = count(0, seconds_of_round)
        monkeypatch.setattr(worker_module, "thread_time", lambda: next(used))
        Worker("local", setting, stop).run()
        store.close()
        return stop.seconds

    return run


def test_idle_worker_looks_often_if_a_look_is_cheap(pauses_of):
    assert pauses_of(0.0001)[-1] == 0.05


def test_idle_worker_uses_at_most_a_twentieth_of_a_processor(pauses_of):
    assert pauses_of(0.01)[-1] == pytest.approx(0.2)


def test_idle_worker_looks_once_a_second_however_long_a_look_takes(pauses_of):
    assert pauses_of(2)[-1] == 1


def test_worker_with_work_does_not_pause(pauses_of):
    assert pauses_of(0.1)[0] == 0
