"""The operations that the client knows, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from google.protobuf.message import Message

from pulumi_tablestore_delivery.wire import delivery_pb2 as delivery
from pulumi_tablestore_delivery.wire import row_pb2 as row
from pulumi_tablestore_delivery.wire import table_pb2 as table

RequestT = TypeVar("RequestT", bound=Message)
ResponseT = TypeVar("ResponseT", bound=Message)


@dataclass(frozen=True)
class Subject:
    """The table or the task that an operation is about.

    Attributes:
        table: The table.
        task: The task; empty for the table itself.
    """

    table: str
    task: str = ""


@dataclass(frozen=True)
class Operation(Generic[RequestT, ResponseT]):
    """One operation of the service.

    Attributes:
        name: The name, which is also the path.
        request: The message of a request.
        response: The message of an answer.
        repeatable: Whether it may be sent again if the outcome of an attempt is unknown.
        subject: Returns the table or the task that must exist. With it, the client confirms a
            "does not exist". Without it, the client raises that error unconfirmed.
    """

    name: str
    request: type[RequestT]
    response: type[ResponseT]
    repeatable: bool
    subject: Callable[[RequestT], Subject] | None = None

    @property
    def path(self) -> str:
        """The HTTP path; it is signed."""
        return f"/{self.name}"


CREATE_DELIVERY_TASK: Final = Operation(
    "CreateDeliveryTask",
    delivery.CreateDeliveryTaskRequest,
    delivery.CreateDeliveryTaskResponse,
    repeatable=False,
)
DESCRIBE_DELIVERY_TASK: Final = Operation(
    "DescribeDeliveryTask",
    delivery.DescribeDeliveryTaskRequest,
    delivery.DescribeDeliveryTaskResponse,
    repeatable=True,
    subject=lambda request: Subject(request.tableName, request.taskName),
)
LIST_DELIVERY_TASK: Final = Operation(
    "ListDeliveryTask",
    delivery.ListDeliveryTaskRequest,
    delivery.ListDeliveryTaskResponse,
    repeatable=True,
    subject=lambda request: Subject(request.tableName),
)
DELETE_DELIVERY_TASK: Final = Operation(
    "DeleteDeliveryTask",
    delivery.DeleteDeliveryTaskRequest,
    delivery.DeleteDeliveryTaskResponse,
    repeatable=False,
    subject=lambda request: Subject(request.tableName, request.taskName),
)
DESCRIBE_TABLE: Final = Operation(
    "DescribeTable",
    table.DescribeTableRequest,
    table.DescribeTableResponse,
    repeatable=True,
    subject=lambda request: Subject(request.table_name),
)
LIST_TABLE: Final = Operation(
    "ListTable", table.ListTableRequest, table.ListTableResponse, repeatable=True
)
GET_RANGE: Final = Operation(
    "GetRange",
    row.GetRangeRequest,
    row.GetRangeResponse,
    repeatable=True,
    subject=lambda request: Subject(request.table_name),
)

OPERATIONS: Final[tuple[Operation[Message, Message], ...]] = (
    CREATE_DELIVERY_TASK,  # type: ignore[assignment]  # operations of all kinds
    DESCRIBE_DELIVERY_TASK,
    LIST_DELIVERY_TASK,
    DELETE_DELIVERY_TASK,
    DESCRIBE_TABLE,
    LIST_TABLE,
    GET_RANGE,
)
