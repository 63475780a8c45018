"""Tables, through signed requests and through the official Python SDK with its checks on."""

import pytest
from support.sdk import tablestore

from pulumi_tablestore_delivery.wire import table_pb2


@pytest.mark.parametrize(
    ("name", "keys", "text"),
    [
        ("1st", [("id", 2)], "Invalid table name: '1st'."),
        ("a-b", [("id", 2)], "Invalid table name: 'a-b'."),
        ("a" * 256, [("id", 2)], f"Invalid table name: '{'a' * 256}'."),
        ("t", [], "The number of primary key columns must be in range: [1, 4]."),
        (
            "t",
            [(f"k{n}", 2) for n in range(5)],
            "The number of primary key columns must be in range: [1, 4].",
        ),
        ("t", [("bad-name", 2)], "Invalid column name: 'bad-name'."),
        ("t", [("id", 1), ("id", 1)], "Duplicated primary key name: 'id'."),
    ],
)
def test_invalid_table_is_refused_with_the_text_of_the_service(call, refused, name, keys, text):
    with pytest.raises(refused, match="400 OTSParameterInvalid") as error:
        call.create_table(name, keys)
    assert error.value.message == text


@pytest.mark.parametrize(
    ("field", "name", "keys"),
    [
        ("primary_key[0].type", "t", [("id", 5)]),
        ("primary_key[0].option", "t", [("id", 1, 1)]),
        ("primary_key[1].option", "t", [("id", 1), ("n", 2, 1)]),
        ("primary_key[1].option", "t", [("id", 1), ("n", 1, 2)]),
    ],
)
def test_violated_rule_is_named(call, refused, field, name, keys):
    with pytest.raises(refused, match="400 OTSParameterInvalid") as error:
        call.create_table(name, keys)
    assert error.value.message.partition(": ")[0].endswith(field)


@pytest.mark.parametrize(
    "options",
    [
        {"time_to_live": 5},
        {"time_to_live": 0},
        {"max_versions": 0},
        {"deviation_cell_version_in_sec": -1},
    ],
)
def test_options_beyond_their_limits_are_refused(call, refused, options):
    with pytest.raises(refused, match=f"table_options.{next(iter(options))}"):
        call.create_table("t", table_options=table_pb2.TableOptions(**options))


def test_negative_throughput_is_refused(call, refused):
    throughput = table_pb2.ReservedThroughput(capacity_unit={"read": 0, "write": -1})
    with pytest.raises(refused, match=r"capacity_unit.write: -1 is less than 0"):
        call.create_table("other", reserved_throughput=throughput)


def test_table_is_described_as_it_was_created(call):
    call.create_table(
        "t",
        [("id", 2), ("n", 1, 1)],
        stream_spec=table_pb2.StreamSpecification(enable_stream=True, expiration_time=24),
        sse_spec=table_pb2.SSESpecification(enable=True, key_type=1),
        table_options=table_pb2.TableOptions(max_versions=3),
    )
    answer = call("DescribeTable", table_pb2.DescribeTableRequest(table_name="t"))
    table = table_pb2.DescribeTableResponse.FromString(answer)
    assert [(key.name, key.option) for key in table.table_meta.primary_key] == [("id", 0), ("n", 1)]
    assert (table.stream_details.enable_stream, table.stream_details.expiration_time) == (True, 24)
    assert table.stream_details.stream_id.startswith("t_")
    assert (table.sse_details.enable, table.sse_details.key_type) == (True, 1)
    options = table.table_options
    assert (options.time_to_live, options.max_versions, options.allow_update) == (-1, 3, True)
    assert options.deviation_cell_version_in_sec == 86400


def test_tables_are_created_listed_and_deleted(call, refused):
    with pytest.raises(refused, match="409 OTSObjectAlreadyExist"):
        call.create_table()
    call.create()
    call("DeleteTable", table_pb2.DeleteTableRequest(table_name="tbl"))
    for operation in ("DeleteTable", "DescribeTable"):
        with pytest.raises(refused, match="404 OTSObjectNotExist"):
            call(operation, table_pb2.DescribeTableRequest(table_name="tbl"))
    call.create_table()
    assert call.list() == []  # its tasks went with it


@pytest.mark.parametrize(
    "options", [{}, {"region": "cn-hangzhou"}, {"sts_token": "token"}], ids=["v2", "v4", "sts"]
)
def test_python_sdk_completes_each_table_operation(start, options):
    url = start().emulator.url
    client = tablestore.OTSClient(url, "local", "local-secret", "local", **options)
    meta = tablestore.TableMeta(
        "orders",
        [("id", "STRING"), ("n", "INTEGER", tablestore.PK_AUTO_INCR)],
        defined_columns=[("amount", "DOUBLE"), ("blob", "BINARY")],
    )
    throughput = tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0))
    index = tablestore.SecondaryIndexMeta("by_amount", ["amount"], [])
    client.create_table(meta, tablestore.TableOptions(86400, 2), throughput, [index])
    assert list(client.list_table()) == ["orders"]
    described = client.describe_table("orders")
    assert described.table_meta.schema_of_primary_key == meta.schema_of_primary_key
    assert described.table_meta.defined_columns == meta.defined_columns
    assert described.table_options.time_to_live == 86400
    assert described.table_options.max_version == 2
    assert [index.index_name for index in described.secondary_indexes] == ["by_amount"]
    with pytest.raises(tablestore.OTSServiceError) as error:
        client.create_table(meta, tablestore.TableOptions(), throughput)
    assert error.value.get_error_code() == "OTSObjectAlreadyExist"
    client.delete_table("orders")
    assert not client.list_table()
    with pytest.raises(tablestore.OTSServiceError) as error:
        client.describe_table("orders")
    assert (error.value.get_http_status(), error.value.get_error_code()) == (
        404,
        "OTSObjectNotExist",
    )
