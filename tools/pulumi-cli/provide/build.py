"""The CLI built from its source, as the Go module proxy serves it.

The language host's own module is not on the proxy. The host is built from the last SDK module that
contains it (python-host/go.mod); it works with the newer CLI, but leaves `runtime.options` of
Pulumi.yaml aside, so the virtual environment has to be first on PATH.
"""

import collections
import dataclasses
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from provide import recipe
from provide.progress import Progress
from provide.recipe import UnavailableError

CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
HOST_PACKAGE = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
# Files that the CLI's release takes as they are from the SDK.
SCRIPTS = {
    recipe.EXECUTOR: "python/cmd/pulumi-language-python-exec",
    recipe.DYNAMIC_PROVIDER: "python/dist/pulumi-resource-pulumi-python",
}
WORK = "work"
KEPT_LINES = 12  # of a failed build's output


def install(into: Path, progress: Progress, environment: Mapping[str, str]) -> str:
    """Build both programs and add the two scripts; return what built them."""
    environment = _building(into, environment)
    go = _go(environment)
    progress.line(
        f"Building the Pulumi CLI {recipe.cli_version()} with {go}."
        " This takes some minutes, once; later runs use the result"
    )
    flags = recipe.LINK_FLAGS.format(version=recipe.cli_version())
    for program in (
        _Program(into / recipe.CLI, recipe.CLI_MODULE, CLI_PACKAGE, flags),
        _Program(into / recipe.LANGUAGE_HOST, recipe.HOST_MODULE, HOST_PACKAGE, "-w -s"),
    ):
        _build(program, progress, environment)
    _copy_scripts(into, environment)
    shutil.rmtree(into / WORK)
    return f"{CLI_PACKAGE} built with {go}"


def install_extra(
    extra: recipe.Extra, into: Path, progress: Progress, environment: Mapping[str, str]
) -> str:
    """Build an extra; return what built it."""
    environment = _building(into, environment)
    go = _go(environment)
    progress.line(f"Building {extra.name} {recipe.extra_version(extra)} with {go}, once")
    _build(_Program(into / extra.name, extra.module, extra.package, "-w -s"), progress, environment)
    shutil.rmtree(into / WORK)
    return f"{extra.package} built with {go}"


def _building(into: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a build, whose files are inside: one that is interrupted leaves none."""
    (into / WORK).mkdir()
    changes = {"CGO_ENABLED": "0", "GOWORK": "off", "GOTMPDIR": str(into / WORK)}
    return {**environment, **changes}


def _go(environment: Mapping[str, str]) -> str:
    """Return the version of a Go that can build it."""
    found = shutil.which("go", path=environment.get("PATH", ""))
    oldest = recipe.oldest_go()
    if found is None:
        raise UnavailableError(f"there is no go on PATH (Go {recipe.show(oldest)} or newer)")
    # Asked inside the module, so that a Go that fetches newer toolchains may do so.
    printed = _output(["go", "env", "GOVERSION"], environment)
    version = recipe.parse_version(printed)
    if version is None or version < oldest:
        raise UnavailableError(f"{found} is {printed}, older than {recipe.show(oldest)}")
    return printed


def _output(command: list[str], environment: Mapping[str, str]) -> str:
    try:
        ran = subprocess.run(
            command,
            cwd=recipe.CLI_MODULE,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"`{' '.join(command)}` failed: {error}") from None
    if ran.returncode:
        raise UnavailableError(f"`{' '.join(command)}` failed: {ran.stderr.strip()}")
    return ran.stdout.strip()


class _Log:
    """Reads what `go build -v` says: counts for the progress, the last words for an error."""

    def __init__(self, stream: IO[str]) -> None:
        self.downloaded = 0
        self.compiled = 0
        self.last: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
        self._stream = stream
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in map(str.rstrip, self._stream):
            if line.startswith("go: downloading "):
                self.downloaded += 1
            elif line and " " not in line:  # a package's path, and nothing else
                self.compiled += 1
            else:
                self.last.append(line)

    def end(self) -> str:
        self._reader.join()
        return "\n".join(self.last)


@dataclasses.dataclass(frozen=True)
class _Program:
    output: Path
    module: Path
    package: str
    link_flags: str


def _build(program: _Program, progress: Progress, environment: Mapping[str, str]) -> None:
    command = ["go", "build", "-v", "-mod=readonly", "-tags", recipe.BUILD_TAGS]
    command += ["-ldflags", program.link_flags, "-o", str(program.output), program.package]
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=program.module,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as building:
        assert building.stderr is not None  # noqa: S101 - for the type checker; it is a pipe
        log = _Log(building.stderr)
        try:
            while True:
                seconds = time.monotonic() - began
                counts = f"{log.downloaded} modules downloaded, {log.compiled} packages compiled"
                progress.update(f"Building {program.output.name}: {seconds:.0f} s, {counts}")
                try:
                    building.wait(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            building.kill()  # only on an interruption is it still running
        said = log.end()
    if building.returncode:
        raise UnavailableError(f"`go build {program.package}` failed:\n{said}")
    progress.line(f"Built {program.output.name} in {time.monotonic() - began:.0f} s")


def _copy_scripts(into: Path, environment: Mapping[str, str]) -> None:
    command = ["go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK_MODULE]
    source = Path(_output(command, environment))
    for name, path in SCRIPTS.items():
        try:
            shutil.copyfile(source / path, into / name)
        except OSError as error:
            raise UnavailableError(f"{SDK_MODULE} has no {path}: {error}") from None
        (into / name).chmod(0o755)
