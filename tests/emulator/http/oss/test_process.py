"""The emulated OSS as a process: its port, its output, the warning about an exposed emulator."""

import os
import re
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import boto3
import pytest

PROGRAM = Path(sys.executable).parent / "tablestore-delivery"


class Started:
    def __init__(self, folder, *options, **environment):
        self.process = subprocess.Popen(
            [PROGRAM, "emulator", "--data-dir", folder, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )  # fmt: skip
        self.lines = [self.process.stdout.readline() for _ in range(2)]

    def end(self):
        self.process.terminate()
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors

    @property
    def ports(self):
        return [int(line.strip().rpartition(":")[2]) for line in self.lines]


@pytest.fixture
def begin(tmp_path):
    begun = []

    def start(*options, **environment):
        begun.append(Started(tmp_path / str(len(begun)), *options, **environment))
        return begun[-1]

    yield start
    for each in begun:
        if each.process.poll() is None:
            each.end()
        each.process.stdout.close()
        each.process.stderr.close()


def free_pair():
    """A free port that is followed by one."""
    for _ in range(50):
        with closing(socket.create_server(("127.0.0.1", 0))) as first:
            port = first.getsockname()[1]
            try:
                with closing(socket.create_server(("127.0.0.1", port + 1))):
                    return port
            except (OSError, OverflowError):
                continue
    raise AssertionError("There is no free port")


def test_endpoints_are_printed_on_two_lines(begin):
    started = begin("--port", "0")
    assert re.fullmatch(r"Tablestore emulator ready at http://127\.0\.0\.1:\d+\n", started.lines[0])
    assert re.fullmatch(r"Emulated OSS ready at http://127\.0\.0\.1:\d+\n", started.lines[1])
    assert len(set(started.ports)) == 2
    assert started.end() == (0, "")


def test_oss_port_is_the_next_port_by_default(begin):
    port = free_pair()
    assert begin("--port", str(port)).ports == [port, port + 1]


def test_oss_port_is_a_free_port_if_the_next_one_is_in_use(begin):
    port = free_pair()
    with closing(socket.create_server(("127.0.0.1", port + 1))):
        assert begin("--port", str(port)).ports[1] not in {port, port + 1}


def test_oss_port_can_be_chosen(begin):
    port = free_pair()
    assert begin("--port", "0", "--oss-port", str(port)).ports[1] == port
    assert begin("--port", "0", "--oss-port", "0").ports[1] != port


def test_chosen_oss_port_in_use_is_an_error(begin):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        started = begin("--port", "0", "--oss-port", str(port))
        assert started.process.wait(20) == 1
    assert started.lines == ["", ""]
    assert started.process.stderr.read().startswith(f"Cannot listen on 127.0.0.1:{port}: ")


def test_exposed_emulator_with_the_default_secret_prints_a_warning(begin):
    code, errors = begin("--port", "0", "--host", "0.0.0.0").end()
    assert code == 0
    assert errors.count("WARNING: ") == 3
    assert "--access-key-secret" in errors
    own = {"TABLESTORE_EMULATOR_ACCESS_KEY_SECRET": "my own"}
    assert begin("--port", "0", "--host", "0.0.0.0", **own).end() == (0, "")
    assert begin("--port", "0", "--host", "localhost").end() == (0, "")


def test_uploads_and_objects_survive_kill_9(begin, tmp_path):
    def client(started):
        return boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{started.ports[1]}", region_name="cn-hangzhou",
            aws_access_key_id="local", aws_secret_access_key="local-secret",
        )  # fmt: skip

    first = begin("--port", "0")
    s3 = client(first)
    s3.create_bucket(Bucket="my-lake")
    put = s3.put_object(Bucket="my-lake", Key="../a", Body=b"x" * 1000)
    upload = s3.create_multipart_upload(Bucket="my-lake", Key="b")["UploadId"]
    name = {"Bucket": "my-lake", "Key": "b", "UploadId": upload, "PartNumber": 1}
    part = s3.upload_part(**name, Body=b"part")
    first.process.kill()
    first.process.wait(10)
    second = Started(tmp_path / "0", "--port", "0")
    try:
        s3 = client(second)
        assert s3.head_object(Bucket="my-lake", Key="../a")["ETag"] == put["ETag"]
        s3.complete_multipart_upload(
            Bucket="my-lake", Key="b", UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )  # fmt: skip
        assert s3.get_object(Bucket="my-lake", Key="b")["Body"].read() == b"part"
    finally:
        second.end()
        second.process.stdout.close()
        second.process.stderr.close()


def test_large_objects_are_not_held_in_memory(begin):
    started = begin("--port", "0")
    s3 = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{started.ports[1]}", region_name="cn-hangzhou",
        aws_access_key_id="local", aws_secret_access_key="local-secret",
    )  # fmt: skip
    status = Path(f"/proc/{started.process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not say how much memory a process has used")
    s3.create_bucket(Bucket="my-lake")
    before = _peak(status)
    s3.put_object(Bucket="my-lake", Key="a", Body=b"x" * 200_000_000)
    for piece in s3.get_object(Bucket="my-lake", Key="a")["Body"].iter_chunks(1_000_000):
        assert piece
    assert _peak(status) - before < 60_000, "kibibytes"


def _peak(status):
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1])
