"""Emulators whose page is looked at."""

import pytest
from delivery_world import World

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator


@pytest.fixture
def start(tmp_path):
    """Starts emulators in this process, on one folder."""
    running = []

    def begin(**options):
        options = {"create_buckets": True, "flush_seconds": 0.1, **options}
        emulator = Emulator(Options(port=0, data_dir=tmp_path, **options)).start()
        running.append(emulator)
        world = World(emulator.url, tmp_path)
        world.oss_url = emulator.oss_url
        world.stop = emulator.stop
        return world

    yield begin
    for emulator in running:
        emulator.stop()


@pytest.fixture
def world(start):
    """An emulator with a table and a task that has delivered rows and discarded values."""
    world = start()
    world.table("orders")
    world.task(
        "lake",
        table="orders",
        columns=[("id", "UTF8"), ("amount", "DOUBLE", "amount_cny"), ("note", "UTF8")],
        ossPrefix="orders/year=$yyyy/",
        event=("created_at", "RFC3339"),
    )
    rows = [
        {"amount": 1.5, "note": "gift", "created_at": "2023-05-01T00:00:00Z"},
        {"amount": "12 CNY", "created_at": "2024-05-01T00:00:00Z"},
        {"amount": "13 CNY", "note": "<script>bad()</script>", "created_at": "yesterday"},
    ]
    world.put_many([(f"order-{n}", row) for n, row in enumerate(rows)], "orders")
    world.wait(lambda: world.report("lake")["rows"] == 3)
    return world
