"""`verify` through the emulator's OSS: lost, different, doubled, old rows, and rows not due."""

import importlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from support.delivery_world import tablestore

from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.inspection.verification.location import BucketLocation
from pulumi_tablestore_delivery.inspection.verification.objects import Bucket
from tools.quickstart import sample, tables

COLUMNS = [("id", "UTF8"), ("n", "INT64")]
VERIFICATION = "pulumi_tablestore_delivery.inspection.verification"
PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
HIVE = "data/year=$yyyy/month=$MM/day=$dd/hour=$HH/"


@pytest.fixture
def verify(command):
    """Runs `verify --all --json` for task1 of table t; returns the document with the exit code."""

    def run(*options, table="t", task="task1", code=0):
        done = command("verify", table, task, "--all", "--json", *options)
        assert done.code == code, (done.out, done.err)
        return done.json

    return run


@pytest.fixture
def delivered(world):
    """Table t with 20 rows, delivered by task1 of mode BASE_INC."""
    world.put_many((f"r{number:02}", {"n": number}) for number in range(20))
    world.task(columns=COLUMNS)
    world.wait_delivered()
    return world


def column(document, name):
    return next(each for each in document["columns"] if each["name"] == name)


def notes(document):
    return "\n".join(document["notes"])


def rewrite(path, change):
    """Replace a delivered file by a changed one."""
    pq.write_table(change(pq.ParquetFile(path).read()), path)


def test_losses_of_the_quickstart_tables_match_the_emulators_counts(command, emulate):
    world = emulate()
    filled = tables.Tables(world.url, "local", ("local", "local-secret"))
    filled.create_missing()
    filled.fill("orders", sample.orders())
    world.task(
        "orders", "orders", "BASE_INC",
        [
            ("order_id", "UTF8"), ("created_at", "UTF8"), ("amount", "DOUBLE", "amount_cny"),
            ("items", "INT64"), ("paid", "BOOL"), ("city", "UTF8", "city", "PLAIN_DICTIONARY"),
        ],
        ossPrefix="orders/year=$yyyy/month=$MM/day=$dd/", ossDirtyPrefix="dirty/orders/",
        event=("created_at", "RFC3339"),
    )  # fmt: skip
    world.wait_delivered("orders")
    counted = {
        (each["column"], each["reason"]): each["count"]
        for each in world.report("orders")["discarded"]
    }
    done = command("verify", "orders", "orders", "--all", "--json")
    assert done.code == 3
    found = done.json
    assert found["rows"]["compared"] == found["rows"]["equal"] == 3000
    assert column(found, "amount_cny")["dirty"] == {"INTEGER": 30, "STRING": 30}
    assert column(found, "items")["dirty"] == {"STRING": 30}
    assert found["event_unparsable"] == 30
    assert counted == {
        ("amount", "is not DOUBLE"): 60,
        ("items", "is not INT64"): 30,
        ("created_at", "is not an event time"): 30,
    }
    assert not any(column(found, name)["dirty"] for name in ("order_id", "paid", "city"))
    shown = command("verify", "orders", "orders", "--all")
    assert shown.code == 3
    assert "30 INTEGER, 30 STRING" in shown.out
    assert _lines(shown.out) == _lines(PAGE.read_text().split("--all\n", 1)[1].split("```")[0])
    assert "CNY" not in shown.out + shown.err + done.out


def _lines(text):
    """The lines without the time and the widths of the table."""
    lines = [re.sub("[ ─]+", " ", line).strip() for line in text.splitlines()]
    return [re.sub("of [0-9]+ files", "of files", line) for line in lines if "until" not in line]


def test_complete_delivery_passes(delivered, verify):
    found = verify()
    assert found["complete"]
    assert found["notes"] == []
    assert (found["rows"]["compared"], found["rows"]["equal"]) == (20, 20)
    assert column(found, "n")["equal"] == 20


