"""The table of a task: described at most once a run, to judge the columns by it."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace
from typing import Final

from pulumi_tablestore_delivery.client.codec import table_columns
from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.errors import (
    CallError,
    ConnectionFailedError,
    ServiceError,
    UntrustedResponseError,
    Violation,
)
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.types import Reporter
from pulumi_tablestore_delivery.spec.contract import TABLE_RULES, judge
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, is_known
from pulumi_tablestore_delivery.spec.rule import Surroundings, TableColumns

_PREVIEW_RETRY: Final = RetryPolicy(deadline=5.0)


class Tables:
    """The tables of this run.

    Args:
        connections: Clients of instances.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._tables: dict[tuple[str, str, str], Future[TableColumns]] = {}

    def judge(
        self, spec: DeliveryTaskSpec, around: Surroundings, report: Reporter
    ) -> list[Violation]:
        """Judge a task by its table.

        A failed look is an error where a create would fail too (no service there, wrong keys, an
        answer that is not the service's), else a warning.
        """
        if not all(
            is_known(value)
            for value in (spec.instance_name, spec.table_name, spec.tablestore_endpoint)
        ):
            return []
        try:
            table = self._table(spec)
        except CallError as error:
            return _trouble(spec, error, report)
        judgement = judge(spec, replace(around, table=table), TABLE_RULES)
        for warning in judgement.warnings:
            report.warn(str(warning))
        return judgement.errors

    def _table(self, spec: DeliveryTaskSpec) -> TableColumns:
        client = self._connections.client_of(spec, _PREVIEW_RETRY)
        key = (client.endpoint, spec.instance_name, spec.table_name)
        with self._lock:
            asked = self._tables.get(key)
            mine = asked is None
            if asked is None:
                asked = self._tables[key] = Future()
        if mine:
            try:
                asked.set_result(table_columns(client.describe_table(spec.table_name)))
            except BaseException as error:  # other threads wait for it
                asked.set_exception(error)
                raise
        return asked.result()


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
