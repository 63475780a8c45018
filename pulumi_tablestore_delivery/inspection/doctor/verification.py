"""Check that the files of tasks hold a sample of their tables' rows (`doctor --verify`)."""

from __future__ import annotations

from typing import Final

from pulumi_tablestore_delivery.errors import DeliveryError
from pulumi_tablestore_delivery.inspection import emulator_control
from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject
from pulumi_tablestore_delivery.lifecycle import Lifecycle

SECONDS: Final = 180.0
"""The deadline of the checks together with this one."""

_ROWS: Final = 200
_MOST_TASKS: Final = 5


def files(subject: Subject) -> Finding:
    """Check that the files hold a sample of the rows that are due, as declared."""
    tasks = [task.id for task in subject.inventory().tasks]
    if not tasks:
        raise NotCheckedError("there are no delivery tasks to check.")
    # These modules need the extra `oss`.
    try:
        from pulumi_tablestore_delivery.inspection.verification.subject import subject_of  # noqa: PLC0415 - an extra
        from pulumi_tablestore_delivery.inspection.verification.verify import (  # noqa: PLC0415 - an extra
            Options,
            verify,
        )
    except ModuleNotFoundError as error:
        raise NotCheckedError(
            f"it needs {error.name}: pip install 'pulumi-tablestore-delivery[oss]'."
        ) from None
    lifecycle = Lifecycle(subject.settings)
    compared, wrong = 0, []
    try:
        for task, found in lifecycle.read_all({task: {} for task in tasks[:_MOST_TASKS]}):
            if found is None:
                continue
            verified = subject_of(
                found, lifecycle, subject.settings, None, emulator_control.oss_endpoint
            )
            result = verify(verified, Options(rows=_ROWS), lambda *_: None)
            compared += result.rows.compared
            if not result.is_complete:
                wrong.append(f"{task}: {next(iter(result.notes()), 'values differ')}")
    except DeliveryError as error:
        raise NotCheckedError(str(error)) from None
    summary = f"{compared} rows of {min(len(tasks), _MOST_TASKS)} tasks compared"
    if len(tasks) > _MOST_TASKS:
        summary += f", {len(tasks) - _MOST_TASKS} more not checked"
    if wrong:
        return problem(
            f"{summary}. {' '.join(wrong)}",
            "Run `tablestore-delivery verify TABLE TASK --all` to compare all rows.",
        )
    return ok(f"{summary}, all that is due is in the files")
