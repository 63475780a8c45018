"""Emulated OSSs in this process."""

import datetime as dt

import pytest
from support.oss_world import Oss

from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator


@pytest.fixture
def start(tmp_path):
    """Starts emulators, each on a folder of its own."""
    running = []

    def begin(**options):
        folder = tmp_path / str(len(running))
        emulator = Emulator(Options(port=0, data_dir=folder, **options)).start()
        running.append(emulator)
        return Oss(emulator, folder / "oss")

    yield begin
    for emulator in running:
        emulator.stop()


@pytest.fixture
def oss(start):
    return start()


@pytest.fixture
def now():
    return dt.datetime.now(dt.timezone.utc)
