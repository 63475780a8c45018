"""Pulumi's calls in, the lifecycle's answers out."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
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
from pulumi_tablestore_delivery.frontend import engine_process
from pulumi_tablestore_delivery.frontend.mistakes import MISTAKEN

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.errors import Violation
    from pulumi_tablestore_delivery.lifecycle import (
        Checked,
        Declaration,
        Found,
        Lifecycle,
        Registry,
    )
    from pulumi_tablestore_delivery.spec.naming import Scope

DECLARATION: Final = "_declaration"
"""The property by which a program tells where it declares a resource; check takes it out."""

CallT = TypeVar("CallT", bound=Callable[..., Any])


def _plainly(method: CallT) -> CallT:
    """Report expected errors without a traceback; keep the traceback of a bug."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        from pulumi_tablestore_delivery.errors import DeliveryError  # noqa: PLC0415 - see module

        try:
            with own_calls:
                engine_process.engine().require()
                return method(*args, **kwargs)
        except DeliveryError as error:
            raise host.PlainError(str(error)) from None

    return call  # type: ignore[return-value]  # same parameters, same result


class DeliveryTaskProvider(ResourceProvider):
    """The dynamic provider of `DeliveryTask`.

    A program that declares a resource pickles the provider and never calls it. So whatever the
    calls need (pydantic, requests) is imported with the first call.

    Args:
        load: The function that a pickled provider refers to.
    """

    serialize_as_secret_always = False

    _lifecycle: Lifecycle

    def __init__(self, load: Callable[[], DeliveryTaskProvider]) -> None:
        self._load = load

    def __reduce__(self) -> tuple[Callable[[], DeliveryTaskProvider], tuple[()]]:
        """Pickle as a reference, so that the state holds no code and no configuration."""
        return self._load, ()

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's configuration. Makes no call."""
        from pulumi_tablestore_delivery.frontend.transport import (  # noqa: PLC0415 - see class
            ProviderTransport,
        )
        from pulumi_tablestore_delivery.lifecycle import Lifecycle  # noqa: PLC0415 - see class
        from pulumi_tablestore_delivery.settings import Settings  # noqa: PLC0415 - see class

        host.show_plain_errors()
        other_calls = host.serve_more_calls_at_once(DeliveryTaskProvider)

        def configuration(key: str) -> str:
            value = req.config.get(key)
            return "" if value is None else str(value)

        settings = Settings(os.environ, configuration)
        self._lifecycle = Lifecycle(settings, ProviderTransport(), registry=_registry())
        end_with_engine(self._lifecycle.cancel, other_calls)

    @_plainly
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Fills in defaults, and reports every failure at once."""
        given = _from_pulumi(news)
        declaration = _declaration(given.pop(DECLARATION, {}))
        olds = _from_pulumi(_olds)
        olds.pop(DECLARATION, None)
        row = host.RowReporter()
        checked: Checked = self._lifecycle.check(olds, given, declaration, row)
        if declaration.preview and _are_shown(checked.violations, row):
            return CheckResult({**news, DECLARATION: {MISTAKEN: True}}, [])
        return CheckResult(
            _to_pulumi(checked.inputs),
            [_failure(item) for item in checked.violations],
        )

    @_plainly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Tells what changed; the engine compares the inputs itself to show where."""
        if DECLARATION in _news:  # a preview of inputs with mistakes, which check has shown
            return DiffResult(changes=True)
        diff = self._lifecycle.diff(
            _from_pulumi(_olds), _from_pulumi(_news), host.RowReporter(), _scope()
        )
        return DiffResult(
            changes=True if diff.must_confirm else None if diff.differences else False,
            replaces=diff.replaces,
            delete_before_replace=diff.delete_before_replace,
        )

    @_plainly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates the task and waits for it; a failed wait keeps it in the state."""
        found = self._finished(
            lambda: self._lifecycle.create(
                _from_pulumi(props), host.RowReporter(), host.timeout(), _scope()
            ),
            props,
        )
        return CreateResult(found.id, found.outputs)

    @_plainly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Reads the task as it is; an empty id says that it does not exist."""
        from pulumi_tablestore_delivery.lifecycle import EXTERNAL  # noqa: PLC0415 - see class

        state = _from_pulumi(props)
        if "table_name" not in state:  # `DeliveryTask.get`: nothing else reads an unknown task
            state[EXTERNAL] = True
        found = self._lifecycle.read(id_, state)
        if found is None:
            return ReadResult("", {})
        return ReadResult(found.id, found.outputs, found.inputs)

    @_plainly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Apply local-only inputs and resume a failed wait."""
        found = self._finished(
            lambda: self._lifecycle.update(
                _from_pulumi(_olds),
                _from_pulumi(_news),
                host.RowReporter(),
                host.timeout(),
                _scope(),
            ),
            _news,
        )
        return UpdateResult(found.outputs)

    @_plainly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the task, unless it is gone or not this resource's own."""
        self._lifecycle.delete(_id, _from_pulumi(_props), host.RowReporter(), host.timeout())

    def _finished(self, work: Callable[[], Found], props: dict[str, Any]) -> Found:
        """What the work found; a wait that failed fails the call and keeps the resource."""
        from pulumi_tablestore_delivery.lifecycle import InitializationError  # noqa: PLC0415

        try:
            return work()
        except InitializationError as error:
            kept = {**error.found.outputs, host.PROVIDER_KEY: props[host.PROVIDER_KEY]}
            if host.keep_despite_failure(error.found.id, kept, str(error)):
                raise
            host.RowReporter().warn(str(error))
            return error.found


