"""Check what deployments need: region, tables, tasks, role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
    warning,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import SeenTask, Subject
from pulumi_tablestore_delivery.lifecycle.waiting import REMEDIES
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.rules.names import is_role_arn

_UNKNOWN: Final = "whether it exists is not known"


def delivery_region(subject: Subject) -> Finding:
    """Check that delivery is documented for the region."""
    if subject.is_emulated:
        raise NotCheckedError("the emulator does not have regions.")
    region = subject.settings.region(subject.endpoint)
    if not region:
        raise NotCheckedError("the region is not known (see region).")
    if region not in endpoints.DELIVERY_REGIONS:
        return warning(
            f"{region} is not among {', '.join(endpoints.DELIVERY_REGIONS)}; the list may be older "
            "than the service.",
            "Check that the region offers data delivery.",
        )
    return ok(f"delivery is documented for {region}")


def table(subject: Subject) -> Finding:
    """Check that the named tables exist, and that their primary keys can be delivered."""
    wanted = subject.targets.tables
    if not wanted:
        raise NotCheckedError("no table is named. Give --table or --stack.")
    tables = subject.inventory().tables
    missing = [name for name in wanted if name in tables and tables[name] is None]
    if missing:
        return problem(
            f"{', '.join(missing)}: the table does not exist.",
            "Create it before the task, or check the instance and the spelling, upper and lower "
            "case too.",
        )
    found = {name: columns for name in wanted if (columns := tables.get(name)) is not None}
    if not found:
        raise NotCheckedError("no table could be described (see permissions).")
    binary = [
        f"{name}.{key}"
        for name, columns in found.items()
        for key, kind in columns.keys.items()
        if kind == "BINARY"
    ]
    if binary:
        return warning(
            f"a Binary primary key cannot be delivered: {', '.join(binary)}.",
            "Leave it out of parquet_schema.",
        )
    keys = [
        f"{name} ({', '.join(f'{key} {kind}' for key, kind in columns.keys.items())})"
        for name, columns in found.items()
    ]
    return ok(", ".join(keys))


def tasks(subject: Subject) -> Finding:
    """Check that no existing task reports an error."""
    inventory = subject.inventory()
    seen = inventory.tasks
    counted = f"{len(seen)} delivery task{'' if len(seen) == 1 else 's'}"
    if not inventory.all_seen:
        counted += " checked, there are more"
    unhealthy = [task for task in seen if task.state.error_code != "OK"]
    if not unhealthy:
        return ok(f"{counted}, none reports an error")
    codes = dict.fromkeys(task.state.error_code for task in unhealthy)
    return problem(
        f"{counted}; {_reports(unhealthy)}.",
        " ".join(REMEDIES.get(code, "See the service's documentation.") for code in codes),
    )


def role(subject: Subject) -> Finding:
    """Check that the roles are ARNs, and that no task reports that its role may not write."""
    known = known_tasks(subject)
    roles = subject.targets.roles or tuple(
        dict.fromkeys(str(task.inputs["role_arn"]) for task in known)
    )
    if not roles:
        raise NotCheckedError("no role is known. Give --role or --stack.")
    wrong = [arn for arn in roles if not is_role_arn(arn)]
    if wrong:
        return problem(
            f"{', '.join(wrong)} is not the ARN of a role.",
            "Write it like acs:ram::<account id>:role/aliyunserviceroleforotsdatadelivery.",
        )
    denied = reporting(known, "UNAUTHORIZED")
    if denied:
        return problem(f"{_reports(denied)}.", REMEDIES["UNAUTHORIZED"])
    accounts = list(dict.fromkeys(arn.split(":")[3] for arn in roles))
    detail = f"{', '.join(roles)}; {_UNKNOWN}"
    if len(accounts) > 1:
        return warning(f"{detail}; roles of {len(accounts)} accounts.", "Check that you want this.")
    return ok(detail)


def reporting(seen: Iterable[SeenTask], code: str) -> list[SeenTask]:
    """Return the tasks that report an error of this code."""
    return [task for task in seen if task.state.error_code == code]


def _reports(seen: list[SeenTask]) -> str:
    return ", ".join(
        f"{task.id} reports {task.state.error_code}"
        f"{f' ({task.state.error_detail})' if task.state.error_detail else ''}"
        for task in seen
    )


def known_tasks(subject: Subject) -> list[SeenTask]:
    """Return the existing tasks; an empty list if the service cannot be called."""
    try:
        return subject.inventory().tasks
    except NotCheckedError:
        return []
