import pytest
from support.lifecycle_world import World


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def slow_world(tmp_path):
    """A service whose tasks initialize for 30 seconds."""
    made = World(tmp_path, init_seconds=30)
    yield made
    made.close()
