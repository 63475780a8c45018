"""The locks in requirements/ fit what the package requires, on each Python and system of CI."""

import re
from importlib.metadata import metadata, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

FOLDER = Path(__file__).resolve().parents[2] / "requirements"
LOCKS = sorted(FOLDER.glob("*.txt"))
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SYSTEMS = ("linux", "darwin")
EXTRAS = ("", "alicloud", "cli", "emulator", "metrics", "oss")


def environment(python, system, extra=""):
    return {
        "python_version": python,
        "python_full_version": f"{python}.4",
        "sys_platform": system,
        "os_name": "posix",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "extra": extra,
    }


def pins(lock, python="3.11", system="linux"):
    """The versions that pip installs from a lock, by name."""
    found = {}
    for line in (FOLDER / f"{lock}.txt").read_text().splitlines():
        if not line or line.startswith(("#", " ")):
            continue
        pin = Requirement(line.removesuffix(" \\"))
        if pin.marker is None or pin.marker.evaluate(environment(python, system)):
            assert pin.name not in found, f"{pin.name} is pinned twice"
            (version,) = pin.specifier
            found[pin.name] = Version(version.version)
    return found


def requirements(*extras, python="3.11", system="linux"):
    """What the package requires with these extras."""
    for text in requires("pulumi-tablestore-delivery"):
        found = Requirement(text)
        if found.marker is None or any(
            found.marker.evaluate(environment(python, system, extra)) for extra in extras
        ):
            yield found


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("user", ("", "cli", "emulator", "oss")),
        ("dev", (*EXTRAS, "dev")),
        ("credentials", ("", "credentials")),
    ],
)
def test_the_lock_has_what_is_required(lock, extras, python, system):
    locked = pins(lock, python, system)
    for required in requirements(*extras, python=python, system=system):
        assert required.name in locked, f"{required.name} is missing: run make lock"
        assert locked[required.name] in required.specifier, f"{required}: run make lock"


def test_user_and_developer_have_the_same_versions():
    user, developer = pins("user"), pins("dev")
    assert user == {name: developer[name] for name in user}


def test_every_extra_is_in_a_lock():
    """Else `make audit` would not look at what it brings."""
    provided = metadata("pulumi-tablestore-delivery").get_all("Provides-Extra")
    assert set(provided) == {*EXTRAS, "dev", "credentials"} - {""}


def test_the_oldest_versions_are_the_lower_bounds():
    """What pyproject.toml allows at least is what the tests run with."""
    locked = pins("oldest")
    bounds = {
        required.name: Version(each.version)
        for required in requirements(*EXTRAS)
        for each in required.specifier
        if each.operator == ">="
    }
    assert {name: locked[name] for name in bounds} == bounds


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_version_has_hashes_and_no_host_is_named(lock):
    pin = re.compile(
        r"[a-z0-9-]+==[a-z0-9.]+( ; [^\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+(\n    #[^\n]*)*"
    )
    header, *pinned = re.split(r"\n(?=[^ ])", lock.read_text().rstrip("\n"))
    assert header.startswith("#")
    for each in pinned:
        assert pin.fullmatch(each) or re.fullmatch("#.*", each)
    assert "://" not in lock.read_text()
