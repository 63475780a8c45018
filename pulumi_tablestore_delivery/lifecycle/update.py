"""Update: apply inputs that only this package knows, and finish an interrupted create."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_tablestore_delivery.lifecycle.create import create
from pulumi_tablestore_delivery.lifecycle.engine_call import EngineCall
from pulumi_tablestore_delivery.lifecycle.outputs import ids_of, outputs_of, state_of
from pulumi_tablestore_delivery.lifecycle.types import UNCONFIRMED, Found
from pulumi_tablestore_delivery.lifecycle.waiting import awaited
from pulumi_tablestore_delivery.spec.properties import spec_of


def update(call: EngineCall, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Found:
    """See `Lifecycle.update`."""
    if olds.get(UNCONFIRMED):
        return create(call, news, sent=ids_of(olds))
    spec = spec_of(news)
    outputs = outputs_of(spec, state_of(olds), ids_of(olds))
    return awaited(call.connections, spec, outputs, call.timeout, call.report)
