"""Read: the task as it is, or the certainty that it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.lifecycle.connections import Connections, describe
from pulumi_tablestore_delivery.lifecycle.types import (
    Found,
    TaskId,
    location_of,
    state_outputs,
)
from pulumi_tablestore_delivery.spec.endpoints import same_endpoint
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.properties import properties_of, spec_of
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

_TOLD_BY_ABSENCE: Final = ("event_time_column", "oss_dirty_prefix")
"""Inputs that a description leaves out when the task does not have them."""


def read(connections: Connections, task_id: str, state: Mapping[str, Any]) -> Found | None:
    """See `Lifecycle.read`."""
    task = TaskId.parse(task_id)
    known = {name: state[name] for name in DeliveryTaskSpec.model_fields if name in state}
    client = connections.client(task.instance_name, known.get("tablestore_endpoint"))
    answer = describe(client, task)
    if answer is None:
        connections.insist_on_region(client, task, known.get("oss_endpoint"))
        return None
    spec = _spec(task, answer, known)
    outputs = {
        **properties_of(spec),
        **state_outputs(codec.described_state(answer)),
        "location": location_of(spec),
        "request_id": state.get("request_id") or "",
        "trace_id": state.get("trace_id") or "",
    }
    return Found(task_id, properties_of(spec), outputs)


def described_spec(
    answer: pb.DescribeDeliveryTaskResponse, wanted: DeliveryTaskSpec
) -> DeliveryTaskSpec:
    """What the service describes, with what it does not know taken from what is wanted."""
    return _spec(TaskId.of(wanted), answer, properties_of(wanted))


def _spec(
    task: TaskId, answer: pb.DescribeDeliveryTaskResponse, known: Mapping[str, Any]
) -> DeliveryTaskSpec:
    described = codec.described_inputs(answer)
    if same_endpoint(str(known.get("oss_endpoint")), described["oss_endpoint"]):
        described["oss_endpoint"] = known["oss_endpoint"]  # the same, in the owner's words
    return spec_of(
        {
            **{name: value for name, value in known.items() if name not in _TOLD_BY_ABSENCE},
            **described,
            "instance_name": task.instance_name,
            "table_name": task.table_name,
            "task_name": task.task_name,
        }
    )
