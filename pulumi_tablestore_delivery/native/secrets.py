"""Secret inputs: they are masked in messages, and outputs made of them are secrets too."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue

from pulumi_tablestore_delivery.native.names import snake
from pulumi_tablestore_delivery.spec.intended_prefix import is_name_of_time

_MASK: Final = "[secret]"
_BAGS: Final = ("news", "olds", "properties", "inputs", "args", "old_inputs")
_MADE_OF: Final[Mapping[str, frozenset[str]]] = {
    "location": frozenset({"oss_bucket", "oss_prefix"}),
}
_FOLDERS: Final = frozenset({"oss_prefix", "oss_dirty_prefix"})
_SHARED: Final = _FOLDERS | {"oss_bucket"}
_SEPARATORS: Final = re.compile(r"[/=]|\$\w+|%-?\w|\W*\{[^{}]*\}")
_SHORTEST_PART: Final = 3
_lock: Final = threading.Lock()
_destinations: Final[set[str]] = set()
"""The secret buckets and prefixes that this process was sent."""
_LONG_ENOUGH: Final = 4
"""The fewest characters of a value that is masked inside of words too."""


class Secrets:
    """The secrets among the properties of a request.

    Args:
        bags: The request's property bags.
    """

    def __init__(self, *bags: Mapping[str, PropertyValue]) -> None:
        secret = [
            (name, value) for bag in bags for name, value in bag.items() if value.contains_secret()
        ]
        names = {snake(name) for name, _ in secret}
        self._names = names | {name for name, parts in _MADE_OF.items() if parts & names}
        values = {text for _, value in secret for text in _texts(value, secret=False)}
        parts = {
            part
            for name, value in secret
            if snake(name) in _FOLDERS and isinstance(value.value, str)
            for part in _parts(value.value)
        }
        self._values = sorted(values | parts, key=len, reverse=True)
        with _lock:
            _destinations.update(
                text
                for name, value in secret
                if snake(name) in _SHARED
                for text in _texts(value, secret=False)
                if len(text) >= _LONG_ENOUGH
            )

    @property
    def prefixes(self) -> frozenset[str]:
        """The inputs that are prefixes and secrets."""
        return frozenset(self._names & _FOLDERS)

    @classmethod
    def of(cls, request: Any) -> Secrets:
        """Find the secrets of a request of the engine."""
        return cls(
            *(
                PropertyValue.unmarshal_map(getattr(request, bag))
                for bag in _BAGS
                if bag in request.DESCRIPTOR.fields_by_name
            )
        )

    def __contains__(self, name: str) -> bool:
        """Return whether the property with this name, in either form, is secret."""
        return snake(name) in self._names

    def mark(self, properties: Any) -> Any:
        """Return the properties of an answer (a protobuf message) with the secret ones marked."""
        bag = PropertyValue.unmarshal_map(properties)
        marked = {
            name: value.with_secret(True) if name in self and not value.contains_secret() else value
            for name, value in bag.items()
        }
        return PropertyValue.marshal_map(marked)

    def mask(self, message: str) -> str:
        """Return a message without the secret values.

        A message may name the bucket or the folder of another resource, so those of all requests
        are masked.
        """
        with _lock:
            others = [text for text in _destinations if text in message]
        for text in sorted(others, key=len, reverse=True):
            message = message.replace(text, _MASK)
        for value in self._values:
            escaped = re.escape(value)
            pattern = escaped if len(value) >= _LONG_ENOUGH else rf"(?<!\w){escaped}(?!\w)"
            message = re.sub(pattern, _MASK, message)
        return message


NONE: Final = Secrets()
current: Final[ContextVar[Secrets]] = ContextVar("secrets", default=NONE)
"""The secrets of the request that is being answered."""


def _texts(value: PropertyValue, *, secret: bool) -> Iterator[str]:
    """Yield the forms of each secret value in messages: the text and the Python literal."""
    secret = secret or value.is_secret
    item = value.value
    if isinstance(item, Mapping):
        for one in item.values():
            yield from _texts(one, secret=secret)
    elif isinstance(item, Sequence) and not isinstance(item, str):
        for one in item:
            yield from _texts(one, secret=secret)
    elif secret and isinstance(item, str) and item:
        yield item
        yield repr(item)[1:-1]
    elif secret and isinstance(item, float):
        yield f"{item:g}"


def _parts(prefix: str) -> Iterator[str]:
    """Yield the names in a prefix. A message may have one of them, or propose another prefix.

    Names of times, such as `year` of `year=$yyyy`, do not count.
    """
    for part in _SEPARATORS.split(prefix):
        if len(part) >= _SHORTEST_PART and not is_name_of_time(part):
            yield part
