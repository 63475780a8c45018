"""What is generated is committed as the generator writes it."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def generate(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.generate", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_generated_files_are_up_to_date():
    run = generate(ROOT, "--check")
    assert run.returncode == 0, run.stdout + run.stderr


def test_one_run_is_enough_after_a_new_field(tmp_path):
    for name in ("pulumi_tablestore_delivery", "tools", "docs", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    model = tmp_path / "pulumi_tablestore_delivery" / "spec" / "model.py"
    field = (
        '    compression: Annotated[OptionalText, Input("A new field.", wire="compression")] = None'
    )
    before, last, after = model.read_text().partition("    tablestore_endpoint: ")
    model.write_text(f"{before}{field}\n{last}{after}")
    run = generate(tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    run = generate(tmp_path, "--check")
    assert run.returncode == 0, run.stdout + run.stderr
