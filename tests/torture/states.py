"""States of stacks as a release writes them, to show that a later release keeps them.

`tests/data/pulumi/states` holds one file a stack: the exported state and the tasks that the service
had. `python -m torture.states FOLDER` writes such files with the installed release.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import json_format
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import DYNAMIC, NATIVE, FrontEnd, Project, Stack

from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

STATES = Path(__file__).resolve().parents[1] / "data" / "pulumi" / "states"
TABLE = "orders"
BUCKET = "my-lake"
INPUTS = {
    "table_name": TABLE,
    "oss_bucket": BUCKET,
    "role_arn": "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery",
    "parquet_schema": [
        {"source": "id", "type": "UTF8"},
        {"source": "amount", "name": "amount_cny", "type": "DOUBLE"},
    ],
}
TASKS = f"""
import pulumi
import pulumi_tablestore_delivery as delivery

inputs = {INPUTS!r}


def declare(name, given=delivery.DeliveryTask, options=None, **changes):
    given(name, {{**inputs, "oss_prefix": f"{{name}}/$yyyy/", **changes}}, options)


"""


@dataclass(frozen=True)
class Case:
    """A stack: its program, the program before that if there was one, and what went wrong.

    Attributes:
        program: The program whose stack this is.
        before: The program that ran before; empty for none.
        by_hand: Name of a task that somebody else created; empty for none.
        disturb: Makes the last `up` fail; gets the emulator.
        killed: Whether the last `up` is killed once its task exists.
        buckets: Whether the bucket exists.
        configured: Whether the keys are in the configuration, not in the environment.
        sound: Whether the state is whole, so that an upgrade shows no difference.
        edit: Changes the exported state.
    """

    program: str
    before: str = ""
    front_end: FrontEnd = DYNAMIC
    by_hand: str = ""
    disturb: Callable[[EmulatorProcess], None] | None = None
    killed: bool = False
    buckets: bool = True
    configured: bool = False
    sound: bool = True
    edit: Callable[[dict], None] | None = field(default=None, repr=False)


def refuse_create(emulator: EmulatorProcess) -> None:
    """Refuse the next create, as a service whose quota is used up."""
    add_fault(
        emulator, operation="CreateDeliveryTask", fault="error", status=403,
        code="OTSQuotaExhausted", message="The number of delivery tasks exceeds the limit.",
    )  # fmt: skip


def refuse_delete(emulator: EmulatorProcess) -> None:
    """Refuse the next delete, as a service whose caller lacks a right."""
    add_fault(
        emulator, operation="DeleteDeliveryTask", fault="error", status=403,
        code="OTSNoPermissionAccess", message="You have no permission.",
    )  # fmt: skip


def delay_create(emulator: EmulatorProcess) -> None:
    """Answer the next create late."""
    add_fault(emulator, operation="CreateDeliveryTask", fault="latency", seconds=20)


def add_fault(emulator: EmulatorProcess, **fault: object) -> None:
    """Script a fault of the emulator."""
    request = urllib.request.Request(
        f"{emulator.url}/_emulator/faults", json.dumps(fault).encode(), method="POST"
    )
    urllib.request.urlopen(request).close()


def duplicate_entry(state: dict) -> None:
    """Add the entry that a run leaves which is killed between a forced create and its delete."""
    resources = state["deployment"]["resources"]
    (live,) = (one for one in resources if one["type"].endswith("DeliveryTask"))
    resources.append({**live, "delete": True})


SUBCLASS = """
class OrdersTask(delivery.DeliveryTask):
    pass


"""
COMPONENT = f"""
import pulumi_tablestore_delivery as delivery

inputs = {INPUTS!r}
delivery.OssDelivery(
    "lake",
    oss_bucket=inputs["oss_bucket"],
    role_arn=inputs["role_arn"],
    tasks={{inputs["table_name"]: {{"parquet_schema": inputs["parquet_schema"]}}}},
)
"""
FIRST = "delete_first = pulumi.ResourceOptions(delete_before_replace=True)\n"
EXPLICIT = 'declare("orders", task_name="orders", mode="{}")\n'
DERIVED = 'declare("orders", mode="{}")\n'

CASES = {
    "dynamic": Case(
        TASKS + """
