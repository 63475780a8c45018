"""The real CLI against the real emulator over HTTP."""

import itertools
import os

import pytest
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import DYNAMIC, NEEDS_PULUMI, Project

numbers = itertools.count()
SECRET = "hush-this-is-the-secret-key"
TOKEN = "hush-this-is-the-security-token"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "pulumi":
            for mark in NEEDS_PULUMI:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    """One emulator for all tests of a worker; each test has a table of its own."""
    with EmulatorProcess(tmp_path_factory.mktemp("emulator"), "--create-buckets") as process:
        yield process


@pytest.fixture
def own_emulator(tmp_path):
    """An emulator for one test, with its own faults and counts."""
    with EmulatorProcess(tmp_path / "emulator", "--create-buckets") as process:
        yield process


@pytest.fixture
def strict_emulator(tmp_path):
    """An emulator that does not create buckets."""
    with EmulatorProcess(tmp_path / "emulator") as process:
        yield process


@pytest.fixture
def slow_emulator(tmp_path):
    """An emulator whose tasks initialize for 3 seconds."""
    options = ("--create-buckets", "--init-seconds", "3")
    with EmulatorProcess(tmp_path / "emulator", *options) as process:
        yield process


@pytest.fixture
def keyed_emulator(tmp_path):
    """An emulator with a secret and a token of its own."""
    process = EmulatorProcess(tmp_path / "emulator", "--create-buckets")
    process.access_key_secret, process.security_token = SECRET, TOKEN
    process.start("--access-key-secret", SECRET, "--security-token", TOKEN)
    yield process
    process.stop()


@pytest.fixture
def table(emulator):
    """A new table: id STRING (primary key)."""
    name = f"orders_{os.getpid()}_{next(numbers)}"
    emulator.create_table(name)
    return name


@pytest.fixture
def front_end():
    """The dynamic provider; `pulumi_cli.both` gives either."""
    return DYNAMIC


@pytest.fixture
def project(tmp_path, emulator, front_end):
    return Project(tmp_path / "project", emulator.environment, front_end)


@pytest.fixture
def inputs(table):
    """Inputs of a task that breaks no rule."""
    return {
        "table_name": table,
        "oss_bucket": "my-lake",
        "oss_prefix": "orders/year=$yyyy/month=$MM/",
        "role_arn": "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery",
        "parquet_schema": [
            {"source": "id", "type": "UTF8"},
            {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
        ],
    }
