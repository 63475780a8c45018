"""The provider that a program pickles, and that the host calls."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.dynamic.service import Service


class DeliveryTaskProvider(ResourceProvider):
    """The dynamic provider of `DeliveryTask`.

    A program that declares a resource pickles the provider and never calls it. So the modules
    that calls need (pydantic, requests) are imported with the first call.

    Args:
        load: The function that a pickled provider refers to.
    """

    serialize_as_secret_always = False

    _service: Service

    def __init__(self, load: Callable[[], DeliveryTaskProvider]) -> None:
        self._load = load

    def __reduce__(self) -> tuple[Callable[[], DeliveryTaskProvider], tuple[()]]:
        """Pickle as a reference, so that the state does not contain code or configuration."""
        return self._load, ()

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's configuration. Makes no call."""
        with _no_garbage_collection():
            # Not at the top: a program that declares a resource does not need it.
            from pulumi_tablestore_delivery.dynamic.service import Service  # noqa: PLC0415 - slow to import

        self._service = Service(req.config.get, type(self))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Fill in defaults, and report every violation at once."""
        return self._service.check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Return what changed. The engine itself compares the inputs to show where."""
        return self._service.diff(_olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the task and wait for it. A failed wait keeps the resource in the state."""
        return self._service.create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the task as it is. An empty id means that it does not exist."""
        return self._service.read(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Apply local-only inputs and resume a failed wait."""
        return self._service.update(_olds, _news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the task, unless it is gone or not this resource's own."""
        self._service.delete(_id, _props)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Pause garbage collection, which takes a sixth of the time of an import and frees nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
