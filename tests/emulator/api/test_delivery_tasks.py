"""Delivery tasks: phases, names, refusals."""

import threading

import pytest

from pulumi_tablestore_delivery.wire.enums import DeliveryErrorCode, TaskSyncPhase

BASE, INC, BASE_INC = 0, 1, 2
INIT, FULL, INCR = TaskSyncPhase.INIT, TaskSyncPhase.FULL, TaskSyncPhase.INCR


@pytest.mark.parametrize(
    ("mode", "phases"),
    [
        (BASE, [INIT, INIT, FULL, INCR, INCR]),
        (INC, [INIT, INIT, INCR, INCR, INCR]),
        (BASE_INC, [INIT, INIT, FULL, INCR, INCR]),
    ],
)
def test_phases_follow_the_clock(start, clock, mode, phases):
    call = start(create_buckets=True, init_seconds=10, flush_seconds=2)
    call.create_table()
    call.create(mode=mode)
    seen, scanned = [], 0
    for step in (0, 9.9, 0.2, 2, 100):
        clock.advance(step)
        state = call.describe().task_sync_stat
        seen.append(state.task_sync_phase)
        assert state.HasField("error_code")
        assert state.HasField("detail")
        expected = 0
        if state.task_sync_phase == FULL:
            scanned = clock.now  # what a scan has for sure is what was there when it began
        elif state.task_sync_phase == INCR:
            expected = scanned if mode == BASE else clock.now
        assert state.current_sync_timestamp == expected
    assert seen == phases


def test_task_is_not_deleted_while_it_initializes(start, clock, refused):
    call = start(create_buckets=True, init_seconds=10)
    call.create_table()
    call.create()
    with pytest.raises(refused, match=r"409 OTSOperationConflict: .*initializing"):
        call.delete()
    clock.advance(10)
    call.delete()
    with pytest.raises(refused, match="404 OTSObjectNotExist"):
        call.describe()


def test_duplicate_task_name_is_refused_within_a_table(call, refused):
    call.create_table("other")
    call.create()
    call.create(table="other")
    with pytest.raises(refused, match="409 OTSObjectAlreadyExist"):
        call.create()
    assert call.list() == call.list("other") == ["task1"]


def test_refused_create_keeps_the_fault_and_makes_no_bucket(call, refused, tmp_path):
    call.create()
    call.send("POST", "/_emulator/faults", b'{"fault": "slow_initialization", "seconds": 60}')
    with pytest.raises(refused, match="OTSObjectAlreadyExist"):
        call.create(change=lambda task: setattr(task.taskConfig, "ossBucket", "other"))
    assert not (tmp_path / "oss" / "other").exists()
    call.create("slow")
    assert call.describe("slow").task_sync_stat.task_sync_phase == INIT


@pytest.mark.parametrize("action", ["describe", "delete"])
def test_missing_task_or_table_is_not_found(call, refused, action):
    with pytest.raises(
        refused, match=r"404 OTSObjectNotExist: .*task does not exist: tbl/Any_Name"
    ):
        getattr(call, action)("Any_Name")
    with pytest.raises(refused, match=r"404 OTSObjectNotExist: .*table does not exist\."):
        getattr(call, action)(table="none")


def test_missing_table_is_not_found(call, refused):
    for action in (call.list, lambda table: call.create(table=table)):
        with pytest.raises(refused, match=r"404 OTSObjectNotExist: .*table does not exist\."):
            action("none")


@pytest.mark.parametrize("name", ["", "ab", "a" * 17, "Bad_Name", "-ab", "ab-", "abc\n", "täsk"])
def test_bad_task_name_is_refused(call, refused, name):
    with pytest.raises(refused, match="400 OTSParameterInvalid: taskName"):
        call.create(name)


