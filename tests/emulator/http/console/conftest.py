"""Emulators whose web page is tested."""

import pytest


@pytest.fixture
def world(start_world):
    """An emulator with a table and a task that has delivered rows and discarded values."""
    world = start_world()
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
    world.wait(lambda: world.report("lake")["rows"] == 3 and len(world.files("orders/")) == 3)
    return world
