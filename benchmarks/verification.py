"""Compare every row of a table of 1,000,000 rows of 10 columns with its delivered files.

The emulator, a process of its own, stores and delivers the table of the benchmark `delivery`. Then
`tablestore-delivery verify --all` reads the table and the files from it. Its own processor time is
shown beside the time that passed, in which the emulator works too.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from delivery import ROWS, emulated, store

TITLE: Final = "Verification of a table of 10 columns; resident memory is to stay under 400 MB"
COLUMNS: Final = ("what", "seconds", "of a processor", "MB at most")
_SAMPLE: Final = 1000


def rows() -> Iterator[tuple[str, ...]]:
    """Compare all rows, then a sample; a row for each."""
    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder))
        with emulated(Path(folder)) as url:
            for what, count, options in (
                ("all rows", ROWS, ["--all"]),
                (f"a sample of {_SAMPLE} rows", _SAMPLE, ["--rows", str(_SAMPLE)]),
            ):
                seconds, processor, megabytes, document = _verify(url, options)
                assert document["rows"]["equal"] == count, document  # noqa: S101
                yield what, f"{seconds:.1f}", f"{processor:.1f}", f"{megabytes:.0f}"


def _verify(url: str, options: list[str]) -> tuple[float, float, float, Any]:
    command = [str(Path(sys.executable).parent / "tablestore-delivery"), "verify", "t", "bench"]
    environment = {
        **os.environ,
        "TABLESTORE_ENDPOINT": url,
        "TABLESTORE_INSTANCE": "local",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "local",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret",
    }
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([*command, *options, "--json"], env=environment, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        document = json.load(out)
    seconds = time.perf_counter() - started
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, document
