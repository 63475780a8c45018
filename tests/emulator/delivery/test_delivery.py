"""Deliver rows to files: modes, scan and changes, dirty values, buckets, restarts."""

import errno
import json
import shutil
import threading
import time
from contextlib import closing

import pyarrow.parquet as pq
import pytest
from support.delivery_world import BUCKET, task_request
from support.sdk import tablestore

from pulumi_tablestore_delivery.emulator.delivery.parquet import Layout
from pulumi_tablestore_delivery.emulator.storage import database
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore
from pulumi_tablestore_delivery.wire import table_pb2
from pulumi_tablestore_delivery.wire.enums import DeliveryErrorCode, TaskSyncPhase


def ids(rows):
    return sorted(row["id"] for row in rows)


@pytest.mark.parametrize(
    ("mode", "delivered"),
    [("BASE", ["before"]), ("INC", ["after"]), ("BASE_INC", ["after", "before"])],
)
def test_each_mode_delivers_its_rows(world, mode, delivered):
    world.put("before", n=1)
    world.task(mode=mode)
    world.wait_scanned()
    world.put("after", n=2)
    if mode == "BASE":
        time.sleep(0.4)
    else:
        world.wait_delivered()
    assert ids(world.rows()) == delivered
    state = world.state()
    assert (state.task_sync_phase, state.error_code) == (TaskSyncPhase.INCR, DeliveryErrorCode.OK)


def test_object_is_named_as_documented(world):
    world.put("a", n=1)
    world.task("t-1", ossPrefix="myPrefix/2020/08/31/16/03")
    world.wait_delivered("t-1")
    (path,) = world.files("myPrefix")
    assert path.relative_to(world.bucket).as_posix() == (
        "myPrefix/2020/08/31/16/03/t-1_0_myPrefix_2020_08_31_16_03__1"
    )


def test_every_write_is_delivered_and_no_delete_is(world):
    world.task(mode="INC")
    world.put("a", n=1)
    world.put("a", n=2)
    row = tablestore.Row([("id", "a")], {"PUT": [("m", "x")]})
    world.sdk.update_row("t", row, tablestore.Condition("IGNORE"))
    world.sdk.delete_row("t", tablestore.Row([("id", "a")]), tablestore.Condition("IGNORE"))
    world.wait_delivered()
    assert [row["n"] for row in world.rows()] == [1, 2, 2]  # the last: the row after the update


def test_rows_written_during_the_scan_are_delivered_once(world):
    world.put_many((f"old{i:05}", {"n": 0}) for i in range(4000))
    stop, written, faults = threading.Event(), [], []

    def write(number):
        turn = 0
        try:
            while not stop.is_set():
                world.put(f"new{number}-{turn:05}", n=turn)
                written.append(f"new{number}-{turn:05}")
                world.put(f"old{(number * 997 + turn * 31) % 4000:05}", n=turn + 1)
                turn += 1
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    world.task()
    world.wait_scanned()
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    world.wait_delivered()
    rows = world.rows()
    found = [(row["id"], row["n"]) for row in rows if row["id"].startswith("new")]
    assert len(found) == len(set(found))
    assert set(written) <= {name for name, _ in found}
    scanned = [row["id"] for row in rows if row["id"].startswith("old") and row["n"] == 0]
    assert len(scanned) == len(set(scanned))
    assert {row["id"] for row in rows} >= {f"old{i:05}" for i in range(4000)}


def test_missing_bucket_is_reported_and_all_rows_are_written_again(start_world):
    world = start_world(create_buckets=False)
    world.table()
    world.put("a", n=1)
    world.task(mode="BASE_INC")
    world.task("inc", mode="INC", ossPrefix="inc/")
    world.put("b", n=2)
    time.sleep(0.3)
    state = world.state()
    assert state.error_code == DeliveryErrorCode.INVALID_OSS_BUCKET
    assert state.current_sync_timestamp == 0
    world.bucket.mkdir(parents=True)
    world.wait_delivered()
    world.wait_delivered("inc")
    assert ids(world.rows()) == ["a", "b"]
    assert ids(world.rows("inc/")) == ["b"]
    assert world.report()["rewrites"] == 0
    away = world.bucket.rename(world.bucket.with_name("away"))
    world.wait(lambda: world.state().error_code == DeliveryErrorCode.INVALID_OSS_BUCKET)
    world.put("c", n=3)
    time.sleep(0.2)
    away.rename(world.bucket)
    world.wait_delivered()
    world.wait_delivered("inc")
    assert ids(world.rows()) == ["a", "a", "b", "b", "c"]
    assert ids(world.rows("inc/")) == ["b", "b", "c"]
    assert (world.report()["rewrites"], world.report("inc")["rewrites"]) == (1, 1)


def test_task_without_a_bucket_can_be_deleted(start_world):
    world = start_world(create_buckets=False)
    world.table()
    world.task()
    assert world.state().task_sync_phase == TaskSyncPhase.FULL
    world.delete_task()


