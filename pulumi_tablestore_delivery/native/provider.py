"""Answer the engine's requests with the lifecycle.

The engine tells create and update whether they are part of a preview, but not check and diff. So
the messages that check and diff give only in a preview come from create and update here: the cost
of a replacement, and the comparison with the table.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final, TypeVar

from pulumi.provider.experimental import provider as pulumi
from pulumi.provider.experimental.property_value import PropertyValue

from pulumi_tablestore_delivery.errors import (
    ConfigurationError,
    DeliveryError,
    TaskMissingError,
    Violation,
)
from pulumi_tablestore_delivery.frontend.declared import declared, fields_of
from pulumi_tablestore_delivery.frontend.engine_process import engine
from pulumi_tablestore_delivery.frontend.rows import RowReporter
from pulumi_tablestore_delivery.frontend.run_journal import journal_of_run
from pulumi_tablestore_delivery.frontend.transport import ProviderTransport
from pulumi_tablestore_delivery.lifecycle import Found, Lifecycle, Registry, TaskId
from pulumi_tablestore_delivery.message import Style, written
from pulumi_tablestore_delivery.native import names, secrets
from pulumi_tablestore_delivery.native.bags import bag, plain
from pulumi_tablestore_delivery.native.configuration import SECRETS, unknown_settings
from pulumi_tablestore_delivery.native.previewed import PreviewedTasks
from pulumi_tablestore_delivery.native.schema import described, package_schema
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.changes import Difference
from pulumi_tablestore_delivery.spec.naming import Scope

ResultT = TypeVar("ResultT")

_WORKERS: Final = 256
"""The most calls that wait for the service at once. The engine's `--parallel` may allow fewer."""

_DYNAMIC_PROVIDER: Final = "__provider"


