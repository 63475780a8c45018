"""Emulators that deliver quickly, in this process."""

import pytest
from delivery_world import World

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator


@pytest.fixture
def start(tmp_path):
    """Starts emulators in this process, on one folder."""
    running = []

    def begin(folder=tmp_path, **options):
        options = {"create_buckets": True, "flush_seconds": 0.1, **options}
        emulator = Emulator(Options(port=0, data_dir=folder, **options)).start()
        running.append(emulator)
        world = World(emulator.url, folder)
        world.stop = emulator.stop
        return world

    yield begin
    for emulator in running:
        emulator.stop()


@pytest.fixture
def world(start):
    """An emulator with one table t, key id STRING."""
    world = start()
    world.table()
    return world
