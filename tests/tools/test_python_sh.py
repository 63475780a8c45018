"""Choosing the Python for the virtual environment."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "python.sh"
NEW, OLD, SHIM = "exit 0", "exit 1", "echo 'not selected' >&2; exit 127"


def choose(folder, asked="", **programs):
    for name, text in programs.items():
        path = folder / name.replace("_", ".")
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", SCRIPT, asked],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("programs", "chosen"),
    [
        ({"python3": NEW, "python3_13": NEW}, "python3"),
        ({"python3": OLD, "python3_13": SHIM, "python3_11": NEW}, "python3.11"),
        ({"python": NEW}, "python"),
    ],
)
def test_first_python_that_runs_and_is_new_enough_is_used(tmp_path, programs, chosen):
    ran = choose(tmp_path, **programs)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{chosen}\n", "")


def test_requested_python_is_used_and_no_other(tmp_path):
    assert choose(tmp_path, "python3.12", python3=NEW, python3_12=NEW).stdout == "python3.12\n"
    ran = choose(tmp_path, "python3.9", python3=NEW, python3_9=OLD)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "PYTHON=python3.9 does not run, or is older than Python 3.10" in ran.stderr


def test_missing_python_is_reported_with_a_remedy(tmp_path):
    ran = choose(tmp_path, python3=OLD)
    assert ran.returncode == 1
    assert "No Python 3.10 or newer was found" in ran.stderr
