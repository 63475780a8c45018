"""Create, change, refresh and destroy with the real CLI."""

import pytest
from support.pulumi_cli import both

from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

CREATED_FIRST = {"orders": ["create-replacement", "replace", "delete-replaced"]}
DELETED_FIRST = {"orders": ["delete-replaced", "replace", "create-replacement"]}
PHASES = {"INIT", "FULL", "INCR"}


@pytest.mark.acceptance
@pytest.mark.oldest
@both
def test_task_is_created_kept_and_destroyed(project, service, table, inputs):
    del project.environment["PULUMI_PYTHON_CMD"]  # here, the host looks for plugins as ever
    project.declare(orders=inputs)
    stack = project.stack()

    preview = stack.preview()
    assert preview.operations == {"orders": ["create"]}
    assert service.tasks(table) == []

    created = stack.up()
    assert created.operations == {"orders": ["create"]}
    outputs = stack.outputs()
    (name,) = service.tasks(table)
    assert outputs["orders_task_name"] == name
    assert outputs["orders_location"] == f"oss://{service.bucket}/{inputs['oss_prefix']}"
    assert outputs["orders_phase"] in PHASES - {"INIT"}
    assert outputs["orders_request_id"]
    assert outputs["orders_trace_id"]
    resource = stack.resources()["orders"]
    assert resource["id"] == f"{service.instance}/{table}/{name}"
    assert resource["type"] == project.front_end.type

    assert stack.up("--expect-no-changes").operations == {"orders": ["same"]}
    assert stack.refresh("--expect-no-changes").returncode == 0
    assert stack.up("--expect-no-changes").operations == {"orders": ["same"]}

    stack.destroy()
    assert service.tasks(table) == []
    assert stack.resources() == {}


@pytest.mark.acceptance
@both
def test_created_task_has_the_declared_content(project, service, table, inputs):
    dirty_prefix = "" if service.is_real else "dirty/"  # in no official SDK
    extra = [] if service.is_real else [{"source": "day", "type": "DATE", "type_extend": "x"}]
    oss_endpoint = f"oss-{service.region}-internal.aliyuncs.com"
    project.declare(
        orders={
            **inputs,
            "task_name": "my-orders",
            "mode": "INC",
            "oss_endpoint": oss_endpoint,
            **({"oss_dirty_prefix": dirty_prefix} if dirty_prefix else {}),
            "event_time_column": {"column": "created_at", "format": "RFC3339"},
            "parquet_schema": [
                {"source": "id", "type": "UTF8", "encoding": "PLAIN_DICTIONARY"},
                {"source": "n", "name": "number", "type": "INT64"},
                *extra,
            ],
            "allow_undocumented_types": True,
        }
    )
    stack = project.stack()
    stack.up()
    described = service.task(table, "my-orders")
    config = described.taskConfig
    assert described.taskType == 1
    assert config.ossBucket == service.bucket
    assert config.ossPrefix == inputs["oss_prefix"]
    assert config.ossDirtyPrefix == dirty_prefix
    assert config.ossEndpoint == oss_endpoint
    assert config.ossStsRole == inputs["role_arn"]
    assert (config.eventTimeColumn.columnName, config.eventTimeColumn.timeFormat) == (
        "created_at",
        4,
    )
    assert [
        (column.columnName, column.ossColumnName, column.type, column.encode, column.typeExtend)
        for column in config.schema
    ] == [
        ("id", "id", 2, 1, ""),
        ("n", "number", 1, 0, ""),
        *(("day", "day", 4, 0, "x") for _ in extra),
    ]
    assert stack.refresh("--expect-no-changes").returncode == 0
    assert stack.up("--expect-no-changes").returncode == 0


REPLACING = [
    {"mode": "INC"},
    {"oss_bucket": "my-other-lake"},
    {"oss_prefix": "elsewhere/"},
    {"oss_dirty_prefix": "dirty/"},
    {"oss_endpoint": "oss-cn-hangzhou-internal.aliyuncs.com"},
    {"role_arn": "acs:ram::1:role/other"},
    {"event_time_column": {"column": "created_at", "format": "RFC3339"}},
    {"parquet_schema": [{"source": "id", "type": "UTF8"}]},
    {"parquet_schema": [{"source": "id", "type": "UTF8", "encoding": "PLAIN_DICTIONARY"}]},
    {"task_name": "a-new-name"},
]


