"""This package's folder in Pulumi's home folder, where processes of one run share files."""

from __future__ import annotations

import os
from pathlib import Path


def own_folder(name: str) -> Path:
    """Return the path of a folder, which need not exist, such as `~/.pulumi/tablestore-delivery/x`.

    Raises:
        RuntimeError: The user does not have a home.
    """
    home = os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi"
    return Path(home, "tablestore-delivery", name).absolute()
