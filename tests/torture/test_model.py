"""The model of the engine does what the real engine does: same requests, same state."""

import json
import os
import subprocess
import sys

import pytest
from support.pulumi_cli import NEEDS_PULUMI, Project

from torture import matrix
from torture.server import FaultServer

pytestmark = NEEDS_PULUMI
CASES = [
    ("create", "CreateDeliveryTask", "403 OTSQuotaExhausted"),
    ("create", "DescribeDeliveryTask", "403 OTSAuthFailed"),
    ("replace derived", "DeleteDeliveryTask", "403 OTSNoPermissionAccess"),
    ("replace explicit", "CreateDeliveryTask", "403 OTSQuotaExhausted"),
    ("refresh", "DescribeDeliveryTask", "403 OTSAuthFailed"),
    ("delete", "DeleteDeliveryTask", "403 OTSNoPermissionAccess"),
]


@pytest.fixture(scope="module")
def server():
    with FaultServer() as running:
        yield running


PROGRAM = """
import pulumi_tablestore_delivery as delivery

for name, inputs in {!r}.items():
    delivery.DeliveryTask(name, inputs)
"""


def declared(program):
    return PROGRAM.format({name: resource.inputs for name, resource in program.items()})


def by_the_real_engine(folder, server, situation, operation, fault):
    """Run a cell with the real CLI, and return its requests, whether it failed, and the state."""
    with server.cell(matrix.TABLE) as cell:
        project = Project(folder, cell.environment)
        project.program(declared({}))
        stack = project.stack()
        if situation.before:
            project.program(declared(situation.before()))
            stack.up()
        project.program(declared(situation.program()))
        cell.set_fault(operation, fault, [1])
        run = stack.run(situation.action, check=False)
        state = json.loads(stack.call("stack", "export").stdout)
        entries = [
            (
                "delete" if entry.get("delete") else
                "pending replacement" if entry.get("pendingReplacement") else
                "half made" if entry.get("initErrors") else "",
                entry["id"],
            )
            for entry in state["deployment"].get("resources", [])
            if entry["type"].endswith("DeliveryTask")
        ]  # fmt: skip
        return [each.operation for each in cell.log()], run.returncode != 0, sorted(entries)


MODEL = """
import json, sys
from pathlib import Path
from torture import engine, matrix

control, folder, *cell = sys.argv[1:]
run = matrix.CellRun(matrix.CellId(*cell, "first"), control, Path(folder))
run.bring_about()
requests = run.meet_the_fault()
print(json.dumps([requests, bool(run.result.errors), list(engine.entries_of(run.state))]))
"""


@pytest.mark.parametrize("case", CASES, ids=" - ".join)
def test_model_matches_the_real_engine(tmp_path, server, case):
    name, operation, fault = case
    (tmp_path / "model").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", MODEL, server.control, str(tmp_path / "model"), *case],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    operations, failed, entries = json.loads(done.stdout)
    real = by_the_real_engine(tmp_path / "real", server, matrix.SITUATIONS[name], operation, fault)
    assert real == (operations, failed, sorted(map(tuple, entries)))
