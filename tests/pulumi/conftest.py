"""The real CLI against the emulator over HTTP, or, in `make acceptance`, a real instance."""

import itertools
import os

import pytest
from acceptance.runs import RUN, RunId
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
def emulator_of_session(tmp_path_factory):
    """One emulator for all tests of a worker; each test has a table of its own."""
    if RUN in os.environ:
        pytest.skip("this test needs the emulator")
    with EmulatorProcess(tmp_path_factory.mktemp("emulator"), "--create-buckets") as process:
        yield process


@pytest.fixture(scope="session")
def emulator(emulator_of_session):
    """The emulator that the tests share; a module may have another one by this name."""
    return emulator_of_session


@pytest.fixture(scope="session")
def service(request):
    """The emulator, or the instance of an acceptance run."""
    if RUN not in os.environ:
        return request.getfixturevalue("emulator_of_session")
    from acceptance.account import Account  # noqa: PLC0415 - slow to import

    return Account(os.environ, RunId(os.environ[RUN]))


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
def table(service):
    """A new table: id STRING (primary key)."""
    name = service.table_name(f"{os.getpid()}_{next(numbers)}")
    service.create_table(name)
    return name


@pytest.fixture
def front_end():
    """The dynamic provider; `pulumi_cli.both` gives either."""
    return DYNAMIC


@pytest.fixture
def project(tmp_path, service, front_end):
    return Project(tmp_path / "project", service.environment, front_end)


@pytest.fixture
def inputs(service, table):
    """Inputs of a task that breaks no rule."""
    return {
        "table_name": table,
        "oss_bucket": service.bucket,
        "oss_prefix": f"{service.folder}orders/year=$yyyy/month=$MM/",
        "role_arn": service.role_arn,
        "parquet_schema": [
            {"source": "id", "type": "UTF8"},
            {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
        ],
    }
