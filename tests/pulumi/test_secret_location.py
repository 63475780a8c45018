"""A secret bucket or prefix stays secret in the output `location` that is made of them."""

import json

from support.pulumi_cli import both

PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery

inputs = json.loads(Path("inputs.json").read_text())
hush = pulumi.Output.secret("hush-prefix")
opened = pulumi.Output.from_input("open-prefix")

def task(name, prefix, **options):
    return delivery.DeliveryTask(
        name, opts=pulumi.ResourceOptions(**options), **{**inputs, "oss_prefix": prefix}
    )

task("derived", hush.apply(lambda text: f"{text}/derived/"))
task("plain", "open-prefix/plain/")
task("output", opened.apply(lambda text: f"{text}/output/"))
task("options", pulumi.Output.concat(hush, "/options/"), additional_secret_outputs=["phase"])
def merged(args):
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=False))
    return pulumi.ResourceTransformationResult(args.props, opts)

task("transformed", pulumi.Output.concat(hush, "/transformed/"), transformations=[merged])
"""
SECRET = "4dabf18193072939515e22adb298388d"


def is_secret(value):
    return isinstance(value, dict) and SECRET in value


@both
def test_secret_prefix_is_encrypted_in_the_state(project, emulator, inputs):
    (project.folder / "inputs.json").write_text(json.dumps(inputs))
    project.program(PROGRAM)
    stack = project.stack()

    def check():
        outputs = {name: each["outputs"] for name, each in stack.resources().items()}
        secret = {name for name, each in outputs.items() if is_secret(each["location"])}
        assert secret == {"derived", "options", "transformed"}
        assert is_secret(outputs["options"]["phase"])
        assert outputs["plain"]["location"] == "oss://my-lake/open-prefix/plain/"
        assert "hush" not in stack.call("stack", "export").stdout

    stack.up()
    check()
    stack.preview("--expect-no-changes")
    stack.refresh()
    check()
    assert "hush" not in stack.up("--expect-no-changes").output
