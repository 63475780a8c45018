"""Run all checks, each in its own thread, and report them as they finish."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Final

from pulumi_tablestore_delivery.inspection.doctor import (
    configuration,
    folders,
    machine,
    network,
    oss,
    rights,
    tasks,
)
from pulumi_tablestore_delivery.inspection.doctor.findings import Finding, NotCheckedError, Status
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject

Check = Callable[[Subject], Finding]

CHECKS: Final[Mapping[str, Check]] = {
    "pulumi-cli": machine.pulumi_cli,
    "pulumi-sdk": machine.pulumi_sdk,
    "python": machine.python,
    "package": machine.package,
    "instance": configuration.instance,
    "endpoint": configuration.endpoint,
    "region": configuration.region,
    "signature-version": configuration.signature_version,
    "credentials": configuration.credentials,
    "proxy": network.proxy,
    "certificates": network.certificates,
    "name": network.name,
    "connection": network.connection,
    "service": network.service,
    "clock": network.clock,
    "signature": rights.signature,
    "network-access": rights.network_access,
    "permissions": rights.permissions,
    "delivery-region": tasks.delivery_region,
    "table": tasks.table,
    "tasks": tasks.tasks,
    "folders": folders.folders,
    "role": tasks.role,
    "bucket": oss.bucket,
}
"""Every check by its name, in the order of the report."""

SECONDS: Final = 20.0
"""The deadline of the checks."""

_LONGEST_PAUSE: Final = 0.5
"""Seconds that a finished check waits for those before it."""


def diagnose(
    subject: Subject, checks: Mapping[str, Check] = CHECKS, seconds: float = SECONDS
) -> Iterator[tuple[str, Finding]]:
    """Run the checks, and yield each finding when its check ends: in order, unless one is slow.

    Args:
        subject: The subject of the checks.
        checks: The checks by name.
        seconds: The deadline. A check without a finding by then counts as not checked.
    """
    ends = time.monotonic() + seconds
    waiting = {name: _started(check, subject) for name, check in checks.items()}
    while waiting:
        first = next(iter(waiting))
        wait([waiting[first]], timeout=min(_LONGEST_PAUSE, max(0.0, ends - time.monotonic())))
        is_over = time.monotonic() >= ends
        ready = [first] if waiting[first].done() else list(waiting)
        for name in ready:
            if waiting[name].done() or is_over:
                yield name, _found(waiting.pop(name), subject, seconds)


def _started(check: Check, subject: Subject) -> Future[Finding]:
    future: Future[Finding] = Future()

    def run() -> None:
        try:
            future.set_result(check(subject))
        except NotCheckedError as reason:
            future.set_result(Finding(Status.NOT_CHECKED, str(reason)))
        except Exception as error:  # noqa: BLE001 - one check that fails must not end the others
            future.set_exception(error)

    # Daemons, because a look-up of a name cannot be cancelled.
    threading.Thread(target=run, daemon=True).start()
    return future


def _found(future: Future[Finding], subject: Subject, seconds: float) -> Finding:
    if not future.done():
        return Finding(Status.NOT_CHECKED, f"it took longer than {seconds:.0f} s.")
    error = future.exception()
    if error is not None:
        text = f"the check itself failed: {type(error).__name__}: {error}"
        return Finding(Status.NOT_CHECKED, subject.hide(text))
    found = future.result()
    return replace(found, detail=subject.hide(found.detail), remedy=subject.hide(found.remedy))
