"""Delivery tasks by the native provider: `pulumi import`, and other languages than Python.

A program that imports this module in the package's place declares the same resources by the
native provider. Experimental, as long as the part of Pulumi's SDK is that the provider stands
on; docs/native.md tells more. Names are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.functions import (
        GetDeliveryTaskResult,
        ListDeliveryTasksResult,
        ListedDeliveryTask,
    )
    from pulumi_tablestore_delivery.native.functions import (
        get_delivery_task,
        get_delivery_task_output,
        list_delivery_tasks,
        list_delivery_tasks_output,
    )
    from pulumi_tablestore_delivery.native.resource import DeliveryTask, ParquetColumn, Provider
    from pulumi_tablestore_delivery.resource import (
        DeliveryTaskArgs,
        EventTimeColumn,
        EventTimeColumnArgs,
        EventTimeFormat,
        Mode,
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
    "GetDeliveryTaskResult",
    "ListDeliveryTasksResult",
    "ListedDeliveryTask",
    "Mode",
    "ParquetColumn",
    "ParquetColumnArgs",
    "ParquetEncoding",
    "ParquetType",
    "Provider",
    "WaitFor",
    "get_delivery_task",
    "get_delivery_task_output",
    "list_delivery_tasks",
    "list_delivery_tasks_output",
]

_PACKAGE = "pulumi_tablestore_delivery"
_RESOURCES = {"DeliveryTask", "ParquetColumn", "Provider"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = f"{__name__}.functions" if name[0].islower() else _PACKAGE
    if name in _RESOURCES:
        home = f"{__name__}.resource"
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
