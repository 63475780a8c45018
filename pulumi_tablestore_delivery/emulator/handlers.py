"""What each operation does: one function an operation, and the table of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import Message

from pulumi_tablestore_delivery.emulator import rows, rules
from pulumi_tablestore_delivery.emulator.context import Context
from pulumi_tablestore_delivery.emulator.errors import (
    ALREADY_EXIST,
    CONFLICT,
    NOT_EXIST,
    ServiceError,
    invalid,
)
from pulumi_tablestore_delivery.emulator.faults import SlowInitialization, TaskError
from pulumi_tablestore_delivery.emulator.sdk import row_messages
from pulumi_tablestore_delivery.emulator.store import DeliveryTask, Table
from pulumi_tablestore_delivery.wire import delivery_pb2, table_pb2
from pulumi_tablestore_delivery.wire.enums import (
    DeliveryErrorCode,
    Format,
    ParquetEncoding,
    TaskSyncPhase,
)

Request = TypeVar("Request", bound=Message)

_FOR_EVER: Final = -1
_DEVIATION_SECONDS: Final = 86400
_NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True)
class Operation(Generic[Request]):
    """An operation: the message that asks for it, and what it does."""

    request: type[Request]
    handle: Callable[[Context, Request], Message]


def create_delivery_task(
    context: Context, request: delivery_pb2.CreateDeliveryTaskRequest
) -> Message:
    """Keep a new task. Names are checked here and nowhere else (documented samples break them)."""
    if not request.tableName:
        raise invalid("tableName", "is required")
    rules.task_name(request.taskName)
    rules.task_type(request.HasField("taskType"), request.taskType)
    if not request.HasField("taskConfig"):
        raise invalid("taskConfig", "is required")
    table = table_pb2.CreateTableRequest.FromString(context.table(request.tableName).request)
    config = request.taskConfig
    rules.task_config(config, table.table_meta)
    if not config.HasField("format"):
        config.format = Format.Parquet  # documented: there is no other
    for column in config.schema:
        if not column.HasField("encode"):
            column.encode = ParquetEncoding.PLAIN  # documented default
    now, slow = context.now(), context.faults.take(SlowInitialization)
    created = context.store.add_task(
        context.instance,
        DeliveryTask(
            table_name=request.tableName,
            name=request.taskName,
            type=request.taskType,
            config=config.SerializeToString(),
            created=now,
        ),
        initialized=now + context.init + (round(slow.seconds * _NANOSECONDS) if slow else 0),
    )
    if not created:
        raise ServiceError(
            ALREADY_EXIST,
            f"Requested delivery task already exists: {request.tableName}/{request.taskName}",
        )
    if context.create_buckets:
        context.buckets.create(config.ossBucket)
    return delivery_pb2.CreateDeliveryTaskResponse()


def describe_delivery_task(
    context: Context, request: delivery_pb2.DescribeDeliveryTaskRequest
) -> Message:
    """Answer a task's configuration and state, every enum explicit (seen in an SDK).

    A missing bucket is reported as INVALID_OSS_BUCKET (documented), and nothing counts as
    delivered while it is missing (assumed); a bucket that cannot be written to is UNAUTHORIZED.
    """
    task = context.task(request.tableName, request.taskName)
    answer = delivery_pb2.DescribeDeliveryTaskResponse(taskType=task.type)
    answer.taskConfig.ParseFromString(task.config)
    progress = context.deliveries.progress(task.table_name, task.name)
    state = answer.task_sync_stat
    state.task_sync_phase = progress.phase
    bucket = answer.taskConfig.ossBucket
    if context.buckets.exists(bucket):
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
    """Answer a table's tasks, sorted by name (the order is assumed)."""
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
    """Forget a task. While it initialises that is an error (documented; the code is assumed)."""
    task = context.task(request.tableName, request.taskName)
    if context.deliveries.progress(task.table_name, task.name).phase == TaskSyncPhase.INIT:
        raise ServiceError(
            CONFLICT, "The delivery task is initializing and cannot be deleted. Try again later."
        )
    context.store.remove_task(context.instance, task.table_name, task.name)
    return delivery_pb2.DeleteDeliveryTaskResponse()


