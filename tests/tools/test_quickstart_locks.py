"""Locks that killed runs of the quickstart leave."""

import json
import os
import socket
import subprocess
import sys

import pytest

from tools.quickstart.locks import has_stale_lock


@pytest.fixture
def ended_pid():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.fixture
def lock(tmp_path):
    def write(name="a", **holder):
        path = tmp_path / ".pulumi" / "locks" / "organization" / "shop" / "dev" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"hostname": socket.gethostname(), **holder}))
        return path

    return write


def test_missing_lock_is_not_stale(tmp_path):
    assert not has_stale_lock(tmp_path)


def test_lock_of_a_killed_run_is_stale(tmp_path, lock, ended_pid):
    lock(pid=ended_pid)
    assert has_stale_lock(tmp_path)


def test_lock_of_a_running_process_is_not_stale(tmp_path, lock, ended_pid):
    lock(pid=ended_pid)
    lock("b", pid=os.getpid())
    assert not has_stale_lock(tmp_path)


def test_lock_of_another_machine_is_not_stale(tmp_path, lock, ended_pid):
    lock(pid=ended_pid, hostname="another")
    assert not has_stale_lock(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
def test_unreadable_lock_is_not_stale(tmp_path, lock, text):
    lock(pid=1).write_text(text)
    assert not has_stale_lock(tmp_path)
