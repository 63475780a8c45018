"""Rules about names: of the instance, table, task, bucket and role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.rule import Problem, Source, error
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_TASK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,14}[a-z0-9]")
_INSTANCE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]")
_NAME_IN_TABLESTORE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_ROLE_ARN: Final = re.compile(r"acs:ram::\d+:role/[A-Za-z0-9._-]{1,64}")


def is_instance_name(text: str) -> bool:
    """Return whether text has the form of an instance's name."""
    return _INSTANCE_NAME.fullmatch(text) is not None


def is_documented_name(text: str) -> bool:
    """Return whether the documentation allows text as the name of a table or a column."""
    return _NAME_IN_TABLESTORE.fullmatch(text) is not None


def is_bucket_name(text: str) -> bool:
    """Return whether text has the form of a bucket's name."""
    return _BUCKET_NAME.fullmatch(text) is not None


def is_role_arn(text: str) -> bool:
    """Return whether text has the form of a role's ARN."""
    return _ROLE_ARN.fullmatch(text) is not None


@error(
    "instance-name",
    Source.DOCUMENTED,
    says=(
        "An instance's name has 3 to 16 letters, digits and hyphens, starts with a letter and "
        "does not end with a hyphen."
    ),
    remedy="Use 3 to 16 letters, digits and hyphens, a letter first, no hyphen last.",
)
def instance_name(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    name = draft.instance_name
    if not is_unknown(name) and not is_instance_name(name):
        yield "instance_name", f"{name!r} is not an instance name."


@error(
    "table-name",
    Source.DOCUMENTED,
    says=(
        "A table's name has 1 to 255 letters, digits and underscores and does not start with "
        "a digit."
    ),
    remedy="Use letters, digits and underscores, no digit first.",
)
def table_name(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    name = draft.table_name
    if not is_unknown(name) and not is_documented_name(name):
        yield "table_name", f"{name!r} is not a table name."


@error(
    "task-name",
    Source.DOCUMENTED,
    says=(
        "A task's name has 3 to 16 lowercase letters, digits and hyphens, a letter or digit "
        "first and last. An existing task may have another name; adopt_existing takes any name."
    ),
    remedy=Message(
        "Use 3 to 16 lowercase letters, digits and hyphens, a letter or digit first and last, "
        "or leave {.task_name} out to derive a name."
    ),
)
def task_name(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    name = draft.task_name
    if is_unknown(name) or not name or draft.adopt_existing or name == around.existing_name:
        return
    if not _TASK_NAME.fullmatch(name):
        yield "task_name", f"{name!r} is not a task name."


@error(
    "bucket-name",
    Source.DOCUMENTED,
    says=(
        "A bucket's name has 3 to 63 lowercase letters, digits and hyphens, a letter or digit "
        "first and last."
    ),
    remedy="Use the bucket's name alone, without oss:// and without an endpoint.",
)
def bucket_name(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    name = draft.oss_bucket
    if not is_unknown(name) and not is_bucket_name(name):
        yield "oss_bucket", f"{name!r} is not a bucket name."


@error(
    "role-arn",
    Source.DOCUMENTED,
    says="A role is identified by its ARN.",
    remedy="Use an ARN such as acs:ram::<account id>:role/aliyunserviceroleforotsdatadelivery.",
)
def role_arn(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    arn = draft.role_arn
    if not is_unknown(arn) and not is_role_arn(arn):
        yield "role_arn", f"{arn!r} is not the ARN of a role."
