"""Read a task as the service describes it, or find out for certain that it does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.lifecycle.connections import Connections, describe
from pulumi_tablestore_delivery.lifecycle.outputs import ids_of, outputs_of
from pulumi_tablestore_delivery.lifecycle.types import EXTERNAL, UNCONFIRMED, Found, TaskId
from pulumi_tablestore_delivery.spec.changes import Difference, differences
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.endpoints import same_endpoint
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, inputs_of
from pulumi_tablestore_delivery.spec.properties import (
    draft_of,
    properties_of,
    readable_spec_of,
    spec_of,
)
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

_ABSENT_IF_UNSET: Final = frozenset(
    name
    for name, about in inputs_of(DeliveryTaskSpec)
    if about.wire and DeliveryTaskSpec.model_fields[name].default is None
)
"""Inputs that a description omits if the task does not have them."""


def read(connections: Connections, task_id: str, state: Mapping[str, Any]) -> Found | None:
    """See `Lifecycle.read`."""
    task = TaskId.parse(task_id)
    known = {name: state[name] for name in DeliveryTaskSpec.model_fields if name in state}
    client = connections.client(task.instance_name, known.get("tablestore_endpoint"))
    answer = describe(client, task)
    if answer is None:
        connections.insist_on_region(client, task, known.get("oss_endpoint"))
        return None
    if state.get(UNCONFIRMED) and content_differences(state, answer):
        return None  # somebody else's task: our create did not succeed
    spec = spec_of({**_described(answer, known), **asdict(task)})
    outputs = outputs_of(spec, codec.described_state(answer), ids_of(state))
    mark = {EXTERNAL: True} if state.get(EXTERNAL) else {}
    return Found(task_id, properties_of(spec), {**outputs, **mark})


def content_differences(
    state: Mapping[str, Any], answer: pb.DescribeDeliveryTaskResponse
) -> list[Difference]:
    """Return where the task on the service differs from the task in a resource's state.

    If this version cannot read the state, no difference is returned.
    """
    spec = readable_spec_of(state)
    return replacing_differences(spec, answer) if spec is not None else []


def replacing_differences(
    draft: DeliveryTaskDraft, answer: pb.DescribeDeliveryTaskResponse
) -> list[Difference]:
    """Return where the task on the service differs from `draft` in values that create sends.

    Names are not compared: the task was described by its name.
    """
    wanted = properties_of(draft)
    described = draft_of(_described(answer, wanted))
    return [item for item in differences(draft, described) if item.replaces]


def _described(answer: pb.DescribeDeliveryTaskResponse, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the described inputs. Those that only this package knows come from `known`."""
    described = codec.described_inputs(answer)
    if same_endpoint(str(known.get("oss_endpoint")), described["oss_endpoint"]):
        described["oss_endpoint"] = known["oss_endpoint"]  # the same, as the program writes it
    return {
        **{name: value for name, value in known.items() if name not in _ABSENT_IF_UNSET},
        **described,
    }
