"""Every operation the client knows, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from google.protobuf.message import Message

from pulumi_tablestore_delivery.wire import delivery_pb2 as delivery
from pulumi_tablestore_delivery.wire import table_pb2 as table

RequestT = TypeVar("RequestT", bound=Message)
ResponseT = TypeVar("ResponseT", bound=Message)


@dataclass(frozen=True)
class Operation(Generic[RequestT, ResponseT]):
    """One operation of the service.

    Attributes:
        name: Its name, which is also its path.
        request: The message it takes.
        response: The message it answers.
        repeatable: Whether it may be sent again when nobody knows if it was carried out.
    """

    name: str
    request: type[RequestT]
    response: type[ResponseT]
    repeatable: bool

    @property
    def path(self) -> str:
        """The HTTP path, which is signed."""
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
)
LIST_DELIVERY_TASK: Final = Operation(
    "ListDeliveryTask",
    delivery.ListDeliveryTaskRequest,
    delivery.ListDeliveryTaskResponse,
    repeatable=True,
)
DELETE_DELIVERY_TASK: Final = Operation(
    "DeleteDeliveryTask",
    delivery.DeleteDeliveryTaskRequest,
    delivery.DeleteDeliveryTaskResponse,
    repeatable=False,
)
DESCRIBE_TABLE: Final = Operation(
    "DescribeTable", table.DescribeTableRequest, table.DescribeTableResponse, repeatable=True
)
LIST_TABLE: Final = Operation(
    "ListTable", table.ListTableRequest, table.ListTableResponse, repeatable=True
)

OPERATIONS: Final[tuple[Operation[Message, Message], ...]] = (
    CREATE_DELIVERY_TASK,  # type: ignore[assignment]  # a table of all kinds
    DESCRIBE_DELIVERY_TASK,
    LIST_DELIVERY_TASK,
    DELETE_DELIVERY_TASK,
    DESCRIBE_TABLE,
    LIST_TABLE,
)
