"""Write the files that are generated from the model and the rules: `make generate`.

With `--check`, write nothing. Exit with 1 if a file is not up to date.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tools.generate import constructor, drafts, pages, programs

_ROOT: Final = Path(__file__).resolve().parents[2]
_DRAFT: Final = "pulumi_tablestore_delivery/spec/draft.py"
_FILES: Final[Mapping[str, Callable[[], str]]] = {
    _DRAFT: drafts.draft_module,
    "pulumi_tablestore_delivery/frontend/inputs.py": programs.inputs_module,
    "pulumi_tablestore_delivery/frontend/constructor.py": constructor.constructor_module,
    "pulumi_tablestore_delivery/frontend/results.py": programs.results_module,
    "pulumi_tablestore_delivery/dynamic/outputs.py": partial(
        programs.resource_module, in_camel_case=False
    ),
    "pulumi_tablestore_delivery/native/outputs.py": partial(
        programs.resource_module, in_camel_case=True
    ),
    "docs/inputs.md": pages.inputs_page,
    "docs/rules.md": pages.rules_page,
}


def _formatted(name: str, text: str) -> str:
    """Return a module with its imports sorted, and formatted as all others are."""
    if not name.endswith(".py"):
        return text
    for command in (["check", "--select=I", "--fix-only", "--quiet"], ["format", "--quiet"]):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *command, f"--stdin-filename={name}", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=_ROOT,
        ).stdout
    return text


def main() -> int:
    """Write the files, or check them. Return the exit code."""
    is_check = "--check" in sys.argv[1:]
    stale = False
    for name, generate in _FILES.items():
        file, text = _ROOT / name, _formatted(name, generate())
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        if is_check:
            print(f"{name} is not up to date. Run `make generate`.")
            stale = True
        else:
            file.write_text(text, encoding="utf-8")
            print(f"{name} is written.")
            if name == _DRAFT:
                return _again()
    return int(stale)


def _again() -> int:
    """Generate in a new process: the models of this one derive from the old drafts."""
    return subprocess.run(
        [sys.executable, "-m", "tools.generate"], cwd=_ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
