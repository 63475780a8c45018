"""The process of a command: interrupts, closed streams, full disks, empty arguments."""

import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_tablestore_delivery.cli import emulator_server
from pulumi_tablestore_delivery.client.http import RequestsTransport

PROGRAM = Path(sys.executable).parent / "tablestore-delivery"
INTERRUPTED_IMPORT = """
import sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("pulumi_tablestore_delivery.cli.ru"):
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from pulumi_tablestore_delivery.cli.main import run
run()
"""


def test_interrupt_while_modules_are_imported_ends_without_a_traceback():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IMPORT], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("status",),
        ("wait",),
        ("verify",),
        ("scan",),
        ("infer-schema", "t"),
        ("ddl", "t", "one"),
    ],
)
def test_interrupt_during_a_call_ends_without_a_traceback(world, command, monkeypatch, arguments):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(RequestsTransport, "post", interrupt)
    done = command(*arguments)
    assert (done.code, done.out, done.err) == (130, "", "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("check - <&-", 1, "error: -: the file holds nothing."),
        ("paths o/ >&-", 0, ""),
        ("stauts 2>&-", 2, ""),
        ("paths o/ >/dev/full", 1, "error: standard output cannot be written: No space left"),
        ("--help >/dev/full", 1, "error: standard output cannot be written: No space left"),
        ("stauts 2>/dev/full", 1, ""),
    ],
)
def test_closed_stream_and_full_disk_do_not_cause_a_traceback(arguments, code, message):
    if "/dev/full" in arguments and not Path("/dev/full").exists():
        pytest.skip("this system does not have /dev/full")
    done = subprocess.run(
        ["sh", "-c", f"{PROGRAM} {arguments}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count("\n") <= 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", ""),
        ("wait", "t", ""),
        ("wait", "--stack", ""),
        ("list", "--table", " "),
        ("list", "--instance", ""),
        ("list", "--region", ""),
        ("list", "--endpoint", ""),
        ("list", "--profile", ""),
        ("infer-schema", ""),
        ("ddl", "", "one"),
        ("diff", "", "dev"),
        ("paths", "o/", "--task", ""),
        ("emulator", "fault", "clear", "--endpoint", ""),
        ("emulator", "deliveries", "--endpoint", ""),
        ("doctor", "--table", ""),
        ("doctor", "--bucket", ""),
        ("check", "tasks.yaml", "--region", ""),
        ("check", ""),
        ("emulator", "--data-dir", ""),
        ("emulator", "--data-dir="),
        ("scan", "--output", " "),
        ("verify", "t", "one", "--oss-endpoint", ""),
        ("policy", "role", "", "orders/"),
    ],
)
def test_empty_argument_is_refused(world, command, arguments):
    done = command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "must not be empty." in done.err


def test_help_is_shown_despite_an_empty_argument(command):
    done = command("status", "", "--help")
    assert done.code == 0
    assert done.out.startswith("Usage:")


@pytest.mark.parametrize("value", ["inf", "1e300", "nan", "-1"])
@pytest.mark.parametrize("option", ["--init-seconds", "--flush-seconds"])
def test_emulator_refuses_seconds_that_are_not_a_pause(command, monkeypatch, option, value):
    monkeypatch.setattr(emulator_server, "serve", lambda *_, **__: 0)
    done = command("emulator", option, value)
    assert done.code == 2
    assert option in done.err


@pytest.mark.parametrize("duration", ["1e300", "366d", "inf", "9" * 400 + "d"])
def test_duration_that_is_too_long_is_refused(world, command, duration):
    for arguments in (("wait", "--timeout"), ("status", "--watch", "--interval")):
        done = command(*arguments, duration)
        assert done.code == 2
        assert "is too long" in done.err or "is not a duration" in done.err