def _are_shown(violations: list[Violation], row: host.RowReporter) -> bool:
    """Show mistakes on the resource's row. Return whether there are some and all are shown."""
    return bool(violations) and all(row.error(str(violation)) for violation in violations)


def _failure(violation: Violation) -> CheckFailure:
    """A failure with its path: the engine shows the value only of a property at the top."""
    if violation.path.isidentifier():
        return CheckFailure(violation.path, str(violation.message))
    return CheckFailure("", str(violation))


@lru_cache(maxsize=1)
def _registry() -> Registry:
    """Return the registry that all provider objects of this process share."""
    from pulumi_tablestore_delivery.lifecycle import Registry  # noqa: PLC0415 - see class

    return Registry()


def _scope() -> Scope | None:
    """Return where the resource of the current call is declared; None if it cannot be known."""
    from pulumi_tablestore_delivery.spec.naming import Scope  # noqa: PLC0415 - see class

    urn = host.current_urn()
    return Scope.of_urn(urn, with_own_type=False) if urn else None


def _declaration(given: dict[str, Any]) -> Declaration:
    from pulumi_tablestore_delivery.frontend.declared import declared  # noqa: PLC0415 - see class
    from pulumi_tablestore_delivery.spec.naming import Scope  # noqa: PLC0415 - see class

    names = {name: given.get(name, "") for name in ("project", "stack", "parent", "resource")}
    return declared(_scope() or Scope(**names), host.current_urn(), given)


def _from_pulumi(value: Any) -> Any:
    """A bag as the lifecycle takes it: unknown values marked, the provider left out."""
    from pulumi_tablestore_delivery.spec.unknown import UNKNOWN  # noqa: PLC0415 - see class

    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _from_pulumi(item) for key, item in value.items() if key != host.PROVIDER_KEY}
    if isinstance(value, list):
        return [_from_pulumi(item) for item in value]
    return value


def _to_pulumi(value: Any) -> Any:
    from pulumi_tablestore_delivery.spec.unknown import UNKNOWN  # noqa: PLC0415 - see class

    if value is UNKNOWN:
        return PULUMI_UNKNOWN
    if isinstance(value, dict):
        return {key: _to_pulumi(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_pulumi(item) for item in value]
    return value
