"""Judge a task that a preview would create or replace by its table, rows and existing tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Final, TypeVar

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
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import columns_of, event_time_of
from pulumi_tablestore_delivery.spec.rule import Needs
from pulumi_tablestore_delivery.spec.rules import judge, rules_that_need
from pulumi_tablestore_delivery.spec.surroundings import RowSample, Surroundings, TableColumns
from pulumi_tablestore_delivery.spec.unknown import is_unknown

ResultT = TypeVar("ResultT")

_LOOKED_UP_RULES: Final = rules_that_need(Needs.TABLE, Needs.ROWS, Needs.TASKS)


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
        wrong keys, an answer that is not the service's). Other failed looks are warned of once a
        run, and the remaining looks go on. A violation is a warning while an unknown value decides
        whether the task is replaced at all.
        """
        draft = claim.draft
        instance, name, endpoint = (
            draft.instance_name,
            draft.table_name,
            draft.tablestore_endpoint,
        )
        if is_unknown(instance) or is_unknown(name) or is_unknown(endpoint):
            return []
        table = self._looks.table(instance, name, endpoint)
        columns = _columns(draft)
        self._looks.start(table, columns)
        self._start_ahead(claim.declaration, table)
        try:
            described = self._looks.columns(table)
        except CallError as error:
            if isinstance(error, ServiceError) and error.is_not_found:
                report.warn(_missing(table))
                return []
            if violation := _fatal(error, is_own_endpoint=bool(endpoint)):
                return [violation]
            self._notices.warn_of_failure(error, report)
            described = TableColumns()
        around = replace(
            around,
            table=described,
            rows=self._optional(report, RowSample(), lambda: self._looks.rows(table, columns)),
            foreign=self._optional(
                report, (), lambda: self._existing.foreign_places(claim, table, report)
            ),
        )
        judgment = judge(draft, around, _LOOKED_UP_RULES)
        errors, warnings = judgment.errors, judgment.warnings
        errors += self._optional(
            report, list[Violation](), lambda: self._existing.judge_name(claim, table, report)
        )
        if not is_replacement_due(claim, self._registry):
            warnings, errors = [*errors, *warnings], []
        for warning in warnings:
            report.warn(warning.full_message)
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


def _columns(draft: DeliveryTaskDraft) -> tuple[str, ...]:
    """Return the table's columns that a task reads, as far as they are known."""
    names = [column.source for _, column in columns_of(draft)]
    if event := event_time_of(draft):
        names.append(event.column)
    return tuple(dict.fromkeys(name for name in names if not is_unknown(name)))


def _missing(table: TableRef) -> Message:
    return Message(
        "{.table_name}: table {table!r} does not exist in instance {instance!r} yet. "
        "Create it before the task is created.",
        table=table.table_name,
        instance=table.instance_name,
    )


def _fatal(error: CallError, *, is_own_endpoint: bool) -> Violation | None:
    """Return the violation for a failed look after which a create would fail too."""
    if isinstance(error, ServiceError) and error.code == "OTSAuthFailed":
        return Violation("", error.message, "credentials")
    # A gateway that fails (5xx) may work again soon; a page of somebody else's will not.
    is_final = isinstance(error, UntrustedResponseError) and (
        error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )
    if is_final or isinstance(error, ConnectionFailedError):
        path = "tablestore_endpoint" if is_own_endpoint else ""
        return Violation(path, error.message, "reachable")
    return None
