"""Violations in the folders that a task writes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.rule import Finding, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_PERIODS: Final = {
    "$yyyy": "years", "$MM": "months", "$dd": "days", "$HH": "hours", "$mm": "minutes",
}  # fmt: skip
_VARIABLE: Final = re.compile(r"\$(?:\{[^}]*\}?|[A-Za-z]*)")
_OSS_KEY_BYTES: Final = 1023
# `/` + task + `_0_` + prefix again + `__` + sequence: what the service adds to a prefix.
_OSS_KEY_SUFFIX_BYTES: Final = 40


def _prefixes(spec: DeliveryTaskDraft) -> Iterator[tuple[str, str]]:
    if not is_unknown(spec.oss_prefix):
        yield "oss_prefix", spec.oss_prefix
    if not is_unknown(spec.oss_dirty_prefix) and spec.oss_dirty_prefix is not None:
        yield "oss_dirty_prefix", spec.oss_dirty_prefix


def prefix_form(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        if not prefix:
            yield path, "is empty."
        elif prefix[0] in "/\\":
            yield path, f"{prefix!r} starts with {prefix[0]!r}."
        elif len(prefix.encode()) * 2 + _OSS_KEY_SUFFIX_BYTES > _OSS_KEY_BYTES:
            yield (
                path,
                f"is {len(prefix.encode())} bytes long, so the object keys would be too long.",
            )


def prefix_segments(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        folders = prefix.rstrip("/").split("/")
        if not prefix:
            continue
        if not prefix.isprintable():
            yield path, f"{prefix!r} has an invisible character."
        elif prefix.endswith("//") or not {"", ".", ".."}.isdisjoint(folders[1:] or folders):
            yield path, f"{prefix!r} has a folder without a name, or one named . or .."
        elif folders[0] in {".", ".."}:
            yield path, f"{prefix!r} starts with the folder {folders[0]}."


def prefix_variables(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        for variable in _VARIABLE.findall(prefix):
            if variable not in PREFIX_VARIABLES:
                hint = suggestion(variable, PREFIX_VARIABLES)
                yield path, f"{prefix!r} has {variable!r}, which is not a variable.{hint}"


def prefix_order(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        for coarse, fine in pairwise(PREFIX_VARIABLES):
            if fine in prefix and coarse not in prefix:
                periods = f"{_PERIODS[fine]} of different {_PERIODS[coarse]}"
                yield path, f"{prefix!r} uses {fine} without {coarse}, so {periods} share a folder."


def minute_partitions(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    if not is_unknown(spec.oss_prefix) and "$mm" in spec.oss_prefix:
        yield "oss_prefix", f"{spec.oss_prefix!r} creates a folder for every minute."


def dirty_prefix_apart(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    prefixes = dict(_prefixes(spec))
    data, dirty = prefixes.get("oss_prefix"), prefixes.get("oss_dirty_prefix")
    if data and dirty and f"{dirty.rstrip('/')}/".startswith(_fixed_part(data)):
        problem = Message("{dirty!r} is inside {.oss_prefix} {data!r}.", dirty=dirty, data=data)
        yield "oss_dirty_prefix", problem


def _fixed_part(prefix: str) -> str:
    """Return the folders before the first variable: the place that readers of the data read."""
    head = prefix.split("$", 1)[0]
    return head if head == prefix else head[: head.rfind("/") + 1] or head
