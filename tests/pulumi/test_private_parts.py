"""Private parts of Pulumi may change: the provider works in a host without any of them."""

import re
import stat
import sys
from pathlib import Path

import pulumi
import pytest

# Older hosts leave the formatting of errors to gRPC, which shows the message alone.
TRACEBACKS = (
    (r"^import traceback$", "import traceback as formatting"),
    (r"\btraceback\.format_exc", "formatting.format_exc"),
)
pytestmark = pytest.mark.oldest
HOST = Path(pulumi.__file__).parent / "dynamic" / "__main__.py"


@pytest.fixture
def other_host(project):
    """A dynamic provider host as another version of Pulumi could have it.

    Its calls have other names for request and context, its server and its way to format errors
    too: nothing that dynamic/host.py looks for is there.
    """
    text = HOST.read_text()
    for old, new in (
        *TRACEBACKS,
        (r"\brequest\b", "call_request"),
        (r"\bcontext\b", "call_context"),
        (r"(?<!grpc\.)\bserver\b", "grpc_server"),
        (r"DynamicResourceProviderServicer", "Servicer"),
    ):
        text, found = re.subn(old, new, text, flags=re.MULTILINE)
        assert found or (old, new) in TRACEBACKS, (
            f"{old} is not in this version of the host: look at dynamic/host.py again"
        )
    folder = project.folder / "other-host"
    folder.mkdir()
    (folder / "host.py").write_text(text)
    script = folder / "pulumi-resource-pulumi-python"
    script.write_text(f"#!/bin/sh\nexec {sys.executable} -u {folder}/host.py\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    project.environment["PATH"] = f"{folder}:{project.environment['PATH']}"


@pytest.mark.usefixtures("other_host")
def test_deployment_works_without_private_parts_of_the_host(project, strict_emulator, inputs):
    emulator, table = strict_emulator, inputs["table_name"]
    project.environment.update(emulator.environment)
    emulator.create_table(table)
    project.declare(orders=inputs)
    stack = project.stack()

    stack.up()  # the bucket is missing: kept with a warning, for the wait cannot fail partly
    (resource,) = stack.resources().values()
    assert resource["outputs"]["error_code"] == "INVALID_OSS_BUCKET"
    emulator.data_dir.joinpath("oss", "my-lake").mkdir(parents=True)
    stack.refresh()
    (resource,) = stack.resources().values()
    assert resource["outputs"]["error_code"] == "OK"
    assert stack.up("--expect-no-changes").returncode == 0

    project.declare(orders={**inputs, "task_name": "Bad_Name"})
    assert "'Bad_Name'" in stack.preview(check=False).errors
    project.declare(orders={**inputs, "mode": "INC"})
    stack.up()
    (name,) = emulator.tasks(table)
    assert emulator.task(table, name).taskType == 1
    stack.destroy()
    assert emulator.tasks(table) == []


@pytest.mark.usefixtures("other_host")
def test_error_has_its_message_without_private_parts_of_the_host(project, emulator, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    run = stack.refresh(check=False, ALIBABA_CLOUD_ACCESS_KEY_SECRET="wrong")
    assert run.returncode != 0
    assert "OTSAuthFailed" in run.errors
    assert stack.resources()
