"""The official Go and Java SDKs on a running emulator: small programs beside this file."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
pytestmark = pytest.mark.sdk


@pytest.fixture
def url(start):
    """An emulator with the table that the programs use."""
    caller = start(create_buckets=True, flush_seconds=0)
    caller.create_table("orders")
    return caller.emulator.url


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"there is no {program} on PATH")


def download(command, folder):
    """Skips the test where the SDK cannot be had: no network is not a fault of the emulator."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        pytest.skip(
            f"{command[0]} could not download the SDK: {(done.stdout + done.stderr)[-300:]}"
        )


def output_of(command, folder):
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_go(url):
    need("go")
    download(["go", "mod", "download"], HERE / "sdk_go")
    assert output_of(["go", "run", ".", url], HERE / "sdk_go") == [
        "2 orders/year=$yyyy/ order_id 4 0",
        "orders/go-task",
        "404 OTSObjectNotExist",
    ]


def test_java(url, tmp_path):
    need("mvn", "java")
    classpath = tmp_path / "classpath"
    download(
        [
            *("mvn", "-q", "-B", "-f", str(HERE / "sdk_java" / "pom.xml")),
            *("dependency:build-classpath", f"-Dmdep.outputFile={classpath}"),
        ],
        tmp_path,
    )
    program = ["java", "-cp", classpath.read_text(), str(HERE / "sdk_java" / "Delivery.java"), url]
    assert output_of(program, tmp_path) == [
        "BASE_INC orders/year=$yyyy/ order_id RFC3339 OK",
        "orders/java-task",
        "404 OTSObjectNotExist",
    ]
