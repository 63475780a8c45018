"""Operations on delivery tasks."""

from typing import Final

from google.protobuf.message import Message

from pulumi_tablestore_delivery.emulator.api import task_rules
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.api.errors import (
    ALREADY_EXIST,
    CONFLICT,
    ServiceError,
    invalid_field,
)
from pulumi_tablestore_delivery.emulator.faults import SlowInitialization, TaskError
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask
from pulumi_tablestore_delivery.wire import delivery_pb2, table_pb2
from pulumi_tablestore_delivery.wire.enums import (
    DeliveryErrorCode,
    Format,
    ParquetEncoding,
    TaskSyncPhase,
)

_NANOSECONDS_PER_SECOND: Final = 1_000_000_000


def create_delivery_task(
    context: Context, request: delivery_pb2.CreateDeliveryTaskRequest
) -> Message:
    """Create a task.

    Only creation checks the name, because documented samples use names that break the rule.
    """
    if not request.tableName:
        raise invalid_field("tableName", "is required")
    task_rules.task_name(request.taskName)
    task_rules.task_type(request.taskType if request.HasField("taskType") else None)
    if not request.HasField("taskConfig"):
        raise invalid_field("taskConfig", "is required")
    table = table_pb2.CreateTableRequest.FromString(context.table(request.tableName).request)
    config = request.taskConfig
    task_rules.task_config(config, table.table_meta)
    if not config.HasField("format"):
        config.format = Format.Parquet  # documented as the only format
    for column in config.schema:
        if not column.HasField("encode"):
            column.encode = ParquetEncoding.PLAIN  # documented default
    taken = ServiceError(
        ALREADY_EXIST,
        f"Requested delivery task already exists: {request.tableName}/{request.taskName}",
    )
    if context.store.task(context.instance, request.tableName, request.taskName) is not None:
        raise taken
    if context.create_buckets:  # before the task, so a failure leaves no task behind
        context.objects.create_bucket(config.ossBucket)
    now, slow = context.now(), context.faults.pending(SlowInitialization)
    is_added = context.store.add_task(
        context.instance,
        DeliveryTask(
            table_name=request.tableName,
            name=request.taskName,
            type=request.taskType,
            config=config.SerializeToString(),
            created=now,
        ),
        initialized=now
        + context.init
        + (round(slow.seconds * _NANOSECONDS_PER_SECOND) if slow else 0),
    )
    if not is_added:
        raise taken
    context.faults.take(SlowInitialization)
    return delivery_pb2.CreateDeliveryTaskResponse()


def describe_delivery_task(
    context: Context, request: delivery_pb2.DescribeDeliveryTaskRequest
) -> Message:
    """Describe a task's configuration and state, with every enum explicit (seen in an SDK).

    A missing bucket is reported as INVALID_OSS_BUCKET (documented), and nothing counts as
    delivered while it is missing (assumed). Any other failure of the delivery is reported as
    UNAUTHORIZED, because the protocol does not have another code (assumed).
    """
    task = context.task(request.tableName, request.taskName)
    answer = delivery_pb2.DescribeDeliveryTaskResponse(taskType=task.type)
    answer.taskConfig.ParseFromString(task.config)
    progress = context.progress.of(task.table_name, task.name)
    state = answer.task_sync_stat
    state.task_sync_phase = progress.phase
    bucket = answer.taskConfig.ossBucket
    if context.objects.has_bucket(bucket):
        state.current_sync_timestamp = progress.delivered_until
        state.error_code = DeliveryErrorCode.OK
        state.detail = ""
    else:
        state.current_sync_timestamp = 0
        state.error_code = DeliveryErrorCode.INVALID_OSS_BUCKET
        state.detail = f"The OSS bucket does not exist: {bucket}"
    if progress.failure:
        state.error_code = DeliveryErrorCode.UNAUTHORIZED
        state.detail = progress.failure
    if fault := context.faults.take(TaskError):
        state.error_code = DeliveryErrorCode[fault.error_code]
        state.detail = fault.detail
    return answer


def list_delivery_task(context: Context, request: delivery_pb2.ListDeliveryTaskRequest) -> Message:
    """List a table's tasks, sorted by name (the order is assumed)."""
    context.table(request.tableName)
    return delivery_pb2.ListDeliveryTaskResponse(
        tasks=[
            delivery_pb2.DeliveryTaskInfo(
                tableName=task.table_name, taskName=task.name, taskType=task.type
            )
            for task in context.store.tasks(context.instance, request.tableName)
        ]
    )


def delete_delivery_task(
    context: Context, request: delivery_pb2.DeleteDeliveryTaskRequest
) -> Message:
    """Delete a task. It is an error while the task initializes (documented, the code assumed)."""
    task = context.task(request.tableName, request.taskName)
    if context.progress.of(task.table_name, task.name).phase == TaskSyncPhase.INIT:
        raise ServiceError(
            CONFLICT, "The delivery task is initializing and cannot be deleted. Try again later."
        )
    context.store.remove_task(context.instance, task.table_name, task.name)
    return delivery_pb2.DeleteDeliveryTaskResponse()
