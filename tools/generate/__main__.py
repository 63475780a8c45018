"""Write what is made from the model and the rules: `make generate`.

With `--check`, write nothing. Exit with 1 if a file is not up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools.generate import drafts, pages

_ROOT: Final = Path(__file__).resolve().parents[2]
_FILES: Final[Mapping[str, Callable[[], str]]] = {
    "pulumi_tablestore_delivery/spec/draft.py": drafts.draft_module,
    "docs/inputs.md": pages.inputs_page,
    "docs/rules.md": pages.rules_page,
}


def main() -> int:
    """Write the files, or check them. Return the exit code."""
    is_check = "--check" in sys.argv[1:]
    stale = False
    for name, generate in _FILES.items():
        file, text = _ROOT / name, generate()
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        if is_check:
            print(f"{name} is not up to date. Run `make generate`.")
            stale = True
        else:
            file.write_text(text, encoding="utf-8")
            print(f"{name} is written.")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