def set_config(**fields):
    return lambda request: [setattr(request.taskConfig, k, v) for k, v in fields.items()]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("tableName", lambda r: r.ClearField("tableName")),
        ("taskType", lambda r: r.ClearField("taskType")),
        ("taskType", lambda r: setattr(r, "taskType", 3)),
        ("taskConfig", lambda r: r.ClearField("taskConfig")),
        ("taskConfig.ossPrefix", set_config(ossPrefix="")),
        ("taskConfig.ossPrefix", set_config(ossPrefix="/p")),
        ("taskConfig.ossPrefix", set_config(ossPrefix="\\p")),
        ("taskConfig.ossPrefix", set_config(ossPrefix="p/$yy/")),
        ("taskConfig.ossPrefix", set_config(ossPrefix="p/$/")),
        ("taskConfig.ossPrefix", set_config(ossPrefix="p" * 1024)),
        ("taskConfig.ossBucket", set_config(ossBucket="")),
        ("taskConfig.ossBucket", set_config(ossBucket="../../etc")),
        ("taskConfig.ossEndpoint", set_config(ossEndpoint="")),
        ("taskConfig.ossStsRole", set_config(ossStsRole="")),
        ("taskConfig.schema", lambda r: r.taskConfig.ClearField("schema")),
        ("schema[0].columnName", lambda r: r.taskConfig.schema[0].ClearField("columnName")),
        ("schema[0].ossColumnName", lambda r: r.taskConfig.schema[0].ClearField("ossColumnName")),
        ("schema[0].type", lambda r: r.taskConfig.schema[0].ClearField("type")),
        ("schema[0].type", lambda r: setattr(r.taskConfig.schema[0], "type", 16)),
        ("eventTimeColumn.columnName", lambda r: r.taskConfig.eventTimeColumn.SetInParent()),
        (
            "eventTimeColumn.timeFormat",
            lambda r: setattr(r.taskConfig.eventTimeColumn, "columnName", "at"),
        ),
    ],
)
def test_violated_rule_is_named(call, refused, field, change):
    with pytest.raises(refused, match="400 OTSParameterInvalid") as error:
        call.create(change=change)
    assert field in error.value.message.partition(": ")[0]
    assert call.list() == []


def test_binary_column_cannot_be_delivered(call, refused):
    call.create_table("blobs", keys=[("id", 3)])
    with pytest.raises(refused, match="'id' is BINARY"):
        call.create(table="blobs")


def test_fields_of_a_newer_service_are_kept(start, tmp_path, new_task):
    call = start(create_buckets=True)
    call.create_table()
    request = new_task()
    request.taskConfig.format = 7
    request.taskConfig.formatter = 3
    request.taskConfig.schema[0].encode = 99
    request.taskConfig.schema[0].typeExtend = "x"
    request.taskConfig.ossDirtyPrefix = "dirty/"
    request.taskConfig.MergeFromString(b"\xa0\x06\x05")  # field 100
    call("CreateDeliveryTask", request)
    call.emulator.stop()
    described = start().describe().taskConfig
    assert described.SerializeToString(deterministic=True) == (
        request.taskConfig.SerializeToString(deterministic=True)
    )


def test_numbers_that_were_not_sent_are_explicit(call):
    call.create()
    config = call.describe().taskConfig
    assert config.HasField("format")
    assert config.schema[0].HasField("encode")


def test_missing_bucket_is_reported_until_it_exists(start, tmp_path):
    call = start(flush_seconds=0)
    call.create_table()
    call.create()
    state = call.describe().task_sync_stat
    assert state.error_code == DeliveryErrorCode.INVALID_OSS_BUCKET
    assert "bkt" in state.detail
    assert state.current_sync_timestamp == 0
    (tmp_path / "oss" / "bkt").mkdir(parents=True)
    state = call.describe().task_sync_stat
    assert state.error_code == DeliveryErrorCode.OK
    assert state.current_sync_timestamp > 0


def test_many_clients_create_and_delete_tasks_at_once(call, make_caller):
    faults = []

    def work(number):
        caller = make_caller(call.emulator.url)
        try:
            for turn in range(5):
                name = f"t{number}-{turn}"
                caller.create(name)
                assert caller.describe(name).taskConfig.ossBucket == "bkt"
                assert name in caller.list()
                if turn:
                    caller.delete(name)
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert call.list() == sorted(f"t{number}-0" for number in range(32))


def test_one_of_many_creates_with_the_same_name_succeeds(call, make_caller, refused):
    codes = []

    def create():
        try:
            make_caller(call.emulator.url).create()
            codes.append("made")
        except refused as error:
            codes.append(error.code)

    threads = [threading.Thread(target=create) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == ["OTSObjectAlreadyExist"] * 15 + ["made"]
