"""Functions for programs: look up existing delivery tasks without managing them.

They run in the program's own process, with the same configuration and credentials as the
resource. The lifecycle is loaded when a function is called.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi import Input, Output

from pulumi_tablestore_delivery.errors import DeliveryError
from pulumi_tablestore_delivery.frontend.lookups import look_up_later, task_result
from pulumi_tablestore_delivery.frontend.results import (
    GetDeliveryTaskResult,
    ListDeliveryTasksResult,
    ListedDeliveryTask,
)

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.lifecycle import Lifecycle


def get_delivery_task(
    table_name: str,
    task_name: str,
    instance_name: str | None = None,
    opts: pulumi.InvokeOptions | None = None,  # noqa: ARG001 - see Args
) -> GetDeliveryTaskResult:
    """Look up a delivery task by its names. The rules about names are not applied.

    Args:
        table_name: Its table.
        task_name: Its name in the table.
        instance_name: The instance; the configured one by default.
        opts: Accepted as in other packages, but not used: the program itself sends the request,
            so there is no provider to choose.

    Raises:
        pulumi.RunError: The task does not exist, or the service could not be called.
    """
    with _lifecycle() as lifecycle:
        found = lifecycle.existing(str(lifecycle.task_id(table_name, task_name, instance_name)))
    return task_result({"id": found.id, **found.outputs})


def get_delivery_task_output(
    table_name: Input[str],
    task_name: Input[str],
    instance_name: Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> Output[GetDeliveryTaskResult]:
    """Look up a delivery task whose names are outputs, or that the program itself creates.

    The lookup waits for the resources whose outputs the names are, and for those of `depends_on`.
    In a preview that creates one of these resources, the result is unknown.

    Args:
        table_name: Its table.
        task_name: Its name in the table.
        instance_name: The instance; the configured one by default.
        opts: A `pulumi.InvokeOutputOptions` with `depends_on`; see `get_delivery_task`.
    """
    names = {"table_name": table_name, "task_name": task_name, "instance_name": instance_name}
    return look_up_later(names, opts, get_delivery_task)


def list_delivery_tasks(
    table_name: str | None = None,
    instance_name: str | None = None,
    opts: pulumi.InvokeOptions | None = None,  # noqa: ARG001 - see get_delivery_task
) -> ListDeliveryTasksResult:
    """List delivery tasks.

    Args:
        table_name: The table; all tables of the instance by default.
        instance_name: The instance; the configured one by default.
        opts: See `get_delivery_task`.

    Raises:
        pulumi.RunError: The table does not exist, or the service could not be called.
    """
    with _lifecycle() as lifecycle:
        found = list(lifecycle.tasks(instance_name, table_name))
    return ListDeliveryTasksResult(
        [
            ListedDeliveryTask(str(task), task.table_name, task.task_name, mode)
            for task, mode in found
        ]
    )


def list_delivery_tasks_output(
    table_name: Input[str | None] = None,
    instance_name: Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> Output[ListDeliveryTasksResult]:
    """List delivery tasks by names that are outputs, or that the program itself creates.

    The lookup waits as that of `get_delivery_task_output` does.

    Args:
        table_name: The table; all tables of the instance by default.
        instance_name: The instance; the configured one by default.
        opts: A `pulumi.InvokeOutputOptions` with `depends_on`; see `get_delivery_task`.
    """
    names = {"table_name": table_name, "instance_name": instance_name}
    return look_up_later(names, opts, list_delivery_tasks)


@contextmanager
def _lifecycle() -> Iterator[Lifecycle]:
    """Yield the lifecycle. An error ends the program with its message alone."""
    from pulumi_tablestore_delivery.lifecycle import Lifecycle  # noqa: PLC0415 - see module
    from pulumi_tablestore_delivery.settings import Settings  # noqa: PLC0415 - see module

    try:
        yield Lifecycle(Settings(os.environ, _configuration))
    except DeliveryError as error:
        raise pulumi.RunError(str(error)) from None


def _configuration(key: str) -> Any:
    namespace, name = key.split(":", 1)
    return pulumi.Config(namespace).get(name) or ""