def test_restart_continues_where_it_stopped(start_world, world):
    world.put("a", n=1)
    world.task()
    world.wait_delivered()
    world.stop()
    world = start_world()
    world.put("b", n=2)
    world.wait_delivered()
    assert ids(world.rows()) == ["a", "b"]


def test_new_task_with_an_old_name_overwrites_no_file(world):
    world.put("a", n=1)
    for _ in range(2):
        world.task()
        world.wait_scanned()
        world.wait_delivered()
        world.delete_task()
    assert ids(world.rows()) == ["a", "a"]
    assert len(world.files()) == 2


def test_unauthorized_task_waits(world):
    world.fault(fault="task_error", error_code="UNAUTHORIZED", detail="no role")
    world.put("a", n=1)
    world.task()
    time.sleep(0.3)
    state = world.state()
    assert (state.error_code, state.detail) == (DeliveryErrorCode.UNAUTHORIZED, "no role")
    assert world.files() == []
    world.clear_faults()
    world.wait_delivered()
    assert ids(world.rows()) == ["a"]


def test_slow_initialization_affects_one_task(world):
    world.fault(fault="slow_initialization", seconds=0.6)
    world.task("slow")
    world.task("quick")
    assert world.state("slow").task_sync_phase == TaskSyncPhase.INIT
    assert world.state("quick").task_sync_phase != TaskSyncPhase.INIT
    world.wait_scanned("slow")


def test_value_of_another_type_is_dirty_and_its_row_is_delivered(world):
    world.put("a", n="text", d=1, t=1, s=1.5)
    world.put("b", n=True, d=-0.0, t=True, s="text")
    world.put("c", n=bytearray(b"\0"))
    world.task(
        columns=[("s", "UTF8"), ("id", "UTF8"), ("n", "INT64"), ("d", "DOUBLE"), ("t", "BOOL")],
        ossDirtyPrefix="dirty/day=$dd/",
    )
    world.wait_delivered()
    rows = {row["id"]: row for row in world.rows()}
    assert list(rows["a"].values()) == [None, "a", None, None, None]
    assert str(list(rows["b"].values())) == "['text', 'b', None, -0.0, True]"
    assert list(rows["c"].values()) == [None, "c", None, None, None]
    assert world.report()["dirty"] == 6
    assert {
        (found["column"], found["reason"]): found["count"] for found in world.report()["discarded"]
    } == {
        ("n", "is not INT64"): 3,
        ("d", "is not DOUBLE"): 1,
        ("t", "is not BOOL"): 1,
        ("s", "is not UTF8"): 1,
    }
    dirty = {(line["primary_key"][0], line["column"]): line for line in world.dirty()}
    assert dirty["a", "n"] == {
        "primary_key": ["a"], "column": "n", "value": "text", "reason": "is not INT64"
    }  # fmt: skip
    assert dirty["c", "n"]["value"] == {"b": "AA=="}
    assert set(dirty) == {("a", "n"), ("a", "d"), ("a", "t"), ("a", "s"), ("b", "n"), ("c", "n")}


def test_incomplete_file_is_never_in_a_bucket(world):
    world.put("a", n=1)
    world.task()
    world.wait_delivered()
    assert list((world.bucket.parent / ".writing").iterdir()) == []


def test_unwritable_bucket_is_reported_until_it_is_writable(world):
    staging = world.bucket.parent / ".writing"
    staging.parent.mkdir(exist_ok=True)
    staging.write_text("in the way")
    world.put("a", n=1)
    world.task()
    world.wait(lambda: world.state().error_code == DeliveryErrorCode.UNAUTHORIZED)
    assert "Cannot write" in world.state().detail
    staging.unlink()
    world.wait_delivered()
    assert world.state().error_code == DeliveryErrorCode.OK
    assert ids(world.rows()) == ["a"]


def test_object_named_like_a_folder_of_the_task_is_not_in_the_way(world):
    world.bucket.mkdir(parents=True)
    (world.bucket / "data").write_text("an object")
    world.put("a", n=1)
    world.task(ossPrefix="data/x/")
    world.wait_delivered()
    store = ObjectStore(world.bucket.parent)
    assert list(store.keys(BUCKET)) == ["data", "data/x/task1_0_data_x__1"]
    file, _ = store.open(BUCKET, "data/x/task1_0_data_x__1")
    with file:
        assert pq.read_table(file).to_pylist() == [{"id": "a", "n": 1}]
    assert (world.bucket / "data").read_text() == "an object"


