"""The test on the page docs/testing.md passes unchanged."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "testing.md"


def test_page_runs_from_pulumi_up_to_the_rows_in_the_files(tmp_path):
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (shown,) = (code for code in snippets if "automation" in code)
    (tmp_path / "conftest.py").write_text(
        'pytest_plugins = ["pulumi_tablestore_delivery.testing"]\n'
    )
    (tmp_path / "test_shown.py").write_text(shown)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PULUMI_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