def test_changed_content_replaces_the_task_create_first(project, emulator, table, inputs):
    """Names are automatic, so the new task is there before the old one goes."""
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    seen = set(emulator.tasks(table))
    for change in REPLACING:
        project.declare(orders={**inputs, **change})
        assert stack.up().operations == CREATED_FIRST
        (name,) = emulator.tasks(table)
        assert name not in seen, change
        seen.add(name)
        assert stack.resources()["orders"]["id"] == f"local/{table}/{name}"


@pytest.mark.acceptance
@both
def test_replacement_under_the_same_name_deletes_first(project, service, table, inputs):
    project.declare(orders={**inputs, "task_name": "orders"})
    stack = project.stack()
    stack.up()
    changed = {"mode": "INC", "ignore_rules": ["replacement-gap"]}
    project.declare(orders={**inputs, "task_name": "orders", **changed})
    run = stack.up()
    assert run.operations == DELETED_FIRST
    assert service.task(table, "orders").taskType == 1


@pytest.mark.acceptance
def test_changed_table_replaces_the_task(project, service, table, inputs):
    other = f"{table}_b"
    service.create_table(other)
    project.declare(orders={**inputs, "task_name": "orders"})
    stack = project.stack()
    stack.up()
    project.declare(orders={**inputs, "task_name": "orders", "table_name": other})
    run = stack.up()
    assert run.operations == CREATED_FIRST  # both tasks can exist
    assert (service.tasks(table), service.tasks(other)) == ([], ["orders"])


UPDATING = [
    {"wait_for": "none"},
    {"timeout_seconds": 60},
    {"adopt_existing": True},
    {"allow_undocumented_types": True},
    {"ignore_rules": ["table-name"]},
]


