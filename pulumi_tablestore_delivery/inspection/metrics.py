"""Prometheus metrics of the states of tasks and of verifications.

The names and labels are in docs/monitoring.md, and alert rules use them. The label of the instance
is `tablestore_instance`, because Prometheus gives `instance` to the target that it scrapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pulumi_tablestore_delivery.wire.enums import DeliveryErrorCode, TaskSyncPhase

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.inspection.verification.result import Verification

_PREFIX: Final = "tablestore_delivery_"
_TASK: Final = ("tablestore_instance", "table", "task")
_PHASES: Final = tuple(TaskSyncPhase.__members__)
_HEALTHY: Final = "OK"
_GONE: Final = "GONE"
_ERRORS: Final = (
    *(code for code in DeliveryErrorCode.__members__ if code != _HEALTHY),
    _GONE,
)


class TaskStatus(Protocol):
    """The state of a task, as the commands read it."""

    @property
    def id(self) -> str:
        """`<instance>/<table>/<task>`."""
        ...

    @property
    def phase(self) -> str:
        """INIT, FULL or INCR; empty if the task does not exist any more."""
        ...

    @property
    def lag_seconds(self) -> float | None:
        """Seconds since `synced_until`; None if the task does not have that time yet."""
        ...

    @property
    def error_code(self) -> str:
        """OK, the task's error, or GONE if it does not exist any more."""
        ...


def text_of(metrics: Iterable[Metric]) -> str:
    """Return metrics in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed(list(metrics)))
    return generate_latest(registry).decode()


def task_metrics(tasks: Sequence[TaskStatus] | None) -> Iterator[Metric]:
    """Yield the metrics of tasks.

    Args:
        tasks: The tasks; None if their states could not be read. Then the only metric is `up`,
            because an old state would look current.
    """
    up = GaugeMetricFamily(f"{_PREFIX}up", "Whether the last reading of the states succeeded.")
    up.add_metric([], 0 if tasks is None else 1)
    yield up
    if tasks is None:
        return
    count = GaugeMetricFamily(f"{_PREFIX}tasks", "How many delivery tasks there are.")
    count.add_metric([], sum(task.error_code != _GONE for task in tasks))
    yield count
    lag = GaugeMetricFamily(
        f"{_PREFIX}lag_seconds",
        "Seconds since the time until which everything is delivered. Without a value before the "
        "first delivery, and for a finished task of mode BASE.",
        labels=_TASK,
    )
    phase = GaugeMetricFamily(
        f"{_PREFIX}phase",
        "Whether the task is in this phase.",
        labels=(*_TASK, "phase"),
    )
    error = GaugeMetricFamily(
        f"{_PREFIX}error",
        "Whether the task reports this error. GONE: it does not exist any more.",
        labels=(*_TASK, "code"),
    )
    for task in tasks:
        labels = task.id.split("/", 2)
        if task.lag_seconds is not None:
            lag.add_metric(labels, task.lag_seconds)
        for name in _with(_PHASES, task.phase):
            phase.add_metric([*labels, name], name == task.phase)
        for code in _with(_ERRORS, task.error_code):
            error.add_metric([*labels, code], code == task.error_code)
    yield from (lag, phase, error)


def verification_metrics(results: Sequence[Verification]) -> Iterator[Metric]:
    """Yield the metrics of verifications."""
    complete = GaugeMetricFamily(
        f"{_PREFIX}verify_complete",
        "Whether the files hold all that is due, as declared.",
        labels=_TASK,
    )
    rows = GaugeMetricFamily(
        f"{_PREFIX}verify_rows", "Rows of the table by finding.", labels=(*_TASK, "finding")
    )
    values = GaugeMetricFamily(
        f"{_PREFIX}verify_values",
        "Values of a column that are lost or differ, by finding.",
        labels=(*_TASK, "column", "finding"),
    )
    for result in results:
        labels = result.id.split("/", 2)
        complete.add_metric(labels, result.is_complete)
        for finding in ("compared", "equal", "different", "missing", "not_due"):
            rows.add_metric([*labels, finding], getattr(result.rows, finding))
        for column in result.columns:
            counts = {
                "dirty": column.dirty.total(),
                "empty": column.empty,
                "different": column.different,
                "missing": column.missing,
            }
            for finding, count in counts.items():
                values.add_metric([*labels, column.name, finding], count)
    yield from (complete, rows, values)


def _with(known: tuple[str, ...], current: str) -> tuple[str, ...]:
    """Return the known names. Add the current one if it is a newer service's."""
    return known if current in {*known, _HEALTHY, ""} else (*known, current)


class _Fixed(Collector):
    """A collector of metrics that do not change."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        return self._metrics
