"""What is wanted: versions, programs, and how this machine is called."""

import dataclasses
import hashlib
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
CLI_MODULE = HERE / "cli"
HOST_MODULE = HERE / "python-host"

# The oldest CLI on PATH that is taken as it is: pyproject.toml asks for the SDK of the same age.
OLDEST = (3, 200, 0)

CLI = "pulumi"
LANGUAGE_HOST = "pulumi-language-python"
EXECUTOR = "pulumi-language-python-exec"  # the host starts it, and looks only beside itself
DYNAMIC_PROVIDER = "pulumi-resource-pulumi-python"
PROGRAMS = (CLI, LANGUAGE_HOST, EXECUTOR, DYNAMIC_PROVIDER)

BUILD_TAGS = "osusergo,grpcnotrace"
LINK_FLAGS = "-w -s -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"

Version = tuple[int, int, int]


class UnavailableError(Exception):
    """One way to the CLI did not work; the text says why, for people."""


@dataclasses.dataclass(frozen=True)
class Extra:
    """A program that only some tests need.

    Attributes:
        name: The program.
        module: The folder of the Go module that builds it.
        package: Its Go package.
        pin: The module whose version in go.mod is the program's.
    """

    name: str
    module: Path
    package: str
    pin: str


_SDK = "github.com/pulumi/pulumi/sdk/v3"
EXTRAS = {
    "yaml-host": Extra(
        "pulumi-language-yaml",
        HERE / "yaml-host",
        "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
        "github.com/pulumi/pulumi-yaml",
    ),
    "go-host": Extra(
        "pulumi-language-go", HERE / "program-hosts", f"{_SDK}/go/pulumi-language-go", _SDK
    ),
    "nodejs-host": Extra(
        "pulumi-language-nodejs",
        HERE / "program-hosts",
        f"{_SDK}/nodejs/cmd/pulumi-language-nodejs",
        _SDK,
    ),
    "sdk-generator": Extra(
        "generate-pulumi-sdks",
        HERE.parent / "sdk-generator",
        "pulumi-tablestore-delivery/tools/sdk-generator",
        "github.com/pulumi/pulumi/pkg/v3",
    ),
}


def parse_version(text: str) -> Version | None:
    """Read the first `1.2.3` (or `1.2`) in a text, whatever stands around it."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def show(version: Version) -> str:
    """Write a version as people do."""
    return ".".join(map(str, version))


def _in_go_mod(pattern: str, module: Path = CLI_MODULE) -> str:
    found = re.search(pattern, (module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise UnavailableError(f"{module / 'go.mod'} does not match {pattern}")
    return found[1]


def cli_version() -> str:
    """Return the CLI's version; cli/go.mod is the one place that pins it."""
    return _in_go_mod(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)")


def extra_version(extra: Extra) -> str:
    """Return the version of an extra; its go.mod is the one place that pins it."""
    return _in_go_mod(rf"{re.escape(extra.pin)} v(\S+)", extra.module)


def oldest_go() -> Version:
    """Return the oldest Go that can build it, as cli/go.mod declares."""
    return parse_version(_in_go_mod(r"^go (\S+)")) or (0, 0, 0)


def operating_system() -> str:
    """Return the operating system as Pulumi's archives name it."""
    return "windows" if sys.platform == "win32" else sys.platform


def architecture() -> str:
    """Return the processor as Pulumi's archives name it."""
    machine = platform.machine().lower()
    return {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)


def fingerprint(*modules: Path) -> str:
    """Tell recipes of one version apart: another pin, source or build flag is another folder."""
    digest = hashlib.sha256(f"{BUILD_TAGS} {LINK_FLAGS}".encode())
    for module in modules:
        for file in sorted(module.glob("*.*")):  # go.mod, go.sum and sources
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def printed_version(cli: Path, environment: Mapping[str, str]) -> str:
    """Run `pulumi version` and return what it prints."""
    try:
        ran = subprocess.run(
            [cli, "version"],
            env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=20,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"`{cli} version` did not answer within 20 seconds") from None
    except OSError as error:
        raise UnavailableError(f"{cli} does not run: {error}") from None
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise UnavailableError(f"`{cli} version` failed: {last}")
    return ran.stdout.strip()
