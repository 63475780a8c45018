"""scan: the written program adopts every existing task, of any kind, without a change."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import Project

from pulumi_tablestore_delivery.emulator.delivery.parquet import KINDS
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask, Store, Table
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from pulumi_tablestore_delivery.wire import table_pb2 as table_pb
from pulumi_tablestore_delivery.wire.enums import (
    DeliveryTaskType,
    EventTimeFormat,
    ParquetDataType,
    ParquetEncoding,
)

ROLE = "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery"
TABLE = "orders"
OLD_TABLE = "1-老的表"
FOREVER = 2**62


def config(*columns, event=None, **fields):
    """A task's configuration; a column is (source, type, name, encoding, extension)."""
    given = {
        "ossPrefix": "orders/year=$yyyy/",
        "ossBucket": "my-lake",
        "ossEndpoint": "oss-cn-hangzhou.aliyuncs.com",
        "ossStsRole": ROLE,
        "format": 0,
        **fields,
    }
    made = pb.OSSTaskConfig(**given)
    for column in columns or [("id", "UTF8")]:
        source, kind, name, encoding, extension = (*column, None, None, None)[:5]
        made.schema.add(
            columnName=source,
            ossColumnName=name or source,
            type=ParquetDataType[kind],
            encode=ParquetEncoding[encoding or "PLAIN"],
            typeExtend=extension,
        )
    if event:
        made.eventTimeColumn.columnName, made.eventTimeColumn.timeFormat = event
    return made


def tasks():
    """Tasks that the service takes today: name, mode, configuration."""
    yield "all", "BASE_INC", config(ossPrefix="all/")
    yield "changes", "INC", config(ossPrefix="changes/$yyyy/$MM/")
    yield "once", "BASE", config(ossPrefix="once/$yyyy/")
    for number, form in enumerate(EventTimeFormat):
        column = ("seq", "INT64") if form is EventTimeFormat.Unix else ("sent", "UTF8")
        name = f"time-{form.name.lower()}"
        yield name, "INC", config(column, event=(column[0], form), ossPrefix=f"t{number}/$yyyy/")
    yield "dirty", "INC", config(ossPrefix="clean/$yyyy/", ossDirtyPrefix="dirty/$yyyy/")
    documented = [("id", "UTF8", "key"), ("n", "INT64"), ("x", "DOUBLE"), ("yes", "BOOL")]
    yield "types", "INC", config(*documented, ossPrefix="types/")
    encodings = [
        (f"c{number}", "INT64" if encoding is ParquetEncoding.DELTA_BINARY_PACKED else "UTF8",
         None, encoding.name)
        for number, encoding in enumerate(ParquetEncoding)
    ]  # fmt: skip
    yield "encodings", "INC", config(*encodings, ossPrefix="encodings/")
    undocumented = KINDS.keys() - {0, 1, 2, 3}  # those that the emulator writes
    columns = [(f"c{k}", ParquetDataType(k).name, None, None, 'say "more"') for k in undocumented]
    yield "undocumented", "INC", config(*columns, ossPrefix="undocumented/")
    yield "bare-role", "INC", config(ossPrefix="role/", ossStsRole="deliverer")
    yield "twin-a", "INC", config(ossPrefix="twins/$yyyy/")
    yield "twin-b", "INC", config(ossPrefix="twins/$yyyy/")
    yield "minutes", "INC", config(ossPrefix="minutes/$yyyy/$MM/$dd/$HH/$mm/")
    yield "no-bucket", "INC", config(ossPrefix="gone/", ossBucket="no-such-bucket")
    inside = "oss-cn-hangzhou-internal.aliyuncs.com"
    yield "inside", "INC", config(ossPrefix="inside/", ossEndpoint=inside)
    columns = [("金额", "DOUBLE", "a'b"), ("q\"u'o\\te", "UTF8"), ("🚲 " * 20, "UTF8")]
    yield "columns", "INC", config(*columns, ossPrefix="列/$yyyy/")
    yield "key-type", "INC", config(("id", "INT64"), ossPrefix="key/")
    newer = config(event=("sent", 42), ossPrefix="newer/")
    newer.schema[0].encode = 99
    yield "newer", "INC", newer


def old_tasks():
    """Existing tasks that were created under other rules; they are still initializing."""
    yield OLD_TABLE, "taskTest_29", config(ossPrefix="old/")
    yield TABLE, 'it\'s "odd"\n任务', config(ossPrefix="/odd")
    yield TABLE, "cannot", config(ossEndpoint="https://oss/path", ossPrefix="cannot/")


