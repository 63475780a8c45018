"""Judge a task that a preview would create or replace by its table, rows and existing tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pulumi_tablestore_delivery.errors import (
    CallError,
    ConfigurationError,
    ConnectionFailedError,
    ServiceError,
    UntrustedResponseError,
    Violation,
    WaitTimeoutError,
)
from pulumi_tablestore_delivery.lifecycle.existing import ExistingTasks, is_replacement_due
from pulumi_tablestore_delivery.lifecycle.looks import Looks, TableRef
from pulumi_tablestore_delivery.lifecycle.notices import Notices
from pulumi_tablestore_delivery.lifecycle.ownership import Claim
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import Declaration, Reporter
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.contract import SAMPLE_RULES, TABLE_RULES, TASK_RULES, judge
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, is_known, is_unknown
from pulumi_tablestore_delivery.spec.rule import RowSample, Surroundings

ResultT = TypeVar("ResultT")


class Preview:
    """What previews of this run see. Safe to use from several threads.

    Args:
        settings: Endpoint and instance.
        looks: The looks of this run.
        existing: The tasks that the service has.
        notices: What this run has said.
        registry: The tasks that this process has seen in this run.
    """

    def __init__(
        self,
        settings: Settings,
        looks: Looks,
        existing: ExistingTasks,
        notices: Notices,
        registry: Registry,
    ) -> None:
        self._settings = settings
        self._looks = looks
        self._existing = existing
        self._notices = notices
        self._registry = registry

    def judge(self, claim: Claim, around: Surroundings, report: Reporter) -> list[Violation]:
        """Judge a task that is created or replaced.

        A failed look at the table is an error where a create would fail too (no service there,
        wrong keys, an answer that is not the service's), else a warning. Other failed looks are
        said once a run. A violation is a warning while an unknown value decides whether the task
        is replaced at all.
        """
        spec = claim.spec
        if not all(
            is_known(value)
            for value in (spec.instance_name, spec.table_name, spec.tablestore_endpoint)
        ):
            return []
        table = self._looks.table_of(spec)
        columns = _columns(spec)
        self._looks.start(table, columns)
        self._start_ahead(claim.declaration, table)
        try:
            described = self._looks.columns(table)
        except CallError as error:
            return _trouble(spec, error, report)
        around = replace(
            around,
            table=described,
            rows=self._optional(report, RowSample(), lambda: self._looks.rows(table, columns)),
            foreign=self._optional(
                report, (), lambda: self._existing.foreign_places(claim, table, report)
            ),
        )
        judgement = judge(spec, around, (*TABLE_RULES, *SAMPLE_RULES, *TASK_RULES))
        errors, warnings = judgement.errors, judgement.warnings
        errors += self._optional(
            report, list[Violation](), lambda: self._existing.judge_name(claim, table, report)
        )
        if not is_replacement_due(claim, self._registry):
            warnings, errors = [*errors, *warnings], []
        for warning in warnings:
            report.warn(str(warning))
        return errors

    def _start_ahead(self, declaration: Declaration, first: TableRef) -> None:
        """Start the looks at the program's other tables, so that later checks need not wait."""
        try:
            for name in declaration.tables:
                table = self._looks.table(self._settings.required_instance_name, name)
                if table != first:
                    self._looks.start(table, declaration.columns.get(name, ()))
        except ConfigurationError:
            return  # the task names its instance or its endpoint; the settings have none

    def _optional(
        self, report: Reporter, otherwise: ResultT, look: Callable[[], ResultT]
    ) -> ResultT:
        try:
            return look()
        except (CallError, WaitTimeoutError) as error:
            self._notices.warn_of_failure(error, report)
            return otherwise


def _columns(spec: DeliveryTaskSpec) -> tuple[str, ...]:
    """Return the table's columns that a task reads, as far as they are known."""
    schema = () if is_unknown(spec.parquet_schema) else spec.parquet_schema
    names = [column.source for column in schema if not is_unknown(column)]
    event = spec.event_time_column
    if not is_unknown(event) and event is not None:
        names.append(event.column)
    return tuple(dict.fromkeys(name for name in names if is_known(name)))


def _trouble(spec: DeliveryTaskSpec, error: CallError, report: Reporter) -> list[Violation]:
    """What a table that cannot be looked at means: an error, or a warning and nothing more."""
    if isinstance(error, ServiceError) and error.code == "OTSAuthFailed":
        return [Violation("", str(error), "credentials")]
    if isinstance(error, ServiceError) and error.is_not_found:
        report.warn(
            f"table_name: table {spec.table_name!r} does not exist in instance "
            f"{spec.instance_name!r} yet; it has to before the task is created."
        )
        return []
    # A gateway that fails (5xx) may work again soon; a page of somebody else's will not.
    not_ours = isinstance(error, UntrustedResponseError) and error.status < 500  # noqa: PLR2004
    if not_ours or isinstance(error, ConnectionFailedError):
        path = "tablestore_endpoint" if spec.tablestore_endpoint else ""
        return [Violation(path, str(error), "reachable")]
    report.warn(f"The table could not be looked at in this preview: {error}")
    return []
