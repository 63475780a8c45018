"""One call of the engine, with what every operation needs."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import Reporter
from pulumi_tablestore_delivery.spec.naming import Scope


@dataclass(frozen=True)
class EngineCall:
    """One call of the engine.

    Attributes:
        connections: Clients of instances.
        registry: The tasks that this process has seen in this run.
        report: The resource's row in the CLI.
        scope: Where the resource is declared; None if the front end cannot know it.
        timeout: Seconds to wait at most; None for the input `timeout_seconds`.
    """

    connections: Connections
    registry: Registry
    report: Reporter
    scope: Scope | None = None
    timeout: float | None = None
