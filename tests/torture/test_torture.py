"""The short form of `make torture`: one fault of each kind, two kills, each race once."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from support.pulumi_cli import NEEDS_PULUMI

from torture.cli import TaskStack


@pytest.fixture
def torture(tmp_path):
    """Runs the harness in a process of its own, because it forks, and returns what is unsound."""

    def run(*arguments):
        path = tmp_path / "torture.json"
        done = subprocess.run(
            [sys.executable, "-m", "torture", "--json", str(path), *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert path.exists(), done.stdout + done.stderr
        found = json.loads(path.read_text())
        results = [*found["matrix"], *found["kills"], *found["races"]]
        assert results
        return [each for each in results if not each["is_sound"]]

    return run


def test_short_matrix_passes(torture):
    assert torture("--parts", "matrix", "--short") == []


class TestWithTheRealCli:
    pytestmark = NEEDS_PULUMI

    def test_stack_is_repaired_after_two_kills(self, torture):
        assert torture("--parts", "kills", "--kills", "2") == []

    def test_race_ends_with_every_task_owned_by_one_stack(self, torture):
        assert torture("--parts", "races", "--races", "1") == []


def test_a_torn_state_file_is_replaced_by_its_backup(tmp_path):
    folder = tmp_path / ".pulumi" / "stacks" / "shop"
    folder.mkdir(parents=True)
    file, whole = folder / "dev.json", '{"checkpoint": {"latest": null}}'
    file.with_name("dev.json.bak").write_text(whole)
    stack = TaskStack.__new__(TaskStack)  # without a stack of the real CLI
    stack.project, stack.stack = SimpleNamespace(state=tmp_path), SimpleNamespace(name="dev")
    for torn in ("", whole[:10]):
        file.write_text(torn)
        assert stack.restore_torn_state()
        assert file.read_text() == whole
        assert not stack.restore_torn_state()
        assert stack.owned() == {}
    attributes = file.with_name("dev.json.attrs")
    attributes.touch()
    assert stack.restore_torn_state()
    assert not attributes.exists()
