"""Compare a task that a preview would create or replace with its table, rows and other tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from pulumi_tablestore_delivery.lifecycle.existing import ExistingTasks
from pulumi_tablestore_delivery.lifecycle.lookups import Lookups, TableRef
from pulumi_tablestore_delivery.lifecycle.notices import Notices
from pulumi_tablestore_delivery.lifecycle.ownership import Claim
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
    """The comparisons of this run's previews. Safe to use from several threads.

    Args:
        settings: Endpoint and instance.
        lookups: The lookups of this run.
        existing: The tasks that the service has.
        notices: The warnings of this run.
    """

    def __init__(
        self,
        settings: Settings,
        lookups: Lookups,
        existing: ExistingTasks,
        notices: Notices,
    ) -> None:
        self._settings = settings
        self._lookups = lookups
        self._existing = existing
        self._notices = notices
        self._columns: dict[TableRef, tuple[str, ...]] = {}
        self._ahead: list[TableRef] = []

    def record_tables(self, declaration: Declaration) -> None:
        """Record the tables of the program's new tasks, as far as a declaration has them.

        The first task that is checked starts the lookups of all of them, so later checks need not
        wait. The sample of a table has the columns of all its new tasks, in whatever order they
        are checked.
        """
        try:
            for name in declaration.tables:
                table = self._lookups.table(self._settings.required_instance_name, name)
                self._columns[table] = declaration.columns.get(name, ())
                self._ahead.append(table)
        except ConfigurationError:
            return  # the settings name no instance or endpoint: there is nothing to start ahead

    def judge(self, claim: Claim, around: Surroundings, report: Reporter) -> list[Violation]:
        """Judge a task that is created or replaced.

        A failed lookup of the table is an error if a create would fail too (no service there, wrong
        keys, an answer that is not the service's). Each other failed lookup is a warning, once per
        run, and the other lookups continue. If it is not yet known whether the task is replaced,
        errors become warnings.
        """
        draft = claim.draft
        instance, name, endpoint = draft.instance_name, draft.table_name, draft.tablestore_endpoint
        if is_unknown(instance) or is_unknown(name) or is_unknown(endpoint):
            return []
        table = self._lookups.table(instance, name, endpoint)
        columns = tuple(dict.fromkeys([*_columns(draft), *self._columns.get(table, ())]))
        self._lookups.start(table, columns)
        self._start_ahead(table)
        try:
            described = self._lookups.columns(table)
        except CallError as error:
            if isinstance(error, ServiceError) and error.is_not_found:
                report.warn(_missing(table))
                return []
            if violation := _fatal(error, is_own_endpoint=bool(endpoint)):
                return [violation]
            self._notices.warn_of_failure(error, report)
            described = TableColumns()
        errors, warnings = self._judge_by_lookups(
            claim, replace(around, table=described), table, columns, report
        )
        if not claim.is_create_due:
            warnings, errors = [*errors, *warnings], []
        for warning in warnings:
            report.warn(warning.full_message)
        return errors

    def _judge_by_lookups(
        self,
        claim: Claim,
        around: Surroundings,
        table: TableRef,
        columns: Sequence[str],
        report: Reporter,
    ) -> tuple[list[Violation], list[Violation]]:
        """Compare a task with its table, rows and existing tasks. Return errors and warnings."""

        def lookup_or_warn(lookup: Callable[[], ResultT], otherwise: ResultT) -> ResultT:
            try:
                return lookup()
            except (CallError, WaitTimeoutError) as error:
                self._notices.warn_of_failure(error, report)
                return otherwise

        around = replace(
            around,
            rows=lookup_or_warn(lambda: self._lookups.rows(table, columns), RowSample()),
            foreign=lookup_or_warn(
                lambda: self._existing.foreign_destinations(claim, table, report), ()
            ),
        )
        judgment = judge(claim.draft, around, _LOOKED_UP_RULES)
        taken = lookup_or_warn(
            lambda: self._existing.judge_name(claim, table, report), list[Violation]()
        )
        return judgment.errors + taken, judgment.warnings

    def _start_ahead(self, first: TableRef) -> None:
        ahead, self._ahead = self._ahead, []
        for table in ahead:
            if table != first:
                self._lookups.start(table, self._columns[table])


def _columns(draft: DeliveryTaskDraft) -> tuple[str, ...]:
    """Return the columns that a task reads from the table, as far as they are known."""
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
    """Return the violation for a failure that would make a create fail too."""
    if isinstance(error, ServiceError) and error.code == "OTSAuthFailed":
        return Violation("", error.message, "credentials")
    # A gateway that fails (5xx) may work again soon. A page of another server stays.
    is_final = isinstance(error, UntrustedResponseError) and (
        error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )
    if is_final or isinstance(error, ConnectionFailedError):
        path = "tablestore_endpoint" if is_own_endpoint else ""
        return Violation(path, error.message, "reachable")
    return None
