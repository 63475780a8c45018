"""The table of operations: the message that asks for each, and its handler."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import Message

from pulumi_tablestore_delivery.emulator.api import delivery_tasks, rows, tables
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.sdk import row_messages
from pulumi_tablestore_delivery.wire import delivery_pb2, table_pb2

Request = TypeVar("Request", bound=Message)


@dataclass(frozen=True)
class Operation(Generic[Request]):
    """An operation: the message that asks for it, and its handler."""

    request: type[Request]
    handle: Callable[[Context, Request], Message]


OPERATIONS: Final[dict[str, Operation[Any]]] = {
    "CreateDeliveryTask": Operation(
        delivery_pb2.CreateDeliveryTaskRequest, delivery_tasks.create_delivery_task
    ),
    "DescribeDeliveryTask": Operation(
        delivery_pb2.DescribeDeliveryTaskRequest, delivery_tasks.describe_delivery_task
    ),
    "ListDeliveryTask": Operation(
        delivery_pb2.ListDeliveryTaskRequest, delivery_tasks.list_delivery_task
    ),
    "DeleteDeliveryTask": Operation(
        delivery_pb2.DeleteDeliveryTaskRequest, delivery_tasks.delete_delivery_task
    ),
    "CreateTable": Operation(table_pb2.CreateTableRequest, tables.create_table),
    "DescribeTable": Operation(table_pb2.DescribeTableRequest, tables.describe_table),
    "ListTable": Operation(table_pb2.ListTableRequest, tables.list_table),
    "DeleteTable": Operation(table_pb2.DeleteTableRequest, tables.delete_table),
    "PutRow": Operation(row_messages.PutRowRequest, rows.put_row),
    "UpdateRow": Operation(row_messages.UpdateRowRequest, rows.update_row),
    "DeleteRow": Operation(row_messages.DeleteRowRequest, rows.delete_row),
    "BatchWriteRow": Operation(row_messages.BatchWriteRowRequest, rows.batch_write_row),
    "GetRow": Operation(row_messages.GetRowRequest, rows.get_row),
    "BatchGetRow": Operation(row_messages.BatchGetRowRequest, rows.batch_get_row),
    "GetRange": Operation(row_messages.GetRangeRequest, rows.get_range),
}
