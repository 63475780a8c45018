"""The native provider under the real engine's options: tracing, attaching, secrets, other types."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.pulumi_cli import NATIVE, both

PLUGIN = Path(sys.executable).parent / "pulumi-resource-tablestore-delivery"


@pytest.fixture
def front_end():
    return NATIVE


@both
def test_tracing_changes_nothing(project, slow_emulator, inputs, front_end):
    """The initialization takes longer than the provider takes to notice that an engine is gone."""
    project.environment.update(slow_emulator.environment)
    slow_emulator.create_table(inputs["table_name"])
    project.declare(orders=inputs)
    stack = project.stack()
    trace = project.folder / "trace"
    run = stack.up("--tracing", f"file:{trace}", "--logflow", "-v", "1", "--logtostderr")
    assert ("orders", "phase INIT") in [(row, text[:10]) for row, text in run.status]
    assert len(slow_emulator.tasks(inputs["table_name"])) == 1


def test_provider_without_an_address_serves_an_engine_that_attaches(
    project, emulator, table, inputs
):
    project.declare(orders=inputs)
    stack = project.stack()
    provider = subprocess.Popen(
        [PLUGIN], env=project.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        port = provider.stdout.readline().strip()
        attach = {"PULUMI_DEBUG_PROVIDERS": f"tablestore-delivery:{port}"}
        hidden = os.pathsep.join(
            folder
            for folder in project.environment["PATH"].split(os.pathsep)
            if not Path(folder, PLUGIN.name).exists()
        )
        python = {"PULUMI_PYTHON_CMD": sys.executable, "PATH": hidden}
        run = stack.up(**attach, **python)
        assert run.status  # the provider reaches the engine that attached
        assert stack.up("--expect-no-changes", **attach, **python).returncode == 0
        stack.destroy(**attach, **python)
        assert emulator.tasks(table) == []
        provider.send_signal(signal.SIGINT)
        assert provider.wait(30) == 0
    finally:
        provider.kill()
        provider.communicate()


WITH_SECRETS = """
import json
from pathlib import Path

import pulumi
from pulumi_tablestore_delivery import native

given = json.loads(Path("given.json").read_text())
secrets = {name: pulumi.Output.secret(value) for name, value in given["secrets"].items()}
task = native.DeliveryTask("orders", {**given["inputs"], **secrets})
pulumi.export("location", task.location)
"""


def declare_with_secrets(project, inputs, **secrets):
    (project.folder / "given.json").write_text(json.dumps({"inputs": inputs, "secrets": secrets}))


@pytest.mark.oldest
def test_secret_input_is_masked_in_messages_and_encrypted_in_the_state(project, emulator, inputs):
    project.program(WITH_SECRETS)
    declare_with_secrets(project, inputs, oss_prefix="hush-hush/year=$yyyy/")
    stack = project.stack()
    stack.up()
    assert stack.up("--expect-no-changes").returncode == 0
    stack.refresh()
    assert "hush-hush" not in stack.call("stack", "export").stdout
    declare_with_secrets(project, inputs, oss_prefix="/hush-hush/$yy/")
    run = stack.preview(check=False)
    assert run.returncode != 0
    assert "ossPrefix" in run.errors
    assert "hush" not in run.output
    declare_with_secrets(project, inputs, oss_prefix="hush-hush/else/")
    assert "hush" not in stack.up().output
    assert "hush-hush" not in stack.call("stack", "export").stdout


def test_import_of_another_type_is_refused(project, emulator, table, inputs):
    project.declare(orders={**inputs, "task_name": "by-hand"})
    stack = project.stack()
    stack.up()
    failed = stack.call(
        "import", "tablestore-delivery:index:Deliverytask", "again", f"local/{table}/by-hand",
        "--yes", check=False,
    )  # fmt: skip
    said = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert f"Write the type as {NATIVE.type}" in said
    assert "Traceback" not in said
    assert list(stack.resources()) == ["orders"]
