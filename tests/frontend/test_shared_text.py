"""A long text goes from a program to its provider in a file."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pulumi_tablestore_delivery.frontend import shared_text
from pulumi_tablestore_delivery.frontend.shared_text import (
    UnreadableFileError,
    as_property,
    text_of,
)

LONG = "urn:\u516c\u53f8\tlocal/orders/orders\n" * 1000


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    for cached in (shared_text._remove_old_files, shared_text._from_file):
        cached.cache_clear()
    return tmp_path / "home"


def test_short_text_is_its_own_property(home):
    assert as_property("a\tb") == "a\tb"
    assert text_of("a\tb") == "a\tb"
    assert not home.exists()


def test_long_text_is_read_from_a_file_that_only_its_user_can_read():
    value = as_property(LONG)
    assert len(str(value)) < 400
    assert text_of(value) == LONG
    path = Path(value["file"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_text_stays_in_the_property_without_a_folder_for_files(home):
    home.write_text("a file")
    assert as_property(LONG) == LONG


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("cut off")])
def test_file_that_cannot_be_read_is_named(change):
    value = as_property(LONG)
    change(Path(value["file"]))
    with pytest.raises(UnreadableFileError, match=value["sha256"]):
        text_of(value)


def test_threads_that_write_the_same_file_do_not_disturb_one_another():
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(as_property, [LONG] * 40))
    assert values == values[:1] * 40
    assert text_of(values[0]) == LONG
    assert len(list(Path(values[0]["file"]).parent.iterdir())) == 1


@pytest.mark.parametrize("value", [None, 7, []])
def test_anything_else_cannot_be_read(value):
    assert text_of(value) is None


def test_files_of_the_day_before_are_removed():
    old = Path(as_property(LONG)["file"])
    os.utime(old, (time.time() - 90_000,) * 2)
    shared_text._remove_old_files.cache_clear()  # as in a later run
    assert text_of(as_property(LONG + "x")) == LONG + "x"
    assert not old.exists()
