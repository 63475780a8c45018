"""Every field of every request has an effect or is refused by its name.
The paths of the fields come from the descriptors of the messages. For each path, CHANGES has a
value. A request with this value must differ from the same request without it: in its answer, or in
later reads. If the emulator does not have the field, the error must name it.
"""

import itertools
import re
import shutil

import pytest
from support.emulator_caller import START, Caller, task_request

from pulumi_tablestore_delivery.emulator.api.operations import OPERATIONS
from pulumi_tablestore_delivery.emulator.http.service import Service
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.rows import loads_all
from pulumi_tablestore_delivery.emulator.storage.store import Store
from pulumi_tablestore_delivery.wire import delivery_pb2, row_pb2, table_pb2
from pulumi_tablestore_delivery.wire.plainbuffer import (
    Cell,
    Marker,
    Row,
    write_rows,
    write_value,
)

NOW = START // 1_000_000
DONE = {200, 403, 404}  # with 403 or 404, a condition or a name had an effect
HINTS = {"cache_blocks", "data_block_type_hint", "compress_type_hint"}
MESSAGES_IN_FILTERS = (
    "Filter",
    "SingleColumnValueFilter",
    "CompositeColumnValueFilter",
    "ColumnPaginationFilter",
)


def key(value):
    return [("id", value)]


def put(value="a", **columns):
    return write_rows([Row(key(value), [Cell(name, each) for name, each in columns.items()])])


def read(value):
    return write_rows([Row(key(value))])


def deleted(value):
    return write_rows([Row(key(value), is_deleted=True)])


def single(**changes):
    parts = {
        "comparator": 1,
        "column_name": "x",
        "column_value": write_value(2),
        "filter_if_missing": False,
        "latest_version_only": True,
    }
    return row_pb2.SingleColumnValueFilter(**{**parts, **changes})


def wrapped(kind, message):
    return row_pb2.Filter(type=kind, filter=message.SerializeToString())


def is_two(name="x"):
    return wrapped(1, single(column_name=name))


NEVER = wrapped(1, single(column_value=write_value(99))).SerializeToString()
ONE_TABLE = {"table_name": "t"}
CONDITION = row_pb2.Condition(row_existence=0)
RETURNED = row_pb2.ReturnContent(return_type=2, return_column_names=["y"])


def create_table():
    request = table_pb2.CreateTableRequest()
    request.table_meta.table_name = "new"
    request.table_meta.primary_key.add(name="id", type=2)
    request.table_meta.primary_key.add(name="n", type=1)
    request.table_meta.defined_column.add(name="c", type=2)
    request.index_metas.add(name="i", primary_key=["c"])
    request.stream_spec.enable_stream = True
    return request


def batch():
    request = row_pb2.BatchWriteRowRequest()
    rows = request.tables.add(table_name="t").rows
    rows.add(type=1, row_change=put(y=3), condition=CONDITION, return_content=RETURNED)
    rows.add(type=1, row_change=put("b", z=5), condition=CONDITION)
    return request


def batch_get():
    request = row_pb2.BatchGetRowRequest()
    request.tables.add(table_name="t", primary_key=[read("a")], max_versions=2)
    return request


def with_task(kind):
    return kind(tableName="t", taskName="task1")


BASES = {
    "CreateDeliveryTask": task_request("task2", table="t"),
    "DescribeDeliveryTask": with_task(delivery_pb2.DescribeDeliveryTaskRequest),
    "ListDeliveryTask": delivery_pb2.ListDeliveryTaskRequest(tableName="t"),
    "DeleteDeliveryTask": with_task(delivery_pb2.DeleteDeliveryTaskRequest),
    "CreateTable": create_table(),
    "DescribeTable": table_pb2.DescribeTableRequest(**ONE_TABLE),
    "UpdateTable": table_pb2.UpdateTableRequest(
        table_options=table_pb2.TableOptions(time_to_live=90_000), **ONE_TABLE
    ),
    "ListTable": table_pb2.ListTableRequest(),
    "DeleteTable": table_pb2.DeleteTableRequest(**ONE_TABLE),
    "PutRow": row_pb2.PutRowRequest(
        row=put(y=3), condition=CONDITION, return_content=RETURNED, **ONE_TABLE
    ),
    "UpdateRow": row_pb2.UpdateRowRequest(
        row_change=put(y=3), condition=CONDITION, return_content=RETURNED, **ONE_TABLE
    ),
    "DeleteRow": row_pb2.DeleteRowRequest(
        primary_key=deleted("a"), condition=CONDITION, **ONE_TABLE
    ),
    "BatchWriteRow": batch(),
    "GetRow": row_pb2.GetRowRequest(primary_key=read("a"), max_versions=2, **ONE_TABLE),
    "BatchGetRow": batch_get(),
    "GetRange": row_pb2.GetRangeRequest(
        direction=0,
        max_versions=2,
        inclusive_start_primary_key=read(Marker.SMALLEST),
        exclusive_end_primary_key=read(Marker.LARGEST),
        **ONE_TABLE,
    ),
    "ListStream": table_pb2.ListStreamRequest(),
    "ListSearchIndex": table_pb2.ListSearchIndexRequest(),
    "ListTimeseriesTable": table_pb2.ListTimeseriesTableRequest(),
}

