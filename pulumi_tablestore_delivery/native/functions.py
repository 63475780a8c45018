"""Functions for programs: look up existing delivery tasks through the native provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Input, Output
from pulumi.runtime import invoke, invoke_output

from pulumi_tablestore_delivery.frontend.lookups import task_result
from pulumi_tablestore_delivery.frontend.results import (
    GetDeliveryTaskResult,
    ListDeliveryTasksResult,
    ListedDeliveryTask,
)
from pulumi_tablestore_delivery.native.names import GET, LIST, snake


def get_delivery_task(
    table_name: str,
    task_name: str,
    instance_name: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> GetDeliveryTaskResult:
    """Look up a delivery task by its names. The rules about names are not applied.

    Args:
        table_name: Its table.
        task_name: Its name in the table.
        instance_name: The instance; the configured one by default.
        opts: Pulumi's options, such as the provider.

    Raises:
        pulumi.RunError: The task does not exist, or the service could not be called.
    """
    names = {"tableName": table_name, "taskName": task_name, "instanceName": instance_name}
    return _task(_invoked(GET, names, opts))


def get_delivery_task_output(
    table_name: Input[str],
    task_name: Input[str],
    instance_name: Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> Output[GetDeliveryTaskResult]:
    """Look up a delivery task whose names are outputs of other resources."""
    names = {"tableName": table_name, "taskName": task_name, "instanceName": instance_name}
    return invoke_output(GET, names, opts or pulumi.InvokeOptions()).apply(_task)


def list_delivery_tasks(
    table_name: str | None = None,
    instance_name: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> ListDeliveryTasksResult:
    """List delivery tasks.

    Args:
        table_name: The table; all tables of the instance by default.
        instance_name: The instance; the configured one by default.
        opts: Pulumi's options, such as the provider.

    Raises:
        pulumi.RunError: The table does not exist, or the service could not be called.
    """
    names = {"tableName": table_name, "instanceName": instance_name}
    return _tasks(_invoked(LIST, names, opts))


def list_delivery_tasks_output(
    table_name: Input[str | None] = None,
    instance_name: Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> Output[ListDeliveryTasksResult]:
    """List delivery tasks by names that are outputs of other resources."""
    names = {"tableName": table_name, "instanceName": instance_name}
    return invoke_output(LIST, names, opts or pulumi.InvokeOptions()).apply(_tasks)


def _invoked(token: str, names: Mapping[str, Any], opts: pulumi.InvokeOptions | None) -> Any:
    """Return the provider's answer. An error ends the program with its message alone."""
    try:
        return invoke(token, names, opts or pulumi.InvokeOptions()).value
    except Exception as error:  # noqa: BLE001 - Pulumi raises a bare Exception
        raise pulumi.RunError(str(error)) from None


def _task(found: Mapping[str, Any]) -> GetDeliveryTaskResult:
    return task_result(_in_python(found))


def _tasks(found: Mapping[str, Any]) -> ListDeliveryTasksResult:
    return ListDeliveryTasksResult(
        [ListedDeliveryTask(**_in_python(task)) for task in found["tasks"]]
    )


def _in_python(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {snake(name): _in_python(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_python(item) for item in value]
    return value
