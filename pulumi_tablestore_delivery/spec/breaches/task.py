"""Violations in the names, endpoints, role and choices of a task."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.breaches.choices import one_of
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.rule import Finding, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown
from pulumi_tablestore_delivery.wire import enums

WAIT_FOR: Final = ("none", "initialized", "synchronized")
_TASK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,14}[a-z0-9]")
_INSTANCE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]")
_TABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_ROLE_ARN: Final = re.compile(r"acs:ram::\d+:role/[A-Za-z0-9._-]{1,64}")


def is_instance_name(text: str) -> bool:
    """Whether text has the form of an instance's name."""
    return _INSTANCE_NAME.fullmatch(text) is not None


def is_bucket_name(text: str) -> bool:
    """Whether text has the form of a bucket's name."""
    return _BUCKET_NAME.fullmatch(text) is not None


def is_role_arn(text: str) -> bool:
    """Whether text has the form of a role's ARN."""
    return _ROLE_ARN.fullmatch(text) is not None


def instance_name(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    name = spec.instance_name
    if not is_unknown(name) and not is_instance_name(name):
        yield "instance_name", f"{name!r} is not an instance name."


def endpoint_url(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    url = around.endpoint
    if url and not endpoints.is_endpoint(url, with_scheme=True):
        yield "tablestore_endpoint", f"{endpoints.shown(url)!r} is not a valid endpoint."


def endpoint_is_safe(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    url = around.endpoint
    if url.startswith("http://") and not endpoints.is_loopback(url):
        yield "tablestore_endpoint", f"{url!r} sends every request unencrypted."


def endpoint_instance(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    instance = endpoints.instance_of_tablestore(around.endpoint)
    if not is_unknown(spec.instance_name) and instance not in {"", spec.instance_name.lower()}:
        yield (
            "tablestore_endpoint",
            f"{around.endpoint!r} belongs to instance {instance!r}, not {spec.instance_name!r}.",
        )


def table_name(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    name = spec.table_name
    if not is_unknown(name) and not _TABLE_NAME.fullmatch(name):
        yield "table_name", f"{name!r} is not a table name."


def task_name(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    name = spec.task_name
    if is_unknown(name) or not name or spec.adopt_existing or name == around.existing_name:
        return
    if not _TASK_NAME.fullmatch(name):
        yield "task_name", f"{name!r} is not a task name."


def mode(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    yield from one_of("mode", spec.mode, [item.name for item in enums.DeliveryTaskType])


def replacement_gap(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    if around.gap:
        yield (
            "task_name",
            (
                f"the task {around.gap} is replaced under the same name, so it is deleted before "
                "the new one is created. With mode INC, rows written in between are lost."
            ),
        )


def bucket_name(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    name = spec.oss_bucket
    if not is_unknown(name) and not is_bucket_name(name):
        yield "oss_bucket", f"{name!r} is not a bucket name."


def oss_endpoint(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    endpoint = spec.oss_endpoint
    if not is_unknown(endpoint) and not endpoints.is_endpoint(endpoint, with_scheme=False):
        yield "oss_endpoint", f"{endpoints.shown(endpoint)!r} is not an endpoint."


def oss_region(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    if is_unknown(spec.oss_endpoint):
        return
    region = endpoints.region_of_oss(spec.oss_endpoint)
    if region and around.region and region != around.region:
        yield (
            "oss_endpoint",
            f"{spec.oss_endpoint!r} is in region {region!r}, the instance in {around.region!r}.",
        )


def delivery_region(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    if around.region and around.region not in endpoints.DELIVERY_REGIONS:
        yield "instance_name", f"region {around.region!r} is not in the documented list."


def role_arn(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    arn = spec.role_arn
    if not is_unknown(arn) and not is_role_arn(arn):
        yield "role_arn", f"{arn!r} is not the ARN of a role."


def file_format(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    yield from one_of("format", spec.format, [item.name for item in enums.Format])


def wait_for(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    yield from one_of("wait_for", spec.wait_for, WAIT_FOR)


def timeout(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    if not is_unknown(spec.timeout_seconds) and spec.timeout_seconds <= 0:
        yield "timeout_seconds", f"{spec.timeout_seconds} is not above 0."
