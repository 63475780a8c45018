"""Automatic task names, by which the same program finds its own task again.

A name is `<word>-<scope><content>`, at most 15 characters:

- *word*: up to 5 characters of the resource's name, for people;
- *scope*: 4 characters of a hash over project, stack, parent, resource and a count. They keep the
  names of two resources apart. The count steps over names in use;
- *content*: 5 characters of a hash over word, scope and the task's content.

The last part shows whether a name was derived for a given content (`is_derived`), so nothing has
to be remembered beside the name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.errors import TaskConflictError
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.changes import content_of
from pulumi_tablestore_delivery.spec.endpoints import spellings
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD: Final = 5
_SCOPE: Final = 4
_CONTENT: Final = 5
_CANDIDATES: Final = 64
"""How many names a resource may get for one content."""
_DERIVED: Final = re.compile(
    rf"(?P<word>[a-z0-9-]{{1,{_WORD}}})-"
    rf"(?P<scope>[a-z0-9]{{{_SCOPE}}})(?P<content>[a-z0-9]{{{_CONTENT}}})"
)


@dataclass(frozen=True)
class Scope:
    """The four names that together identify a resource.

    Attributes:
        project: The project's name.
        stack: The stack's name.
        parent: The type of the component that it belongs to; empty for none.
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
        scope: The resource that wants the name.
        spec: The task, all of it known. Its own `task_name` does not count.
        in_use: Whether a name must not be taken.

    Raises:
        TaskConflictError: All names are in use.
    """
    word = _word(scope)
    for scope_hash in _scope_hashes(scope):
        name = f"{word}-{scope_hash}{_content_hash(word, scope_hash, content_of(spec))}"
        if not in_use(name):
            return name
    raise TaskConflictError(
        Message(
            "{resource!r}: all {count} automatic task names of this resource are in use. Set "
            "{.task_name}, or remove the resource's old tasks from the stack.",
            resource=scope.resource,
            count=_CANDIDATES,
        )
    )


def is_derived_for(scope: Scope, spec: DeliveryTaskSpec, name: str) -> bool:
    """Return whether `derive` can give this name to a task of this content in this scope."""
    return belongs_to(scope, name) and is_derived(spec.model_copy(update={"task_name": name}))


def belongs_to(scope: Scope, name: str) -> bool:
    """Return whether a name was derived in this scope, for any content."""
    match = _DERIVED.fullmatch(name)
    if match is None or match["word"] != _word(scope):
        return False
    return match["scope"] in _scope_hashes(scope)


def looks_derived(name: str) -> bool:
    """Return whether a name has the form of a derived name."""
    return _DERIVED.fullmatch(name) is not None


def is_derived(spec: DeliveryTaskSpec) -> bool:
    """Return whether the task's name was derived for just this content, in whatever scope.

    Another spelling of the OSS endpoint is the same content, but it makes another hash. The
    program may have changed it after the name was derived, so the usual spellings count too.
    """
    match = _DERIVED.fullmatch(spec.task_name)
    if match is None:
        return False
    content = content_of(spec)
    return any(
        _content_hash(match["word"], match["scope"], {**content, "oss_endpoint": endpoint})
        == match["content"]
        for endpoint in spellings(spec.oss_endpoint)
    )


def _word(scope: Scope) -> str:
    return re.sub(r"[^a-z0-9]+", "-", scope.resource.lower())[:_WORD].strip("-") or "task"


def _scope_hashes(scope: Scope) -> Iterator[str]:
    """Yield the scope's part of each name that the resource may get."""
    for count in range(_CANDIDATES):
        parts = [scope.project, scope.stack, scope.parent, scope.resource, count]
        yield _hash(parts, _SCOPE)


def _content_hash(word: str, scope_hash: str, content: Mapping[str, Any]) -> str:
    return _hash([word, scope_hash, content], _CONTENT)


def _hash(value: object, length: int) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits += _ALPHABET[digit]
    return digits
