"""What can go wrong, as exceptions.

    DeliveryError                 anything this package raises on purpose
    ├── ConfigurationError        endpoint, instance, region or credentials are missing or wrong
    ├── InvalidInputError         inputs break the contract; carries every violation
    ├── CallError                 a call to Tablestore did not succeed
    │   ├── ServiceError          the service answered with an error
    │   ├── ConnectionFailedError the service was never reached: nothing was sent
    │   ├── ConnectionLostError   the request was sent, no whole answer came back
    │   └── UntrustedResponseError an answer came that is not the service's (proxy page,
    │                             bad signature, bad MD5, wrong clock, unreadable)
    ├── TaskMissingError          there is no task of that name
    ├── TaskConflictError         a task of that name exists and is not ours to use
    ├── TaskUnhealthyError        the task exists and reports an error of its own
    └── WaitTimeoutError          the task exists and is not there yet

Every message says what is wrong, where, and what to do. None holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# What the service's codes say of the request (seen in the SDKs' retry policies).
_NOTHING_DONE: Final = frozenset(
    {
        "OTSRowOperationConflict",
        "OTSNotEnoughCapacityUnit",
        "OTSTableNotReady",
        "OTSPartitionUnavailable",
        "OTSServerBusy",
        "OTSOperationThrottled",
    }
)
_QUOTA: Final = "OTSQuotaExhausted"
_TOO_FREQUENT: Final = "Too frequent table operations."
_UNDECIDED: Final = frozenset(
    {"OTSTimeout", "OTSServerUnavailable", "OTSInternalServerError", "OTSStorageServerBusy"}
)


class DeliveryError(Exception):
    """Anything this package raises on purpose."""


class ConfigurationError(DeliveryError):
    """Endpoint, instance, region or credentials are missing or wrong.

    Args:
        message: What is missing, and where it can be set.
        property_name: The input that would have supplied it, if there is one.
    """

    def __init__(self, message: str, property_name: str = "") -> None:
        super().__init__(message)
        self.property_name = property_name


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Attributes:
        path: The input's path, such as `parquet_schema[1].type`; empty for none.
        problem: What is wrong; whatever has no remedy of its own says here what to do.
        rule: The rule's id.
        remedy: What to do about it.
        source: Where the rule comes from, in words.
    """

    path: str
    problem: str
    rule: str = ""
    remedy: str = ""
    source: str = ""

    @property
    def message(self) -> str:
        """Problem, remedy, and the rule with its source."""
        remedy = f" {self.remedy}" if self.remedy else ""
        source = f" [rule {self.rule}, {self.source}]" if self.source else ""
        return f"{self.problem}{remedy}{source}"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidInputError(DeliveryError):
    """Inputs break the contract.

    Args:
        violations: All that was found, not just the first.
    """

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("\n".join(str(violation) for violation in violations))
        self.violations = violations


class CallError(DeliveryError):
    """A call to Tablestore did not succeed.

    Attributes:
        operation: The operation's name, such as `CreateDeliveryTask`.
        outcome_unknown: Whether the service may have carried the request out all the same.
        trace_id: The id under which this call was sent; with it the service's support can
            find a call that has no request id.
    """

    outcome_unknown: bool = False

    def __init__(self, message: str, *, operation: str, trace_id: str = "") -> None:
        super().__init__(message)
        self.operation = operation
        self.trace_id = trace_id


class ServiceError(CallError):
    """The service answered with an error.

    Attributes:
        code: The service's code, such as `OTSParameterInvalid`.
        detail: The service's own message.
        status: The HTTP status.
        request_id: The service's id of this request; empty if the answer had none.
    """

    def __init__(  # noqa: PLR0913 - an error report has that many parts
        self,
        *,
        operation: str,
        code: str,
        detail: str,
        status: int,
        request_id: str,
        trace_id: str,
    ) -> None:
        remedy = _REMEDIES.get(code, "")
        super().__init__(
            f"{operation} failed: {code} (HTTP {status}): {_sentence(detail or 'no message')}"
            f"{' ' + remedy if remedy else ''}"
            f" [request id {request_id or 'none'}, trace id {trace_id}]",
            operation=operation,
            trace_id=trace_id,
        )
        self.code = code
        self.detail = detail
        self.status = status
        self.request_id = request_id

    @property
    def nothing_was_done(self) -> bool:
        """Whether the service says of itself that it did nothing and may be asked again."""
        return self.code in _NOTHING_DONE or (self.code == _QUOTA and self.detail == _TOO_FREQUENT)

    @property
    def outcome_unknown(self) -> bool:  # type: ignore[override]  # decided by each answer
        """Whether the service may have carried the request out all the same."""
        if self.nothing_was_done or self.code == _QUOTA:
            return False
        return self.status >= 500 or self.code in _UNDECIDED  # noqa: PLR2004

    @property
    def is_not_found(self) -> bool:
        """Whether the table or the task does not exist."""
        return self.code == "OTSObjectNotExist"

    @property
    def is_already_exists(self) -> bool:
        """Whether a table or task of that name exists already."""
        return self.code == "OTSObjectAlreadyExist"

    @property
    def is_denied(self) -> bool:
        """Whether the caller is not known or not allowed to do this."""
        return self.status in {401, 403} or self.code in {"OTSAuthFailed", "OTSNoPermissionAccess"}


_REMEDIES: Final = {
    "OTSAuthFailed": (
        "Check the access key id and secret, the security token's age, this machine's clock, "
        "and whether the instance allows access from this network."
    ),
    "OTSNoPermissionAccess": (
        "The RAM user needs a policy that allows this action; `tablestore-delivery policy "
        "deployer` prints one, with --list-tables and --sample-rows where tables are listed and "
        "rows are read."
    ),
    "OTSObjectNotExist": "Check the instance, the table's name and the endpoint's region.",
}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


class ConnectionFailedError(CallError):
    """The service was never reached: nothing was sent."""


class ConnectionLostError(CallError):
    """The request was sent, and no whole answer came back."""

    outcome_unknown = True


class UntrustedResponseError(CallError):
    """An answer came that is not, or cannot be shown to be, the service's.

    Attributes:
        status: The HTTP status.
    """

    outcome_unknown = True

    def __init__(self, message: str, *, operation: str, trace_id: str, status: int) -> None:
        super().__init__(message, operation=operation, trace_id=trace_id)
        self.status = status


class TaskMissingError(DeliveryError):
    """There is no task of that name.

    Args:
        task: `<instance>/<table>/<task>`.
    """

    def __init__(self, task: str) -> None:
        super().__init__(
            f"{task}: there is no such delivery task, or no such table. `tablestore-delivery list` "
            "shows the tasks there are."
        )


class TaskConflictError(DeliveryError):
    """A task of that name exists and is not ours to use."""


class TaskUnhealthyError(DeliveryError):
    """The task exists and reports an error of its own."""


class WaitTimeoutError(DeliveryError):
    """The task exists and is not there yet."""