READS = {
    "columns_to_get": ["x"],
    "time_range.start_time": {"start_time": NOW - 5, "end_time": NOW + 5},
    "time_range.end_time": {"start_time": 0, "end_time": NOW - 5},
    "time_range.specific_time": {"specific_time": NOW - 10},
    "max_versions": 1,
    "cache_blocks": True,
    "filter": NEVER,
    "start_column": "y",
    "end_column": "y",
}
WRITES = {
    "condition.row_existence": 2,
    "condition.column_condition": NEVER,
    "return_content.return_type": 1,
    "return_content.return_column_names": ["x"],
    "transaction_id": "tx",
}
OPTIONS = {
    "time_to_live": 100_000,
    "max_versions": 3,
    "bloom_filter_type": 2,
    "block_size": 4,
    "deviation_cell_version_in_sec": 10,
    "allow_update": False,
    "update_full_row": True,
}
INDEX = {
    "name": "other",
    "primary_key": ["n"],
    "defined_column": ["c"],
    "index_update_mode": 1,
    "index_type": 1,
}
CONFIG = {
    "ossPrefix": "other/",
    "formatter": 3,
    "ossDirtyPrefix": "dirty/",
    "ossBucket": "other",
    "ossEndpoint": "oss-cn-beijing.aliyuncs.com",
    "ossStsRole": "other",
    "eventTimeColumn.columnName": {"columnName": "at", "timeFormat": 5},
    "eventTimeColumn.timeFormat": {"columnName": "at", "timeFormat": 4},
    "format": 7,
    "schema.columnName": "y",
    "schema.ossColumnName": "other",
    "schema.type": 1,
    "schema.encode": 1,
    "schema.typeExtend": "x",
}


def prefixed(prefix, changes):
    return {f"{prefix}.{path}": value for path, value in changes.items()}


TASK = {"tableName": "missing", "taskName": "other"}
CHANGES = {
    **prefixed("CreateDeliveryTask", {**TASK, "taskType": 1}),
    **prefixed("CreateDeliveryTask.taskConfig", CONFIG),
    **prefixed("DescribeDeliveryTask", TASK),
    **prefixed("DeleteDeliveryTask", TASK),
    "ListDeliveryTask.tableName": "missing",
    **prefixed(
        "CreateTable",
        {
            "table_meta.table_name": "other",
            "table_meta.primary_key.name": "other",
            "table_meta.primary_key.type": 1,
            "table_meta.primary_key.option": 1,
            "table_meta.defined_column.name": "d",
            "table_meta.defined_column.type": 1,
            **prefixed("table_meta.index_meta", INDEX),
            "reserved_throughput.capacity_unit.read": 1,
            "reserved_throughput.capacity_unit.write": 1,
            **prefixed("table_options", OPTIONS),
            "partitions.begin": b"a",
            "partitions.end": b"b",
            "stream_spec.enable_stream": False,
            "stream_spec.expiration_time": 24,
            "stream_spec.columns_to_get": ["c"],
            "sse_spec.enable": True,
            "sse_spec.key_type": 1,
            "sse_spec.key_id": b"k",
            "sse_spec.role_arn": b"r",
            **prefixed("index_metas", INDEX),
            "enable_local_txn": True,
        },
    ),
    "DescribeTable.table_name": "missing",
    **prefixed(
        "UpdateTable",
        {
            "table_name": "missing",
            "reserved_throughput.capacity_unit.read": 1,
            "reserved_throughput.capacity_unit.write": 1,
            **prefixed("table_options", OPTIONS),
            "stream_spec.enable_stream": True,
            "stream_spec.expiration_time": 24,
            "stream_spec.columns_to_get": ["c"],
        },
    ),
    "DeleteTable.table_name": "missing",
    **prefixed("PutRow", {"table_name": "missing", "row": put(y=4), **WRITES}),
    **prefixed("UpdateRow", {"table_name": "missing", "row_change": put(y=4), **WRITES}),
    **prefixed("DeleteRow", {"table_name": "missing", "primary_key": deleted("b"), **WRITES}),
    "DeleteRow.return_content.return_column_names": {"return_type": 2, "return_column_names": "x"},
    **prefixed(
        "BatchWriteRow",
        {
            "tables.table_name": "missing",
            "tables.rows.type": 2,
            "tables.rows.row_change": put(z=6),
            **prefixed("tables.rows", {**WRITES, "transaction_id": None}),
            "transaction_id": "tx",
            "is_atomic": True,
        },
    ),
    **prefixed(
        "GetRow",
        {"table_name": "missing", "primary_key": read("b"), **READS}
        | {"token": b"t", "transaction_id": "tx"},
    ),
    **prefixed(
        "BatchGetRow.tables",
        {"table_name": "missing", "primary_key": [read("b")], **READS, "token": [b"t"]},
    ),
    **prefixed(
        "GetRange",
        {
            "table_name": "missing",
            "direction": 9,
            **READS,
            "limit": 1,
            "inclusive_start_primary_key": read("b"),
            "exclusive_end_primary_key": read("b"),
            "token": b"t",
            "transaction_id": "tx",
            "data_block_type_hint": 1,
            "return_entire_primary_keys": False,
            "compress_type_hint": 1,
        },
    ),
    "ListStream.table_name": "missing",
    "ListSearchIndex.table_name": "missing",
}
del CHANGES["BatchWriteRow.tables.rows.transaction_id"]

