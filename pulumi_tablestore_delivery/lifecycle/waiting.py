"""Following a task's phase until it is where its owner wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Any, Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.retry import Clock
from pulumi_tablestore_delivery.errors import (
    CallError,
    ServiceError,
    TaskUnhealthyError,
    WaitTimeoutError,
)
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.outputs import state_outputs
from pulumi_tablestore_delivery.lifecycle.types import (
    Found,
    InitializationError,
    Reporter,
    TaskId,
)
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.properties import properties_of

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_SLICE: Final = 0.5  # seconds after which a pause sees that it was cancelled
REMEDIES: Final = {
    "UNAUTHORIZED": (
        "The role is missing or may not write to the bucket: check role_arn, and create the "
        "service-linked role for data delivery in the account that owns the bucket."
    ),
    "INVALID_OSS_BUCKET": (
        "The bucket does not exist or is in another region: create it in the instance's region; "
        "the service then writes everything again."
    ),
}
"""What to do about an error that a task reports, by its code."""


def remedy_of(error_code: str) -> str:
    """What to do about an error that a task reports."""
    return REMEDIES.get(error_code, "See the service's documentation.")


class Patience:
    """A wait that gets slower and has an end.

    Args:
        clock: Time.
        timeout: Seconds after which no further pause is made.
        stop: Set when nobody wants to wait any longer; never by default.
    """

    def __init__(self, clock: Clock, timeout: float, stop: Event | None = None) -> None:
        self._clock = clock
        self._stop = stop or Event()
        self._timeout = timeout
        self._started = clock.monotonic()
        self._next = _FIRST_PAUSE

    @property
    def waited(self) -> float:
        """Seconds since it began."""
        return self._clock.monotonic() - self._started

    @property
    def cancelled(self) -> bool:
        """Whether it ended because nobody wants to wait any longer."""
        return self._stop.is_set()

    @property
    def left(self) -> float:
        """Seconds until its end."""
        return max(0.0, self._timeout - self.waited)

    def pause(self, before: Callable[[], None]) -> bool:
        """Waits a while, after telling so; False if the time is up, or nobody waits any longer."""
        if self.cancelled or self.waited + self._next > self._timeout:
            return False
        before()
        end = self._clock.monotonic() + self._next
        while (rest := end - self._clock.monotonic()) > 0 and not self.cancelled:
            self._clock.sleep(min(rest, _SLICE))
        self._next = min(self._next * 1.5, _LONGEST_PAUSE)
        return True


def awaited(
    connections: Connections,
    spec: DeliveryTaskSpec,
    outputs: dict[str, Any],
    timeout: float | None,
    report: Reporter,
) -> Found:
    """Waits until the task is where `wait_for` wants it; nothing is asked if it is.

    Args:
        connections: Whom to ask.
        spec: The task.
        outputs: What is known of it.
        timeout: Seconds; the task's `timeout_seconds` if None.
        report: Where to show progress.

    Raises:
        InitializationError: It reports an error, the time was up, or it could not be asked.
    """
    found = Found(str(TaskId.of(spec)), properties_of(spec), outputs)
    state = codec.TaskState(
        outputs.get("phase") or "INIT",
        outputs.get("error_code") or "OK",
        outputs.get("error_detail") or "",
        outputs.get("synced_until") or "",
    )
    if spec.wait_for == "none" or (state.error_code == "OK" and _has_arrived(spec, state)):
        return found
    client = connections.client_of(spec)
    patience = Patience(
        connections.clock,
        float(spec.timeout_seconds) if timeout is None else timeout,
        connections.stop,
    )
    while True:
        try:
            answer = client.describe_delivery_task(
                spec.table_name, spec.task_name, within=patience.left
            )
        except CallError as error:
            raise InitializationError(found, _why(found.id, error)) from None
        state = codec.described_state(answer)
        found = replace(found, outputs={**outputs, **state_outputs(state)})
        if state.error_code != "OK":
            raise InitializationError(found, str(_unhealthy(found.id, state)))
        phase = f"phase {state.phase}"
        if _has_arrived(spec, state):
            report.status(phase)
            return found
        waiting = f"{phase}, waiting for {spec.wait_for} ({patience.waited:.0f} s)"
        if not patience.pause(lambda: report.status(waiting)):  # noqa: B023 - called at once
            raise InitializationError(found, str(_too_long(found.id, spec, state, patience)))


def _why(task: str, error: CallError) -> str:
    if isinstance(error, ServiceError) and error.is_not_found:
        return (
            f"{task}: the task does not exist any more, somebody deleted it. Run `pulumi up "
            "--refresh` to have it created again."
        )
    return str(error)


def _has_arrived(spec: DeliveryTaskSpec, state: codec.TaskState) -> bool:
    if spec.wait_for == "initialized":
        return state.phase != "INIT"
    return state.phase == "INCR" and (spec.mode == "BASE" or bool(state.synced_until))


def _unhealthy(task: str, state: codec.TaskState) -> TaskUnhealthyError:
    detail = f" ({state.error_detail})" if state.error_detail else ""
    remedy = remedy_of(state.error_code)
    return TaskUnhealthyError(f"{task}: the task reports {state.error_code}{detail}. {remedy}")


def _too_long(
    task: str, spec: DeliveryTaskSpec, state: codec.TaskState, patience: Patience
) -> WaitTimeoutError:
    if patience.cancelled:
        return WaitTimeoutError(
            f"{task}: the wait for {spec.wait_for} was cancelled in phase {state.phase}. The task "
            "goes on; run `pulumi up` again to go on waiting."
        )
    return WaitTimeoutError(
        f"{task}: still in phase {state.phase} after {patience.waited:.0f} s, waiting for "
        f"{spec.wait_for}. The task goes on; run `pulumi up` again to go on waiting, or raise "
        "timeout_seconds."
    )
