"""Run commands in this process, against an emulator over HTTP."""

import json
import os
import sys
from dataclasses import dataclass

import pytest
from support.delivery_world import World

from pulumi_tablestore_delivery.cli.main import run
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator


@dataclass
class Done:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def command(capsys, monkeypatch):
    """Run `tablestore-delivery` with arguments, as its executable does."""

    def call(*arguments, **environment):
        monkeypatch.setattr(sys, "argv", ["tablestore-delivery", *arguments])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def emulate(tmp_path, monkeypatch):
    """Start an emulator, set the environment for it, and return its `World`."""
    running = []

    def begin(**options):
        options = {"create_buckets": True, "flush_seconds": 0.1, **options}
        emulator = Emulator(Options(port=0, data_dir=tmp_path / "emulator", **options)).start()
        running.append(emulator)
        for name in [name for name in os.environ if name.startswith(("TABLESTORE", "ALI"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("TABLESTORE_ENDPOINT", emulator.url)
        monkeypatch.setenv("TABLESTORE_INSTANCE", "local")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "local")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "local-secret")
        return World(emulator.url, tmp_path / "emulator")

    yield begin
    for emulator in running:
        emulator.stop()


@pytest.fixture
def world(emulate):
    """An emulator with the table t (key id STRING), without delivery tasks."""
    world = emulate()
    world.table()
    return world
