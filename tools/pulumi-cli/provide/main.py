"""The order in which the CLI is looked for, and what is said when there is none."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from provide import build, cache, download, existing, recipe
from provide.progress import Progress
from provide.recipe import UnavailableError

Way = tuple[str, Callable[[Path], str]]


def main(arguments: Sequence[str]) -> int:
    """Print the folder, or say on standard error why there is none."""
    extras = [extra for name, extra in recipe.EXTRAS.items() if f"--{name}" in arguments]
    progress = Progress(sys.stderr)
    try:
        if extras:
            folder = provide_extra(extras[0], os.environ, progress)
        else:
            folder = provide(os.environ, progress)
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; nothing half-made is kept", file=sys.stderr)
        return 130
    print(folder)
    return 0


def provide(
    environment: Mapping[str, str], progress: Progress, releases: str = download.RELEASES
) -> Path:
    """Return the folder that holds `pulumi` and its Python language host."""
    tried: list[tuple[str, str]] = []
    try:
        return existing.find(environment)
    except UnavailableError as error:
        tried.append(("The pulumi on PATH", str(error)))
    target = cache.folder(environment)
    ways: list[Way] = [
        ("Pulumi's own download", lambda into: download.install(into, progress, releases)),
        ("A build with Go", lambda into: build.install(into, progress, environment)),
    ]
    for name, install in ways:
        reason = _try(target, _checked(install, environment), progress)
        if reason is None:
            return target
        tried.append((name, reason))
    raise UnavailableError(_nothing_worked(tried))


def provide_extra(extra: recipe.Extra, environment: Mapping[str, str], progress: Progress) -> Path:
    """Return the folder that holds an extra, for the CLI on PATH."""
    cli = shutil.which(recipe.CLI, path=environment.get("PATH", ""))
    beside = Path(cli).resolve().parent if cli else cache.folder(environment)
    found = existing.find_extra(extra, beside, environment)
    if found is not None:
        return found
    target = cache.extra_folder(environment, extra)
    cache.fill(
        target,
        lambda into: build.install_extra(extra, into, progress, environment),
        progress,
        (extra.name,),
    )
    return target


def _try(target: Path, install: Callable[[Path], str], progress: Progress) -> str | None:
    """Fill the cache in one way; return why that did not work."""
    try:
        cache.fill(target, install, progress)
    except (UnavailableError, OSError) as error:
        return str(error)
    return None


def _checked(
    install: Callable[[Path], str], environment: Mapping[str, str]
) -> Callable[[Path], str]:
    """Keep only what runs here and is what was asked for."""

    def checked(into: Path) -> str:
        origin = install(into)
        missing = [name for name in recipe.PROGRAMS if not (into / name).exists()]
        if missing:
            raise UnavailableError(f"{origin} came without {', '.join(missing)}")
        wanted = f"v{recipe.cli_version()}"
        printed = recipe.printed_version(into / recipe.CLI, environment)
        if printed != wanted:
            raise UnavailableError(f"{origin} says it is {printed}, not {wanted}")
        return origin

    return checked


def _nothing_worked(tried: list[tuple[str, str]]) -> str:
    reasons = "\n".join(f"  - {way}: {reason}" for way, reason in tried)
    oldest, go = recipe.show(recipe.OLDEST), recipe.show(recipe.oldest_go())
    return (
        f"There is no Pulumi CLI to work with. What was tried:\n{reasons}\n"
        f"Install Pulumi {oldest} or newer (https://www.pulumi.com/docs/install/), or, where its"
        f" download host cannot be reached, Go {go} or newer (https://go.dev/dl/); then run this"
        " again."
    )
