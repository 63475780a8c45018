"""Alibaba Cloud Tablestore delivery tasks as Pulumi resources.

Names are loaded when they are first used, so that importing the package costs little more
than importing Pulumi.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.resource import (
        DeliveryTask,
        DeliveryTaskArgs,
        EventTimeColumn,
        EventTimeColumnArgs,
        EventTimeFormat,
        Mode,
        ParquetColumn,
        ParquetColumnArgs,
        ParquetEncoding,
        ParquetType,
        WaitFor,
    )

__all__ = [
    "DeliveryTask",
    "DeliveryTaskArgs",
    "EventTimeColumn",
    "EventTimeColumnArgs",
    "EventTimeFormat",
    "Mode",
    "ParquetColumn",
    "ParquetColumnArgs",
    "ParquetEncoding",
    "ParquetType",
    "WaitFor",
]

_HOMES = dict.fromkeys(__all__, "resource")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
