"""What the provider processes of one run share."""

import os
import time

import pytest

from pulumi_tablestore_delivery.frontend.run_journal import RunJournal

ADDRESS = "127.0.0.1:40001"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs"


def test_another_process_of_the_run_sees_what_was_made(folder):
    RunJournal(ADDRESS, folder).record("i/t/task", is_made=True)
    assert RunJournal(ADDRESS, folder).is_made("i/t/task")
    assert not RunJournal(ADDRESS, folder).is_made("i/t/other")


def test_a_failed_create_is_taken_back(folder):
    journal = RunJournal(ADDRESS, folder)
    journal.record("i/t/task", is_made=True)
    journal.record("i/t/task", is_made=False)
    assert not journal.is_made("i/t/task")


def test_another_run_sees_nothing(folder):
    RunJournal(ADDRESS, folder).record("i/t/task", is_made=True)
    assert not RunJournal("127.0.0.1:40002", folder).is_made("i/t/task")


def test_without_an_engine_nothing_is_shared(folder):
    RunJournal("", folder).record("i/t/task", is_made=True)
    assert not RunJournal("", folder).is_made("i/t/task")
    assert not folder.exists()


def test_a_file_of_an_earlier_run_at_the_same_address_does_not_count(folder):
    RunJournal(ADDRESS, folder).record("i/t/task", is_made=True)
    (file,) = folder.iterdir()
    old = time.time() - 25 * 3600
    os.utime(file, (old, old))
    assert not RunJournal(ADDRESS, folder).is_made("i/t/task")
    RunJournal("127.0.0.1:40002", folder).record("i/t/task", is_made=True)
    assert file not in set(folder.iterdir())


@pytest.mark.parametrize("text", ["{", "[]", "[1]\n", "\xff", '{"a": 1}'])
def test_a_damaged_file_says_nothing(folder, text):
    RunJournal(ADDRESS, folder).record("i/t/task", is_made=True)
    (file,) = folder.iterdir()
    file.write_text(text, encoding="latin-1")
    assert not RunJournal(ADDRESS, folder).is_made("i/t/task")


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    journal = RunJournal(ADDRESS, tmp_path / "file" / "runs")
    journal.record("i/t/task", is_made=True)
    assert not journal.is_made("i/t/task")
