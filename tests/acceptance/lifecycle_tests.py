"""Run the tests that are marked `acceptance` against the account of a run."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path

from acceptance.runs import RUN

ROOT = Path(__file__).resolve().parents[2]
_END_TIMEOUT = 60  # seconds until tests that are interrupted have ended
_PAUSE = 0.2
_NO_TEST = {"test": "pytest", "outcome": "no test ran", "seconds": 0}


def run_tests(run, chosen, workers):
    """Run the tests. Return each with its outcome and its seconds.

    Args:
        run: The run.
        chosen: The expression for `pytest -k`; all tests if empty.
        workers: The number of tests that run at once.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        process = subprocess.Popen(
            [
                sys.executable, "-m", "pytest", "tests/pulumi", "-m", "acceptance", "-q",
                f"--junitxml={results}", *(["-k", chosen] if chosen else []),
                *(["-n", str(workers)] if workers > 1 else []),
            ],
            cwd=ROOT,
            env={**os.environ, RUN: run.text},
            stdout=sys.stderr,
            start_new_session=True,  # a process group that can be ended as a whole
        )  # fmt: skip
        try:
            process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise
        cases = ET.parse(results).iter("testcase") if results.exists() else ()
        return [_result(case) for case in cases] or [_NO_TEST]


def _end(process):
    """End pytest and the runs of Pulumi that it has started, before their tasks are removed.

    Send SIGTERM first, because after SIGINT pytest kills the runs. Then kill the processes of the
    session that are left, such as a plugin in another process group.
    """
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        ends = time.monotonic() + _END_TIMEOUT
        while time.monotonic() < ends:
            os.killpg(process.pid, 0)  # fails once the whole group has ended
            time.sleep(_PAUSE)
    for each in _session(process.pid):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _session(leader):
    """The processes of a session."""
    listed = subprocess.run(["ps", "-e", "-o", "pid="], capture_output=True, text=True, check=True)
    for pid in map(int, listed.stdout.split()):
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                yield pid


def _result(case):
    outcome = next(
        (child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed"
    )
    return {
        "test": case.get("name"),
        "outcome": outcome,
        "seconds": round(float(case.get("time", "0")), 1),
    }
