"""Operations on tables."""

from typing import Final

from google.protobuf.message import Message

from pulumi_tablestore_delivery.emulator.api import table_rules
from pulumi_tablestore_delivery.emulator.api.context import Context
from pulumi_tablestore_delivery.emulator.api.errors import ALREADY_EXIST, ServiceError
from pulumi_tablestore_delivery.emulator.storage.shapes import options_of
from pulumi_tablestore_delivery.emulator.storage.store import Table
from pulumi_tablestore_delivery.wire import table_pb2

_ACTIVE: Final = 1
_NANOSECONDS_PER_SECOND: Final = 1_000_000_000


def create_table(context: Context, request: table_pb2.CreateTableRequest) -> Message:
    """Create a table. It is ready at once (assumed: the service takes a while)."""
    table_rules.create_table(request)
    created = context.store.add_table(
        context.instance,
        Table(request.table_meta.table_name, request.SerializeToString(), context.now()),
    )
    if not created:
        raise ServiceError(ALREADY_EXIST, "Requested table already exists.")
    return table_pb2.CreateTableResponse()


def describe_table(context: Context, request: table_pb2.DescribeTableRequest) -> Message:
    """Describe a table as it was created or updated, with the documented defaults."""
    table = context.table(request.table_name)
    given = table_pb2.CreateTableRequest.FromString(table.request)
    answer = table_pb2.DescribeTableResponse(
        table_meta=given.table_meta,
        reserved_throughput_details=_throughput_details(table, given),
        table_options=options_of(given),
        table_status=_ACTIVE,
        stream_details=_stream_details(table, given.stream_spec),
        sse_details=table_pb2.SSEDetails(enable=False),
    )
    answer.sse_details.MergeFromString(given.sse_spec.SerializeToString())  # the same fields
    for index in given.index_metas:
        described = answer.index_metas.add(index_update_mode=0, index_type=0)  # required by SDKs
        described.MergeFrom(index)
    return answer


def update_table(
    context: Context, request: table_pb2.UpdateTableRequest
) -> table_pb2.UpdateTableResponse:
    """Change a table's options and throughput. The next request uses them (assumed)."""
    table = context.table(request.table_name)
    table_rules.update_table(request)
    given = table_pb2.CreateTableRequest.FromString(table.request)
    given.table_options.MergeFrom(request.table_options)
    given.reserved_throughput.MergeFrom(request.reserved_throughput)
    context.store.update_table(context.instance, table.name, given.SerializeToString())
    return table_pb2.UpdateTableResponse(
        reserved_throughput_details=_throughput_details(table, given),
        table_options=options_of(given),
        stream_details=_stream_details(table, given.stream_spec),
    )


def list_table(context: Context, _: table_pb2.ListTableRequest) -> Message:
    """List the instance's tables, sorted by name (the order is assumed)."""
    return table_pb2.ListTableResponse(table_names=context.store.table_names(context.instance))


def delete_table(context: Context, request: table_pb2.DeleteTableRequest) -> Message:
    """Delete a table and its delivery tasks (assumed; the service may refuse if it has tasks)."""
    context.store.remove_table(context.instance, context.table(request.table_name).name)
    return table_pb2.DeleteTableResponse()


def list_stream(
    context: Context, request: table_pb2.ListStreamRequest
) -> table_pb2.ListStreamResponse:
    """List the streams that tables were created with. The emulator does not keep their records."""
    names = (
        [context.table(request.table_name).name]
        if request.HasField("table_name")
        else context.store.table_names(context.instance)
    )
    answer = table_pb2.ListStreamResponse()
    for name in names:
        table = context.table(name)
        given = table_pb2.CreateTableRequest.FromString(table.request)
        details = _stream_details(table, given.stream_spec)
        if details.enable_stream:
            answer.streams.add(
                stream_id=details.stream_id,
                table_name=name,
                creation_time=details.last_enable_time,
            )
    return answer


def list_search_index(
    context: Context, request: table_pb2.ListSearchIndexRequest
) -> table_pb2.ListSearchIndexResponse:
    """Return an empty list: the emulator does not have search indexes."""
    if request.table_name:
        context.table(request.table_name)
    return table_pb2.ListSearchIndexResponse()


def list_timeseries_table(
    _: Context, __: table_pb2.ListTimeseriesTableRequest
) -> table_pb2.ListTimeseriesTableResponse:
    """Return an empty list: the emulator does not have time series tables."""
    return table_pb2.ListTimeseriesTableResponse()


def _throughput_details(
    table: Table, given: table_pb2.CreateTableRequest
) -> table_pb2.ReservedThroughputDetails:
    created = table.created // _NANOSECONDS_PER_SECOND
    details = table_pb2.ReservedThroughputDetails(last_increase_time=created)
    details.capacity_unit.read = given.reserved_throughput.capacity_unit.read
    details.capacity_unit.write = given.reserved_throughput.capacity_unit.write
    return details


def _stream_details(table: Table, given: table_pb2.StreamSpecification) -> table_pb2.StreamDetails:
    if not given.enable_stream:
        return table_pb2.StreamDetails(enable_stream=False)
    microseconds = table.created // 1000
    return table_pb2.StreamDetails(
        enable_stream=True,
        stream_id=f"{table.name}_{microseconds}",
        expiration_time=given.expiration_time,
        last_enable_time=microseconds,
        columns_to_get=given.columns_to_get,
    )
