"""The per-user folder that a downloaded or built CLI is kept in: complete, or not there."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from provide import recipe
from provide.progress import Progress

STAMP = "complete"


def folder(environment: Mapping[str, str]) -> Path:
    """Return where the CLI of this recipe and machine belongs, there or not."""
    fingerprint = recipe.fingerprint(recipe.CLI_MODULE, recipe.HOST_MODULE)
    return _folder(environment, recipe.CLI, recipe.cli_version(), fingerprint)


def extra_folder(environment: Mapping[str, str], extra: recipe.Extra) -> Path:
    """Return where an extra of this recipe and machine belongs, there or not."""
    fingerprint = recipe.fingerprint(extra.module)
    return _folder(environment, extra.name, recipe.extra_version(extra), fingerprint)


def _folder(environment: Mapping[str, str], program: str, version: str, fingerprint: str) -> Path:
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # also what the XDG specification asks for
        base = Path.home() / ".cache"
    machine = f"{recipe.operating_system()}-{recipe.architecture()}"
    return base / "pulumi-tablestore-delivery" / f"{program}-{version}-{machine}-{fingerprint}"


def is_complete(target: Path, programs: Sequence[str] = recipe.PROGRAMS) -> bool:
    """Tell whether everything is there."""
    return all((target / name).exists() for name in (STAMP, *programs))


def fill(
    target: Path,
    produce: Callable[[Path], str],
    progress: Progress,
    programs: Sequence[str] = recipe.PROGRAMS,
) -> None:
    """Let `produce` fill a folder of its own beside the target, then rename it into place.

    Only one process at a time fills a target; the others wait and take its result. What an
    interrupted process left behind is removed by the next one.
    """
    if is_complete(target, programs):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(f"{target.name}.lock"), progress):
        if is_complete(target, programs):
            return
        for leftover in target.parent.glob(f"{target.name}.partial-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        partial = Path(tempfile.mkdtemp(prefix=f"{target.name}.partial-", dir=target.parent))
        try:
            origin = produce(partial)
            (partial / STAMP).write_text(f"{origin}\n", encoding="utf-8")
            partial.chmod(0o755)
            shutil.rmtree(target, ignore_errors=True)  # there, but not complete
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.line("Another process is getting the Pulumi CLI; waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # gives the lock back, as the end of the process does
