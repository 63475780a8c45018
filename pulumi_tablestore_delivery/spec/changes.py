"""The differences between two tasks, and the effect of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.message import Message, Name
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.endpoints import same_endpoint
from pulumi_tablestore_delivery.spec.model import Change, DeliveryTaskSpec, inputs_of
from pulumi_tablestore_delivery.spec.properties import properties_of
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

_INPUTS: Final = dict(inputs_of(DeliveryTaskSpec))
_ABSENT: Final = "(none)"


def input_of(path: str) -> str:
    """Return the input that a path such as `parquet_schema[1].type` is in."""
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]


@dataclass(frozen=True)
class Difference:
    """One value that differs.

    Attributes:
        path: The value's path, such as `parquet_schema[1].type`.
        old: The value before; None if there was none.
        new: The value after; None if there is none, `UNKNOWN` if it is not known yet.
    """

    path: str
    old: Any
    new: Any

    @property
    def input_name(self) -> str:
        """The input that it belongs to."""
        return input_of(self.path)

    @property
    def replaces(self) -> bool:
        """Whether the task must be replaced."""
        return _INPUTS[self.input_name].change is Change.REPLACE

    @property
    def message(self) -> str:
        """The path and both values."""
        return Message(
            "{path}: {old} -> {new}",
            path=Name(self.path),
            old=in_words(self.old),
            new=in_words(self.new),
        )

    def __str__(self) -> str:
        return str(self.message)


def differences(old: DeliveryTaskDraft, new: DeliveryTaskDraft) -> list[Difference]:
    """Return all values in which two tasks differ; an unknown value counts as different."""
    old_properties, new_properties = properties_of(old), properties_of(new)
    is_known = isinstance(old, DeliveryTaskSpec)  # then what equals it is known too
    found: list[Difference] = []
    for name in _INPUTS:
        before, after = old_properties.get(name), new_properties.get(name)
        if is_known and before == after:
            continue
        if name == "oss_endpoint" and _same_endpoint(before, after):
            continue
        found.extend(_compare(name, before, after))
    return found


def same_content(old: DeliveryTaskSpec, new: DeliveryTaskDraft) -> bool:
    """Return whether two tasks deliver the same. Their names do not count.

    An unknown value of the new task may turn out to be the old one, so it counts as the same.
    """
    return not any(
        difference.replaces
        and difference.input_name != "task_name"
        and difference.new is not UNKNOWN
        for difference in differences(old, new)
    )


def content_of(spec: DeliveryTaskSpec) -> dict[str, Any]:
    """Return a task's inputs that are sent, except its name. A change of one replaces the task."""
    properties = properties_of(spec)
    return {
        name: properties[name]
        for name, about in _INPUTS.items()
        if about.change is Change.REPLACE and name != "task_name" and name in properties
    }


def _compare(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _compare(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _compare(
                f"{path}[{index}]",
                old[index] if index < len(old) else None,
                new[index] if index < len(new) else None,
            )
    elif new is UNKNOWN or old != new:
        yield Difference(path, old, new)


def _same_endpoint(old: Any, new: Any) -> bool:
    return isinstance(old, str) and isinstance(new, str) and same_endpoint(old, new)


def in_words(value: Any, unknown: str = "(known after apply)") -> str:
    """Format a value of a difference for people.

    Args:
        value: The value.
        unknown: What stands for an unknown value.
    """
    if value is None:
        return _ABSENT
    if value is UNKNOWN:
        return unknown
    if isinstance(value, dict):
        items = (f"{key}: {in_words(item, unknown)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_words(item, unknown) for item in value) + "]"
    return repr(value)
