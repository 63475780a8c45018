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
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pulumi_tablestore_delivery.spec.changes import content_of
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD: Final = 5
_SCOPE: Final = 4
_CONTENT: Final = 5
_TRIED: Final = 64  # names in use that a search passes over at most
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

    @classmethod
    def of_urn(cls, urn: str, *, with_own_type: bool) -> Scope:
        """Return the scope in a URN, `urn:pulumi:<stack>::<project>::<types>::<name>`.

        Args:
            urn: The resource's URN.
            with_own_type: Whether the resource's own type counts, beside those of its parents.
        """
        stack, project, types, name = urn.removeprefix("urn:pulumi:").split("::", 3)
        parent = types if with_own_type else types.rpartition("$")[0]
        return cls(project, stack, parent, name)


def derive(scope: Scope, spec: DeliveryTaskSpec, in_use: Callable[[str], bool]) -> str:
    """Return the automatic name of a task of this content: the first that is not in use.

    Args:
        scope: The resource that wants the name.
        spec: The task, all of it known. Its own `task_name` does not count.
        in_use: Whether a name must not be taken.
    """
    word = _word(scope)
    names = (f"{word}-{place}{_content_hash(word, place, spec)}" for place in _places(scope))
    return next(name for name in names if not in_use(name))


def is_derived_for(scope: Scope, spec: DeliveryTaskSpec, name: str) -> bool:
    """Return whether `derive` could give this name to a task of this content in this scope."""
    return belongs_to(scope, name) and is_derived(spec.model_copy(update={"task_name": name}))


def belongs_to(scope: Scope, name: str) -> bool:
    """Return whether a name was derived in this scope, whatever the content of its task."""
    match = _DERIVED.fullmatch(name)
    if match is None or name[: match.start(1) - 1] != _word(scope):
        return False
    return match[1][:_SCOPE] in itertools.islice(_places(scope), _TRIED)


def looks_derived(name: str) -> bool:
    """Return whether a name has the form of a derived one, whatever its task's content."""
    return _DERIVED.fullmatch(name) is not None


def is_derived(spec: DeliveryTaskSpec) -> bool:
    """Return whether the task's name was derived for just this content, in whatever scope."""
    match = _DERIVED.fullmatch(spec.task_name)
    if match is None:
        return False
    word = spec.task_name[: match.start(1) - 1]
    place, content = match[1][:_SCOPE], match[1][_SCOPE:]
    return content == _content_hash(word, place, spec)


def _word(scope: Scope) -> str:
    return re.sub(r"[^a-z0-9]+", "-", scope.resource.lower())[:_WORD].strip("-") or "task"


def _places(scope: Scope) -> Iterator[str]:
    for count in itertools.count():
        parts = [scope.project, scope.stack, scope.parent, scope.resource, count]
        yield _hash(parts, _SCOPE)


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
