"""Fuzz targets: each takes bytes, and raises an error if the emulator misbehaves.

A target is a function of bytes and the seeds for its inputs. `make fuzz` runs all with atheris
for a long time; test_fuzz.py runs each for a second or two.
"""

import asyncio
import base64
import functools
import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from pulumi_tablestore_delivery.emulator.api.conditions import parse_condition, parse_filter
from pulumi_tablestore_delivery.emulator.api.errors import ServiceError
from pulumi_tablestore_delivery.emulator.api.operations import OPERATIONS
from pulumi_tablestore_delivery.emulator.http import server as http_server
from pulumi_tablestore_delivery.emulator.http import signatures
from pulumi_tablestore_delivery.emulator.http.service import Service
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.store import Store
from pulumi_tablestore_delivery.wire import delivery_pb2, row_pb2, table_pb2
from pulumi_tablestore_delivery.wire.plainbuffer import (
    Action,
    Cell,
    Marker,
    PlainBufferError,
    Row,
    read_row,
    read_rows,
    read_value,
    write_rows,
    write_value,
)

SLOWEST_SECONDS = 5.0
NAMES = tuple(OPERATIONS)  # an input's first byte is a place here: new operations come last
_RESET_EVERY = 20_000  # requests; tables and rows would pile up
_MOST_TURNS = 1_000  # of the event loop for an input
_COLUMNS = {"x": [2, 1, 1, 0], "s": [1, "text"], "d": [1, 1.5], "b": [1, b"\0"], "t": [1, True]}


class MisbehaviorError(Exception):
    """An input made the emulator misbehave."""


@dataclass(frozen=True)
class Target:
    """A fuzz target.

    Attributes:
        run: Takes an input; raises if the emulator misbehaves.
        seeds: Makes inputs to begin with.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def plainbuffer(data: bytes) -> None:
    """Read or refuse rows and values. Write the same bytes or rows again."""
    with suppress(PlainBufferError):
        rows = read_rows(data)
        if repr(read_rows(write_rows(rows))) != repr(rows):
            raise MisbehaviorError("rows change when they are written and read again")
    with suppress(PlainBufferError):
        read_row(data)
    with suppress(PlainBufferError):
        value = read_value(data)
        if write_value(value) != data:
            raise MisbehaviorError("a value changes when it is read and written again")


def filters(data: bytes) -> None:
    """Read or refuse filters and conditions. Apply them to a row."""
    with suppress(ServiceError):
        parse_filter(data).passes(_COLUMNS)
    with suppress(ServiceError):
        parse_condition(data)(_COLUMNS)


class _Log(logging.Handler):
    """A log handler that turns logged errors into failures."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []
        logging.getLogger().addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def check(self) -> None:
        """Raise if something was logged since the last check."""
        lines, self._lines = self._lines, []
        if lines:
            raise MisbehaviorError("it logs: " + "\n".join(lines))


