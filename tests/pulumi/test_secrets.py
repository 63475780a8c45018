"""Keys are not in any state, log or output of a whole lifecycle with failures."""

import base64
import json

import pytest
from support.pulumi_cli import DYNAMIC, both

SECRET = "hush-this-is-the-secret-key"
TOKEN = "hush-this-is-the-security-token"


def traces(project, outputs):
    """Everything that a run leaves or says, as (name, text)."""
    yield from outputs
    for path in project.folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(project.folder)), path.read_bytes().decode(errors="replace")


def assert_hushed(project, outputs):
    read = 0
    for name, text in traces(project, outputs):
        read += 1
        for secret in (SECRET, TOKEN):
            for form in (secret, base64.b64encode(secret.encode()).decode(), secret[::-1]):
                assert form not in text, name
    assert read > 20


@both
def test_keys_are_not_in_state_logs_or_output(project, keyed_emulator, inputs):
    emulator = keyed_emulator
    table = inputs["table_name"]
    emulator.create_table(table)
    project.environment.update(emulator.environment)
    stack = project.stack()
    outputs = []

    def run(command, *arguments, **environment):
        loud = ("--logtostderr", "-v=9", "--debug")
        done = stack.run(command, *loud, *arguments, check=False, **environment)
        outputs.append((f"{command} {len(outputs)}", done.output))
        return done.returncode

    project.declare(orders=inputs)
    assert run("preview") == 0
    assert run("up") == 0
    assert run("up", ALIBABA_CLOUD_SECURITY_TOKEN="wrong") == 0  # no-op: nothing is called
    project.declare(orders={**inputs, "mode": "INC"})
    assert run("up", ALIBABA_CLOUD_SECURITY_TOKEN="wrong") != 0
    assert run("up", TABLESTORE_ENDPOINT="http://127.0.0.1:1") != 0
    assert run("up") == 0
    assert run("refresh", ALIBABA_CLOUD_ACCESS_KEY_ID="nobody") != 0
    assert run("refresh") == 0
    project.declare(orders={**inputs, "task_name": "Bad_Name"})
    assert run("up") != 0
    project.program("import pulumi_tablestore_delivery as d\nd.get_delivery_task('no', 'no')\n")
    assert run("up") != 0
    assert run("destroy") == 0
    exported = stack.call("stack", "export", "--show-secrets").stdout
    outputs.append(("export", exported))
    assert_hushed(project, outputs)
    assert json.loads(exported)


@pytest.fixture
def stack_with_keys(project, keyed_emulator, inputs):
    """A stack that has its keys in the configuration, and none in the environment."""
    keyed_emulator.create_table(inputs["table_name"])
    for name in list(project.environment):
        if name.startswith("ALIBABA"):
            del project.environment[name]
    project.environment["TABLESTORE_ENDPOINT"] = keyed_emulator.url
    project.declare(orders=inputs)
    stack = project.stack()
    stack.config(tablestore__instance=keyed_emulator.instance, tablestore__accessKeyId="local")
    stack.secret(tablestore__accessKeySecret=SECRET, tablestore__securityToken=TOKEN)
    return stack


def rotate(emulator):
    """The same service with another secret; where it serves stays."""
    emulator.stop()
    emulator.access_key_secret = "another-secret-key"
    emulator.start("--access-key-secret", emulator.access_key_secret)


@both
def test_keys_in_the_configuration_are_encrypted(project, stack_with_keys):
    stack = stack_with_keys
    # Without -v=9: at that level the CLI itself logs the configuration it decrypts.
    outputs = [(name, stack.run(name).output) for name in ("up", "refresh", "up")]
    outputs.append(("export", stack.call("stack", "export").stdout))
    assert_hushed(project, outputs)
    (resource,) = stack.resources().values()
    assert "accessKey" not in json.dumps(resource)


def test_rotated_keys_of_the_environment_are_used(project, keyed_emulator, inputs):
    """Keys in the environment: the next run uses the new ones, and nothing else changes."""
    keyed_emulator.create_table(inputs["table_name"])
    project.environment.update(keyed_emulator.environment)
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    rotate(keyed_emulator)
    project.environment.update(keyed_emulator.environment)
    assert stack.refresh("--expect-no-changes").returncode == 0
    assert stack.up("--expect-no-changes").returncode == 0
    stack.destroy()


@both
def test_rotated_keys_of_the_configuration_are_used(keyed_emulator, stack_with_keys):
    """`up` takes the new key at once; a plain refresh of the dynamic provider does after it."""
    stack = stack_with_keys
    stack.up()
    rotate(keyed_emulator)
    stack.secret(tablestore__accessKeySecret=keyed_emulator.access_key_secret)
    if stack.project.front_end is DYNAMIC:
        assert "OTSAuthFailed" in stack.refresh(check=False).errors
    else:
        assert stack.refresh("--expect-no-changes").returncode == 0
    assert stack.refresh("--run-program").returncode == 0
    stack.up()
    assert stack.refresh("--expect-no-changes").returncode == 0
    stack.destroy()
