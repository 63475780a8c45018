"""Makes the stand-alone tools importable, as they are when they run."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

for folder in (ROOT / "tools" / "pulumi-cli", ROOT):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
