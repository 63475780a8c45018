"""Answer the engine's calls with the lifecycle.

A program never calls its provider. So only the provider's process loads this module, and with it
the lifecycle, pydantic and requests.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import UNKNOWN as PULUMI_UNKNOWN
from pulumi.output import Unknown

from pulumi_tablestore_delivery.dynamic import host
from pulumi_tablestore_delivery.dynamic.ending import end_with_engine, own_calls
from pulumi_tablestore_delivery.dynamic.registration import DECLARATION, PROVIDER_KEY
from pulumi_tablestore_delivery.errors import DeliveryError, Violation
from pulumi_tablestore_delivery.frontend import engine_process
from pulumi_tablestore_delivery.frontend.declared import declared, fields_of
from pulumi_tablestore_delivery.frontend.run_journal import journal_of_run
from pulumi_tablestore_delivery.frontend.transport import ProviderTransport
from pulumi_tablestore_delivery.frontend.violations import HAS_VIOLATIONS
from pulumi_tablestore_delivery.lifecycle import (
    EXTERNAL,
    MARKS,
    Declaration,
    Found,
    InitializationError,
    Lifecycle,
    Registry,
)
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.changes import input_of
from pulumi_tablestore_delivery.spec.naming import Scope
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

CallT = TypeVar("CallT", bound=Callable[..., Any])


def _plainly(method: CallT) -> CallT:
    """Report expected errors without a traceback; keep the traceback of a bug."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            with own_calls:
                engine_process.engine().require()
                return method(*args, **kwargs)
        except DeliveryError as error:
            raise host.PlainError(str(error)) from None

    return call  # type: ignore[return-value]  # same parameters, same result


class Service:
    """The answers to the calls of the engine, for one configuration.

    Args:
        configuration: Returns a value of the stack's configuration by its key.
        ours: The class of this package's provider.
    """

    def __init__(self, configuration: Callable[[str], Any], ours: type[ResourceProvider]) -> None:
        host.show_plain_errors()
        other_calls = host.serve_more_calls_at_once(ours)

        def read(key: str) -> str:
            value = configuration(key)
            return "" if value is None else str(value)

        settings = Settings(os.environ, read)
        self._lifecycle = Lifecycle(settings, ProviderTransport(), registry=_registry())
        end_with_engine(self._lifecycle.cancel, other_calls)

    @_plainly
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Fill in defaults, and report every violation at once."""
        given = _sent(news, "news")
        declaration = _declaration(fields_of(given.pop(DECLARATION, None)))
        before = _sent(olds, "olds")
        before.pop(DECLARATION, None)
        row = host.RowReporter()
        checked = self._lifecycle.check(before, given, declaration, row)
        if declaration.preview and _are_shown(checked.violations, row):
            return CheckResult(
                {
                    **_without_violations(news, checked.violations),
                    DECLARATION: {HAS_VIOLATIONS: True},
                },
                [],
            )
        return CheckResult(
            _to_pulumi(checked.inputs),
            [_failure(item) for item in checked.violations],
        )

    @_plainly
    def diff(self, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Return what changed. The engine itself compares the inputs to show where."""
        if DECLARATION in news:  # a preview of invalid inputs, which check has reported
            return DiffResult(changes=True)
        diff = self._lifecycle.diff(
            _sent(olds, "olds"), _sent(news, "news"), host.RowReporter(), _scope()
        )
        return DiffResult(
            changes=True if diff.must_confirm else None if diff.differences else False,
            replaces=diff.replaces,
            delete_before_replace=diff.delete_before_replace,
        )

    @_plainly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the task and wait for it. A failed wait keeps the resource in the state."""
        found = self._finished(
            lambda: self._lifecycle.create(
                _sent(props, "properties"), host.RowReporter(), host.timeout(), _scope()
            ),
            props,
        )
        return CreateResult(found.id, found.outputs)

    @_plainly
    def read(self, task_id: str, props: dict[str, Any]) -> ReadResult:
        """Read the task as it is. An empty id means that it does not exist any more."""
        state = _sent(props, "properties")
        found: Found | None
        if "table_name" in state:
            found = self._lifecycle.read(task_id, state)
        else:  # only `DeliveryTask.get` reads a task that is not in the state
            found = self._lifecycle.existing(task_id, {**state, EXTERNAL: True})
        if found is None:
            return ReadResult("", {})
        return ReadResult(found.id, found.outputs, found.inputs)

    @_plainly
    def update(self, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Apply local-only inputs and resume a failed wait."""
        found = self._finished(
            lambda: self._lifecycle.update(
                _sent(olds, "olds"),
                _sent(news, "news"),
                host.RowReporter(),
                host.timeout(),
                _scope(),
            ),
            news,
        )
        return UpdateResult(found.outputs)

    @_plainly
    def delete(self, task_id: str, props: dict[str, Any]) -> None:
        """Delete the task, unless it is gone or not this resource's own."""
        row = host.RowReporter()
        self._lifecycle.delete(task_id, _sent(props, "properties"), row, host.timeout())

    def _finished(self, work: Callable[[], Found], props: dict[str, Any]) -> Found:
        """Return the result of the work. A failed wait fails the call and keeps the resource."""
        try:
            return work()
        except InitializationError as error:
            kept = {**error.found.outputs, PROVIDER_KEY: props[PROVIDER_KEY]}
            if host.keep_despite_failure(error.found.id, kept, str(error)):
                raise
            host.RowReporter().warn(str(error))
            return error.found


def _without_violations(news: dict[str, Any], violations: list[Violation]) -> dict[str, Any]:
    """Return the inputs without violations: Pulumi fails for an output of the wrong shape."""
    violating = {input_of(violation.path) for violation in violations}
    return {name: value for name, value in news.items() if name not in violating}


def _are_shown(violations: list[Violation], row: host.RowReporter) -> bool:
    """Show violations on the resource's row. Return whether there are some and all are shown."""
    return bool(violations) and all(row.error(str(violation)) for violation in violations)


def _failure(violation: Violation) -> CheckFailure:
    """Return a failure with its path. The engine shows the value of a top-level property only."""
    if violation.path.isidentifier():
        return CheckFailure(violation.path, str(violation.message))
    return CheckFailure("", str(violation))


@lru_cache(maxsize=1)
def _registry() -> Registry:
    """Return the registry that all provider objects of this process share."""
    return Registry(journal_of_run())


def _scope() -> Scope | None:
    """Return where the resource of the current call is declared; None if it cannot be known."""
    urn = host.current_urn()
    return Scope.of_urn(urn, with_own_type=False) if urn else None


def _declaration(fields: dict[str, Any]) -> Declaration:
    names = {name: fields.get(name, "") for name in ("project", "stack", "parent", "resource")}
    return declared(_scope() or Scope(**names), host.current_urn(), fields)


def _sent(properties: dict[str, Any], field: str) -> dict[str, Any]:
    """Return properties that the engine sent in a field of its request, with their marks."""
    return {**host.sent_marks(field, MARKS), **_from_pulumi(properties)}


def _from_pulumi(value: Any) -> Any:
    """Return a property bag for the lifecycle: with `UNKNOWN`, without the provider."""
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _from_pulumi(item) for key, item in value.items() if key != PROVIDER_KEY}
    if isinstance(value, list):
        return [_from_pulumi(item) for item in value]
    return value


def _to_pulumi(value: Any) -> Any:
    if value is UNKNOWN:
        return PULUMI_UNKNOWN
    if isinstance(value, dict):
        return {key: _to_pulumi(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_pulumi(item) for item in value]
    return value
