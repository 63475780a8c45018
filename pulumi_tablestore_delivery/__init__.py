"""Alibaba Cloud Tablestore delivery tasks as Pulumi resources.

Names are loaded when they are first used, so that importing the package costs little more
than importing Pulumi.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.artifacts import (
        ObjectKeys,
        ObjectListing,
        deployer_policy,
        deployer_policy_output,
        external_table_ddl,
        external_table_ddl_output,
        object_keys,
        object_keys_output,
        role_policy,
        role_policy_output,
        role_trust_policy,
    )
    from pulumi_tablestore_delivery.checking import Violation, check, tasks_from_file
    from pulumi_tablestore_delivery.component import OssDelivery
    from pulumi_tablestore_delivery.dynamic.functions import (
        get_delivery_task,
        get_delivery_task_output,
        list_delivery_tasks,
        list_delivery_tasks_output,
    )
    from pulumi_tablestore_delivery.dynamic.resource import DeliveryTask
    from pulumi_tablestore_delivery.frontend.given import DeliveryTaskArgs
    from pulumi_tablestore_delivery.frontend.inputs import (
        DeliveryTaskDict,
        EventTimeColumn,
        EventTimeColumnArgs,
        EventTimeColumnDict,
        EventTimeFormat,
        Mode,
        ParquetColumn,
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
    "ObjectKeys",
    "ObjectListing",
    "OssDelivery",
    "ParquetColumn",
    "ParquetColumnArgs",
    "ParquetColumnDict",
    "ParquetEncoding",
    "ParquetType",
    "Violation",
    "WaitFor",
    "check",
    "deployer_policy",
    "deployer_policy_output",
    "external_table_ddl",
    "external_table_ddl_output",
    "get_delivery_task",
    "get_delivery_task_output",
    "list_delivery_tasks",
    "list_delivery_tasks_output",
    "object_keys",
    "object_keys_output",
    "role_policy",
    "role_policy_output",
    "role_trust_policy",
    "tasks_from_file",
]

_HOMES = {
    "artifacts": {
        "ObjectKeys",
        "ObjectListing",
        "deployer_policy",
        "deployer_policy_output",
        "external_table_ddl",
        "external_table_ddl_output",
        "object_keys",
        "object_keys_output",
        "role_policy",
        "role_policy_output",
        "role_trust_policy",
    },
    "checking": {"Violation", "check", "tasks_from_file"},
    "component": {"OssDelivery"},
    "frontend.results": {
        "GetDeliveryTaskResult",
        "ListDeliveryTasksResult",
        "ListedDeliveryTask",
    },
    "dynamic.functions": {
        "get_delivery_task",
        "get_delivery_task_output",
        "list_delivery_tasks",
        "list_delivery_tasks_output",
    },
    "dynamic.resource": {"DeliveryTask"},
    "frontend.given": {"DeliveryTaskArgs"},
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    homes = (home for home, names in _HOMES.items() if name in names)
    value = getattr(import_module(f"{__name__}.{next(homes, 'frontend.inputs')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
