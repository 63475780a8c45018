"""Breaches in where a task writes, beside the stack's other tasks and its environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, is_unknown
from pulumi_tablestore_delivery.spec.rule import Finding, Place, Surroundings

_ENVIRONMENTS: Final = {
    "development": ("dev", "devel", "develop", "development"),
    "test": ("test", "testing", "qa", "uat"),
    "staging": ("staging", "stage", "stg", "preprod"),
    "production": ("prod", "production", "prd"),
}
_GUARDED: Final = frozenset({"staging", "production"})


def unique_prefix(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    """The folder of another task of the stack."""
    for other in _neighbours(spec, around):
        if other.folders == _place(spec).folders:
            yield "oss_prefix", f"{spec.oss_prefix!r} is where {other.resource!r} writes too."


def nested_prefix(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    """A folder in that of another task of the stack, or around it."""
    for other in _neighbours(spec, around):
        if other.folders != _place(spec).folders:
            problem = f"{spec.oss_prefix!r} and {other.prefix!r} of {other.resource!r}"
            yield "oss_prefix", f"{problem} lie in one another."


def _neighbours(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Place]:
    """Where a task writes in whose folder this one writes, or that writes in its folder."""
    if is_unknown(spec.oss_prefix) or is_unknown(spec.oss_bucket):
        return
    mine = _place(spec)
    for other in around.neighbours:
        shared = min(len(mine.folders), len(other.folders))
        if other.bucket == mine.bucket and mine.folders[:shared] == other.folders[:shared]:
            yield other


def _place(spec: DeliveryTaskSpec) -> Place:
    return Place("", spec.oss_bucket, spec.oss_prefix)


def bucket_environment(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    """A bucket whose name tells another environment than the stack's."""
    if is_unknown(spec.oss_bucket):
        return
    mine, its = _environments(around.stack), _environments(spec.oss_bucket)
    if mine and its and mine.isdisjoint(its) and (mine | its) & _GUARDED:
        stack = f"stack {around.stack!r} like {' and '.join(sorted(mine))}"
        bucket = f"{spec.oss_bucket!r} looks like {' and '.join(sorted(its))}"
        yield "oss_bucket", f"{bucket}, {stack}."


def _environments(name: str) -> set[str]:
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    return {kind for kind, its in _ENVIRONMENTS.items() if not words.isdisjoint(its)}


def allowed_bucket(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    """A bucket that the configuration does not allow."""
    allowed = around.allowed_buckets
    if is_unknown(spec.oss_bucket) or not allowed:
        return
    if not any(fnmatchcase(spec.oss_bucket, pattern) for pattern in allowed):
        yield "oss_bucket", f"{spec.oss_bucket!r} is not among {', '.join(allowed)}."
