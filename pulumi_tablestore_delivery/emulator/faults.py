"""Faults that a test requests: the kind, the operation, and how many requests it affects.

A JSON object describes a fault, such as
`{"operation": "CreateDeliveryTask", "fault": "lost_answer", "times": 1}`. Pending faults of an
operation apply in the order in which they were added. Each request uses up the oldest pending
fault of its operation. A restart clears them.
docs/emulator.md, "Faults", lists them.
"""

from dataclasses import dataclass, replace
from threading import Lock
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, TypeAdapter, ValidationError

from pulumi_tablestore_delivery.emulator.answers import Answer
from pulumi_tablestore_delivery.emulator.api.errors import ServiceError
from pulumi_tablestore_delivery.emulator.declared import Declared

EVERY: Final = "*"
"""The `operation` of a fault that applies to every operation."""

_HTML: Final = b"<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>\n"
_LONGEST_SECONDS: Final = 3600


class FaultError(ValueError):
    """JSON that is not a fault. The message names each wrong field and its problem."""


class Fault(BaseModel):
    """The fields of every fault.

    Attributes:
        operation: The operation that it affects, such as `PutRow`; `*` for all.
        times: How many requests it affects; null for all until the faults are cleared.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str = Field(min_length=1)
    times: PositiveInt | None = 1

    def instead(self) -> Answer | None:
        """Return the answer that replaces the operation; None to perform the operation.

        Raises:
            ServiceError: The error that replaces the operation.
        """
        return None

    def alter(self, answer: Answer) -> Answer:
        """Return the changed answer of an operation."""
        return answer


class Latency(Fault):
    """Perform the operation at once, and delay its answer."""

    fault: Literal["latency"]
    seconds: float = Field(gt=0, le=_LONGEST_SECONDS)

    def alter(self, answer: Answer) -> Answer:
        """Delay the answer."""
        return replace(answer, delay=self.seconds)


class ErrorAnswer(Fault):
    """Answer with a signed error instead of performing the operation. By default, throttle."""

    fault: Literal["error"]
    status: int = Field(503, ge=400, le=599)
    code: str = Field("OTSServerBusy", min_length=1)
    message: str = "The server is busy."

    def instead(self) -> Answer | None:
        """Refuse."""
        raise ServiceError(
            Declared(self.status, self.code, "assumed", "a fault on request"), self.message
        )


class Html(Fault):
    """Answer with an unsigned HTML page, as a proxy does, instead of performing the operation."""

    fault: Literal["html"]
    status: int = Field(502, ge=200, le=599)

    def instead(self) -> Answer | None:
        """Answer with the page."""
        return Answer(self.status, {"Content-Type": "text/html"}, _HTML)


class Reset(Fault):
    """Reset the connection before the operation."""

    fault: Literal["reset"]

    def instead(self) -> Answer | None:
        """Reset the connection before the operation."""
        return Answer(0, dropped=True)


class LostAnswer(Fault):
    """Perform the operation, then reset the connection instead of answering."""

    fault: Literal["lost_answer"]

    def alter(self, answer: Answer) -> Answer:
        """Reset the connection instead of answering."""
        return replace(answer, dropped=True)


class BadSignature(Fault):
    """Perform the operation, and answer with a wrong signature."""

    fault: Literal["bad_signature"]

    def alter(self, answer: Answer) -> Answer:
        """Replace the signature with a wrong one in the right form."""
        who, _, _ = answer.headers["Authorization"].partition(":")
        forged = f"{who}:AAAAAAAAAAAAAAAAAAAAAAAAAAA="
        return replace(answer, headers={**answer.headers, "Authorization": forged})


class TaskError(Fault):
    """Delivery tasks are in an error state: describe reports it, and nothing is delivered.

    It lasts for `times` descriptions of tasks, by default until the faults are cleared.
    """

    operation: Literal["DescribeDeliveryTask"] = "DescribeDeliveryTask"
    times: PositiveInt | None = None
    fault: Literal["task_error"]
    error_code: Literal["UNAUTHORIZED", "INVALID_OSS_BUCKET"] = "UNAUTHORIZED"
    detail: str = "A fault on request."


class SlowInitialization(Fault):
    """Initialize the next new task for this number of seconds longer."""

    operation: Literal["CreateDeliveryTask"] = "CreateDeliveryTask"
    fault: Literal["slow_initialization"]
    seconds: float = Field(gt=0, le=_LONGEST_SECONDS)


_AnyFault = Annotated[
    Latency
    | ErrorAnswer
    | Html
    | Reset
    | LostAnswer
    | BadSignature
    | TaskError
    | SlowInitialization,
    Field(discriminator="fault"),
]
_PARSER: Final[TypeAdapter[Any]] = TypeAdapter(_AnyFault)
_IN_HANDLERS: Final = (TaskError, SlowInitialization)  # the others apply to whole requests


def parse(script: str | bytes) -> Fault:
    """Read a fault's JSON.

    Raises:
        FaultError: It is not the JSON of a fault.
    """
    try:
        fault: Fault = _PARSER.validate_json(script)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'][1:]) or 'fault'}: {each['msg']}"
            for each in error.errors()
        )
        raise FaultError(f"Not a fault: {wrong}") from None
    return fault


@dataclass
class _Pending:
    fault: Fault
    met: int = 0

    @property
    def over(self) -> bool:
        return self.fault.times is not None and self.met >= self.fault.times


_F = TypeVar("_F", bound=Fault)


class Faults:
    """The requested faults, and how many requests each affected. Safe to use from threads."""

    def __init__(self) -> None:
        """Start without faults."""
        self._lock = Lock()
        self._given: list[_Pending] = []

    def add(self, fault: Fault) -> None:
        """Append a fault."""
        with self._lock:
            self._given.append(_Pending(fault))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._given.clear()

    def report(self) -> list[dict[str, Any]]:
        """List all faults since the last clear, with the count `met` and whether each is `over`."""
        with self._lock:
            return [
                {**pending.fault.model_dump(), "met": pending.met, "over": pending.over}
                for pending in self._given
            ]

    def of_request(self, operation: str) -> Fault:
        """Consume the next fault of a request. Without one, return a fault that does nothing."""
        with self._lock:
            for pending in self._given:
                fault = pending.fault
                if (
                    not pending.over
                    and fault.operation in {operation, EVERY}
                    and not isinstance(fault, _IN_HANDLERS)
                ):
                    pending.met += 1
                    return fault
        return Fault(operation=operation)

    def take(self, kind: type[_F]) -> _F | None:
        """Consume the next fault of a kind."""
        return self._next(kind, uses=1)

    def pending(self, kind: type[_F]) -> _F | None:
        """Return the next fault of a kind without consuming it."""
        return self._next(kind, uses=0)

    def _next(self, kind: type[_F], uses: int) -> _F | None:
        with self._lock:
            for pending in self._given:
                if isinstance(pending.fault, kind) and not pending.over:
                    pending.met += uses
                    return pending.fault
        return None
