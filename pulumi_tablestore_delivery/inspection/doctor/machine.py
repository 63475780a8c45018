"""Check this machine: Pulumi, Python, this package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import metadata
from typing import Final

from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
    warning,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject

TESTED_SDKS: Final = ((3, 220), (3, 272))
"""The oldest and the newest Pulumi SDK that the tests run with."""

_PACKAGE: Final = "pulumi-tablestore-delivery"
_CLI_SECONDS: Final = 10
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9._-]+).*extra == ['\"](\w+)['\"]")
_NOT_FOR_USERS: Final = "dev"


def pulumi_cli(_: Subject) -> Finding:
    """Check that the Pulumi CLI is on PATH and runs."""
    path = shutil.which("pulumi")
    if path is None:
        return problem(
            "the Pulumi CLI is not on PATH.",
            "Install it as in Pulumi's documentation. The package pulumi of pip is only the SDK.",
        )
    try:
        done = subprocess.run(  # noqa: S603 - the CLI on PATH
            [path, "version"], capture_output=True, text=True, check=True, timeout=_CLI_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        return problem(
            f"{path} does not run ({type(error).__name__}).", "Install the Pulumi CLI again."
        )
    found = done.stdout.strip()
    version = _minor(found)
    if version < TESTED_SDKS[0]:
        return warning(f"{found}, older than any SDK that is tested.", "Install a newer CLI.")
    return ok(f"{found}, {path}")


def pulumi_sdk(_: Subject) -> Finding:
    """Check that the tests run with this version of the Pulumi SDK."""
    found = metadata.version("pulumi")
    oldest, newest = (".".join(map(str, version)) for version in TESTED_SDKS)
    version = _minor(found)
    if version < TESTED_SDKS[0]:
        return problem(f"{found}, older than {oldest}.", f"Run pip install 'pulumi>={oldest}'.")
    if version > TESTED_SDKS[1]:
        return warning(
            f"{found}, newer than {newest}, the newest that is tested.",
            f"If Pulumi misbehaves, try pip install 'pulumi=={newest}.*'.",
        )
    return ok(found)


def python(_: Subject) -> Finding:
    """Check that the package declares this version of Python."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    declared = [
        name.rpartition(" ")[2]
        for name in metadata.metadata(_PACKAGE).get_all("Classifier") or []
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", name)
    ]
    detail = f"{sys.version.split()[0]}, {sys.executable}"
    if running not in declared:
        return warning(
            f"{detail}: not a tested version ({', '.join(declared)}).", "Use one of these."
        )
    return ok(detail)


def package(_: Subject) -> Finding:
    """Report this package's version, and its installed extras."""
    extras: dict[str, bool] = {}
    for requirement in metadata.requires(_PACKAGE) or []:
        match = _REQUIREMENT.match(requirement)
        if match and match[2] != _NOT_FOR_USERS:
            extras[match[2]] = extras.get(match[2], True) and _is_installed(match[1])
    there = [name for name, installed in extras.items() if installed]
    missing = [name for name, installed in extras.items() if not installed]
    detail = f"{metadata.version(_PACKAGE)}; extras: {', '.join(there) or 'none'}"
    return ok(f"{detail}; not installed: {', '.join(missing)}" if missing else detail)


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _minor(version: str) -> tuple[int, int]:
    match = re.match(r"v?(\d+)\.(\d+)", version)
    if match is None:
        raise NotCheckedError(f"the version {version!r} cannot be read.")
    return int(match[1]), int(match[2])
