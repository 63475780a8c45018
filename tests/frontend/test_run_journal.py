"""The journal that the provider processes of one run share."""

import subprocess
import sys

import pytest

from pulumi_tablestore_delivery.frontend.run_journal import RunJournal

ADDRESS = "127.0.0.1:40001"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs"


def test_another_process_of_the_run_sees_what_is_continued(folder):
    RunJournal(ADDRESS, folder).record("i/t/task", is_continued=True)
    assert RunJournal(ADDRESS, folder).is_continued("i/t/task")
    assert not RunJournal(ADDRESS, folder).is_continued("i/t/other")


def test_failed_create_is_removed_from_the_journal(folder):
    journal = RunJournal(ADDRESS, folder)
    journal.record("i/t/task", is_continued=True)
    journal.record("i/t/task", is_continued=False)
    assert not journal.is_continued("i/t/task")


def test_another_run_finds_no_task(folder):
    RunJournal(ADDRESS, folder).record("i/t/task", is_continued=True)
    assert not RunJournal("127.0.0.1:40002", folder).is_continued("i/t/task")


def test_unknown_engine_shares_nothing(folder):
    RunJournal("", folder).record("i/t/task", is_continued=True)
    assert not RunJournal("", folder).is_continued("i/t/task")
    assert not folder.exists()


RECORD = """
import pathlib, sys
from pulumi_tablestore_delivery.frontend.run_journal import RunJournal
RunJournal(sys.argv[1], pathlib.Path(sys.argv[2])).record("i/t/task", is_continued=True)
print("recorded", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def process(folder):
    """A process that has recorded a task and lives."""
    command = [sys.executable, "-c", RECORD, ADDRESS, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "recorded\n"
        yield process
        process.kill()


def test_file_counts_while_a_process_of_the_run_lives(folder, process):
    assert RunJournal(ADDRESS, folder).is_continued("i/t/task")
    journal = RunJournal(ADDRESS, folder)
    journal.record("i/t/other", is_continued=True)
    assert journal.is_continued("i/t/task")
    RunJournal("127.0.0.1:40002", folder).record("i/t/task", is_continued=True)
    assert len(list(folder.iterdir())) == 2


def test_file_of_an_earlier_run_at_the_same_address_is_ignored(folder, process):
    process.kill()
    process.wait()
    assert not RunJournal(ADDRESS, folder).is_continued("i/t/task")
    journal = RunJournal(ADDRESS, folder)
    journal.record("i/t/other", is_continued=True)
    assert not journal.is_continued("i/t/task")
    assert journal.is_continued("i/t/other")


def test_file_of_an_earlier_run_is_removed(folder, process):
    process.kill()
    process.wait()
    (file,) = folder.iterdir()
    RunJournal("127.0.0.1:40002", folder).record("i/t/task", is_continued=True)
    assert file not in set(folder.iterdir())


@pytest.mark.parametrize("text", ["{", "[]", "[1]\n", "\xff", '{"a": 1}'])
def test_damaged_file_is_ignored(folder, text):
    RunJournal(ADDRESS, folder).record("i/t/task", is_continued=True)
    (file,) = folder.iterdir()
    file.write_text(text, encoding="latin-1")
    assert not RunJournal(ADDRESS, folder).is_continued("i/t/task")


def test_unwritable_folder_does_not_stop_the_run(tmp_path):
    (tmp_path / "file").write_text("")
    journal = RunJournal(ADDRESS, tmp_path / "file" / "runs")
    journal.record("i/t/task", is_continued=True)
    assert not journal.is_continued("i/t/task")