def test_removed_file_is_reported_as_missing_rows(world, verify):
    world.put_many((f"r{number}", {"n": number, "at": number * 3600}) for number in range(10))
    world.task(columns=COLUMNS, ossPrefix=HIVE, event=("at", "Unix"))
    world.wait_delivered()
    world.files()[0].unlink()
    found = verify(code=3)
    assert (found["rows"]["equal"], found["rows"]["missing"]) == (9, 1)
    assert column(found, "n")["missing"] == 1
    assert "1 row in no file" in notes(found)


def test_doubled_file_is_reported_without_loss(delivered, verify):
    (path,) = delivered.files()
    shutil.copy(path, path.with_name(path.name.rpartition("__")[0] + "__7"))
    found = verify()
    assert (found["rows"]["doubled"], found["rows"]["copies"]) == (20, 20)
    assert "20 rows more than once in the files" in notes(found)


def test_file_with_an_ending_is_a_delivered_file(delivered, verify):
    (path,) = delivered.files()
    path.rename(path.with_name(f"{path.name}.snappy.parquet"))
    assert verify()["rows"]["equal"] == 20


def test_rows_of_an_earlier_task_in_the_folder_are_distinguished(world, verify):
    world.put_many((f"r{number}", {"n": number}) for number in range(5))
    world.task("earlier", mode="BASE", columns=COLUMNS)
    world.wait_scanned("earlier")
    world.delete_task("earlier")
    world.task(mode="INC", columns=COLUMNS)
    world.put_many((f"s{number}", {"n": number}) for number in range(3))
    world.wait_delivered()
    found = verify()
    assert (found["rows"]["equal"], found["rows"]["other_task"]) == (3, 5)
    assert found["files"]["of_other_tasks"] == {"earlier": 1}
    assert "1 file of another task, earlier" in notes(found)
    assert "5 rows only in files of another task" in notes(found)


def test_rows_before_a_task_of_mode_inc_are_not_compared(world, verify):
    world.put_many((f"r{number}", {"n": number}) for number in range(5))
    time.sleep(1.1)  # OSS tells the time of a file in seconds
    world.task(mode="INC", columns=COLUMNS)
    time.sleep(1.1)
    world.put("new", n=1)
    world.wait_delivered()
    found = verify()
    assert (found["rows"]["equal"], found["rows"]["before_task"]) == (1, 5)
    assert column(found, "n")["unjudged"] == 5
    assert "Mode INC delivers only new rows" in notes(found)


def test_updated_and_deleted_rows_are_explained(delivered, verify):
    delivered.put("r03", n=300)
    delivered.sdk.delete_row("t", tablestore.Row([("id", "r04")]), tablestore.Condition("IGNORE"))
    delivered.wait_delivered()
    found = verify()
    assert (found["rows"]["compared"], found["rows"]["equal"]) == (19, 19)
    assert found["rows"]["updated"] == 1
    assert found["rows"]["only_in_files"] == 1
    assert "Each write is a row in a file" in notes(found)
    assert "Delivery ignores deletes" in notes(found)


def test_undelivered_rows_of_a_task_with_a_lag_are_not_due(emulate, verify):
    world = emulate(flush_seconds=2)
    world.table()
    world.put("r1", n=1)
    world.task(columns=COLUMNS)
    world.wait_delivered()
    world.put("r1", n=2)
    world.put("r2", n=2)
    found = verify()
    assert found["rows"]["not_due"] == 2
    assert column(found, "n")["not_due"] == 2
    assert f"2 rows not due yet: written after {found['synced_until']}" in notes(found)


def test_nothing_is_due_before_the_first_delivery(emulate, verify):
    world = emulate(flush_seconds=3600)
    world.table()
    world.put("r1", n=1)
    world.task(columns=COLUMNS)
    found = verify()
    assert found["rows"]["not_due"] == 1
    assert "the task is in phase" in notes(found)


