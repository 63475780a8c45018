"""Follow a task's phase until the task reaches the state that `wait_for` names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.errors import (
    DeliveryError,
    ServiceError,
)
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.outputs import state_of, state_outputs
from pulumi_tablestore_delivery.lifecycle.polling import Backoff, is_transient, summary_of
from pulumi_tablestore_delivery.lifecycle.types import (
    Found,
    InitializationError,
    Reporter,
    TaskId,
)
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.properties import properties_of

REMEDIES: Final[Mapping[str, str]] = {
    "UNAUTHORIZED": Message(
        "The role is missing or may not write to the bucket: check {.role_arn}, and create the "
        "service-linked role for data delivery in the account that owns the bucket."
    ),
    "INVALID_OSS_BUCKET": (
        "The bucket does not exist or is in another region: create it in the instance's region; "
        "the service then writes everything again."
    ),
}
"""The remedy for an error that a task reports, by its code."""

_CAUSES: Final = {
    "UNAUTHORIZED": "a role that was just created",
    "INVALID_OSS_BUCKET": "a bucket that was just created",
}
"""A possible cause of an error that a new task reports, by its code (assumed)."""


def remedy_of(error_code: str) -> str:
    """Return the remedy for an error that a task reports."""
    return REMEDIES.get(error_code, "See the service's documentation.")


def awaited(
    connections: Connections,
    spec: DeliveryTaskSpec,
    outputs: dict[str, Any],
    timeout: float | None,
    report: Reporter,
    *,
    grace: float = 0.0,
) -> Found:
    """Wait until the task reaches the state that `wait_for` names. Send nothing if it has.

    A transient failure of a poll does not end the wait; see `polling.is_transient`.

    Args:
        connections: The instances' clients.
        spec: The task.
        outputs: The task's outputs, as far as they are known.
        timeout: Seconds; the task's `timeout_seconds` if None.
        report: Shows progress.
        grace: Seconds during which UNAUTHORIZED and INVALID_OSS_BUCKET do not end the wait. Only
            a create that has just made the task gives some (`Settings.health_grace`).

    Raises:
        InitializationError: The task reports an error, the deadline passed, or the service
            gave an answer that no later poll can change.
    """
    found = Found(str(TaskId.of(spec)), properties_of(spec), outputs)
    state = state_of(outputs)
    if spec.wait_for == "none" or (state.error_code == "OK" and _has_arrived(spec, state)):
        return found
    client = connections.client_of(spec)
    backoff = Backoff(
        connections.clock,
        float(spec.timeout_seconds) if timeout is None else timeout,
        connections.stop,
    )
    wait = _Wait(spec, found, state, backoff, grace)
    while progress := wait.poll(client):
        if backoff.is_over:
            raise InitializationError(wait.found, wait.timeout_reason())
        report.status(f"{progress} ({backoff.waited:.0f} s)")
        backoff.sleep(wait.grace_left or inf)
    report.status(f"phase {wait.state.phase}")
    return wait.found


class _Wait:
    """A running wait: the task's last known state, and the last failure since then.

    Args:
        spec: The task.
        found: What is known of it.
        state: Its state, as far as it is known.
        backoff: The pauses and the deadline.
        grace: Seconds during which a new task may report an error.
    """

    def __init__(
        self,
        spec: DeliveryTaskSpec,
        found: Found,
        state: codec.TaskState,
        backoff: Backoff,
        grace: float,
    ) -> None:
        self.found = found
        self.state = state
        self._spec = spec
        self._backoff = backoff
        self._grace = grace
        self._failure: DeliveryError | None = None

    @property
    def grace_left(self) -> float:
        """Seconds until an error that the task reports ends the wait."""
        return 0.0 if self._backoff.is_over else max(0.0, self._grace - self._backoff.waited)

    def poll(self, client: TablestoreClient) -> str:
        """Ask for the task's state once.

        Returns:
            The reason to poll again, as a progress message; empty if the wait is over.

        Raises:
            InitializationError: No later poll can change the answer.
        """
        try:
            answer = client.describe_delivery_task(
                self._spec.table_name, self._spec.task_name, within=self._backoff.poll_timeout
            )
        except DeliveryError as error:
            if not is_transient(error):
                raise InitializationError(self.found, self._why(error)) from None
            self._failure = error
            return f"{summary_of(error)}, retrying"
        self._failure = None
        self.state = codec.described_state(answer)
        self.found = replace(
            self.found, outputs={**self.found.outputs, **state_outputs(self.state)}
        )
        if self.state.error_code != "OK":
            return self._tolerated_error()
        if _has_arrived(self._spec, self.state):
            return ""
        return f"phase {self.state.phase}, waiting for {self._spec.wait_for}"

    def _tolerated_error(self) -> str:
        code = self.state.error_code
        cause = _CAUSES.get(code)
        if cause is None or not self.grace_left:
            raise InitializationError(self.found, _unhealthy(self.found.id, self.state))
        return f"the task reports {code}, waiting up to {self._grace:g} s for {cause}"

    def _why(self, error: DeliveryError) -> str:
        if isinstance(error, ServiceError) and error.is_not_found:
            return (
                f"{self.found.id}: the task does not exist any more. It was deleted outside this "
                "program. Run `pulumi up --refresh` to create it again."
            )
        return error.message

    def timeout_reason(self) -> str:
        """Return why the wait ended: the last known phase and the last failure."""
        task, wait_for, phase = self.found.id, self._spec.wait_for, self.state.phase
        failure: str = ""
        if self._failure:
            failure = Message(" The last poll failed: {why}.", why=self._failure.message)
        if self._backoff.is_cancelled:
            return Message(
                "{task}: the wait for {wait_for} was cancelled in phase {phase}.{failure} The task "
                "keeps running. Run `pulumi up` again to resume waiting.",
                task=task,
                wait_for=wait_for,
                phase=phase,
                failure=failure,
            )
        return Message(
            "{task}: {seen} in phase {phase} after {waited:.0f} s, waiting for {wait_for}.{failure}"
            " The task keeps running. Run `pulumi up` again to resume waiting, or raise "
            "{.timeout_seconds}.",
            task=task,
            seen="last seen" if self._failure else "still",
            phase=phase,
            waited=self._backoff.waited,
            wait_for=wait_for,
            failure=failure,
        )


def _has_arrived(spec: DeliveryTaskSpec, state: codec.TaskState) -> bool:
    if spec.wait_for == "initialized":
        return state.phase != "INIT"
    return state.phase == "INCR" and (spec.mode == "BASE" or bool(state.synced_until))


def _unhealthy(task: str, state: codec.TaskState) -> Message:
    return Message(
        "{task}: the task reports {code}{detail}. {remedy}",
        task=task,
        code=state.error_code,
        detail=f" ({state.error_detail})" if state.error_detail else "",
        remedy=remedy_of(state.error_code),
    )