@pytest.fixture
def emulator(tmp_path):
    """An emulator that makes no buckets, with a task of every shape."""
    folder = tmp_path / "emulator"
    (folder / "oss" / "my-lake").mkdir(parents=True)
    with EmulatorProcess(folder) as process:
        process.create_table(TABLE)
        for name, mode, made in tasks():
            process.client.create_delivery_task(
                pb.CreateDeliveryTaskRequest(
                    tableName=TABLE,
                    taskName=name,
                    taskConfig=made,
                    taskType=DeliveryTaskType[mode],
                )
            )
    store, now = Store(folder), time.time_ns()
    meta = table_pb.TableMeta(table_name=OLD_TABLE)
    meta.primary_key.add(name="id", type=2)
    request = table_pb.CreateTableRequest(table_meta=meta).SerializeToString()
    store.add_table("local", Table(OLD_TABLE, request, now))
    for table, name, made in old_tasks():
        task = DeliveryTask(table, name, DeliveryTaskType.INC, made.SerializeToString(), now)
        assert store.add_task("local", task, initialized=FOREVER)
    store.close()
    with EmulatorProcess(folder) as process:
        yield process


def described(emulator):
    return {
        (table, name): (task.taskConfig, task.taskType)
        for table in emulator.client.list_tables()
        for name in emulator.tasks(table)
        if (task := emulator.task(table, name))
    }


def scan(project, *arguments):
    done = subprocess.run(
        [str(Path(sys.executable).parent / "tablestore-delivery"), "scan", *arguments],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_scanned_program_adopts_all_tasks_unchanged(emulator, tmp_path):
    project = Project(tmp_path / "project", emulator.environment)
    before = described(emulator)
    told = scan(project, "--output", "__main__.py", "--force")
    assert told.stdout == ""
    warning, count = told.stderr.splitlines()
    assert warning.startswith("warning: local/orders/cannot is left out: oss_endpoint: ")
    assert count == f"{len(before) - 1} tasks written"
    program = (project.folder / "__main__.py").read_text(encoding="utf-8")
    assert program.count("adopt_existing=True") == len(before) - 1 > 20
    assert "\n# local/orders/cannot is left out: " in program
    assert "\n# It reports INVALID_OSS_BUCKET (" in program
    assert program.count('wait_for="none"') == 3
    assert program.count('ignore_rules=["unique-prefix"]') == 2
    for arguments in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", "--no-cache", "__main__.py"],
            cwd=project.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    requests.delete(f"{emulator.url}/_emulator/calls", timeout=5)
    stack = project.stack()
    assert stack.up().operations == {name: ["create"] for name in stack.resources()}
    assert len(stack.resources()) == len(before) - 1
    assert stack.up("--expect-no-changes").returncode == 0
    assert stack.refresh("--expect-no-changes").returncode == 0
    assert described(emulator) == before
    calls = requests.get(f"{emulator.url}/_emulator/calls", timeout=5).json()
    assert "DescribeDeliveryTask" in str(calls)
    assert "CreateDeliveryTask" not in str(calls)
    assert "DeleteDeliveryTask" not in str(calls)


def test_protected_task_is_changed_as_the_program_explains(tmp_path):
    folder = tmp_path / "emulator"
    with EmulatorProcess(folder, "--create-buckets") as emulator:
        emulator.create_table(TABLE)
        request = pb.CreateDeliveryTaskRequest(
            tableName=TABLE, taskName="by-hand", taskConfig=config(), taskType=2
        )
        emulator.client.create_delivery_task(request)
        project = Project(tmp_path / "project", emulator.environment)
        scan(project, "--output", "__main__.py", "--force")
        stack = project.stack()
        stack.up()
        (resource,) = stack.resources().values()
        assert resource["protect"] is True

        program = (project.folder / "__main__.py").read_text(encoding="utf-8")
        changed = program.replace("orders/year=$yyyy/", "orders-2/year=$yyyy/")
        project.program(changed)
        refused = stack.up(check=False)
        assert refused.returncode != 0
        assert "protect" in refused.output
        assert emulator.tasks(TABLE) == ["by-hand"]
        assert emulator.task(TABLE, "by-hand").taskConfig.ossPrefix == "orders/year=$yyyy/"

        without = changed.replace("    opts=pulumi.ResourceOptions(protect=True),\n", "")
        assert without != changed
        project.program(without.replace("import pulumi\n", ""))
        stack.call("state", "unprotect", resource["urn"], "--yes", "--stack", stack.name)
        stack.up()
        assert emulator.task(TABLE, "by-hand").taskConfig.ossPrefix == "orders-2/year=$yyyy/"
