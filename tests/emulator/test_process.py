"""The emulator as a process: its output, its signals, its data folder."""

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

ADVICE = r"; move it away, or give another --data-dir\n"


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
def test_signal_ends_the_process_cleanly(begin, make_caller, number):
    process = begin()
    make_caller(process.ready()).create_table()  # and the connection stays open
    assert process.end(number) == (0, "", "")


def test_acknowledged_changes_survive_kill_9(begin, make_caller):
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


def test_folder_in_use_is_refused(begin):
    begin().ready()
    code, output, errors = begin().result()
    assert (code, output) == (1, "")
    assert re.fullmatch(r"The data folder .* is in use by another emulator: .*\n", errors)


def test_port_in_use_is_refused(begin):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        code, output, errors = begin("--port", str(port)).result()
    assert (code, output) == (1, "")
    assert errors == (
        f"Cannot listen on 127.0.0.1:{port}: Address already in use. "
        "Use --port 0 to take a free port.\n"
    )


def test_folder_of_another_version_is_refused(begin, tmp_path):
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "tablestore.sqlite3")) as db:
        db.execute("PRAGMA user_version = 99")
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(r"Cannot use .*: its version is 99, .*\n", errors)


def test_broken_database_is_refused(begin, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tablestore.sqlite3").write_bytes(b"not a database" * 100)
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(rf"Cannot use .*: file is not a database{ADVICE}", errors)


def test_folder_where_the_database_should_be_is_refused(begin, tmp_path):
    (tmp_path / "data" / "tablestore.sqlite3").mkdir(parents=True)
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(rf"Cannot use .*: it is a folder, not a database{ADVICE}", errors)


def test_file_where_the_data_folder_should_be_is_refused(begin, tmp_path):
    (tmp_path / "data").write_text("a file")
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(
        r"Cannot use the data folder .*: it is not a folder; give another --data-dir\n", errors
    )


def test_file_where_the_buckets_should_be_is_refused(begin, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "oss").write_text("a file")
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(rf"Cannot use .*/oss: it is not a folder{ADVICE}", errors)


def test_file_where_the_staging_folder_should_be_is_refused(begin, tmp_path):
    (tmp_path / "data" / "oss").mkdir(parents=True)
    (tmp_path / "data" / "oss" / ".writing").write_text("a file")
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(rf"Cannot use .*/\.writing: Not a directory{ADVICE}", errors)


@pytest.mark.parametrize("host", ["no.such.host.invalid", f"{'a' * 64}.example", "a..b"])
def test_host_that_does_not_resolve_is_refused(begin, host):
    code, output, errors = begin("--host", host, "--access-key-secret", "own").result()
    assert (code, output) == (1, "")
    assert re.fullmatch(r"Cannot listen on .*: .*\n", errors)


def test_damaged_page_is_refused(begin, make_caller, tmp_path):
    process = begin()
    call = make_caller(process.ready())
    for number in range(50):
        call.create_table(f"t{number}")
    process.end(signal.SIGTERM)
    path = tmp_path / "data" / "tablestore.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 3] = b"\xa5" * 4096
    path.write_bytes(content)
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(
        rf"Cannot use .*: (it is damaged \(.*\)|database disk image is malformed){ADVICE}", errors
    )


@pytest.fixture
def mounted(tmp_path):
    """Mounts a small file system where the system allows it."""
    folder = tmp_path / "data"
    folder.mkdir()

    def mount(*options):
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("this system does not allow a mount")
        return folder

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def test_read_only_data_folder_is_refused(begin, mounted):
    mounted("ro", "size=1m")
    code, _, errors = begin().result()
    assert code == 1
    assert errors.endswith("Read-only file system; give another --data-dir\n")
    assert errors.count("\n") == 1


def test_full_data_folder_is_refused(begin, mounted):
    (mounted("size=64k") / "filler").write_bytes(bytes(60 * 1024))
    code, _, errors = begin().result()
    assert code == 1
    assert re.fullmatch(rf"Cannot use .*: database or disk is full{ADVICE}", errors)


def test_disk_that_fills_up_is_an_error_answer_and_one_line_in_the_log(
    begin, make_caller, mounted, refused
):
    folder = mounted("size=1m")
    process = begin()
    call = make_caller(process.ready())
    call.create_table()
    (folder / "filler").write_bytes(bytes(_free_bytes(folder)))
    for number in range(30):
        with pytest.raises(refused, match=r"500 OTSInternalServerError: .*disk is full"):
            _create_many_tables(call, f"t{number}")
    assert call.send("GET", "/_emulator/health")[0] == 200
    (folder / "filler").unlink()
    call.create_table("later")
    code, _, errors = process.end(signal.SIGTERM)
    assert code == 0
    assert errors.count("\n") <= 2
    assert "The database cannot be used: database or disk is full" in errors


def _create_many_tables(call, prefix):
    for number in range(100):
        call.create_table(f"{prefix}_{number}", [("k" * 255, 2)])


def _free_bytes(folder):
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def test_secret_may_come_from_the_environment(begin, make_caller, refused):
    process = begin(TABLESTORE_EMULATOR_ACCESS_KEY_SECRET="from-outside")
    url = process.ready()
    make_caller(url, secret="from-outside").create_table()
    with pytest.raises(refused, match="Signature mismatch"):
        make_caller(url).create_table("other")
    code, output, errors = process.end(signal.SIGTERM)
    assert (code, output + errors) == (0, "")


def test_missing_extra_is_named():
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
