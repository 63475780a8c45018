"""Emulators that deliver quickly, in this process."""

import pytest
from support.delivery_world import starter


@pytest.fixture
def start(tmp_path):
    """Starts emulators in this process, on one folder."""
    with starter(tmp_path) as begin:
        yield begin


@pytest.fixture
def world(start):
    """An emulator with one table t, key id STRING."""
    world = start()
    world.table()
    return world