def create_table(context: Context, request: table_pb2.CreateTableRequest) -> Message:
    """Keep a new table, ready at once (assumed: the service takes a while)."""
    rules.create_table(request)
    created = context.store.add_table(
        context.instance,
        Table(request.table_meta.table_name, request.SerializeToString(), context.now()),
    )
    if not created:
        raise ServiceError(
            ALREADY_EXIST, f"Requested table already exists: {request.table_meta.table_name}"
        )
    return table_pb2.CreateTableResponse()


def describe_table(context: Context, request: table_pb2.DescribeTableRequest) -> Message:
    """Answer a table as it was created, with the documented defaults filled in."""
    table = context.table(request.table_name)
    given = table_pb2.CreateTableRequest.FromString(table.request)
    answer = table_pb2.DescribeTableResponse(
        table_meta=given.table_meta,
        table_options=table_pb2.TableOptions(
            time_to_live=_FOR_EVER,
            max_versions=1,
            deviation_cell_version_in_sec=_DEVIATION_SECONDS,
            allow_update=True,
        ),
        stream_details=_stream_details(table, given.stream_spec),
        sse_details=table_pb2.SSEDetails(enable=False),
    )
    answer.table_options.MergeFrom(given.table_options)
    answer.sse_details.MergeFromString(given.sse_spec.SerializeToString())  # the same fields
    reserved = answer.reserved_throughput_details
    reserved.capacity_unit.read = given.reserved_throughput.capacity_unit.read
    reserved.capacity_unit.write = given.reserved_throughput.capacity_unit.write
    reserved.last_increase_time = table.created // _NANOSECONDS
    for index in given.index_metas:
        described = answer.index_metas.add(index_update_mode=0, index_type=0)  # required by SDKs
        described.MergeFrom(index)
    return answer


def list_table(context: Context, _: table_pb2.ListTableRequest) -> Message:
    """Answer the instance's tables, sorted by name (the order is assumed)."""
    return table_pb2.ListTableResponse(table_names=context.store.table_names(context.instance))


def delete_table(context: Context, request: table_pb2.DeleteTableRequest) -> Message:
    """Forget a table and its delivery tasks (assumed: the service may refuse while it has any)."""
    if not context.store.remove_table(context.instance, request.table_name):
        raise ServiceError(NOT_EXIST, f"Requested table does not exist: {request.table_name}")
    return table_pb2.DeleteTableResponse()


def _stream_details(table: Table, given: table_pb2.StreamSpecification) -> table_pb2.StreamDetails:
    if not given.enable_stream:
        return table_pb2.StreamDetails(enable_stream=False)
    microseconds = table.created // 1000
    return table_pb2.StreamDetails(
        enable_stream=True,
        stream_id=f"{table.name}_{microseconds}",
        expiration_time=given.expiration_time,
        last_enable_time=microseconds,
    )


OPERATIONS: Final[dict[str, Operation[Any]]] = {
    "CreateDeliveryTask": Operation(delivery_pb2.CreateDeliveryTaskRequest, create_delivery_task),
    "DescribeDeliveryTask": Operation(
        delivery_pb2.DescribeDeliveryTaskRequest, describe_delivery_task
    ),
    "ListDeliveryTask": Operation(delivery_pb2.ListDeliveryTaskRequest, list_delivery_task),
    "DeleteDeliveryTask": Operation(delivery_pb2.DeleteDeliveryTaskRequest, delete_delivery_task),
    "CreateTable": Operation(table_pb2.CreateTableRequest, create_table),
    "DescribeTable": Operation(table_pb2.DescribeTableRequest, describe_table),
    "ListTable": Operation(table_pb2.ListTableRequest, list_table),
    "DeleteTable": Operation(table_pb2.DeleteTableRequest, delete_table),
    "PutRow": Operation(row_messages.PutRowRequest, rows.put_row),
    "UpdateRow": Operation(row_messages.UpdateRowRequest, rows.update_row),
    "DeleteRow": Operation(row_messages.DeleteRowRequest, rows.delete_row),
    "BatchWriteRow": Operation(row_messages.BatchWriteRowRequest, rows.batch_write_row),
    "GetRow": Operation(row_messages.GetRowRequest, rows.get_row),
    "BatchGetRow": Operation(row_messages.BatchGetRowRequest, rows.batch_get_row),
    "GetRange": Operation(row_messages.GetRangeRequest, rows.get_range),
}