# A filter without and with a change; both are tried as a filter of GetRow.
BOTH = row_pb2.CompositeColumnValueFilter(combinator=2, sub_filters=[is_two(), is_two()])
PAGE = {"offset": 0, "limit": 2}
FILTERS = {
    "Filter.type": (is_two(), row_pb2.Filter(type=9, filter=is_two().filter)),
    "Filter.filter": (is_two(), is_two("y")),
    "SingleColumnValueFilter.comparator": (is_two(), wrapped(1, single(comparator=2))),
    "SingleColumnValueFilter.column_name": (is_two(), is_two("y")),
    "SingleColumnValueFilter.column_value": (
        is_two(),
        wrapped(1, single(column_value=write_value(1))),
    ),
    "SingleColumnValueFilter.filter_if_missing": (
        wrapped(1, single(column_name="none")),
        wrapped(1, single(column_name="none", filter_if_missing=True)),
    ),
    "SingleColumnValueFilter.latest_version_only": (
        wrapped(1, single(column_value=write_value(1))),
        wrapped(1, single(column_value=write_value(1), latest_version_only=False)),
    ),
    **{
        f"SingleColumnValueFilter.value_trans_rule.{name}": (
            is_two(),
            wrapped(1, single(value_trans_rule={"regex": "a", "cast_type": 1})),
        )
        for name in ("regex", "cast_type")
    },
    "CompositeColumnValueFilter.combinator": (
        wrapped(2, BOTH),
        wrapped(2, row_pb2.CompositeColumnValueFilter(combinator=9, sub_filters=BOTH.sub_filters)),
    ),
    **{
        f"CompositeColumnValueFilter.sub_filters.{name}": (
            wrapped(2, BOTH),
            wrapped(
                2, row_pb2.CompositeColumnValueFilter(combinator=2, sub_filters=[is_two(), changed])
            ),
        )
        for name, changed in {"type": wrapped(9, single()), "filter": is_two("y")}.items()
    },
    "ColumnPaginationFilter.offset": (
        wrapped(3, row_pb2.ColumnPaginationFilter(**PAGE)),
        wrapped(3, row_pb2.ColumnPaginationFilter(**{**PAGE, "offset": 1})),
    ),
    "ColumnPaginationFilter.limit": (
        wrapped(3, row_pb2.ColumnPaginationFilter(**PAGE)),
        wrapped(3, row_pb2.ColumnPaginationFilter(**{**PAGE, "limit": 1})),
    ),
}


def paths_of(descriptor, above):
    for field in descriptor.fields:
        path = f"{above}.{field.name}"
        if field.message_type is None:
            yield path
        else:
            yield from paths_of(field.message_type, path)


def changed(message, path, value):
    """Copy a message with another value at a path; in repeated messages, in the first one."""
    whole = type(message)()
    whole.CopyFrom(message)
    inner = whole
    *above, name = path.split(".")
    if isinstance(value, dict) or (name == "return_column_names" and not isinstance(value, list)):
        *above, name = above
    for part in above:
        inner = getattr(inner, part)
        if hasattr(inner, "add"):
            inner = inner[0] if inner else inner.add()
    if isinstance(value, dict):
        if "specific_time" in value:
            inner.ClearField("max_versions")  # the two do not go together
        getattr(inner, name).CopyFrom(type(getattr(inner, name))(**value))
    elif isinstance(value, list):
        inner.ClearField(name)
        getattr(inner, name).extend(value)
    else:
        setattr(inner, name, value)
    return whole