def test_data_and_dirty_values_of_one_folder_have_files_of_their_own(world):
    may = 1_714_867_200  # 5 May 2024
    world.put("a", n="text", at=may)
    world.task(
        ossPrefix="t/$MM/$dd/", ossDirtyPrefix="t/$dd/$MM/", event=("at", "Unix"),
    )  # fmt: skip
    world.wait_delivered()
    data, dirty = world.files("t/")
    assert (data.name, dirty.name) == ("task1_0_t_05_05__1", "task1_0_t_05_05__2")
    assert pq.read_table(data).to_pylist() == [{"id": "a", "n": None}]
    assert json.loads(dirty.read_text())["value"] == "text"
    world.put("b", n=2, at=may)
    world.wait_delivered()
    assert pq.read_table(world.files("t/")[-1]).to_pylist() == [{"id": "b", "n": 2}]


def test_tasks_of_two_tables_with_one_name_and_place_overwrite_no_file(world, monkeypatch):
    """One of them has a file that waits for its move, and the other one uses the free key."""
    failed = threading.Event()
    put = ObjectStore.put_delivered

    def fail_once(*given):
        if not failed.is_set():
            failed.set()
            raise OSError(errno.EIO, "Input/output error")
        put(*given)

    monkeypatch.setattr(ObjectStore, "put_delivered", fail_once)
    world.table("u")
    for table in "tu":
        world.put(f"of {table}", table=table, n=1)
        world.task(table=table)
    world.wait(lambda: len(world.files()) == 2)
    assert ids(world.rows()) == ["of t", "of u"]


def test_bucket_that_vanishes_during_a_write_gets_all_rows_again(world, monkeypatch):
    put = ObjectStore.put_delivered

    def remove_first(store, source, bucket, key):
        monkeypatch.setattr(ObjectStore, "put_delivered", put)
        shutil.rmtree(world.bucket)
        put(store, source, bucket, key)

    monkeypatch.setattr(ObjectStore, "put_delivered", remove_first)
    world.put_many((f"id{number}", {"n": number}) for number in range(3))
    world.task()
    world.wait(lambda: world.state().error_code == DeliveryErrorCode.INVALID_OSS_BUCKET)
    world.bucket.mkdir()
    world.wait_delivered()
    assert ids(world.rows()) == ["id0", "id1", "id2"]
    assert (world.report()["rewrites"], world.report()["rows"]) == (1, 6)
    assert list((world.bucket.parent / ".writing").iterdir()) == []


def test_files_of_a_deleted_task_are_removed(world, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(ObjectStore, "put_delivered", fail)
    world.put("a", n=1)
    world.task()
    staging = world.bucket.parent / ".writing"
    world.wait(lambda: world.report()["failure"] and list(staging.iterdir()))
    world.delete_task()
    give_up = time.monotonic() + 10
    while list(staging.iterdir()):
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_bug_in_a_delivery_is_reported_as_the_failure_of_its_task(world, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Layout, "write", fail)
    world.put("a", n=1)
    world.task()
    world.wait(lambda: world.report()["failure"])
    assert world.state().error_code == DeliveryErrorCode.UNAUTHORIZED
    assert "bug" in world.state().detail
    monkeypatch.undo()
    world.wait_delivered()
    assert world.state().error_code == DeliveryErrorCode.OK


def test_scan_skips_expired_rows(world):
    world.table("ttl", time_to_live=86400, max_time_deviation=10 * 86400)
    old = int(time.time() * 1000) - 2 * 86_400_000
    row = tablestore.Row([("id", "half")], [("n", 1, old), ("m", 2)])
    world.sdk.put_row("ttl", row, tablestore.Condition("IGNORE"))
    row = tablestore.Row([("id", "gone")], [("n", 1, old)])
    world.sdk.put_row("ttl", row, tablestore.Condition("IGNORE"))
    world.put("key only", table="ttl")
    world.task(table="ttl", mode="BASE")
    world.wait_scanned()
    assert {row["id"]: row["n"] for row in world.rows()} == {"half": None, "key only": None}


def test_deleting_a_table_deletes_its_rows_and_tasks(world):
    world.put("a", n=1)
    world.task()
    world.wait_delivered()
    world.sdk.delete_table("t")
    world.table()
    world.put("b", n=2)
    world.task(ossPrefix="again/")
    world.wait_delivered()
    assert ids(world.rows("again/")) == ["b"]


def test_folder_of_the_first_version_is_upgraded(start_world, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_UPGRADES", database._UPGRADES[:1])
    with closing(database.open_database(tmp_path / "tablestore.sqlite3")) as db:
        create = table_pb2.CreateTableRequest()
        create.table_meta.table_name = "t"
        create.table_meta.primary_key.add(name="id", type=2)
        db.execute(
            "INSERT INTO tables VALUES (?, ?, ?, ?)", ("local", "t", create.SerializeToString(), 1)
        )
        config = task_request().taskConfig.SerializeToString()
        db.execute(
            "INSERT INTO delivery_tasks VALUES (?, ?, ?, ?, ?, ?)",
            ("local", "t", "task1", 2, config, 1),
        )
    monkeypatch.undo()
    world = start_world()
    world.put("a", n=1)
    world.bucket.mkdir(parents=True)
    world.wait_delivered()
    assert ids(world.rows()) == ["a"]