@both
def test_changed_local_input_sends_no_request(project, emulator, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    before = stack.resources()["orders"]
    changes = {}
    endpoint = {"tablestore_endpoint": emulator.url.replace("127.0.0.1", "localhost")}
    for change in [*UPDATING, endpoint]:
        changes |= change
        project.declare(orders={**inputs, **changes})
        assert stack.up().operations == {"orders": ["update"]}
    after = stack.resources()["orders"]
    assert after["id"] == before["id"]
    for name, value in changes.items():
        assert after["outputs"][name] == value
    for name in ("request_id", "trace_id", "location"):
        assert after["outputs"][name] == before["outputs"][name]


@pytest.mark.acceptance
@both
def test_refresh_after_an_outside_delete_creates_again(project, service, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    (name,) = service.tasks(table)
    service.client.delete_delivery_task(table, name)
    stack.refresh()
    assert stack.resources() == {}
    assert stack.up().operations == {"orders": ["create"]}
    assert len(service.tasks(table)) == 1


def change_outside(service, table, name):
    """Somebody deletes the task and makes another one of that name by hand."""
    described = service.task(table, name)
    service.client.delete_delivery_task(table, name)
    config = described.taskConfig
    config.ossPrefix = f"{service.folder}by-hand/"
    config.schema[1].type = 1
    service.client.create_delivery_task(
        pb.CreateDeliveryTaskRequest(
            tableName=table, taskName=name, taskConfig=config, taskType=described.taskType
        )
    )


@pytest.mark.acceptance
@pytest.mark.oldest
@both
def test_refresh_shows_an_outside_change_and_up_reverts_it(project, service, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    (name,) = service.tasks(table)
    change_outside(service, table, name)

    refreshed = stack.refresh()
    assert refreshed.operations == {"orders": ["refresh"]}
    outputs = stack.resources()["orders"]["outputs"]
    assert outputs["oss_prefix"] == f"{service.folder}by-hand/"
    assert outputs["parquet_schema"][1]["type"] == "INT64"

    preview = stack.preview()
    assert "create-replacement" in preview.operations["orders"]
    stack.up()
    (name,) = service.tasks(table)
    assert service.task(table, name).taskConfig.ossPrefix == inputs["oss_prefix"]
    assert stack.up("--expect-no-changes").returncode == 0


@pytest.mark.acceptance
@both
def test_destroy_works_without_the_program(project, service, table, inputs):
    project.declare(orders=inputs)
    stack = project.stack()
    stack.up()
    project.program("raise RuntimeError('the program is not to be run')")
    stack.refresh("--expect-no-changes")
    stack.destroy()
    assert service.tasks(table) == []


def test_two_stacks_have_separate_tasks(project, emulator, table, inputs):
    project.declare(orders=inputs)
    dev, staging = project.stack("dev"), project.stack("staging")
    dev.up()
    staging.up()
    assert len(emulator.tasks(table)) == 2
    dev.destroy()
    (name,) = emulator.tasks(table)
    assert staging.resources()["orders"]["id"] == f"local/{table}/{name}"
    assert staging.up("--expect-no-changes").returncode == 0


def test_fifty_tasks_are_created_and_destroyed(project, emulator, table, inputs):
    project.declare(**{f"task_{n}": {**inputs, "oss_prefix": f"copies/{n}/"} for n in range(50)})
    stack = project.stack()
    stack.up()
    assert len(emulator.tasks(table)) == 50
    assert stack.up("--expect-no-changes").returncode == 0
    stack.destroy()
    assert emulator.tasks(table) == []


@pytest.mark.acceptance
@both
@pytest.mark.parametrize("version", ["v2", "v4"])
def test_configuration_of_the_stack_is_used(project, service, table, inputs, version):
    """Everything from `pulumi config`, nothing from the environment; V2 and V4 signatures."""
    for name in service.environment:
        del project.environment[name]
    project.declare(orders=inputs)
    stack = project.stack()
    stack.config(
        tablestore__endpoint=service.url,
        tablestore__instance=service.instance,
        tablestore__region=service.region,
        tablestore__signatureVersion=version,
        tablestore__accessKeyId=service.access_key_id,
    )
    stack.secret(tablestore__accessKeySecret=service.access_key_secret)
    if service.security_token:
        stack.secret(tablestore__securityToken=service.security_token)
    stack.up()
    assert stack.refresh("--expect-no-changes").returncode == 0
    stack.destroy()
    assert service.tasks(table) == []


ARGS_PROGRAM = """
import pulumi
import pulumi_tablestore_delivery as delivery

args = delivery.DeliveryTaskArgs(
    table_name=pulumi.Output.from_input({table!r}),
    oss_bucket=pulumi.Output.from_input("my-lake"),
    oss_prefix="orders/",
    role_arn="acs:ram::1:role/r",
    mode=delivery.Mode.INC,
    event_time_column=delivery.EventTimeColumnArgs(
        column="created_at", format=delivery.EventTimeFormat.UNIX
    ),
    parquet_schema=[
        delivery.ParquetColumnArgs(
            source=pulumi.Output.from_input("id"), type=delivery.ParquetType.UTF8
        ),
        {{"source": "n", "type": "INT64", "encoding": delivery.ParquetEncoding.PLAIN}},
    ],
    wait_for=delivery.WaitFor.SYNCHRONIZED,
)
task = delivery.DeliveryTask("orders", args, pulumi.ResourceOptions())
pulumi.export("columns", task.parquet_schema.apply(lambda c: [x.name + ":" + x.type for x in c]))
pulumi.export("event", task.event_time_column.apply(lambda e: e.format))
pulumi.export("timeout", task.timeout_seconds)
pulumi.export("nothing", task.oss_dirty_prefix)
pulumi.export("synced", task.synced_until)
"""


@pytest.mark.oldest
@both
def test_args_classes_and_enums_work_and_outputs_are_typed(project, emulator, table):
    project.program(ARGS_PROGRAM.format(table=table))
    stack = project.stack()
    stack.up()
    outputs = stack.outputs()
    assert outputs["columns"] == ["id:UTF8", "n:INT64"]
    assert outputs["event"] == "Unix"
    assert outputs["timeout"] == 180
    assert outputs.get("nothing") is None
    assert outputs["synced"].endswith("Z")
    assert emulator.task(table, *emulator.tasks(table)).taskType == 1
    assert stack.up("--expect-no-changes").returncode == 0


COMPONENTS = """
import pulumi
import pulumi_tablestore_delivery as delivery

inputs = {inputs!r}


class Inner(pulumi.ComponentResource):
    def __init__(self, name, parent):
        super().__init__("lake:Inner", name, None, pulumi.ResourceOptions(parent=parent))
        self.task = delivery.DeliveryTask("t", inputs, pulumi.ResourceOptions(parent=self))
        self.register_outputs({{"name": self.task.task_name}})


class Outer(pulumi.ComponentResource):
    def __init__(self, kind):
        super().__init__(f"lake:{{kind}}", kind)
        self.inner = Inner(f"{{kind}}-inner", self)


for kind in ("A", "B"):
    Outer(kind)
"""


@pytest.mark.oldest
@both
def test_same_name_in_two_components_gives_two_tasks(project, emulator, table, inputs):
    project.program(COMPONENTS.format(inputs={**inputs, "ignore_rules": ["unique-prefix"]}))
    stack = project.stack()
    stack.up()
    assert len(emulator.tasks(table)) == 2
    assert stack.up("--expect-no-changes").returncode == 0
    stack.destroy()
    assert emulator.tasks(table) == []
