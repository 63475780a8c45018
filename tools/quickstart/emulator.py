"""The quickstart's emulator: started once, left running, stopped only if it is the quickstart's."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

HOST = "127.0.0.1"
PORT = 8087  # another one is taken where this is in use
START_SECONDS = 30.0
STOP_SECONDS = 10.0
READY = re.compile(r"Tablestore emulator ready at (http://\S+)")


class EmulatorError(Exception):
    """The emulator did not start or stop. The message says what to check."""


@dataclass(frozen=True)
class Running:
    """An emulator that answers."""

    pid: int
    endpoint: str
    started_now: bool = False


def ensure_running(
    folder: Path, instance: str, credentials: tuple[str, str], environment: Mapping[str, str]
) -> Running:
    """Return the emulator that an earlier run left, or start one on the same data."""
    before = _recorded(folder)
    if before and _is_ours(before.pid, folder) and _answers(before.endpoint):
        return before
    stop(folder)  # ours, but it does not answer
    ports = [urlsplit(before.endpoint).port or PORT] if before else []
    port = next((port for port in (*ports, PORT) if _is_free(port)), 0)
    key_id, secret = credentials
    command = [str(Path(sys.executable).parent / "tablestore-delivery"), "emulator"]
    command += ["--host", HOST, "--port", str(port), "--data-dir", str(data(folder))]
    command += ["--instance", instance, "--access-key-id", key_id, "--access-key-secret", secret]
    command += ["--create-buckets", "--init-seconds", "1"]
    log = folder / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the quickstart is not meant for it
        )
    running = Running(process.pid, "", started_now=True)
    _record(folder, running)
    running = Running(process.pid, _wait_until_ready(process, log), started_now=True)
    _record(folder, running)
    return running


def stop(folder: Path) -> bool:
    """Stop the recorded emulator. Return whether there was one."""
    recorded = _recorded(folder)
    stopped = recorded is not None and _is_ours(recorded.pid, folder)
    if recorded and stopped:
        os.kill(recorded.pid, signal.SIGTERM)
        give_up = time.monotonic() + STOP_SECONDS
        while _is_ours(recorded.pid, folder):
            if time.monotonic() > give_up:
                raise EmulatorError(f"The emulator, process {recorded.pid}, does not stop")
            time.sleep(0.05)
    return stopped


def data(folder: Path) -> Path:
    """The emulator's data folder."""
    return folder / "tablestore"


def _record_file(folder: Path) -> Path:
    return folder / "emulator.json"


def _record(folder: Path, running: Running) -> None:
    values = asdict(running)
    del values["started_now"]
    _record_file(folder).write_text(json.dumps(values), encoding="utf-8")


def _recorded(folder: Path) -> Running | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Running(**json.loads(_record_file(folder).read_text(encoding="utf-8")))
    return None


def _is_ours(pid: int, folder: Path) -> bool:
    """Return whether the process is the quickstart's emulator: process ids are used again."""
    command = _command_line(pid)
    return " emulator " in command and str(data(folder)) in command


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:
            return ""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout


def _answers(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    with contextlib.suppress(OSError):
        socket.create_connection((address.hostname, address.port or 0), timeout=2).close()
        return True
    return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return True
    return False


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> str:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        ended = process.poll() is not None  # before the log is read, so that nothing is missed
        said = log.read_text(encoding="utf-8", errors="replace")
        if ready := READY.search(said):
            return ready[1]
        if ended:
            last = "\n".join(said.splitlines()[-15:])
            raise EmulatorError(f"The emulator ended with code {process.returncode}:\n{last}")
        time.sleep(0.05)
    process.terminate()
    raise EmulatorError(f"The emulator was not ready after {START_SECONDS:.0f} s; see {log}")
