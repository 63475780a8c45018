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
    read_properties,
    spec_of,
)
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN
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
    kept = readable_inputs(state)
    client = connections.client(task.instance_name, kept.get("tablestore_endpoint"))
    answer = describe(client, task)
    if answer is None:
        connections.require_own_region(client, task, kept.get("oss_endpoint"))
        return None
    if state.get(UNCONFIRMED) and content_differences(state, answer):
        return None  # somebody else's task: our create did not succeed
    spec = spec_of({**_described(answer, kept), **asdict(task)})
    outputs = outputs_of(spec, codec.described_state(answer), ids_of(state))
    mark = {EXTERNAL: True} if state.get(EXTERNAL) else {}
    return Found(task_id, properties_of(spec), {**outputs, **mark})


def readable_inputs(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs in a resource's state that this version can read."""
    return {
        name: value
        for name, value in properties_of(_draft_in(state)).items()
        if name in state
        and value is not UNKNOWN
        and not (isinstance(value, list) and UNKNOWN in value)
    }


def _draft_in(state: Mapping[str, Any]) -> DeliveryTaskDraft:
    """Return the task in a resource's state. A value that cannot be read is `UNKNOWN`."""
    inputs = {name: state[name] for name in DeliveryTaskDraft.model_fields if name in state}
    return read_properties(inputs).draft


def content_differences(
    state: Mapping[str, Any], answer: pb.DescribeDeliveryTaskResponse
) -> list[Difference]:
    """Return where the task on the service differs from the task in a resource's state.

    A value that this version cannot read differs only in the state of an unconfirmed task, and is
    `UNKNOWN` there: such a task is the resource's own only if its whole content is ours.
    """
    found = replacing_differences(_draft_in(state), answer)
    return found if state.get(UNCONFIRMED) else known_differences(found)


def known_differences(found: list[Difference]) -> list[Difference]:
    """Return the differences from values that are known."""
    return [item for item in found if item.old is not UNKNOWN]


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
