"""Fuzz the targets with atheris: `python -m fuzz [--runs N] [TARGET …]`, in tests/.

An input that makes the emulator misbehave is written to tests/fuzz/inputs/<target>/, where
test_fuzz.py finds it.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).parent
with atheris.instrument_imports(include=["pulumi_tablestore_delivery"]):
    from fuzz.all_targets import TARGETS
    from fuzz.targets import within_time


def fuzz(name: str, runs: int) -> None:
    """Run a target, then end the process."""
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as corpus:
        for seed in target.seeds():
            (Path(corpus) / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
        folder = HERE / "inputs" / name
        folder.mkdir(parents=True, exist_ok=True)
        options = [f"-runs={runs}", "-timeout=120", "-max_len=4096", "-print_final_stats=1"]
        options += [f"-artifact_prefix={folder}{os.sep}", corpus]
        atheris.Setup([sys.argv[0], *options], lambda data: within_time(target.run, data))
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", default=list(TARGETS))
    given = parser.parse_args()
    if given.here:
        fuzz(given.targets[0], given.runs)
    failed = [
        name
        for name in given.targets
        if subprocess.run(  # each target ends its process
            [sys.executable, "-m", "fuzz", "--here", "--runs", str(given.runs), name], check=False
        ).returncode
    ]
    verdict = f"Misbehaved: {', '.join(failed)}" if failed else "No target misbehaved"
    sys.stdout.write(f"{verdict}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
