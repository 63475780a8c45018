"""Secret inputs: they are masked in messages, and outputs made of them are secrets too."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue

from pulumi_tablestore_delivery.native.names import snake

_MASK: Final = "[secret]"
_BAGS: Final = ("news", "olds", "properties", "inputs", "args", "old_inputs")
_MADE_OF: Final[Mapping[str, frozenset[str]]] = {
    "location": frozenset({"oss_bucket", "oss_prefix"}),
}
_lock: Final = threading.Lock()
_known: Final[set[str]] = set()
"""The texts of all secret values that this process was sent."""
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
        with _lock:
            _known.update(values)

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
        """Return a message without the secret values of this resource and of those before it.

        A message about a folder may name the folder of another resource.
        """
        with _lock:
            known = sorted(_known, key=len, reverse=True)
        for value in known:
            escaped = re.escape(value)
            pattern = escaped if len(value) >= _LONG_ENOUGH else rf"(?<!\w){escaped}(?!\w)"
            message = re.sub(pattern, _MASK, message)
        return message


NONE: Final = Secrets()
current: Final[ContextVar[Secrets]] = ContextVar("secrets", default=NONE)
"""The secrets of the request that is being answered."""


def _texts(value: PropertyValue, *, secret: bool) -> Iterator[str]:
    """Yield the forms of each secret value in messages: the text and the Python literal.

    A message may also have a part of a prefix, or propose a corrected one. So each folder counts
    alone, except a short one and one with a variable.
    """
    secret = secret or value.is_secret
    item = value.value
    if isinstance(item, Mapping):
        for one in item.values():
            yield from _texts(one, secret=secret)
    elif isinstance(item, Sequence) and not isinstance(item, str):
        for one in item:
            yield from _texts(one, secret=secret)
    elif secret and isinstance(item, str) and item:
        folders = (each for each in item.split("/") if len(each) >= _LONG_ENOUGH)
        for text in (item, *(each for each in folders if "$" not in each)):
            yield text
            yield repr(text)[1:-1]
    elif secret and isinstance(item, float):
        yield f"{item:g}"