def test_row_written_after_the_scan_of_mode_base_is_not_due(world, verify):
    world.put("r1", n=1)
    world.task(mode="BASE", columns=COLUMNS)
    world.wait_scanned()
    world.put("r2", n=2)
    found = verify()
    assert (found["rows"]["equal"], found["rows"]["not_due"]) == (1, 1)
    assert "written after the scan" in notes(found)


def test_values_that_differ_or_are_empty_are_reported(delivered, verify, command):
    def change(table):
        n = table["n"].to_pylist()
        n[3], n[4] = 999, None
        return table.set_column(1, "n", pa.array(n, pa.int64()))

    rewrite(delivered.files()[0], change)
    found = verify(code=3)
    assert (column(found, "n")["different"], column(found, "n")["empty"]) == (1, 1)
    assert found["rows"]["different"] == 2
    assert found["examples"] == []
    assert "999" not in command("verify", "t", "task1", "--all").out
    shown = verify("--show-values", code=3)["examples"]
    assert {
        "column": "n",
        "verdict": "different",
        "key": '["r03"]',
        "table": 3,
        "files": 999,
    } in shown
    assert "999" in command("verify", "t", "task1", "--all", "--show-values").out


def test_file_that_is_not_parquet_is_reported(delivered, verify):
    delivered.files()[0].write_bytes(b"not Parquet")
    found = verify(code=3)
    assert found["rows"]["missing"] == 20
    assert "1 file that cannot be read as Parquet" in notes(found)


def test_file_with_another_type_is_reported(delivered, verify):
    rewrite(
        delivered.files()[0],
        lambda table: table.set_column(1, "n", pc.cast(table["n"], pa.string())),
    )
    found = verify(code=3)
    assert column(found, "n")["empty"] == 20
    assert "the column n of type string" in notes(found)


def test_file_with_text_that_is_not_utf8_is_reported(delivered, verify):
    def change(table):
        buffers = pa.array([b"\xff"] * 20, pa.binary()).buffers()
        return table.set_column(0, "id", pa.Array.from_buffers(pa.string(), 20, buffers))

    rewrite(delivered.files()[0], change)
    for options in ([], ["--rows", "5"]):
        found = verify(*options, code=3)
        assert found["rows"]["missing"] == found["rows"]["compared"]
    assert "bytes that are not UTF-8" in notes(verify(code=3))


def test_file_without_a_declared_column_is_reported(delivered, verify):
    rewrite(delivered.files()[0], lambda table: table.rename_columns(["id", "N"]))
    found = verify(code=3)
    assert column(found, "n")["empty"] == 20
    assert "1 file without the column n." in notes(found)


def test_reason_of_an_unreadable_file_does_not_name_a_temporary_one(delivered, verify):
    delivered.files()[0].write_bytes(b"")
    found = verify(code=3)
    assert found["files"]["unreadable"] == {"data/task1_0_data__1": "Parquet file size is 0 bytes"}


def test_values_that_json_does_not_have_are_text(world, command):
    world.put("r1", d=1.5)
    world.put("r2", d=2.5)
    world.task(columns=[("id", "UTF8"), ("d", "DOUBLE")])
    world.wait_delivered()
    rewrite(
        world.files()[0],
        lambda table: table.set_column(1, "d", pa.array([float("nan"), float("-inf")])),
    )
    done = command("verify", "t", "task1", "--json", "--show-values")
    assert done.code == 3
    assert "NaN" not in done.out
    assert sorted(each["files"] for each in done.json["examples"]) == ["-inf", "nan"]


def test_rows_without_columns_are_searched_in_every_folder(world, verify, command):
    for number in range(3):
        row = tablestore.Row([("id", f"r{number}")], [])
        world.sdk.put_row("t", row)
    world.task(columns=COLUMNS, ossPrefix=HIVE)
    world.wait_delivered()
    assert verify()["rows"]["equal"] == 3
    done = command("verify", "t", "task1", "--json")
    assert (done.code, done.json["rows"]["not_looked_for"]) == (0, 3)
    assert "3 rows not looked for" in notes(done.json)
    for path in world.files():
        path.unlink()
    found = verify()
    assert (found["rows"]["undated"], found["rows"]["not_looked_for"]) == (3, 0)


