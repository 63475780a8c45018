"""Delivery tasks with the native provider, for `pulumi import` and languages other than Python.

A program that imports this module instead of the package declares the same resources with the
native provider. The module is experimental, because the part of Pulumi's SDK that it uses is
experimental; see docs/native.md. Names are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.checking import Violation, check, tasks_from_file
    from pulumi_tablestore_delivery.frontend.given import DeliveryTaskArgs
    from pulumi_tablestore_delivery.frontend.inputs import (
        DeliveryTaskDict,
        EventTimeColumn,
        EventTimeColumnArgs,
        EventTimeColumnDict,
        EventTimeFormat,
        Mode,
        ParquetColumnArgs,
        ParquetColumnDict,
        ParquetEncoding,
        ParquetType,
        WaitFor,
    )
    from pulumi_tablestore_delivery.frontend.results import (
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
    from pulumi_tablestore_delivery.native.outputs import ParquetColumn
    from pulumi_tablestore_delivery.native.resource import DeliveryTask, Provider

__all__ = [
    "DeliveryTask",
    "DeliveryTaskArgs",
    "DeliveryTaskDict",
    "EventTimeColumn",
    "EventTimeColumnArgs",
    "EventTimeColumnDict",
    "EventTimeFormat",
    "GetDeliveryTaskResult",
    "ListDeliveryTasksResult",
    "ListedDeliveryTask",
    "Mode",
    "ParquetColumn",
    "ParquetColumnArgs",
    "ParquetColumnDict",
    "ParquetEncoding",
    "ParquetType",
    "Provider",
    "Violation",
    "WaitFor",
    "check",
    "get_delivery_task",
    "get_delivery_task_output",
    "list_delivery_tasks",
    "list_delivery_tasks_output",
    "tasks_from_file",
]

_PACKAGE = "pulumi_tablestore_delivery"
_HOMES = {
    f"{__name__}.resource": {"DeliveryTask", "Provider"},
    f"{__name__}.outputs": {"ParquetColumn"},
    f"{__name__}.functions": {
        "get_delivery_task",
        "get_delivery_task_output",
        "list_delivery_tasks",
        "list_delivery_tasks_output",
    },
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    homes = (home for home, names in _HOMES.items() if name in names)
    value = getattr(import_module(next(homes, _PACKAGE)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
