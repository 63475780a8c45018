"""Property bags: Pulumi's have names in camelCase, the lifecycle's have names in snake_case.

Keys are read in both forms. So states that the dynamic provider wrote, and dicts of Python
programs, can be read too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_TEXT  # Pulumi's module passes it on as a string

from pulumi_tablestore_delivery.lifecycle import MARKS
from pulumi_tablestore_delivery.native.names import camel, snake
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

Bag = dict[str, PropertyValue]


def plain(bag: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Return a bag for the lifecycle, without Pulumi's own properties (`__…`)."""
    return {
        name if name in MARKS else snake(name): _plain(value)
        for name, value in bag.items()
        if name in MARKS or not name.startswith("__")
    }


def bag(properties: Mapping[str, Any]) -> Bag:
    """Return a bag for Pulumi."""
    return {
        name if name in MARKS else camel(name): _value(item) for name, item in properties.items()
    }


def _plain(value: PropertyValue) -> Any:
    item = value.value
    if isinstance(item, Computed) or item == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(item, Mapping):
        return plain(item)
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [_plain(one) for one in item]
    return item


def _value(item: Any) -> PropertyValue:
    if item is UNKNOWN:
        return PropertyValue(UNKNOWN_TEXT)
    if isinstance(item, Mapping):
        return PropertyValue(bag(item))
    if isinstance(item, list):
        return PropertyValue([_value(one) for one in item])
    if isinstance(item, int) and not isinstance(item, bool):
        return PropertyValue(float(item))
    return PropertyValue(item)
