"""The table of operations: the request message and the handler of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import Message

from pulumi_tablestore_delivery.emulator.api import (
    delivery_tasks,
    row_reads,
    row_writes,
    tables,
)
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.wire import delivery_pb2, row_pb2, table_pb2

Request = TypeVar("Request", bound=Message)


@dataclass(frozen=True)
class Operation(Generic[Request]):
    """An operation: its request message and its handler."""

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
    "UpdateTable": Operation(table_pb2.UpdateTableRequest, tables.update_table),
    "ListTable": Operation(table_pb2.ListTableRequest, tables.list_table),
    "DeleteTable": Operation(table_pb2.DeleteTableRequest, tables.delete_table),
    "PutRow": Operation(row_pb2.PutRowRequest, row_writes.put_row),
    "UpdateRow": Operation(row_pb2.UpdateRowRequest, row_writes.update_row),
    "DeleteRow": Operation(row_pb2.DeleteRowRequest, row_writes.delete_row),
    "BatchWriteRow": Operation(row_pb2.BatchWriteRowRequest, row_writes.batch_write_row),
    "GetRow": Operation(row_pb2.GetRowRequest, row_reads.get_row),
    "BatchGetRow": Operation(row_pb2.BatchGetRowRequest, row_reads.batch_get_row),
    "GetRange": Operation(row_pb2.GetRangeRequest, row_reads.get_range),
    "ListStream": Operation(table_pb2.ListStreamRequest, tables.list_stream),
    "ListSearchIndex": Operation(table_pb2.ListSearchIndexRequest, tables.list_search_index),
    "ListTimeseriesTable": Operation(
        table_pb2.ListTimeseriesTableRequest, tables.list_timeseries_table
    ),
}
