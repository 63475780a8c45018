"""An emulator in this process with a clock that a test moves, and a bare caller."""

import pytest
from support.delivery_world import starter
from support.emulator_caller import Caller, Clock, RefusedError, task_request

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def start(tmp_path, clock):
    """Starts emulators on one folder and clock; returns a Caller for each."""
    running = []

    def begin(caller=None, **options):
        options = {"port": 0, "data_dir": tmp_path, **options}
        emulator = Emulator(Options(**options), clock).start()
        made = Caller(emulator.url, **(caller or {}))
        made.emulator = emulator
        running.append(made)
        return made

    yield begin
    for caller in running:
        caller.connection.close()
        caller.emulator.stop()


@pytest.fixture
def call(start):
    """A caller of an emulator that has one table, tbl."""
    caller = start(create_buckets=True)
    caller.create_table()
    return caller


@pytest.fixture
def refused():
    return RefusedError


@pytest.fixture
def new_task():
    return task_request


@pytest.fixture
def make_caller():
    """Makes callers for tests that start the emulator in another way."""
    made = []

    def make(url, **options):
        caller = Caller(url, **options)
        made.append(caller)
        return caller

    yield make
    for caller in made:
        caller.connection.close()


@pytest.fixture
def start_world(tmp_path):
    """Starts emulators that the official SDK calls, on one folder."""
    with starter(tmp_path) as begin:
        yield begin


@pytest.fixture
def world(start_world):
    """An emulator with one table t, key id STRING."""
    world = start_world()
    world.table()
    return world
