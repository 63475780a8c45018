"""Rules about the destination of a task: other tasks, other environments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import destination_of
from pulumi_tablestore_delivery.spec.rule import Needs, Problem, Source, error, warning
from pulumi_tablestore_delivery.spec.surroundings import Destination, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_ENVIRONMENTS: Final = {
    "development": ("dev", "devel", "develop", "development"),
    "test": ("test", "testing", "qa", "uat"),
    "staging": ("staging", "stage", "stg", "preprod"),
    "production": ("prod", "production", "prd"),
}
_GUARDED: Final = frozenset({"staging", "production"})


@error(
    "unique-prefix",
    Source.ASSUMED,
    says=(
        "Two tasks of a stack do not write to the same folder, because readers would get the "
        "rows of both."
    ),
    remedy=Message("Use another {.oss_prefix} for each task."),
)
def unique_prefix(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    for mine, other in _sharing(draft, around.neighbors):
        if other.folders == mine.folders:
            yield "oss_prefix", f"{mine.prefix!r} is the folder of {other.resource!r} too."


@warning(
    "nested-prefix",
    Source.ASSUMED,
    says=(
        "A task does not write inside the folder of another task of the stack, because readers of "
        "the outer folder would get the rows of both."
    ),
    remedy="Use folders side by side.",
)
def nested_prefix(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    for mine, other in _sharing(draft, around.neighbors):
        if len(other.folders) < len(mine.folders):
            where = f"is inside {other.prefix!r}, the folder of {other.resource!r}"
            yield "oss_prefix", f"{mine.prefix!r} {where}."
        elif len(other.folders) > len(mine.folders):
            where = f"contains {other.prefix!r}, the folder of {other.resource!r}"
            yield "oss_prefix", f"{mine.prefix!r} {where}."


@warning(
    "folder-shared",
    Source.ASSUMED,
    says=(
        "No task outside the stack writes to the same folder, inside it or around it, because "
        "readers would get the rows of both. Preview compares the tasks of the same table."
    ),
    remedy=Message("Use another {.oss_prefix}, or remove the other task."),
    needs=Needs.TASKS,
)
def folder_shared(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    for mine, other in _sharing(draft, around.foreign):
        depth, its = len(mine.folders), len(other.folders)
        how = (
            "is the same folder as" if depth == its else "contains" if depth < its else "is inside"
        )
        yield (
            "oss_prefix",
            (
                f"{mine.prefix!r} {how} {other.prefix!r}, where the task {other.resource} "
                "writes. This stack does not have that task."
            ),
        )


def _sharing(
    draft: DeliveryTaskDraft, others: tuple[Destination, ...]
) -> Iterator[tuple[Destination, Destination]]:
    """Yield the task's folder with each that is the same, inside it or around it."""
    mine = destination_of(draft)
    if mine is None:
        return
    for other in others:
        shared = min(len(mine.folders), len(other.folders))
        if other.bucket == mine.bucket and mine.folders[:shared] == other.folders[:shared]:
            yield mine, other


@error(
    "bucket-environment",
    Source.ASSUMED,
    says=(
        "A stack does not write to the bucket of another environment if one of the two is for "
        "staging or production. The names of stack and bucket are compared (dev, test, staging, "
        "prod and the like, as separate words)."
    ),
    remedy="Check the stack's configuration. If the bucket is right, ignore this rule.",
)
def bucket_environment(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    if is_unknown(draft.oss_bucket):
        return
    mine, its = _environments(around.stack), _environments(draft.oss_bucket)
    if mine and its and mine.isdisjoint(its) and (mine | its) & _GUARDED:
        stack = f"stack {around.stack!r} for {' and '.join(sorted(mine))}"
        bucket = f"{draft.oss_bucket!r} looks like a bucket for {' and '.join(sorted(its))}"
        yield "oss_bucket", f"{bucket}, but {stack}."


def _environments(name: str) -> set[str]:
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    return {kind for kind, its in _ENVIRONMENTS.items() if not words.isdisjoint(its)}


@error(
    "allowed-buckets",
    Source.PACKAGE,
    says="If tablestore:allowedBuckets is set, a stack writes only to the buckets that it names.",
    remedy="Check the stack's configuration.",
)
def allowed_bucket(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    allowed = around.allowed_buckets
    if is_unknown(draft.oss_bucket) or not allowed:
        return
    if not any(fnmatchcase(draft.oss_bucket, pattern) for pattern in allowed):
        yield "oss_bucket", f"{draft.oss_bucket!r} does not match {', '.join(allowed)}."
