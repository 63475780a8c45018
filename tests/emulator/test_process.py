"""The emulator as people start it: its line, its signals, its data folder."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).parent / "tablestore-delivery"
READY = re.compile(r"Tablestore emulator ready at (http://127\.0\.0\.1:(\d+))\n")


class Process:
    def __init__(self, data_dir, *options, **environment):
        self.process = subprocess.Popen(
            [PROGRAM, "emulator", "--port", "0", "--data-dir", data_dir, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )

    def ready(self):
        line = self.process.stdout.readline()
        match = READY.fullmatch(line)
        assert match, line + self.process.stderr.read()
        return match[1]

    def end(self, number):
        self.process.send_signal(number)
        return self.result()

    def result(self):
        output, errors = self.process.communicate(timeout=20)
        return self.process.returncode, output, errors


@pytest.fixture
def begin(tmp_path):
    begun = []

    def start(*options, **environment):
        process = Process(tmp_path / "data", *options, **environment)
        begun.append(process)
        return process

    yield start
    for process in begun:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)
        process.process.stdout.close()
        process.process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(begin, make_caller, number):
    process = begin()
    make_caller(process.ready()).create_table()  # and the connection stays open
    assert process.end(number) == (0, "", "")


def test_what_was_acknowledged_outlives_kill_9(begin, make_caller):
    process = begin("--create-buckets")
    call = make_caller(process.ready())
    call.create_table()
    for number in range(20):
        call.create(f"task-{number}")
    call.delete("task-3")
    process.end(signal.SIGKILL)
    call = make_caller(begin().ready())
    assert call.list() == sorted(f"task-{number}" for number in range(20) if number != 3)
    assert call.describe("task-7").taskConfig.ossBucket == "bkt"


def test_a_folder_serves_one_emulator(begin):
    begin().ready()
    code, output, errors = begin().result()
    assert (code, output) == (1, "")
    assert re.fullmatch(r"The data folder .* is in use by another emulator: .*\n", errors)


def test_a_port_in_use_is_said(begin):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        code, output, errors = begin("--port", str(port)).result()
    assert (code, output) == (1, "")
    assert errors == f"Cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_a_folder_of_another_version_is_refused(begin, tmp_path):
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "tablestore.sqlite3")) as db:
        db.execute("PRAGMA user_version = 99")
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(r"Cannot use .*: its version is 99, .*\n", errors)


def test_a_broken_database_is_said(begin, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tablestore.sqlite3").write_bytes(b"not a database" * 100)
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(r"Cannot use .*: file is not a database\n", errors)


def test_the_secret_may_come_from_the_environment(begin, make_caller, refused):
    process = begin(TABLESTORE_EMULATOR_ACCESS_KEY_SECRET="from-outside")
    url = process.ready()
    make_caller(url, secret="from-outside").create_table()
    with pytest.raises(refused, match="Signature mismatch"):
        make_caller(url).create_table("other")
    code, output, errors = process.end(signal.SIGTERM)
    assert (code, output + errors) == (0, "")


def test_a_missing_extra_is_named():
    program = (
        "import sys; sys.modules['typer'] = None\n"
        "from pulumi_tablestore_delivery.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: this command needs typer, of the extra 'cli': "
        "pip install 'pulumi-tablestore-delivery[cli,emulator]'\n"
    )
