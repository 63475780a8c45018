"""Stacks of the native provider in the commands. The promotion example covers the dynamic one."""

import json
import subprocess

import pytest
from support.pulumi_cli import NATIVE


@pytest.mark.parametrize("front_end", [NATIVE], ids=["native"])
def test_commands_read_the_state_and_the_configuration(project, emulator, inputs):
    dev, staging = project.stack("dev"), project.stack("staging")
    project.declare(orders=inputs)
    dev.up()
    project.declare(orders={**inputs, "oss_bucket": "our-lake", "mode": "INC"})
    staging.up()
    dev.config(tablestore__endpoint=emulator.url)
    del project.environment["TABLESTORE_ENDPOINT"]

    def call(*arguments):
        done = subprocess.run(
            ["tablestore-delivery", *arguments, "--json"],
            cwd=project.folder,
            env=project.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout)

    code, told = call("wait", "--stack", "dev", "--healthy")
    assert (code, told["passed"]) == (0, True)
    code, told = call("diff", "dev", "staging")
    assert code == 3
    assert [(item["path"], item["expected"]) for item in told["differences"]] == [
        ("task_name", True),
        ("mode", False),
        ("oss_bucket", True),
    ]