class Signed:
    """Validly signed requests with any body."""

    def __init__(self) -> None:
        self._log = _Log()
        self._count = 0
        self._store: Store | None = None
        self._folder = Path()

    def __call__(self, data: bytes) -> None:
        if self._count % _RESET_EVERY == 0:
            self._reset()
        self._count += 1
        name = NAMES[data[0] % len(NAMES)] if data else "ListTable"
        answer = self._send(name, data[1:])
        if answer.status >= 500:
            raise MisbehaviorError(f"{name} was answered with {answer.status}: {answer.body!r}")
        self._log.check()

    def _send(self, name: str, body: bytes):
        path = f"/{name}"
        headers = {
            "x-ots-apiversion": "2015-12-31",
            "x-ots-instancename": "local",
            "x-ots-accesskeyid": "local",
            "x-ots-date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-ots-contentmd5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        }
        string = signatures.request_string(path, headers)
        headers["x-ots-signature"] = signatures.sign_sha1(b"local-secret", string)
        return self.service.answer("POST", path, headers, body)

    def _reset(self) -> None:
        if self._store is not None:
            self._store.close()
            shutil.rmtree(self._folder)
        shm = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
        self._store = Store(self._folder)
        self.service = Service(Options(data_dir=self._folder, create_buckets=True), self._store)
        for name, message in _setup():
            assert self._send(name, message.SerializeToString()).status == 200


class Http:
    """A connection that sends any bytes."""

    def __init__(self) -> None:
        self._log = _Log()
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._signed = Signed()
        self._signed(b"")

    def __call__(self, data: bytes) -> None:
        self._loop.run_until_complete(self._talk(data))
        self._log.check()

    async def _talk(self, data: bytes) -> None:
        service = self._signed.service
        server = http_server.make_server(service, _Inline())
        protocol = server()
        transport = _Transport()
        protocol.connection_made(transport)
        protocol.data_received(data)
        await until_idle()
        if not transport.is_closing():
            protocol.eof_received()
        protocol.connection_lost(None)
        await until_idle()
        await server.shutdown(0)


async def until_idle() -> None:
    """Let the other tasks of the event loop run until all of them wait.

    A fixed number of turns would be too few for some inputs and slow for the rest.
    """
    loop = asyncio.get_running_loop()
    for _ in range(_MOST_TURNS):
        if not loop._ready:
            return
        await asyncio.sleep(0)
    raise MisbehaviorError(f"tasks are still running after {_MOST_TURNS} turns")


class _Inline(Executor):
    """An executor that runs work at once, in the caller's thread."""

    def submit(self, run, /, *args, **options):
        done = Future()
        done.set_result(run(*args, **options))
        return done


class _Transport(asyncio.Transport):
    """A transport without a connection."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self._is_closed = False

    def write(self, data) -> None:
        pass

    def writelines(self, data) -> None:
        pass

    def is_closing(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True

    def abort(self) -> None:
        self._is_closed = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def within_time(run: Callable[[bytes], None], data: bytes) -> None:
    """Run a target on an input. Raise an error if it takes too much processor time."""
    started = time.process_time()  # the machine may be busy with other work
    run(data)
    if time.process_time() - started > SLOWEST_SECONDS:
        raise MisbehaviorError(f"it took more than {SLOWEST_SECONDS} s of processor time")


def _rows() -> list[bytes]:
    key = [("id", "a")]
    return [
        write_rows([Row(key, [Cell("x", 1), Cell("s", "text", 5), Cell("d", 1.5)])]),
        write_rows([Row(key, [Cell("b", b"\0"), Cell("t", True)])]),
        write_rows([Row(key, [Cell("x", 1, None, Action.INCREMENT)])]),
        write_rows([Row(key, [Cell("x", None, None, Action.DELETE_ALL)])]),
        write_rows([Row(key, is_deleted=True)]),
        write_rows([Row([("id", Marker.SMALLEST)])]),
        write_rows([Row([("id", Marker.LARGEST)])]),
        bytes.fromhex("75000000010304f8ffffff") + b"p",
    ]


def _filters() -> list[bytes]:
    single = row_pb2.SingleColumnValueFilter(
        comparator=1,
        column_name="x",
        column_value=write_value(1),
        filter_if_missing=True,
        latest_version_only=True,
    )
    one = row_pb2.Filter(type=1, filter=single.SerializeToString())
    many = row_pb2.CompositeColumnValueFilter(combinator=2, sub_filters=[one, one])
    page = row_pb2.ColumnPaginationFilter(offset=1, limit=2)
    return [
        one.SerializeToString(),
        row_pb2.Filter(type=2, filter=many.SerializeToString()).SerializeToString(),
        row_pb2.Filter(type=3, filter=page.SerializeToString()).SerializeToString(),
    ]


def _setup():
    table = table_pb2.CreateTableRequest()
    table.table_meta.table_name = "t"
    table.table_meta.primary_key.add(name="id", type=2)
    task = delivery_pb2.CreateDeliveryTaskRequest(tableName="t", taskName="task1", taskType=2)
    task.taskConfig.ossPrefix = "p/"
    task.taskConfig.ossBucket = "bucket"
    task.taskConfig.ossEndpoint = "oss-cn-hangzhou.aliyuncs.com"
    task.taskConfig.ossStsRole = "acs:ram::1:role/r"
    task.taskConfig.schema.add(columnName="id", ossColumnName="id", type=2)
    return [("CreateTable", table), ("CreateDeliveryTask", task)]


def _messages():
    condition = row_pb2.Condition(row_existence=0, column_condition=_filters()[1])
    for row in _rows():
        yield "PutRow", row_pb2.PutRowRequest(table_name="t", row=row, condition=condition)
        yield (
            "UpdateRow",
            row_pb2.UpdateRowRequest(table_name="t", row_change=row, condition=condition),
        )
        yield (
            "DeleteRow",
            row_pb2.DeleteRowRequest(table_name="t", primary_key=row, condition=condition),
        )
        batch = row_pb2.BatchWriteRowRequest(is_atomic=True)
        batch.tables.add(table_name="t").rows.add(type=1, row_change=row, condition=condition)
        yield "BatchWriteRow", batch
        for given in _filters():
            yield (
                "GetRow",
                row_pb2.GetRowRequest(
                    table_name="t",
                    primary_key=row,
                    max_versions=1,
                    filter=given,
                    columns_to_get=["x"],
                ),
            )
    read = row_pb2.BatchGetRowRequest()
    read.tables.add(table_name="t", primary_key=[_rows()[4]], max_versions=1)
    yield "BatchGetRow", read
    yield (
        "GetRange",
        row_pb2.GetRangeRequest(
            table_name="t",
            direction=0,
            max_versions=1,
            inclusive_start_primary_key=_rows()[5],
            exclusive_end_primary_key=_rows()[6],
        ),
    )
    yield from _setup()
    yield (
        "UpdateTable",
        table_pb2.UpdateTableRequest(
            table_name="t", table_options=table_pb2.TableOptions(max_versions=2)
        ),
    )
    for name in ("DescribeTable", "DeleteTable", "ListSearchIndex", "ListStream", "ListTable"):
        yield name, table_pb2.DescribeTableRequest(table_name="t")
    for name in ("DescribeDeliveryTask", "ListDeliveryTask", "DeleteDeliveryTask"):
        yield name, delivery_pb2.DescribeDeliveryTaskRequest(tableName="t", taskName="task1")


def _signed_seeds() -> list[bytes]:
    return [
        bytes([NAMES.index(name)]) + message.SerializeToString() for name, message in _messages()
    ]


def _http_seeds() -> list[bytes]:
    return [
        b"POST /ListTable HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nx-ots-date: x\r\n\r\n",
        b"GET /_emulator/health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /_emulator/deliveries HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /_emulator/faults HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /PutRow HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"PUT /\xff\xfe HTTP/1.0\r\nConnection: keep-alive\r\nx-ots-apiversion: \xff\r\n\r\n",
        b"POST /PutRow HTTP/1.1\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n",
    ]


@functools.cache
def _instance(kind):
    return kind()


def _run_signed(data: bytes) -> None:
    _instance(Signed)(data)


def _run_http(data: bytes) -> None:
    _instance(Http)(data)


TARGETS: dict[str, Target] = {
    "plainbuffer": Target(plainbuffer, lambda: [*_rows(), write_value(1), write_value("text")]),
    "filters": Target(filters, _filters),
    "signed": Target(_run_signed, _signed_seeds),
    "http": Target(_run_http, _http_seeds),
}
