"""Rules about the prefixes of a task."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.intended_prefix import intended_prefix
from pulumi_tablestore_delivery.spec.parts import prefixes_of
from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES, UNITS
from pulumi_tablestore_delivery.spec.rule import Problem, Source, error, warning
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown

_VARIABLE: Final = re.compile(r"\$(?:\{[^}]*\}?|[A-Za-z]*)")
_EXTRA_SLASHES: Final = re.compile(r"^[/\\]+|(?<=/)/+")
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_OSS_KEY_BYTES: Final = 1023
# `/` + task + `_0_` + prefix again + `__` + sequence: what the service adds to a prefix.
_OSS_KEY_SUFFIX_BYTES: Final = 40


@error(
    "prefix",
    Source.DOCUMENTED,
    says=(
        "A prefix is the start of an object's key. It is not empty, does not start with / or \\, "
        "and is short enough for keys of 1,023 bytes."
    ),
    remedy="Use a folder such as orders/year=$yyyy/month=$MM/.",
)
def prefix_form(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, prefix in prefixes_of(draft):
        if not prefix:
            yield path, "is empty."
        elif prefix[0] in "/\\":
            yield path, f"{prefix!r} starts with {prefix[0]!r}."
        elif len(prefix.encode()) * 2 + _OSS_KEY_SUFFIX_BYTES > _OSS_KEY_BYTES:
            yield (
                path,
                f"is {len(prefix.encode())} bytes long, so the object keys would be too long.",
            )


@error(
    "prefix-segments",
    Source.ASSUMED,
    says="The folders of a prefix have visible names other than . and ..",
    remedy="Use a folder such as orders/year=$yyyy/month=$MM/.",
)
def prefix_segments(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, prefix in prefixes_of(draft):
        folders = prefix.removeprefix("/").removesuffix("/").split("/")
        if not prefix.isprintable():
            yield path, f"{prefix!r} has an invisible character."
        elif is_url(prefix):
            yield (
                path,
                Message(
                    "{prefix!r} is a URL. A prefix is a folder in the bucket {.oss_bucket}.",
                    prefix=prefix,
                ),
            )
        elif prefix.strip("/"):
            if "" in folders:
                yield path, f"{prefix!r} has a folder without a name: two slashes in a row."
            for name in dict.fromkeys(folders):
                if name in {".", ".."}:
                    yield path, f"{prefix!r} has a folder that is named {name!r}."


@error(
    "prefix-variable",
    Source.DOCUMENTED,
    says="The variables of a prefix are $yyyy, $MM, $dd, $HH and $mm.",
    remedy="Use $yyyy, $MM, $dd, $HH or $mm.",
)
def prefix_variables(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, prefix in prefixes_of(draft):
        wrong = wrong_variables(prefix)
        if wrong:
            proposed = _EXTRA_SLASHES.sub("", intended_prefix(prefix))
            is_correct = not (wrong_variables(proposed) or is_url(prefix))
            hint = f" Did you mean {proposed!r}?" if is_correct else ""
            *first, last = map(repr, wrong)
            names = f"{', '.join(first)} and {last}" if first else last
            clause = "which are not variables" if first else "which is not a variable"
            yield path, f"{prefix!r} has {names}, {clause}.{hint}"


@warning(
    "prefix-order",
    Source.DOCUMENTED,
    says="A time variable comes with the next coarser one, or different periods share a folder.",
    remedy="Add the coarser variable before it.",
)
def prefix_order(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    for path, prefix in prefixes_of(draft):
        if intended_prefix(prefix) != prefix:
            continue  # see rules prefix-variable and prefix-time
        for coarse, fine in pairwise(PREFIX_VARIABLES):
            if fine in prefix and coarse not in prefix:
                periods = f"{UNITS[fine]}s of different {UNITS[coarse]}s"
                yield path, f"{prefix!r} uses {fine} without {coarse}, so {periods} share a folder."


@warning(
    "prefix-minutes",
    Source.DOCUMENTED,
    says="Folders by minute hold small files. The service's advice is objects of at least 4 MB.",
    remedy="Partition by day or hour.",
)
def minute_partitions(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if not is_unknown(draft.oss_prefix) and "$mm" in intended_prefix(draft.oss_prefix):
        yield "oss_prefix", f"{draft.oss_prefix!r} creates a folder for every minute."


@error(
    "dirty-prefix-apart",
    Source.ASSUMED,
    says="The dirty prefix is outside the data prefix, because readers of the data would read it.",
    remedy="Use a separate folder.",
)
def dirty_prefix_apart(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    prefixes = dict(prefixes_of(draft))
    data, dirty = prefixes.get("oss_prefix"), prefixes.get("oss_dirty_prefix")
    if data and dirty and f"{dirty.rstrip('/')}/".startswith(_read_start(data)):
        problem = Message("{dirty!r} is inside {.oss_prefix} {data!r}.", dirty=dirty, data=data)
        yield "oss_dirty_prefix", problem


def wrong_variables(prefix: str) -> list[str]:
    """Return what starts with $ in a prefix and is not a variable."""
    found = dict.fromkeys(_VARIABLE.findall(prefix))
    return [variable for variable in found if variable not in PREFIX_VARIABLES]


def is_url(prefix: str) -> bool:
    """Return whether a prefix is a URL, such as `oss://bucket/folder/`."""
    return _URL.match(prefix) is not None


def _read_start(prefix: str) -> str:
    """Return the start of all keys that readers of a prefix read.

    It is the folders before the first variable: `orders/` of `orders/year=$yyyy/`. A variable in
    the first folder leaves the text before it: `orders-` of `orders-$yyyy/`.
    """
    head, variable, _ = prefix.partition("$")
    if not variable:
        return f"{prefix.rstrip('/')}/"
    return head[: head.rfind("/") + 1] or head