def test_rows_without_columns_are_also_searched_in_files_of_other_tasks(world, verify):
    world.sdk.put_row("t", tablestore.Row([("id", "r")], []))
    world.task("earlier", mode="BASE", columns=COLUMNS, ossPrefix=HIVE)
    world.wait_scanned("earlier")
    world.delete_task("earlier")
    world.task(mode="INC", columns=COLUMNS, ossPrefix=HIVE)
    world.wait_delivered()
    assert verify()["rows"]["other_task"] == 1


def test_removed_columns_are_not_judged_because_their_time_is_not_known(emulate, verify):
    world = emulate(flush_seconds=2)
    world.table()
    world.put("r", n=1)
    world.task(columns=COLUMNS)
    world.wait_delivered()
    world.sdk.put_row("t", tablestore.Row([("id", "r")], []))
    found = verify()
    assert (found["rows"]["undated"], found["rows"]["different"]) == (1, 0)
    assert "1 row whose current values are in no file" in notes(found)


def test_task_of_mode_inc_without_files_is_not_compared(world, verify):
    world.put("r", n=1)
    world.task(mode="INC", columns=COLUMNS)
    world.wait_delivered()
    found = verify()
    assert found["rows"]["before_task"] == 1
    assert "1 row in no file, and the task does not have a file that is older." in notes(found)


def test_expired_values_are_not_reported(world, verify):
    world.table("expires", time_to_live=86400)
    world.put("r1", "expires", other=1)
    world.put("r2", "expires", n=2)
    world.task(table="expires", columns=COLUMNS)
    world.wait_delivered()
    rewrite(world.files()[0], lambda table: table.set_column(1, "n", pa.array([1, 2], pa.int64())))
    found = verify(table="expires")
    assert (found["rows"]["equal"], found["rows"]["different"]) == (2, 0)
    assert column(found, "n")["extra"] == 1
    assert "files outlive it" in notes(found)


def test_newest_version_of_a_cell_is_compared(world, verify):
    world.table("versions", max_version=3, max_time_deviation=10**9)
    now = int(time.time() * 1000)
    row = tablestore.Row([("id", "r")], [("n", 1, now - 5000), ("n", 2, now - 4000)])
    world.sdk.put_row("versions", row)
    world.task(table="versions", columns=COLUMNS)
    world.wait_delivered()
    found = verify(table="versions")
    assert (found["rows"]["equal"], column(found, "n")["equal"]) == (1, 1)


