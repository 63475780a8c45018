"""The CLI that is on PATH already."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from provide import recipe
from provide.recipe import UnavailableError


def find(environment: Mapping[str, str]) -> Path:
    """Return the folder of the `pulumi` on PATH if it is new enough and can run Python programs."""
    path = environment.get("PATH", "")
    found = shutil.which(recipe.CLI, path=path)
    if found is None:
        raise UnavailableError("there is no pulumi on PATH")
    cli = Path(found).absolute()
    printed = recipe.printed_version(cli, environment)
    version = recipe.parse_version(printed)
    if version is None:
        raise UnavailableError(f"`{cli} version` printed {printed!r}, which is no version")
    if version < recipe.OLDEST:
        oldest = recipe.show(recipe.OLDEST)
        raise UnavailableError(f"{cli} is version {printed}, older than {oldest}")
    _check_language_host(cli, path)
    return cli.parent


def find_extra(extra: recipe.Extra, folder: Path, environment: Mapping[str, str]) -> Path | None:
    """Return the folder of an extra that is beside the CLI or on PATH; None without one."""
    path = os.pathsep.join([str(folder), environment.get("PATH", "")])
    found = shutil.which(extra.name, path=path)
    return None if found is None else Path(found).absolute().parent


def _check_language_host(cli: Path, path: str) -> None:
    beside = [str(cli.parent), str(cli.resolve().parent)]
    host = shutil.which(recipe.LANGUAGE_HOST, path=os.pathsep.join([*beside, path]))
    if host is None:
        raise UnavailableError(
            f"{cli} has no {recipe.LANGUAGE_HOST} beside it or on PATH, so it runs no Python"
        )
    folders = (Path(host).parent, Path(host).resolve().parent)
    if not any((folder / recipe.EXECUTOR).exists() for folder in folders):
        raise UnavailableError(f"{host} has no {recipe.EXECUTOR} beside it, so it runs no Python")
