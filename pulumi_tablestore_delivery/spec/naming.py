"""Automatic task names, by which the same program finds its own task again.

A name is `<word>-<scope><content>`, at most 16 characters:

- *word*: up to 5 characters of the resource's name, for people;
- *scope*: 4 characters of a hash over project, stack, parent, resource and a counter, so that two
  resources get different names; the counter grows while the name is in use;
- *content*: 5 characters of a hash over word, scope and the task's content.

The last part shows whether a name was derived for a given content (`is_derived`), so nothing
needs to be stored in addition to the name.
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
_TRIED: Final = 64  # the most names that a search tries
_DERIVED: Final = re.compile(rf"(?:[a-z0-9-]{{1,{_WORD}}}-)([a-z0-9]{{{_SCOPE + _CONTENT}}})")


@dataclass(frozen=True)
class Scope:
    """Where a resource is declared. The four names together are unique.

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
    """Return the automatic name of a task with this content: the first that is not in use.

    Args:
        scope: The resource that needs the name.
        spec: The task. Its own `task_name` is ignored.
        in_use: Returns whether a name is in use.
    """
    word = _word(scope)
    names = (
        f"{word}-{scope_hash}{_content_hash(word, scope_hash, spec)}"
        for scope_hash in _scope_hashes(scope)
    )
    return next(name for name in names if not in_use(name))


def is_derived_for(scope: Scope, spec: DeliveryTaskSpec, name: str) -> bool:
    """Return whether `derive` can return this name for this scope and content."""
    return belongs_to(scope, name) and is_derived(spec.model_copy(update={"task_name": name}))


def belongs_to(scope: Scope, name: str) -> bool:
    """Return whether a name was derived in this scope, for any content."""
    match = _DERIVED.fullmatch(name)
    if match is None or name[: match.start(1) - 1] != _word(scope):
        return False
    return match[1][:_SCOPE] in itertools.islice(_scope_hashes(scope), _TRIED)


def looks_derived(name: str) -> bool:
    """Return whether a name has the form of a derived name."""
    return _DERIVED.fullmatch(name) is not None


def is_derived(spec: DeliveryTaskSpec) -> bool:
    """Return whether the task's name was derived for exactly this content, in any scope."""
    match = _DERIVED.fullmatch(spec.task_name)
    if match is None:
        return False
    word = spec.task_name[: match.start(1) - 1]
    scope_hash, content = match[1][:_SCOPE], match[1][_SCOPE:]
    return content == _content_hash(word, scope_hash, spec)


def _word(scope: Scope) -> str:
    return re.sub(r"[^a-z0-9]+", "-", scope.resource.lower())[:_WORD].strip("-") or "task"


def _scope_hashes(scope: Scope) -> Iterator[str]:
    for count in itertools.count():
        parts = [scope.project, scope.stack, scope.parent, scope.resource, count]
        yield _hash(parts, _SCOPE)


def _content_hash(word: str, scope_hash: str, spec: DeliveryTaskSpec) -> str:
    return _hash([word, scope_hash, content_of(spec)], _CONTENT)


def _hash(value: object, length: int) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits += _ALPHABET[digit]
    return digits
