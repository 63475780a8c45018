"""The lifecycle with the emulator's service in this process: no sockets, a controlled clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from support.specs import BAG

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.operations import Operation
from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.client.transport import NoAnswerError, RawResponse
from pulumi_tablestore_delivery.emulator.http.service import Service
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.store import Store
from pulumi_tablestore_delivery.lifecycle import Declaration, Lifecycle
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.wire import plainbuffer, row_pb2
from pulumi_tablestore_delivery.wire import table_pb2 as table_pb

SECRET = "local-secret"
ENVIRONMENT = {
    "TABLESTORE_ENDPOINT": "http://127.0.0.1:8087",
    "TABLESTORE_INSTANCE": "inst",
    "TABLESTORE_REGION": "cn-hangzhou",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "local",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
}


class HeldClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self):
        self.started = datetime.now(timezone.utc)
        self.elapsed = 0.0
        self.while_sleeping = []

    def now(self):
        return self.started + timedelta(seconds=self.elapsed)

    def nanoseconds(self):
        return int(self.now().timestamp() * 1e9)

    def monotonic(self):
        return self.elapsed

    def sleep(self, seconds):
        self.elapsed += seconds
        for happen in self.while_sleeping:
            happen()


@dataclass
class Refusal:
    """An error answer of a service that does nothing."""

    answer: RawResponse


class InProcess:
    """A transport that passes requests to the service, and fails on request."""

    def __init__(self, service):
        self.service = service
        self.calls = []
        self.break_next = {}

    def post(self, url, headers, body, timeout):
        path = urlsplit(url).path
        operation = path[1:]
        self.calls.append(operation)
        breaks = self.break_next.get(operation, [])
        broken = breaks.pop(0) if breaks else None
        if broken == "lost request":
            raise NoAnswerError("connection reset")
        if isinstance(broken, Refusal):
            return broken.answer
        answer = self.service.answer("POST", path, headers, body)
        if broken == "lost answer":
            raise NoAnswerError("connection reset")
        if isinstance(broken, RawResponse):
            return broken
        return RawResponse(
            answer.status, {name.lower(): v for name, v in answer.headers.items()}, answer.body
        )


class Row:
    """A recorder of the messages on a resource's row."""

    def __init__(self):
        self.statuses = []
        self.warnings = []
        self.infos = []

    def status(self, message):
        self.statuses.append(message)

    def warn(self, message):
        self.warnings.append(message)

    def info(self, message):
        self.infos.append(message)


class World:
    """One service; any number of runs of a program against it."""

    def __init__(self, folder, **options):
        self.folder = folder
        self.clock = HeldClock()
        self.store = Store(folder)
        self.options = Options(data_dir=folder, instance="inst", create_buckets=True, **options)
        self.transport = InProcess(Service(self.options, self.store, self.clock.nanoseconds))
        self.row = Row()
        self.runs = []
        self.make_table("orders")

    def make_table(self, name):
        self.ask("CreateTable", table_pb.CreateTableRequest(
            table_meta=table_pb.TableMeta(
                table_name=name,
                primary_key=[table_pb.PrimaryKeySchema(name="order_id", type=2)],
            )
        ))  # fmt: skip

    def put_rows(self, *rows, table="orders", key="order_id"):
        """Write rows, each given as its columns; the key of a row is its number."""
        for number, columns in enumerate(rows):
            cells = [plainbuffer.Cell(name, value) for name, value in columns.items()]
            row = plainbuffer.Row([(key, f"{number:06}")], cells)
            self.ask(
                "PutRow",
                row_pb2.PutRowRequest(
                    table_name=table,
                    row=plainbuffer.write_rows([row]),
                    condition=row_pb2.Condition(row_existence=0),
                ),
                row_pb2.PutRowResponse,
            )

    def make_task(self, name, table="orders", **changes):
        """Create a task by hand."""
        spec = spec_of({**BAG, "table_name": table, "task_name": name, **changes})
        self.ask("CreateDeliveryTask", codec.create_request(spec))

    def ask(self, operation, request, response=table_pb.DescribeTableResponse):
        """An operation that somebody else calls."""
        credentials = Credentials("local", SECRET)
        client = TablestoreClient(
            ENVIRONMENT["TABLESTORE_ENDPOINT"], "inst", lambda: credentials,
            transport=self.transport, clock=self.clock,
        )  # fmt: skip
        client.call(Operation(operation, type(request), response, repeatable=False), request)
        self.transport.calls.clear()

    def delete_table(self, name):
        self.ask("DeleteTable", table_pb.DeleteTableRequest(table_name=name))

    def run(self, registry=None, **environment):
        """A new run, as a new process would be."""
        settings = Settings({**ENVIRONMENT, **environment}, lambda _: "")
        run = Lifecycle(settings, self.transport, self.clock, registry=registry)
        self.runs.append(run)
        return run

    def close(self):
        """Close the store once no look in the background uses it any more."""
        for run in self.runs:
            pool = run._checker._preview._lookups._pool
            if pool is not None:
                pool.shutdown(cancel_futures=True)
        self.store.close()

    def tasks(self, table="orders"):
        return [task.name for task in self.store.tasks("inst", table)]


def bag(**changes):
    """What a program gives: no instance, no name."""
    given = {
        name: value
        for name, value in {**BAG, **changes}.items()
        if name != "instance_name" or name in changes
    }
    if "task_name" not in changes:
        del given["task_name"]
    return given


HERE = Declaration(Scope("shop", "dev", "", "orders"), preview=False)
