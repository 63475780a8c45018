"""An emulator that the official SDK calls."""

import pytest
from support.delivery_world import starter


@pytest.fixture
def start_world(tmp_path):
    """Starts emulators in this process, on one folder."""
    with starter(tmp_path) as begin:
        yield begin


@pytest.fixture
def world(start_world):
    """An emulator with one table t, key id STRING."""
    world = start_world()
    world.table()
    return world
