"""Run mypy and pyright on a program with mistakes, and compare their reports with its comments.

A line that ends with `# expect: <words>` must be reported, with all of these words in the report.
No other line may be.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPECT = re.compile(r"# expect: (.*)$")


def expected(program):
    """Return the words that the comments expect in a report, by line."""
    lines = program.read_text().splitlines()
    found = {number: EXPECT.search(line) for number, line in enumerate(lines, 1)}
    return {number: match[1].split() for number, match in found.items() if match}


def mypy_reports(program):
    """Return what mypy reports, by line."""
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", program],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    reports = {}
    for line in run.stdout.splitlines():
        match = re.match(r"(.+?):(\d+): (?:error|note): (.*)", line)
        assert match, run.stdout
        assert Path(match[1]).name == program.name, run.stdout
        number = int(match[2])
        reports[number] = f"{reports.get(number, '')} {match[3]}"
    return reports


def pyright_reports(program):
    """Return what pyright reports, by line; None if pyright cannot run here, with the reason."""
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, program],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        found = json.loads(run.stdout)["generalDiagnostics"]
    except ValueError:
        return None, run.stderr.strip().splitlines()[-1:] or run.stdout
    reports = {}
    for item in found:
        number = item["range"]["start"]["line"] + 1
        reports[number] = f"{reports.get(number, '')} {item['message']}"
    return reports, ""


def compare(program, reports):
    """Fail unless the reports are those that the program's comments expect."""
    wanted = expected(program)
    missing = {
        number: words
        for number, words in wanted.items()
        if not all(word in reports.get(number, "") for word in words)
    }
    unexpected = {number: text for number, text in reports.items() if number not in wanted}
    assert not missing, (missing, reports)
    assert not unexpected, unexpected
