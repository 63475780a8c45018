"""A second implementation of the service: delivery tasks and tables, signatures, and no faults.

It shares nothing with the package but the generated messages, so that a mistake of the package
cannot hide in both.
"""

import base64
import hashlib
import hmac
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from pulumi_tablestore_delivery.wire import table_pb2 as table_pb

ACCESS_KEY_ID = "torture"
ACCESS_KEY_SECRET = "torture-secret"
INSTANCE = "local"
INIT, INCR = 0, 2


@dataclass(frozen=True)
class Answer:
    """What goes back to a client: status, headers in the order in which they are sent, body."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """The service refuses a request.

    Args:
        status: The HTTP status.
        code: The service's code.
        message: A message for people.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Task:
    """A delivery task: the create request that made it, and when."""

    request: pb.CreateDeliveryTaskRequest
    created: float = field(default_factory=time.monotonic)


class Service:
    """One instance with its tables and tasks.

    Args:
        tables: Names of the tables; each has the primary key `id`, a string.
        init_seconds: Seconds for which a new task initializes.
    """

    def __init__(self, tables: list[str], init_seconds: float = 0) -> None:
        self.tables: dict[str, dict[str, Task]] = {name: {} for name in tables}
        self.init_seconds = init_seconds

    def carry_out(self, operation: str, body: bytes) -> bytes:
        """Do what a request asks, and return the body of its answer.

        Raises:
            RefusedError: The service does not do it.
        """
        handler = {
            "CreateDeliveryTask": self._create,
            "DescribeDeliveryTask": self._describe,
            "ListDeliveryTask": self._list,
            "DeleteDeliveryTask": self._delete,
            "DescribeTable": self._describe_table,
            "ListTable": self._list_table,
        }.get(operation)
        if handler is None:
            raise RefusedError(400, "OTSUnsupportOperation", f"{operation} is not known.")
        return handler(body).SerializeToString()

    def remove(self, body: bytes) -> None:
        """Remove the task that a describe or a delete names, as if somebody had deleted it."""
        request = pb.DeleteDeliveryTaskRequest.FromString(body)
        self.tables.get(request.tableName, {}).pop(request.taskName, None)

    def _create(self, body: bytes) -> pb.CreateDeliveryTaskResponse:
        request = pb.CreateDeliveryTaskRequest.FromString(body)
        tasks = self._tasks(request.tableName)
        if request.taskName in tasks:
            raise RefusedError(
                409, "OTSObjectAlreadyExist", "Requested delivery task already exists."
            )
        tasks[request.taskName] = Task(request)
        return pb.CreateDeliveryTaskResponse()

    def _describe(self, body: bytes) -> pb.DescribeDeliveryTaskResponse:
        request = pb.DescribeDeliveryTaskRequest.FromString(body)
        task = self._task(request.tableName, request.taskName)
        phase = INIT if self._initializes(task) else INCR
        synced = 0 if phase == INIT else time.time_ns()
        return pb.DescribeDeliveryTaskResponse(
            taskConfig=task.request.taskConfig,
            taskType=task.request.taskType,
            task_sync_stat=pb.TaskSyncStat(
                task_sync_phase=phase, current_sync_timestamp=synced, error_code=0, detail=""
            ),
        )

    def _list(self, body: bytes) -> pb.ListDeliveryTaskResponse:
        request = pb.ListDeliveryTaskRequest.FromString(body)
        tasks = self._tasks(request.tableName)
        return pb.ListDeliveryTaskResponse(
            tasks=[
                pb.DeliveryTaskInfo(
                    tableName=request.tableName, taskName=name, taskType=task.request.taskType
                )
                for name, task in sorted(tasks.items())
            ]
        )

    def _delete(self, body: bytes) -> pb.DeleteDeliveryTaskResponse:
        request = pb.DeleteDeliveryTaskRequest.FromString(body)
        task = self._task(request.tableName, request.taskName)
        if self._initializes(task):
            raise RefusedError(409, "OTSOperationConflict", "The delivery task is initializing.")
        del self.tables[request.tableName][request.taskName]
        return pb.DeleteDeliveryTaskResponse()

    def _describe_table(self, body: bytes) -> table_pb.DescribeTableResponse:
        name = table_pb.DescribeTableRequest.FromString(body).table_name
        self._tasks(name)
        return table_pb.DescribeTableResponse(
            table_meta=table_pb.TableMeta(
                table_name=name, primary_key=[table_pb.PrimaryKeySchema(name="id", type=2)]
            ),
            table_options=table_pb.TableOptions(time_to_live=-1, max_versions=1),
        )

    def _list_table(self, _: bytes) -> table_pb.ListTableResponse:
        return table_pb.ListTableResponse(table_names=sorted(self.tables))

    def _tasks(self, table: str) -> dict[str, Task]:
        if table not in self.tables:
            raise RefusedError(404, "OTSObjectNotExist", "Requested table does not exist.")
        return self.tables[table]

    def _task(self, table: str, name: str) -> Task:
        tasks = self._tasks(table)
        if name not in tasks:
            raise RefusedError(404, "OTSObjectNotExist", "Requested delivery task does not exist.")
        return tasks[name]

    def _initializes(self, task: Task) -> bool:
        return time.monotonic() < task.created + self.init_seconds


def verify(path: str, headers: dict[str, str], body: bytes) -> None:
    """Check a request's keys, sum and signature (V2).

    Args:
        path: The request's path.
        headers: Its headers, names in lower case.
        body: Its body.

    Raises:
        RefusedError: The service does not believe it.
    """
    wrong = ""
    if headers.get("x-ots-accesskeyid") != ACCESS_KEY_ID:
        wrong = "The AccessKeyID does not exist."
    elif headers.get("x-ots-instancename") != INSTANCE:
        wrong = "The instance does not exist."
    elif headers.get("x-ots-contentmd5") != md5(body):
        wrong = "The MD5 does not match."
    elif headers.get("x-ots-signature") != _hmac(f"{path}\nPOST\n\n{_canonical(headers)}"):
        wrong = "Signature mismatch."
    if wrong:
        raise RefusedError(403, "OTSAuthFailed", wrong)


def answer(path: str, status: int, body: bytes, *, skew: float = 0.0) -> Answer:
    """Sign an answer as the service does.

    Args:
        path: The request's path.
        status: The HTTP status.
        body: The body.
        skew: Seconds by which the service's clock is ahead.
    """
    now = datetime.now(timezone.utc) + timedelta(seconds=skew)
    headers = {
        "x-ots-contentmd5": md5(body),
        "x-ots-contenttype": "protocol buffer",
        "x-ots-date": now.isoformat(timespec="milliseconds")[:23] + "Z",
        "x-ots-requestid": str(uuid.uuid4()),
    }
    signature = _hmac(_canonical(headers) + path)
    return Answer(status, body, {**headers, "Authorization": f"OTS {ACCESS_KEY_ID}:{signature}"})


def error_body(code: str, message: str) -> bytes:
    """The body of an error."""
    return pb.Error(code=code, message=message).SerializeToString()


def md5(body: bytes) -> str:
    """Base64 of the body's MD5."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _canonical(headers: dict[str, str]) -> str:
    signed = sorted(
        (name, value.strip())
        for name, value in headers.items()
        if name.startswith("x-ots-") and name != "x-ots-signature"
    )
    return "".join(f"{name}:{value}\n" for name, value in signed)


def _hmac(text: str) -> str:
    return base64.b64encode(hmac.digest(ACCESS_KEY_SECRET.encode(), text.encode(), "sha1")).decode()
