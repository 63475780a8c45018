"""An emulator that has delivered the same rows under prefixes of every style."""

import pytest
from support.consumers_world import deliver_all
from support.delivery_world import World

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("delivered")
    with Emulator(
        Options(port=0, data_dir=folder, create_buckets=True, flush_seconds=0)
    ) as emulator:
        world = World(emulator.url, folder)
        deliver_all(world)
        yield world
