"""The errors of the emulated Tablestore, each with its source."""

from typing import Final

from pulumi_tablestore_delivery.emulator.declared import Declared

AUTH_FAILED: Final = Declared(
    403,
    "OTSAuthFailed",
    "documented",
    "unknown instance or access key, wrong signature, MD5 or security token, clocks apart",
)
PARAMETER_INVALID: Final = Declared(
    400, "OTSParameterInvalid", "documented", "a header or a field is missing or breaks a rule"
)
METHOD_NOT_ALLOWED: Final = Declared(
    405, "OTSMethodNotAllowed", "documented", "the HTTP method is not POST"
)
BODY_TOO_LARGE: Final = Declared(
    413, "OTSRequestBodyTooLarge", "documented", "the request's body is over the limit"
)
INVALID_KEY: Final = Declared(
    400, "OTSInvalidPK", "documented", "a row's key is not of the table's names, types or number"
)
NOT_EXIST: Final = Declared(
    404, "OTSObjectNotExist", "documented", "the table or the delivery task does not exist"
)
ALREADY_EXIST: Final = Declared(
    409, "OTSObjectAlreadyExist", "documented", "a table or a task of that name exists"
)
CONFLICT: Final = Declared(
    409, "OTSOperationConflict", "assumed", "a task is deleted while it initializes"
)
CONDITION_FAILED: Final = Declared(
    403, "OTSConditionCheckFail", "documented", "the row is not as the condition demands"
)
UNSUPPORTED: Final = Declared(
    400,
    "OTSUnsupportOperation",
    "assumed",
    "the emulator does not have the operation, or not all of it",
)
INTERNAL: Final = Declared(
    500, "OTSInternalServerError", "documented", "a fault of the emulator itself"
)

DECLARED: Final = (
    AUTH_FAILED,
    PARAMETER_INVALID,
    METHOD_NOT_ALLOWED,
    BODY_TOO_LARGE,
    INVALID_KEY,
    NOT_EXIST,
    ALREADY_EXIST,
    CONFLICT,
    CONDITION_FAILED,
    UNSUPPORTED,
    INTERNAL,
)


class ServiceError(Exception):
    """A refused request. Becomes the protocol's Error message."""

    def __init__(self, declared: Declared, message: str) -> None:
        """Refuse a request with one of the declared errors and a message for people."""
        super().__init__(f"{declared.code}: {message}")
        self.status = declared.status
        self.code = declared.code
        self.message = message


def invalid_parameter(message: str) -> ServiceError:
    """Make the error of a request that breaks a rule (documented)."""
    return ServiceError(PARAMETER_INVALID, message)


def invalid_field(field: str, rule: str) -> ServiceError:
    """Return the error of a field that breaks a rule (code documented, text assumed)."""
    return invalid_parameter(f"{field}: {rule}")
