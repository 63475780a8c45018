"""Violations in the place that a task writes to: other tasks, other environments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import place_of
from pulumi_tablestore_delivery.spec.rule import Finding, Place, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_ENVIRONMENTS: Final = {
    "development": ("dev", "devel", "develop", "development"),
    "test": ("test", "testing", "qa", "uat"),
    "staging": ("staging", "stage", "stg", "preprod"),
    "production": ("prod", "production", "prd"),
}
_GUARDED: Final = frozenset({"staging", "production"})


def unique_prefix(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    """Find another task of the stack that writes to the same folder."""
    for mine, other in _sharing(spec, around.neighbours):
        if other.folders == mine.folders:
            yield "oss_prefix", f"{mine.prefix!r} is the folder of {other.resource!r} too."


def nested_prefix(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    """Find another task of the stack whose folder is inside this one, or around it."""
    for mine, other in _sharing(spec, around.neighbours):
        if len(other.folders) < len(mine.folders):
            where = f"is inside {other.prefix!r}, the folder of {other.resource!r}"
            yield "oss_prefix", f"{mine.prefix!r} {where}."
        elif len(other.folders) > len(mine.folders):
            where = f"contains {other.prefix!r}, the folder of {other.resource!r}"
            yield "oss_prefix", f"{mine.prefix!r} {where}."


def folder_shared(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    """Find a task outside the stack whose folder is this one, inside it, or around it."""
    for mine, other in _sharing(spec, around.foreign):
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


def _sharing(spec: DeliveryTaskDraft, places: tuple[Place, ...]) -> Iterator[tuple[Place, Place]]:
    """Yield this task's folder with each that shares files with it: the same, inside, or around."""
    mine = place_of(spec)
    if mine is None:
        return
    for other in places:
        shared = min(len(mine.folders), len(other.folders))
        if other.bucket == mine.bucket and mine.folders[:shared] == other.folders[:shared]:
            yield mine, other


def bucket_environment(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    """Find a bucket whose name belongs to another environment than the stack's name."""
    if is_unknown(spec.oss_bucket):
        return
    mine, its = _environments(around.stack), _environments(spec.oss_bucket)
    if mine and its and mine.isdisjoint(its) and (mine | its) & _GUARDED:
        stack = f"stack {around.stack!r} for {' and '.join(sorted(mine))}"
        bucket = f"{spec.oss_bucket!r} looks like a bucket for {' and '.join(sorted(its))}"
        yield "oss_bucket", f"{bucket}, but {stack}."


def _environments(name: str) -> set[str]:
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    return {kind for kind, its in _ENVIRONMENTS.items() if not words.isdisjoint(its)}


def allowed_bucket(spec: DeliveryTaskDraft, around: Surroundings) -> Iterator[Finding]:
    """Find a bucket that the configuration does not allow."""
    allowed = around.allowed_buckets
    if is_unknown(spec.oss_bucket) or not allowed:
        return
    if not any(fnmatchcase(spec.oss_bucket, pattern) for pattern in allowed):
        yield "oss_bucket", f"{spec.oss_bucket!r} does not match {', '.join(allowed)}."
