"""The built distributions: contents, metadata, one version."""

import email
import importlib.util
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "pulumi_tablestore_delivery"

pytestmark = pytest.mark.xdist_group("packaging")  # one process builds, once


def version() -> str:
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Build the source distribution, and the wheel out of it, as a release does."""
    folder = tmp_path_factory.mktemp("dist")
    # If the build backend is installed, nothing is downloaded.
    isolation = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    built = subprocess.run(
        [sys.executable, "-m", "build", *isolation, "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(dist):
    (path,) = dist.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel):
    name = f"{PACKAGE}-{version()}.dist-info/METADATA"
    return email.message_from_bytes(wheel.read(name))


@pytest.mark.parametrize(
    "name",
    [
        f"{PACKAGE}/py.typed",
        f"{PACKAGE}/pulumi-plugin.json",
        f"{PACKAGE}/wire/delivery.proto",
        f"{PACKAGE}/wire/delivery_pb2.py",
        f"{PACKAGE}/wire/delivery_pb2.pyi",
        f"{PACKAGE}/wire/row.proto",
        f"{PACKAGE}/wire/row_pb2.py",
        f"{PACKAGE}/wire/row_pb2.pyi",
        f"{PACKAGE}/wire/table.proto",
        f"{PACKAGE}/wire/table_pb2.py",
        f"{PACKAGE}/wire/table_pb2.pyi",
        f"{PACKAGE}-{version()}.dist-info/licenses/LICENSE",
    ],
)
def test_wheel_contains_the_needed_files(wheel, name):
    assert name in wheel.namelist()


def test_wheel_contains_every_source_and_nothing_else(wheel):
    sources = {
        str(path.relative_to(ROOT))
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == sources


def test_source_distribution_has_the_tests_and_the_license(dist):
    (path,) = dist.glob("*.tar.gz")
    top = path.name.removesuffix(".tar.gz")
    with tarfile.open(path) as archive:
        names = set(archive.getnames())
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "tests/test_packaging.py"):
        assert f"{top}/{name}" in names


def test_metadata_describes_the_package(metadata):
    assert metadata["Name"] == "pulumi-tablestore-delivery"
    assert metadata["Version"] == version()
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.10"
    extras = {"alicloud", "cli", "credentials", "dev", "emulator", "metrics", "oss"}
    assert set(metadata.get_all("Provides-Extra")) == extras
    prefix = "Programming Language :: Python :: 3."
    supported = [name for name in metadata.get_all("Classifier") if name.startswith(prefix)]
    assert supported == [f"{prefix}{minor}" for minor in (10, 11, 12, 13, 14)]


def test_programs_are_installed(wheel):
    points = wheel.read(f"{PACKAGE}-{version()}.dist-info/entry_points.txt").decode()
    assert f"tablestore-delivery = {PACKAGE}.cli.main:run" in points


def test_version_is_written_in_one_place(wheel):
    quoted = re.compile(rf"""["']{re.escape(version())}["']""")
    repeated = [
        name
        for name in wheel.namelist()
        if name.endswith(".py") and quoted.search(wheel.read(name).decode())
    ]
    assert repeated == []
