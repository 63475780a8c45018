"""Automatic task names: the same program finds its own task again.

A name is `<word>-<scope><content>`, at most 16 characters:

- *word*: up to 5 characters of the resource's name, for people;
- *scope*: 4 characters of a hash over project, stack, parent and resource (and a number that is
  counted up to stay clear of names in use), so that two resources never meet;
- *content*: 5 characters of a hash over word, scope and the task's content.

The last part makes a name tell by itself whether it was derived for a given content
(`is_derived`), so nothing has to be remembered beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pulumi_tablestore_delivery.spec.changes import content_of
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD: Final = 5
_SCOPE: Final = 4
_CONTENT: Final = 5
_DERIVED: Final = re.compile(rf"(?:[a-z0-9-]{{1,{_WORD}}}-)([a-z0-9]{{{_SCOPE + _CONTENT}}})")


@dataclass(frozen=True)
class Scope:
    """Where a resource is declared; unique together.

    Attributes:
        project: The project's name.
        stack: The stack's name.
        parent: The type of the component it belongs to; empty for none.
        resource: The resource's name.
    """

    project: str
    stack: str
    parent: str
    resource: str


def derive(scope: Scope, spec: DeliveryTaskSpec, in_use: Callable[[str], bool]) -> str:
    """The automatic name of a task of this content, the first that is not in use.

    Args:
        scope: The resource that wants the name.
        spec: The task, all of it known; its own `task_name` does not count.
        in_use: Whether a name must not be taken.
    """
    word = re.sub(r"[^a-z0-9]+", "-", scope.resource.lower())[:_WORD].strip("-") or "task"
    count = 0
    while True:
        place = _hash([scope.project, scope.stack, scope.parent, scope.resource, count], _SCOPE)
        name = f"{word}-{place}{_content_hash(word, place, spec)}"
        if not in_use(name):
            return name
        count += 1


def looks_derived(name: str) -> bool:
    """Whether a name has the form of a derived one, whatever its task's content."""
    return _DERIVED.fullmatch(name) is not None


def is_derived(spec: DeliveryTaskSpec) -> bool:
    """Whether the task's name was derived for just this content."""
    match = _DERIVED.fullmatch(spec.task_name)
    if match is None:
        return False
    word = spec.task_name[: match.start(1) - 1]
    place, content = match[1][:_SCOPE], match[1][_SCOPE:]
    return content == _content_hash(word, place, spec)


def _content_hash(word: str, place: str, spec: DeliveryTaskSpec) -> str:
    return _hash([word, place, content_of(spec)], _CONTENT)


def _hash(value: object, length: int) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits += _ALPHABET[digit]
    return digits
