"""Copies of the examples."""

from pathlib import Path

import pytest
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import Project

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def emulator(tmp_path):
    """An emulator for one test, without tables."""
    with EmulatorProcess(tmp_path / "emulator", "--create-buckets") as process:
        yield process


@pytest.fixture
def example(tmp_path):
    """Return a function that copies an example by its folder's name, for runs of the real CLI."""

    def copy(name, environment):
        return Project(tmp_path / name, environment, source=EXAMPLES / name)

    return copy
