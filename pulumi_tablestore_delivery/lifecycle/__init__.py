"""The life of a delivery task: one object, `Lifecycle`, its verbs, and what the verbs share."""

from pulumi_tablestore_delivery.lifecycle.lifecycle import Lifecycle
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import (
    EXTERNAL,
    MARKS,
    Checked,
    Declaration,
    Diff,
    Found,
    InitializationError,
    Reporter,
    StateEntries,
    TaskId,
)

__all__ = [
    "EXTERNAL",
    "MARKS",
    "Checked",
    "Declaration",
    "Diff",
    "Found",
    "InitializationError",
    "Lifecycle",
    "Registry",
    "Reporter",
    "StateEntries",
    "TaskId",
]
