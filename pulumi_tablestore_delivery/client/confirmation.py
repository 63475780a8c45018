"""Confirm an unverified "does not exist".

Lists are always signed. So a task does not exist if it is not in the list of its table's tasks, and
a table does not exist if it is not in the list of the instance's tables.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_tablestore_delivery.client.operations import Subject
from pulumi_tablestore_delivery.errors import (
    CallError,
    ServiceError,
    UntrustedResponseError,
    printable,
)


def confirmed_missing(
    error: ServiceError,
    subject: Subject,
    list_tasks: Callable[[], set[str]],
    list_tables: Callable[[], set[str]],
) -> ServiceError:
    """Return a verified error if the table or the task does not exist.

    Args:
        error: The unverified error.
        subject: The table or task that the error is about.
        list_tasks: List the tasks of the subject's table.
        list_tables: List the tables of the instance.

    Raises:
        UntrustedResponseError: The subject exists, or no signed answer shows that it does not.
    """
    if not subject.task or not _is_missing_task(error, subject, list_tasks):
        _insist_on_missing_table(error, subject, list_tables)
    return error.as_verified()


def _is_missing_task(
    error: ServiceError, subject: Subject, list_tasks: Callable[[], set[str]]
) -> bool:
    """Return whether the task is missing; False if its table may be missing too."""
    try:
        tasks = list_tasks()
    except CallError as listing:
        if isinstance(listing, ServiceError) and listing.is_not_found:
            return listing.verified
        raise _unconfirmed(error, "ListDeliveryTask", listing) from None
    if subject.task in tasks:
        found = f"task {subject.task!r} of table {subject.table!r}"
        raise _contradicted(error, "ListDeliveryTask", found)
    return True


def _insist_on_missing_table(
    error: ServiceError, subject: Subject, list_tables: Callable[[], set[str]]
) -> None:
    try:
        tables = list_tables()
    except CallError as listing:
        raise _unconfirmed(error, "ListTable", listing) from None
    if subject.table in tables:
        raise _contradicted(error, "ListTable", f"table {subject.table!r}")


def _contradicted(error: ServiceError, operation: str, found: str) -> UntrustedResponseError:
    return _untrusted(
        error,
        f"the signed answer of {operation} contains {found}. Something between this machine and "
        "the service may have sent the error: check the endpoint and the proxy settings",
    )


def _unconfirmed(error: ServiceError, operation: str, listing: CallError) -> UntrustedResponseError:
    if isinstance(listing, ServiceError) and listing.is_denied:
        return _untrusted(
            error,
            f"{operation}, which could confirm it, is denied ({listing.code}). Allow the RAM user "
            f"ots:{operation}: `tablestore-delivery policy deployer` prints a policy"
            f"{' with --list-tables' if operation == 'ListTable' else ''}",
        )
    return _untrusted(error, f"it could not be confirmed: {listing}")


def _untrusted(error: ServiceError, reason: str) -> UntrustedResponseError:
    request_id = printable(error.request_id) or "none"
    return UntrustedResponseError(
        f"{error.operation}: the answer {error.code} (HTTP {error.status}) has no valid signature, "
        f"and {reason} [request id {request_id}, trace id {error.trace_id}]",
        operation=error.operation,
        trace_id=error.trace_id,
        status=error.status,
    )
