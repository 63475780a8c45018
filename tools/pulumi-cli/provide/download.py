"""Pulumi's own archive, checked against the checksums published with it."""

import hashlib
import http.client
import queue
import shutil
import tarfile
import threading
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path, PurePosixPath

from provide import recipe
from provide.progress import Progress
from provide.recipe import UnavailableError

RELEASES = "https://get.pulumi.com/releases/sdk"
CONNECT_SECONDS = 5.0  # no answer by then: the host cannot be reached from here
STALL_SECONDS = 20.0  # nothing received for so long
TOTAL_SECONDS = 900.0
CHUNK = 1 << 18
MB = 1_000_000


def install(into: Path, progress: Progress, releases: str = RELEASES) -> str:
    """Download, verify and unpack the archive for this machine; return where it came from."""
    version = recipe.cli_version()
    name = f"pulumi-v{version}-{recipe.operating_system()}-{recipe.architecture()}.tar.gz"
    archive = into / name
    try:
        checksum = _published_checksum(f"{releases}/pulumi-{version}-checksums.txt", name)
        progress.line(f"Downloading the Pulumi CLI {version} from {releases}")
        received = _fetch(f"{releases}/{name}", archive, progress)
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if type(error) is urllib.error.URLError else error
        raise UnavailableError(f"{releases} cannot be read: {reason}") from None
    if received != checksum:
        raise UnavailableError(f"{releases}/{name} is not what its checksum says; nothing was kept")
    _unpack(archive, into)
    archive.unlink()
    return f"{releases}/{name}"


def _published_checksum(url: str, name: str) -> str:
    for line in _first_answer(url).decode("ascii", "replace").splitlines():
        fields = line.split()
        if fields[1:] == [name]:
            return fields[0].lower()
    raise UnavailableError(f"{url} lists no {name}: there is no archive for this machine")


def _first_answer(url: str) -> bytes:
    """Get a small file, or fail fast, whether the name, the connection or the answer hangs."""
    outcome: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def get() -> None:
        try:
            with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:  # noqa: S310 - https
                outcome.put(answer.read(MB))
        except (OSError, http.client.HTTPException) as error:
            outcome.put(error)

    # A thread that may be left behind: resolving a name cannot be given a time-out.
    threading.Thread(target=get, daemon=True).start()
    try:
        answer = outcome.get(timeout=2 * CONNECT_SECONDS)
    except queue.Empty:
        raise OSError(f"no answer within {2 * CONNECT_SECONDS:.0f} seconds") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _fetch(url: str, archive: Path, progress: Progress) -> str:
    """Save a file and return its SHA-256."""
    digest = hashlib.sha256()
    give_up = time.monotonic() + TOTAL_SECONDS
    with (
        urllib.request.urlopen(url, timeout=STALL_SECONDS) as answer,  # noqa: S310 - https
        archive.open("wb") as file,
    ):
        size = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while chunk := answer.read(CHUNK):
            if time.monotonic() > give_up:
                raise OSError(f"not complete after {TOTAL_SECONDS:.0f} seconds")
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            share = f" of {size / MB:.0f} MB ({done / size:.0%})" if size else " MB"
            progress.update(f"Downloaded {done / MB:.0f}{share}")
    return digest.hexdigest()


def _unpack(archive: Path, into: Path) -> None:
    """Unpack the files below `pulumi/`, and nothing that would land or point elsewhere."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _unpack_member(tar, member, into)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise UnavailableError(f"{archive.name} cannot be unpacked: {error}") from None


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
        raise UnavailableError(f"the archive holds {member.name!r}, which is not to be unpacked")
    content = tar.extractfile(member)
    if content is None or path.parts[0] != "pulumi":
        return
    target = into.joinpath(*path.parts[1:])
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(0o755 if member.mode & 0o100 else 0o644)
