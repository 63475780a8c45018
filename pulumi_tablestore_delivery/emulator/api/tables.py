"""Operations on tables."""

from typing import Final

from google.protobuf.message import Message

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.api.errors import ALREADY_EXIST, NOT_EXIST, ServiceError
from pulumi_tablestore_delivery.emulator.storage.store import Table
from pulumi_tablestore_delivery.wire import table_pb2

_FOR_EVER: Final = -1
_DEVIATION_SECONDS: Final = 86400
_NANOSECONDS: Final = 1_000_000_000


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