declare("derived")
declare("explicit", task_name="explicit", mode="INC")
declare("adopted", task_name="by-hand", adopt_existing=True)
declare("event", event_time_column={"column": "created", "format": "RFC3339"}, wait_for="none")
declare(
    "encoded",
    parquet_schema=[{"source": "id", "type": "UTF8", "encoding": "PLAIN_DICTIONARY"}],
    oss_dirty_prefix="dirty/",
    timeout_seconds=60,
)
""",
        by_hand="by-hand",
    ),
    "dynamic-read": Case(
        TASKS + 'delivery.DeliveryTask.get("read", "local/orders/by-hand")\n',
        by_hand="by-hand",
    ),
    "dynamic-component": Case(COMPONENT),
    "dynamic-subclass": Case(TASKS + SUBCLASS + 'declare("orders", OrdersTask)\n'),
    "dynamic-configured-keys": Case(TASKS + DERIVED.format("INC"), configured=True),
    "native": Case(
        TASKS + 'declare("derived")\ndeclare("explicit", task_name="explicit", mode="INC")\n',
        front_end=NATIVE,
    ),
    "dynamic-failed-wait": Case(TASKS + DERIVED.format("INC"), buckets=False, sound=False),
    "native-failed-wait": Case(
        TASKS + DERIVED.format("INC"), front_end=NATIVE, buckets=False, sound=False
    ),
    "dynamic-pending-replacement": Case(
        TASKS + EXPLICIT.format("INC"), before=TASKS + EXPLICIT.format("BASE_INC"),
        disturb=refuse_create, sound=False,
    ),
    "native-pending-replacement": Case(
        TASKS + EXPLICIT.format("INC"), before=TASKS + EXPLICIT.format("BASE_INC"),
        front_end=NATIVE, disturb=refuse_create, sound=False,
    ),
    "dynamic-pending-replacement-derived": Case(
        TASKS + FIRST + 'declare("orders", options=delete_first, mode="INC")\n',
        before=TASKS + FIRST + 'declare("orders", options=delete_first)\n',
        disturb=refuse_create, sound=False,
    ),
    "dynamic-pending-delete": Case(
        TASKS + DERIVED.format("INC"), before=TASKS + DERIVED.format("BASE_INC"),
        disturb=refuse_delete, sound=False,
    ),
    "dynamic-same-task-twice": Case(
        TASKS + DERIVED.format("INC"), edit=duplicate_entry, sound=False
    ),
    "dynamic-pending-create": Case(
        TASKS + DERIVED.format("INC"), disturb=delay_create, killed=True, sound=False
    ),
}  # fmt: skip


def emulator_of(case: Case, folder: Path) -> EmulatorProcess:
    """An emulator whose buckets are as the case has them."""
    return EmulatorProcess(folder, *(["--create-buckets"] if case.buckets else []))


def new_stack(case: Case, folder: Path, emulator: EmulatorProcess) -> Stack:
    """A project in a folder with an empty stack that reaches the emulator."""
    environment = dict(emulator.environment)
    if case.configured:
        environment.pop("ALIBABA_CLOUD_ACCESS_KEY_ID")
        secret = environment.pop("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    project = Project(folder, environment, case.front_end)
    project.program(case.program)
    stack = project.stack()
    if case.configured:
        stack.config(tablestore__accessKeyId="local")
        stack.secret(tablestore__accessKeySecret=secret)
    return stack


def write(name: str, folder: Path) -> None:
    """Make a case's stack with the installed release, and write its state and its tasks."""
    case = CASES[name]
    with (
        tempfile.TemporaryDirectory() as home,
        emulator_of(case, Path(home) / "data") as emulator,
    ):
        emulator.create_table(TABLE)
        if case.by_hand:
            emulator.client.create_delivery_task(_by_hand(case.by_hand))
        stack = new_stack(case, Path(home) / "project", emulator)
        if case.before:
            stack.project.program(case.before)
            stack.up()
            stack.project.program(case.program)
        if case.disturb:
            case.disturb(emulator)
        if case.killed:
            _up_killed(stack, emulator)
        else:
            stack.up(check=case.sound or case.edit is not None)
        state = json.loads(stack.call("stack", "export", "--stack", stack.name).stdout)
        if case.edit:
            case.edit(state)
        tasks = [
            json_format.MessageToDict(_create_request(task, emulator.task(TABLE, task)))
            for task in emulator.tasks(TABLE)
        ]
        recorded = {"tasks": tasks, "state": _without_positions(state)}
        (folder / f"{name}.json").write_text(json.dumps(recorded, indent=1) + "\n")


def load(name: str, stack: Stack, emulator: EmulatorProcess) -> None:
    """Import a case's state into an empty stack, and create its tasks."""
    recorded = json.loads((STATES / f"{name}.json").read_text())
    emulator.create_table(TABLE)
    for task in recorded["tasks"]:
        request = json_format.ParseDict(task, pb.CreateDeliveryTaskRequest())
        emulator.client.create_delivery_task(request)
    exported = stack.project.folder / "exported.json"
    exported.write_text(json.dumps(recorded["state"]))
    stack.call("stack", "import", "--file", str(exported), "--stack", stack.name)


def _without_positions(value: object) -> object:
    """The state without the paths of the machine that wrote it."""
    if isinstance(value, dict):
        return {
            key: _without_positions(item)
            for key, item in value.items()
            if key not in {"sourcePosition", "stackTrace"}
        }
    return [_without_positions(item) for item in value] if isinstance(value, list) else value


def _create_request(
    name: str, found: pb.DescribeDeliveryTaskResponse
) -> pb.CreateDeliveryTaskRequest:
    return pb.CreateDeliveryTaskRequest(
        tableName=TABLE, taskName=name, taskConfig=found.taskConfig, taskType=found.taskType
    )


def _by_hand(name: str) -> pb.CreateDeliveryTaskRequest:
    """A task as somebody creates it with an SDK."""
    config = pb.OSSTaskConfig(
        ossPrefix="adopted/$yyyy/",
        ossBucket=BUCKET,
        ossEndpoint="oss-cn-hangzhou.aliyuncs.com",
        ossStsRole=INPUTS["role_arn"],
        format=0,
        schema=[
            pb.ParquetSchema(columnName="id", ossColumnName="id", type=2, encode=0),
            pb.ParquetSchema(columnName="amount", ossColumnName="amount_cny", type=3, encode=0),
        ],
    )
    return pb.CreateDeliveryTaskRequest(
        tableName=TABLE, taskName=name, taskConfig=config, taskType=2
    )


def _up_killed(stack: Stack, emulator: EmulatorProcess) -> None:
    process = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack.name],
        cwd=stack.project.folder, env=stack.project.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not emulator.tasks(TABLE):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)
    stack.call("cancel", "--yes", "--stack", stack.name)


def main(folder: str, *names: str) -> None:
    """Write the states of all cases, or of those named."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in names or CASES:
        print(name, flush=True)  # noqa: T201 - a tool that talks to people
        write(name, Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