class DeliveryProvider(pulumi.Provider):
    """The provider of the package `tablestore-delivery`.

    The engine starts a process for each provider resource, so there is one configuration.

    Args:
        version: The package's version.

    Attributes:
        explicit: Whether a program created the provider resource and gave it arguments.
    """

    def __init__(self, version: str) -> None:
        self.explicit = False
        self._configured: Lifecycle | None = None
        self._version = version
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="delivery")
        self._previewed = PreviewedTasks()

    async def get_schema(self, _request: pulumi.GetSchemaRequest) -> pulumi.GetSchemaResponse:
        """Return the package's schema."""
        return pulumi.GetSchemaResponse(json.dumps(package_schema(self._version)))

    async def check_config(self, request: pulumi.CheckRequest) -> pulumi.CheckResponse:
        """Mark the keys as secrets, even if they are plain text. Refuse unknown settings."""
        unknown = unknown_settings(
            request.new_inputs, in_stack=names.is_default_provider(request.urn.rpartition("::")[2])
        )
        return pulumi.CheckResponse(
            {
                name: value.with_secret(True) if name in SECRETS else value
                for name, value in request.new_inputs.items()
            },
            # The engine shows the value of a property that a failure names.
            [pulumi.CheckFailure("", message) for message in unknown],
        )

    async def configure(self, request: pulumi.ConfigureRequest) -> pulumi.ConfigureResponse:
        """Read the stack's configuration. Makes no call."""
        configuration = {key.rpartition(":")[2]: value for key, value in request.variables.items()}
        if not self.explicit:
            configuration |= _current_configuration()

        def read(key: str) -> str:
            namespace, _, name = key.partition(":")
            return configuration.get(name, "") if namespace == "tablestore" else ""

        settings = Settings(os.environ, read, configuration_first=self.explicit)
        self._configured = Lifecycle(
            settings, ProviderTransport(), registry=Registry(journal_of_run())
        )
        self._previewed = PreviewedTasks()
        return pulumi.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: pulumi.CheckRequest) -> pulumi.CheckResponse:
        """Fill in defaults, and report every violation at once."""
        declaration = declared(
            scope_of(request.urn), request.urn, _declaration_of(request.new_inputs)
        )
        checked = await self._run(
            self._lifecycle.check,
            plain(request.old_inputs),
            plain(request.new_inputs),
            replace(declaration, secret_prefixes=secrets.current.get().prefixes),
            self._row(request.urn),
        )
        failures = [_failure(violation, self.style) for violation in checked.violations]
        return pulumi.CheckResponse(bag(checked.inputs), failures)

    async def diff(self, request: pulumi.DiffRequest) -> pulumi.DiffResponse:
        """Return what changed, with the path of each value."""
        diff = await self._run(
            self._lifecycle.diff,
            plain(request.old_state),
            plain(request.new_inputs),
            self._row(request.urn),
            scope_of(request.urn),
        )
        return pulumi.DiffResponse(
            # A state that the dynamic provider wrote is written again in this provider's form.
            changes=bool(diff.differences)
            or diff.must_confirm
            or _DYNAMIC_PROVIDER in request.old_state,
            replaces=[names.camel(name) for name in diff.replaces],
            delete_before_replace=diff.delete_before_replace,
            diffs=list(dict.fromkeys(names.camel(item.input_name) for item in diff.differences)),
            detailed_diff={
                names.camel(item.path): pulumi.PropertyDiff(_kind(item), input_diff=False)
                for item in diff.differences
            },
        )

    async def create(self, request: pulumi.CreateRequest) -> pulumi.CreateResponse:
        """Create the task and wait for it. A failed wait keeps the resource in the state."""
        inputs, row = plain(request.properties), self._row(request.urn)
        if request.preview:
            expected = await self._run(
                self._lifecycle.preview, {}, inputs, row, scope_of(request.urn)
            )
            self._previewed.add(expected)
            return pulumi.CreateResponse("", bag(expected))
        found: Found = await self._run(
            self._lifecycle.create, inputs, row, request.timeout or None, scope_of(request.urn)
        )
        return pulumi.CreateResponse(found.id, bag(found.outputs))

    async def read(self, request: pulumi.ReadRequest) -> pulumi.ReadResponse:
        """Read the task as it is. An empty id means that it does not exist any more."""
        state = plain(request.properties)
        found: Found | None
        if "table_name" in state:
            found = await self._run(self._lifecycle.read, request.resource_id, state)
        else:  # an import, or a task that a program only reads
            found = await self._run(self._lifecycle.existing, request.resource_id, state)
        if found is None:
            return pulumi.ReadResponse("")
        return pulumi.ReadResponse(found.id, bag(found.outputs), bag(found.inputs))

    async def update(self, request: pulumi.UpdateRequest) -> pulumi.UpdateResponse:
        """Apply local-only inputs and resume a failed wait."""
        olds, news, row = plain(request.olds), plain(request.news), self._row(request.urn)
        if request.preview:
            return pulumi.UpdateResponse(
                bag(await self._run(self._lifecycle.preview, olds, news, row))
            )
        found = await self._run(
            self._lifecycle.update, olds, news, row, request.timeout or None, scope_of(request.urn)
        )
        return pulumi.UpdateResponse(bag(found.outputs))

    async def delete(self, request: pulumi.DeleteRequest) -> None:
        """Delete the task, unless it is gone or not this resource's own."""
        await self._run(
            self._lifecycle.delete,
            request.resource_id,
            plain(request.properties),
            self._row(request.urn),
            request.timeout or None,
        )

    async def invoke(self, request: pulumi.InvokeRequest) -> pulumi.InvokeResponse:
        """Look up one task, or list tasks."""
        arguments = plain(request.args)
        if request.tok == names.GET:
            return pulumi.InvokeResponse(bag(await self._run(self._get, arguments)))
        if request.tok == names.LIST:
            return pulumi.InvokeResponse(bag(await self._run(self._list, arguments)))
        raise DeliveryError(
            f"{request.tok!r} is not a function of this package. It has {names.GET} and "
            f"{names.LIST}."
        )

    async def cancel(self) -> None:
        """Cancel all waits, so that the engine can save the state."""
        if self._configured:
            self._configured.cancel()

    @property
    def style(self) -> Style:
        """How messages write names: a setting as it is given to this provider."""
        return names.in_provider_style if self.explicit else names.in_schema_style

    def _row(self, urn: str) -> Row:
        return Row(urn, self.style)

    @property
    def _lifecycle(self) -> Lifecycle:
        if self._configured is None:
            raise ConfigurationError(
                f"The provider {names.PACKAGE} is not configured yet. Pulumi's engine calls "
                "Configure before it asks for anything of a task."
            )
        return self._configured

    def _get(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        instance, table, task = _names(arguments)
        task_id = self._lifecycle.task_id(table, task, instance)
        try:
            found = self._lifecycle.existing(str(task_id))
        except TaskMissingError:
            expected = self._previewed.find(task_id)
            if expected is None:
                raise
            return {"id": str(task_id), **described(expected)}
        return {"id": found.id, **described(found.outputs)}

    def _list(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        instance, table, _ = _names(arguments)
        instance = self._lifecycle.task_id("", "", instance).instance_name
        found = self._previewed.list(instance, table) | dict(self._lifecycle.tasks(instance, table))
        return {
            "tasks": [
                _listed(task, found[task])
                for task in sorted(found, key=attrgetter("table_name", "task_name"))
            ]
        }

    async def _run(self, work: Callable[..., ResultT], *arguments: Any) -> ResultT:
        """Run a function in a thread, so that the engine's other requests are answered."""
        loop = asyncio.get_running_loop()

        def run() -> ResultT:
            engine().require()
            return work(*arguments)

        return await loop.run_in_executor(self._pool, run)


class Row(RowReporter):
    """A resource's row. Messages name inputs as the package's schema does and mask secrets.

    Args:
        urn: The resource.
        style: How names are written.
    """

    def __init__(self, urn: str, style: Style) -> None:
        super().__init__(urn)
        self._style = style
        self._secrets = secrets.current.get()

    def status(self, message: str) -> None:
        """Show the current progress."""
        super().status(self._secrets.mask(written(message, self._style)))

    def warn(self, message: str) -> None:
        """Log a warning."""
        super().warn(self._secrets.mask(written(message, self._style)))

    def info(self, message: str) -> None:
        """Log a message that needs no action."""
        super().info(self._secrets.mask(written(message, self._style)))


def _declaration_of(inputs: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Return the declaration that a Python program sends; empty for other languages."""
    property_value = inputs.get(names.DECLARATION)
    return fields_of(None if property_value is None else property_value.value)


def scope_of(urn: str) -> Scope:
    """Return where a resource is declared, according to its URN.

    The resource's type is part of the scope. So if a program changes from the dynamic provider
    without an alias, its new task gets another name than the one that is then deleted.
    """
    return Scope.of_urn(urn, with_own_type=True)


def _current_configuration() -> dict[str, str]:
    """Return this package's current configuration of the stack.

    The engine passes it to each provider in the environment. A refresh or a destroy that does not
    run the program configures a provider from the state, whose access keys may be outdated.
    """
    try:
        found = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _names(arguments: Mapping[str, Any]) -> list[Any]:
    return [arguments.get(name) or None for name in ("instance_name", "table_name", "task_name")]


def _listed(task: TaskId, mode: str) -> dict[str, Any]:
    return {
        "id": str(task),
        "table_name": task.table_name,
        "task_name": task.task_name,
        "mode": mode,
    }


def _failure(violation: Violation, style: Style) -> pulumi.CheckFailure:
    """Return a failure with its path. The engine shows the value of a top-level property only."""
    if violation.path.isidentifier():
        message = written(violation.message, style)
        return pulumi.CheckFailure(names.camel(violation.path), message)
    return pulumi.CheckFailure("", written(violation.full_message, style))


def _kind(item: Difference) -> pulumi.PropertyDiffKind:
    kind = "UPDATE"
    if item.old is None:
        kind = "ADD"
    elif item.new is None:
        kind = "DELETE"
    return pulumi.PropertyDiffKind[f"{kind}_REPLACE" if item.replaces else kind]
