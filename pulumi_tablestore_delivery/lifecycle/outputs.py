"""The outputs of a task, assembled in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_tablestore_delivery.client.client import CallIds
from pulumi_tablestore_delivery.client.codec import NEW_TASK, TaskState
from pulumi_tablestore_delivery.lifecycle.types import UNCONFIRMED
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import OUTPUTS, DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.parts import destination_of
from pulumi_tablestore_delivery.spec.properties import properties_of
from pulumi_tablestore_delivery.spec.surroundings import Destination
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN


def outputs_of(spec: DeliveryTaskSpec, state: TaskState, ids: CallIds) -> dict[str, Any]:
    """Return the outputs of a task that exists."""
    return {
        **properties_of(spec),
        **state_outputs(state),
        "location": Destination("", spec.oss_bucket, spec.oss_prefix).location,
        "request_id": ids.request_id,
        "trace_id": ids.trace_id,
    }


def unconfirmed_outputs(spec: DeliveryTaskSpec, ids: CallIds) -> dict[str, Any]:
    """Return the outputs of a task that may or may not exist."""
    return {**outputs_of(spec, NEW_TASK, ids), UNCONFIRMED: True}


def previewed_outputs(draft: DeliveryTaskDraft, olds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs that a preview knows; all others are `UNKNOWN`.

    Args:
        draft: The task as it will be.
        olds: The resource's outputs in the state; empty for a new one.
    """
    kept = {name: olds[name] for name in ("request_id", "trace_id") if name in olds}
    destination = destination_of(draft)
    return {
        **properties_of(draft),
        **dict.fromkeys(OUTPUTS, UNKNOWN),
        **kept,
        "location": UNKNOWN if destination is None else destination.location,
    }


def ids_of(outputs: Mapping[str, Any]) -> CallIds:
    """Return the ids of the create in a resource's outputs."""
    return CallIds(outputs.get("request_id") or "", outputs.get("trace_id") or "")


def state_of(outputs: Mapping[str, Any]) -> TaskState:
    """Return the task's state in a resource's outputs."""
    return TaskState(
        phase=outputs.get("phase") or "INIT",
        error_code=outputs.get("error_code") or "OK",
        error_detail=outputs.get("error_detail") or "",
        synced_until=outputs.get("synced_until") or "",
    )


def state_outputs(state: TaskState) -> dict[str, str]:
    """Return a task's state as outputs."""
    return {
        "phase": state.phase,
        "synced_until": state.synced_until,
        "error_code": state.error_code,
        "error_detail": state.error_detail,
    }
