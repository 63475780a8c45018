"""The exceptions of this package.

    DeliveryError                  the base class of all errors below
    ├── ConfigurationError         endpoint, instance, region or credentials are missing or wrong
    ├── InvalidInputError          inputs break the contract; carries every violation
    ├── CallError                  a call to Tablestore failed
    │   ├── ServiceError           the service answered with an error
    │   ├── ConnectionFailedError  no connection was made, so nothing was sent
    │   ├── ConnectionLostError    a connection was made, and no complete answer came back
    │   └── UntrustedResponseError an answer came that may not be the service's (a proxy's page,
    │                              a wrong signature, MD5 or clock, unreadable bytes, or a
    │                              "does not exist" that nothing confirms)
    ├── TaskMissingError           the task does not exist
    ├── TaskConflictError          a task with this name exists, and this resource may not use it
    └── WaitTimeoutError           the task exists and did not reach the expected state in time

Every message says what is wrong, where, and what to do. No message contains a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from pulumi_tablestore_delivery.message import Message, Name

# Whether the service carried out a request, by its error code (seen in the SDKs' retry policies).
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
    """The base class of all errors that this package raises."""

    @property
    def message(self) -> str:
        """The message, in which names are marked."""
        return self.args[0] if self.args else ""


class ConfigurationError(DeliveryError):
    """Endpoint, instance, region or credentials are missing or wrong.

    Args:
        message: What is missing, and where it can be set.
        property_name: The input that can set it instead; empty if there is none.
    """

    def __init__(self, message: str, property_name: str = "") -> None:
        super().__init__(message)
        self.property_name = property_name


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Attributes:
        path: The input's path, such as `parquet_schema[1].type`; empty if there is none.
        problem: The mistake. Without a remedy, it also says what to do.
        rule: The rule's id.
        remedy: What to do.
        source: The rule's source, in words.
        severity: `error` or `warning`.
    """

    path: str
    problem: str
    rule: str = ""
    remedy: str = ""
    source: str = ""
    severity: Literal["error", "warning"] = "error"

    @property
    def message(self) -> str:
        """The problem, the remedy, and the rule with its source."""
        source = f"[rule {self.rule}, {self.source}]" if self.source else ""
        return Message.joined(" ", filter(None, (self.problem, self.remedy, source)))

    @property
    def full_message(self) -> str:
        """The message after the input's path."""
        return Message.joined(": ", filter(None, (Name(self.path), self.message)))

    def __str__(self) -> str:
        return str(self.full_message)


class InvalidInputError(DeliveryError):
    """Inputs break the contract.

    Args:
        violations: All violations, not just the first.
    """

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(Message.joined("\n", (each.full_message for each in violations)))
        self.violations = violations


class CallError(DeliveryError):
    """A call to Tablestore failed.

    Attributes:
        operation: The operation's name, such as `CreateDeliveryTask`.
        outcome_unknown: Whether the service may have carried out the request despite the error.
        trace_id: The id that this call was sent with. With it, the service's support can find a
            call that does not have a request id.
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
        detail: The service's own message, as it came.
        status: The HTTP status.
        request_id: The service's id of this request; empty if the answer does not have one.
        verified: Whether this error is known to be the service's: its signature is valid, or
            signed answers of other calls confirm it. See `as_verified`.
    """

    verified: bool = False

    def __init__(
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
            f"{operation} failed: {code} (HTTP {status}): "
            f"{_sentence(printable(detail) or 'no message')}"
            f"{' ' + remedy if remedy else ''}"
            f" [request id {printable(request_id) or 'none'}, trace id {trace_id}]",
            operation=operation,
            trace_id=trace_id,
        )
        self.code = code
        self.detail = detail
        self.status = status
        self.request_id = request_id

    def as_verified(self) -> ServiceError:
        """Return the same error, known to be the service's."""
        error = ServiceError(
            operation=self.operation,
            code=self.code,
            detail=self.detail,
            status=self.status,
            request_id=self.request_id,
            trace_id=self.trace_id,
        )
        error.verified = True
        return error

    @property
    def nothing_was_done(self) -> bool:
        """Whether the service did nothing and may be called again."""
        return self.code in _NOTHING_DONE or (
            self.is_quota_exhausted and self.detail == _TOO_FREQUENT
        )

    @property
    def is_quota_exhausted(self) -> bool:
        """Whether a quota or a limit on the frequency of calls is exhausted."""
        return self.code == _QUOTA

    @property
    def outcome_unknown(self) -> bool:  # type: ignore[override]  # depends on each answer
        """Whether the service may have carried out the request despite the error."""
        if (
            self.nothing_was_done
            or self.is_quota_exhausted
            or (self.is_not_found and self.verified)
        ):
            return False
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.code in _UNDECIDED

    @property
    def is_not_found(self) -> bool:
        """Whether the table or the task does not exist."""
        return self.code == "OTSObjectNotExist"

    @property
    def is_already_exists(self) -> bool:
        """Whether a table or task of this name exists already."""
        return self.code == "OTSObjectAlreadyExist"

    @property
    def is_denied(self) -> bool:
        """Whether the caller is unknown or lacks a permission."""
        return self.status in {401, 403} or self.code in {"OTSAuthFailed", "OTSNoPermissionAccess"}


_REMEDIES: Final = {
    "OTSAuthFailed": (
        "Check the access key id and secret, the expiry of the security token, this machine's "
        "clock, and whether the instance allows access from this network."
    ),
    "OTSNoPermissionAccess": (
        "The RAM user needs a policy that allows this action. `tablestore-delivery policy "
        "deployer` prints one; add --list-tables to list tables and --sample-rows to read rows."
    ),
    "OTSObjectNotExist": "Check the instance, the table's name and the endpoint's region.",
}


def printable(text: str) -> str:
    """Escape control characters in untrusted text, so that it is safe on a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


class ConnectionFailedError(CallError):
    """No connection was made, so nothing was sent.

    The host's name did not resolve, or the host or a proxy did not accept the connection.
    """


class ConnectionLostError(CallError):
    """A connection was made, and no complete answer came back.

    Attributes:
        was_secured: Whether the failure came after the TLS handshake, so that the request was
            probably sent.
    """

    outcome_unknown = True

    def __init__(
        self, message: str, *, operation: str, trace_id: str = "", was_secured: bool = True
    ) -> None:
        super().__init__(message, operation=operation, trace_id=trace_id)
        self.was_secured = was_secured


class UntrustedResponseError(CallError):
    """An answer came that is not the service's, or that may not be the service's.

    Attributes:
        status: The HTTP status.
        is_signed: Whether the service signed this answer. Then only its content is unreadable.
    """

    outcome_unknown = True

    def __init__(
        self, message: str, *, operation: str, trace_id: str, status: int, is_signed: bool = False
    ) -> None:
        super().__init__(message, operation=operation, trace_id=trace_id)
        self.status = status
        self.is_signed = is_signed


class TaskMissingError(DeliveryError):
    """The task does not exist.

    Args:
        task: `<instance>/<table>/<task>`.
    """

    def __init__(self, task: str) -> None:
        super().__init__(
            f"{task}: the delivery task does not exist, or its table does not. Run "
            "`tablestore-delivery list` to see the existing tasks."
        )


class TaskConflictError(DeliveryError):
    """A task with this name exists, and this resource may not use it."""


class WaitTimeoutError(DeliveryError):
    """The task exists and did not reach the expected state in time."""
