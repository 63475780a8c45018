"""Run the tests that are marked `acceptance` against the account of a run."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from acceptance.runs import RUN

ROOT = Path(__file__).resolve().parents[2]


def run_tests(run, chosen, workers):
    """Run them; return each test with its outcome and seconds.

    Args:
        run: The run.
        chosen: pytest's `-k`; all if empty.
        workers: How many tests run at once.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        subprocess.run(
            [
                sys.executable, "-m", "pytest", "tests/pulumi", "-m", "acceptance", "-q",
                f"--junitxml={results}", *(["-k", chosen] if chosen else []),
                *(["-n", str(workers)] if workers > 1 else []),
            ],
            cwd=ROOT,
            env={**os.environ, RUN: run.text},
            stdout=sys.stderr,
            check=False,
        )  # fmt: skip
        if not results.exists():
            return [{"test": "pytest", "outcome": "did not run", "seconds": 0}]
        return [_result(case) for case in ET.parse(results).iter("testcase")]


def _result(case):
    outcome = next(
        (child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed"
    )
    return {
        "test": case.get("name"),
        "outcome": outcome,
        "seconds": round(float(case.get("time", "0")), 1),
    }
