"""The parts of the quickstart, with a fake emulator."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools.quickstart import emulator, settings

STAND_IN = """
import http.server, os, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
server = http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler)
print(f"Tablestore emulator ready at http://127.0.0.1:{server.server_port}")
server.serve_forever()
"""
CREDENTIALS = ("key", "secret")

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning",  # a process is left running, on purpose
    "ignore::ResourceWarning",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A quickstart folder, with the stand-in beside the python that runs the quickstart."""
    stand_in = tmp_path / "bin" / "tablestore-delivery"
    stand_in.parent.mkdir()
    stand_in.with_suffix(".py").write_text(STAND_IN)
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$0.py" "$@"\n')
    stand_in.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    with socket.socket() as probe:  # so that tests that run side by side do not meet
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setattr(emulator, "PORT", probe.getsockname()[1])
    folder = tmp_path / "with space" / ".quickstart"
    folder.mkdir(parents=True)
    yield folder
    emulator.stop(folder)


def start(folder: Path) -> emulator.Running:
    return emulator.ensure_running(folder, "local", CREDENTIALS, os.environ)


def record(folder: Path, pid: int, endpoint: str) -> None:
    (folder / "emulator.json").write_text(json.dumps({"pid": pid, "endpoint": endpoint}))


def test_emulator_is_started_once_and_stopped_once(folder):
    first = start(folder)
    assert first.started_now
    assert first.endpoint == f"http://127.0.0.1:{emulator.PORT}"
    second = start(folder)
    assert (second.pid, second.endpoint, second.started_now) == (first.pid, first.endpoint, False)
    assert emulator.stop(folder)
    assert not emulator.stop(folder)


def test_other_process_with_the_recorded_id_is_not_stopped(folder):
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            record(folder, other.pid, "http://127.0.0.1:9")
            assert not emulator.stop(folder)
            assert start(folder).pid != other.pid
            assert other.poll() is None
        finally:
            other.kill()


def test_restarted_emulator_uses_its_old_port(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    record(folder, 2**22 + 1, f"http://127.0.0.1:{port}")
    assert start(folder).endpoint == f"http://127.0.0.1:{port}"


def test_emulator_uses_another_port_if_its_port_is_in_use(folder):
    with socket.create_server(("127.0.0.1", emulator.PORT)):
        running = start(folder)
    assert urlsplit(running.endpoint).port not in {None, emulator.PORT}


def test_damaged_record_is_ignored(folder):
    (folder / "emulator.json").write_text("{")
    assert start(folder).started_now


def test_failed_emulator_is_reported_with_its_output(folder):
    path = Path(sys.executable).parent / "tablestore-delivery"
    path.write_text("#!/bin/sh\necho 'no such option'\nexit 2\n")
    with pytest.raises(emulator.EmulatorError, match=r"(?s)ended with code 2.*no such option"):
        start(folder)


def test_settings_of_a_real_account_do_not_reach_the_programs(folder):
    user = {"ALICLOUD_SECRET_KEY": "real", "PULUMI_STACK": "prod", "HOME": "/home/me"}
    user |= {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "real", "NO_PROXY": "intranet"}
    changes = settings.settings(folder, "http://127.0.0.1:8087", user)
    environment = settings.environment(changes, user)
    assert "real" not in environment.values()
    assert "PULUMI_STACK" not in environment
    assert environment["HOME"] == "/home/me"
    assert environment["NO_PROXY"] == environment["no_proxy"] == "intranet,127.0.0.1"


def test_shell_file_sets_the_same_variables(folder):
    changes = settings.settings(folder, "http://127.0.0.1:8087", {})
    settings.write_shell_file(folder / "env", changes, Path("/opt/cli's"))
    printed = subprocess.run(
        ["sh", "-c", '. "$0" && env', str(folder / "env")],
        env={"PATH": "/usr/bin:/bin", "ALICLOUD_SECRET_KEY": "real"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = dict(line.split("=", 1) for line in printed.splitlines())
    assert {name: found[name] for name in changes} == changes
    assert "ALICLOUD_SECRET_KEY" not in found
    assert found["PATH"] == f"{Path(sys.executable).parent}:/opt/cli's:/usr/bin:/bin"