class Instance:
    """An instance in memory with a table, rows and a task."""

    def __init__(self, folder, signer, clock=lambda: START):
        self.store = Store(folder)
        self._signer = signer
        options = Options(data_dir=folder, create_buckets=True)
        self.service = Service(options, self.store, clock)
        table = table_pb2.CreateTableRequest()
        table.table_meta.table_name = "t"
        table.table_meta.primary_key.add(name="id", type=2)
        table.table_options.max_versions = 2
        self.must("CreateTable", table)
        versions = [Cell("x", 1, NOW - 10), Cell("x", 2, NOW), Cell("y", 5, NOW)]
        for name in ("a", "b"):
            row = write_rows([Row(key(name), versions[:2] if name == "b" else versions)])
            self.must("PutRow", row_pb2.PutRowRequest(table_name="t", row=row, condition=CONDITION))
        self.must("CreateDeliveryTask", task_request(table="t"))

    def close(self):
        self.store.close()

    def send(self, name, message):
        body = message.SerializeToString()
        headers = self._signer.headers(f"/{name}", body)
        answer = self.service.answer("POST", f"/{name}", headers, body)
        return answer.status, answer.body

    def must(self, name, message):
        status, body = self.send(name, message)
        assert status == 200, body
        return body

    def contents(self):
        """Return everything that others can read."""
        tables = table_pb2.ListTableResponse.FromString(
            self.must("ListTable", table_pb2.ListTableRequest())
        ).table_names
        found = [self.must("ListStream", table_pb2.ListStreamRequest())]
        for table in tables:
            found.append(
                self.must("DescribeTable", table_pb2.DescribeTableRequest(table_name=table))
            )
            listed = self.must(
                "ListDeliveryTask", delivery_pb2.ListDeliveryTaskRequest(tableName=table)
            )
            tasks = delivery_pb2.ListDeliveryTaskResponse.FromString(listed).tasks
            found += [listed]
            found += [
                self.must(
                    "DescribeDeliveryTask",
                    delivery_pb2.DescribeDeliveryTaskRequest(
                        tableName=table, taskName=task.taskName
                    ),
                )
                for task in tasks
            ]
        return [*found, "t" in tables and self.send("GetRange", BASES["GetRange"])]


@pytest.fixture
def outcome(tmp_path):
    """Return a function that sends a request to a fresh instance: its status, answer, contents."""

    def send(name, message):
        folder = tmp_path / "data"
        shutil.rmtree(folder, ignore_errors=True)
        instance = Instance(folder, Caller("http://127.0.0.1:1"))
        try:
            status, body = instance.send(name, message)
            return status, body, instance.contents()
        finally:
            instance.close()

    return send


def error_in(result):
    status, body, _ = result
    return "" if status == 200 else delivery_pb2.Error.FromString(body).message


def names_one_of(message, parts):
    """Whether a message names a field, with or without its underscores."""
    folded = re.sub(r"[ _-]", "", message).lower()
    return any(part.replace("_", "").lower() in folded for part in parts)


def test_every_field_has_a_change():
    fields = [
        path
        for name, operation in OPERATIONS.items()
        for path in paths_of(operation.request.DESCRIPTOR, name)
    ]
    fields += [
        path
        for name in MESSAGES_IN_FILTERS
        for path in paths_of(getattr(row_pb2, name).DESCRIPTOR, name)
    ]
    assert sorted(fields) == sorted([*CHANGES, *FILTERS])


@pytest.mark.parametrize("path", CHANGES)
def test_field_has_an_effect_or_is_refused_by_name(outcome, path):
    name, _, field = path.partition(".")
    before = outcome(name, BASES[name])
    after = outcome(name, changed(BASES[name], field, CHANGES[path]))
    assert before[0] == 200, error_in(before)
    if field.rpartition(".")[2] in HINTS:
        assert after == before
    else:
        assert after != before
        assert after[0] in DONE or names_one_of(error_in(after), field.split("."))


@pytest.mark.parametrize("path", FILTERS)
def test_field_of_a_filter_has_an_effect_or_is_refused_by_name(outcome, path):
    results = [
        outcome("GetRow", changed(BASES["GetRow"], "filter", each.SerializeToString()))
        for each in FILTERS[path]
    ]
    assert results[0][0] == 200
    assert results[0] != results[1]


def test_row_is_logged_at_the_time_of_its_versions(tmp_path):
    """`synced_until` comes from the log: a row with an older version would count as delivered."""
    ticks = itertools.count(START, 1_000_000)
    instance = Instance(tmp_path, Caller("http://127.0.0.1:1"), lambda: next(ticks))
    try:
        row = write_rows([Row(key("c"), [Cell("x", 1)])])
        request = row_pb2.PutRowRequest(table_name="t", row=row, condition=CONDITION)
        instance.must("PutRow", request)
        checkpoint = instance.store.progress.one("local", "t", "task1")
        batch = instance.store.progress.changes(checkpoint, checkpoint.position, 10)
        ((_, cells),) = loads_all(batch.contents[-1:])
        assert cells["x"][0] == batch.times[-1] // 1_000_000
    finally:
        instance.close()