def test_rows_without_their_key_in_the_files_are_compared_by_all_values(world, verify):
    world.table("keys", [("user", "STRING"), ("at", "INTEGER")])
    for number in range(6):
        world.put([("user", "u"), ("at", number)], "keys", n=number // 2)
    world.task(table="keys", columns=[("user", "UTF8"), ("n", "INT64")])
    world.wait_delivered()
    found = verify(table="keys")
    assert found["rows"]["equal"] == 6
    assert found["rows"]["only_in_files"] is None
    assert "do not hold the whole primary key" in notes(found)
    rewrite(world.files()[0], lambda table: table.slice(1))
    assert verify(table="keys", code=3)["rows"]["missing"] == 1


class TestRowsWithEqualValues:
    """The files do not hold the primary key, so rows are found by their values."""

    columns = (("n", "INT64"),)

    def test_row_that_is_not_due_does_not_take_the_copy_of_another(self, emulate, verify):
        world = emulate(flush_seconds=2)
        world.table()
        world.put("b", n=1)
        world.task(columns=self.columns)
        world.wait_delivered()
        world.put("a", n=1)
        found = verify()
        assert (found["rows"]["equal"], found["rows"]["not_due"]) == (1, 1)

    def test_each_file_of_another_task_holds_a_further_row(self, world, verify):
        world.put("a", n=1)
        world.task("earlier", mode="BASE", columns=self.columns)
        world.wait_scanned("earlier")
        world.delete_task("earlier")
        world.task(mode="INC", columns=self.columns)
        world.put("b", n=1)
        world.wait_delivered()
        found = verify()
        assert (found["rows"]["equal"], found["rows"]["other_task"]) == (1, 1)

    def test_several_folders_are_not_reported_as_another_time_zone(self, world, verify):
        world.put("a", n=1, at=1709251080 + 3600)
        world.put("b", n=1, at=1709251080)
        world.task(columns=self.columns, ossPrefix=HIVE, event=("at", "Unix"))
        world.wait_delivered()
        found = verify()
        assert (found["rows"]["equal"], found["rows"]["elsewhere"]) == (2, 0)


def test_row_in_the_folder_of_another_time_zone_is_found_and_reported(world, verify):
    world.put("r", n=1, at=1709251080)  # 2024-02-29T23:58Z
    world.task(columns=COLUMNS, ossPrefix=HIVE, event=("at", "Unix"))
    world.wait_delivered()
    (path,) = world.files()
    china = path.parents[3] / "month=03" / "day=01" / "hour=07"
    china.mkdir(parents=True)
    path.rename(china / path.name)
    found = verify()
    assert (found["rows"]["equal"], found["rows"]["elsewhere"]) == (1, 1)
    assert "UTC+8" in notes(found)


def test_rows_are_found_by_the_time_of_their_write(world, verify):
    world.put_many((f"r{number}", {"n": number}) for number in range(5))
    world.task(columns=COLUMNS, ossPrefix=HIVE)
    world.wait_delivered()
    world.put("r1", other="an update of a column that is not declared", n=1)
    world.wait_delivered()
    found = verify()
    assert found["rows"]["equal"] == 5


def test_long_text_is_compared_completely(world, verify):
    long = "x" * 100_000
    world.put("r1", n=1, text=long)
    world.put("k" * 500, n=2, text=long + "y")
    world.task(columns=[*COLUMNS, ("text", "UTF8")])
    world.wait_delivered()
    assert verify()["rows"]["equal"] == 2
    rewrite(
        world.files()[0],
        lambda table: table.set_column(2, "text", pa.array([long, long])),
    )
    assert column(verify(code=3), "text")["different"] == 1


def test_sample_is_spread_and_reads_only_its_rows(world, command):
    world.put_many((f"order-{number:05}", {"n": number}) for number in range(2000))
    world.put("z" * 500, n=1)
    world.task(columns=COLUMNS)
    world.wait_delivered()
    done = command("verify", "t", "task1", "--rows", "100", "--json")
    assert done.code == 0, done.out
    assert done.json["is_sample"]
    assert done.json["rows"]["compared"] == done.json["rows"]["equal"] == 100
    assert done.json["files"]["rows"] == 100
    assert done.json["rows"]["only_in_files"] is None


def test_other_objects_in_the_folder_are_counted_and_not_read(delivered, verify):
    (delivered.bucket / "data" / "_SUCCESS").write_text("")
    (delivered.bucket / "data" / "deeper").mkdir()
    (delivered.bucket / "data" / "deeper" / "README").write_text("")
    found = verify()
    assert found["files"]["unknown"] == 1
    assert "1 object with a name that delivery does not give" in notes(found)


def test_rows_without_any_key_column_are_compared_by_their_values(world, verify):
    world.put("r", n=1)
    world.task(columns=[("n", "INT64")])
    world.put_many((f"r{number}", {"n": 1}) for number in range(300))
    world.wait_delivered()
    assert verify()["rows"]["compared"] == 301


def test_names_from_a_bucket_cannot_control_a_terminal(delivered, command):
    (path,) = delivered.files()
    path.with_name("evil\x1b[31m_0_data__1").write_bytes(b"no Parquet \x1b[2J")
    done = command("verify", "t", "task1", "--all")
    assert done.code == 3
    assert "evil\\x1b[31m" in done.out
    assert "\x1b" not in done.out.replace("\x1b[K", "")


def test_table_without_a_task_argument_verifies_all_its_tasks(delivered, command):
    delivered.task("task2", columns=[("id", "UTF8")], ossPrefix="other/")
    delivered.wait_delivered("task2")
    done = command("verify", "t", "--json")
    assert done.code == 0
    assert [each["id"] for each in done.json] == ["local/t/task1", "local/t/task2"]


def test_missing_task_and_missing_bucket_are_errors(delivered, command):
    assert command("verify", "t", "absent").code == 1
    shutil.rmtree(delivered.bucket)
    done = command("verify", "t", "task1", "--json")
    assert done.code == 1
    assert "NoSuchBucket" in done.json["error"]


def test_doctor_compares_a_sample(delivered, command):
    done = command("doctor", "--json", "--verify")
    finding = next(each for each in done.json["checks"] if each["check"] == "files")
    assert finding["status"] == "ok"
    assert "20 rows of 1 tasks compared" in finding["detail"]
    delivered.files()[0].unlink()
    done = command("doctor", "--verify")
    assert done.code == 3
    assert "20 rows in no file" in done.out
    assert "files" not in {each["check"] for each in command("doctor", "--json").json["checks"]}


class TestKeysOfTheEmulator:
    """They go to the emulator, and nowhere else."""

    def test_another_host_is_refused(self, delivered, command, monkeypatch):
        done = command("verify", "t", "task1", "--oss-endpoint", "oss-cn-hangzhou.aliyuncs.com")
        assert done.code == 1
        assert "not sent to another host" in done.err
        monkeypatch.setenv("TABLESTORE_OSS_ENDPOINT", "https://oss.example.com")
        done = command("verify", "t", "task1")
        assert done.code == 1
        assert "TABLESTORE_OSS_ENDPOINT" in done.err

    def test_proxy_is_not_used(self, delivered, monkeypatch):
        location = BucketLocation("my-lake", _oss(delivered), "cn-hangzhou", is_emulated=True)
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "")
        bucket = Bucket(location, lambda: Credentials("local", "local-secret"))
        assert len(list(bucket.files("data/"))) == 1

    def test_endpoint_that_is_not_oss_is_named_as_the_cause(self, delivered, command):
        done = command("verify", "t", "task1", "--oss-endpoint", delivered.url)
        assert done.code == 1
        assert "does not answer as OSS does: check --oss-endpoint" in done.err
        assert "\\x" not in done.err

    def test_wrong_endpoint_is_a_usage_error(self, delivered, command):
        done = command("verify", "t", "task1", "--oss-endpoint", "http://a/b")
        assert done.code == 1
        assert "not a valid endpoint" in done.err


def test_sigterm_removes_the_temporary_files(delivered, command, monkeypatch, tmp_path):
    folders = []

    class Interrupted:
        def __init__(self, _subject, _options, _progress, folder):
            folders.append(folder)
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(importlib.import_module(f"{VERIFICATION}.verify"), "_Run", Interrupted)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = signal.getsignal(signal.SIGTERM)
    assert command("verify", "t", "task1").code == 130
    assert not folders[0].exists()
    assert signal.getsignal(signal.SIGTERM) is before


def _oss(world):
    with urlopen(f"{world.url}/_emulator/oss") as answer:
        return json.load(answer)["url"]


def test_missing_extra_is_named(delivered, command, monkeypatch):
    for name in [name for name in sys.modules if ".inspection.verification" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "alibabacloud_oss_v2", None)
    done = command("verify", "t", "task1")
    assert done.code == 2
    assert "pip install 'pulumi-tablestore-delivery[cli,oss]'" in done.err
    done = command("doctor", "--verify", "--json")
    (finding,) = [each for each in done.json["checks"] if each["check"] == "files"]
    assert finding["status"] == "not checked"
    assert "[oss]" in finding["detail"]
