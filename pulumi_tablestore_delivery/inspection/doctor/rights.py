"""Check the caller's rights: signature, network access, permissions."""

from __future__ import annotations

import re
from typing import Final

from pulumi_tablestore_delivery.errors import CallError, ServiceError, UntrustedResponseError
from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
    warning,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject, is_forbidden
from pulumi_tablestore_delivery.inspection.messages import message_of

_AUTH_FAILED: Final = "OTSAuthFailed"
_DENIED_BY_NETWORK: Final = re.compile(r"instance ACL|network", re.IGNORECASE)
# The messages of OTSAuthFailed (documented), and the remedy for each.
_REMEDIES: Final = (
    (r"signature mismatch", "Copy the access key secret again; it does not belong to this key id."),
    (
        r"access ?key ?id.*(not exist|disabled)",
        "Use a key that exists and is enabled, of the account that owns the instance.",
    ),
    (r"user.*not exist", "Use the key of a RAM user that exists."),
    (
        r"privilege|permission",
        "Allow the RAM user the instance: tablestore-delivery policy deployer.",
    ),
    (r"instance.*not (found|exist)", "Check the instance's name and the endpoint's region."),
    (r"instance.*not running", "Start the instance, or wait until it runs."),
    (r"x-ots-date", "Set this machine's clock (see clock)."),
    (r"md5", "Something in the network changes requests: check the proxy settings."),
    (r"token", "Get a new security token; it is missing, wrong or expired."),
)
_NEEDED: Final = ("DescribeTable", "ListDeliveryTask", "DescribeDeliveryTask")
_CHANGING: Final = (
    "CreateDeliveryTask and DeleteDeliveryTask were not tried, because they change things"
)


def signature(subject: Subject) -> Finding:
    """Check that a signed ListTable is accepted, and that the service signs its answer."""
    error = subject.listing().error
    if error is None:
        return ok("ListTable was accepted, and its answer is signed by the service")
    if is_forbidden(error):
        return ok("the signature was accepted; ListTable itself is not allowed (see permissions)")
    if isinstance(error, UntrustedResponseError):
        return problem(
            message_of(error),
            "Check the server that answers (service), the clock (clock) and the access key secret.",
        )
    if isinstance(error, ServiceError) and error.code == _AUTH_FAILED:
        if _DENIED_BY_NETWORK.search(error.detail):
            raise NotCheckedError("the network is refused first (see network-access).")
        return problem(_described(error), _remedy(error.detail))
    raise NotCheckedError(f"ListTable failed for another reason: {message_of(error)}")


def network_access(subject: Subject) -> Finding:
    """Check that the instance accepts requests from this network."""
    error = subject.listing().error
    if isinstance(error, ServiceError):
        if error.code == _AUTH_FAILED and _DENIED_BY_NETWORK.search(error.detail):
            return problem(
                _described(error),
                "Allow this kind of network in the instance's network management (new instances "
                "refuse the Internet), or run where it is allowed, with the VPC endpoint.",
            )
        if error.code == _AUTH_FAILED:
            raise NotCheckedError("the signature is refused first (see signature).")
    elif error is not None:
        raise NotCheckedError("the service did not answer (see signature).")
    return ok("the instance accepts requests from here")


def permissions(subject: Subject) -> Finding:
    """Check that the caller may make the calls that only read."""
    outcomes = subject.inventory().outcomes
    denied = [name for name, error in outcomes.items() if error and is_forbidden(error)]
    failed = [name for name, error in outcomes.items() if error and not is_forbidden(error)]
    allowed = [name for name, error in outcomes.items() if error is None]
    untried = [name for name in _NEEDED if name not in outcomes]
    parts = [
        f"{outcome}: {', '.join(names)}"
        for outcome, names in (
            ("allowed", allowed),
            ("denied", denied),
            ("failed", failed),
            ("not tried without a table", untried),
        )
        if names
    ]
    detail = f"{'; '.join(parts)}; {_CHANGING}"
    needed = [name for name in denied if name in _NEEDED]
    if needed:
        return problem(
            f"{detail}.",
            f"Allow the RAM user {', '.join(f'ots:{name}' for name in needed)}: "
            "tablestore-delivery policy deployer prints a policy.",
        )
    if failed:
        first: CallError | None = outcomes[failed[0]]
        return warning(f"{detail}. {first}", "Try again.")
    if denied:
        return warning(
            f"{detail}.",
            "Deployments work; list and scan of a whole instance need ots:ListTable.",
        )
    return ok(detail)


def _described(error: ServiceError) -> str:
    request = f", request id {error.request_id}" if error.request_id else ""
    return f"{error.code} (HTTP {error.status}{request}): {error.detail.rstrip('.')}."


def _remedy(detail: str) -> str:
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, detail, re.IGNORECASE):
            return remedy
    return "Check the access key, the security token's age, and this machine's clock."
