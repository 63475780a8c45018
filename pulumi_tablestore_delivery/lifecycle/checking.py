"""Check: fill in defaults, derive the name, judge everything, at preview ask the table."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Final

from pulumi_tablestore_delivery.client.codec import table_columns
from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.errors import (
    CallError,
    ConfigurationError,
    ConnectionFailedError,
    ServiceError,
    UntrustedResponseError,
    Violation,
)
from pulumi_tablestore_delivery.lifecycle.connections import Connections
from pulumi_tablestore_delivery.lifecycle.ledger import Ledger
from pulumi_tablestore_delivery.lifecycle.types import Checked, Declaration, Reporter, TaskId
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec import endpoints, naming
from pulumi_tablestore_delivery.spec.changes import differences, same_content
from pulumi_tablestore_delivery.spec.contract import (
    INPUT_RULES,
    TABLE_RULES,
    judge,
)
from pulumi_tablestore_delivery.spec.model import UNKNOWN, DeliveryTaskSpec, is_known, is_unknown
from pulumi_tablestore_delivery.spec.properties import (
    properties_of,
    read_properties,
    readable_spec_of,
    spec_of,
)
from pulumi_tablestore_delivery.spec.rule import Place, Surroundings, TableColumns

_PREVIEW_RETRY: Final = RetryPolicy(deadline=5.0)


class Checker:
    """Checks inputs. Asks for a table at most once a run, and only in a preview."""

    def __init__(self, connections: Connections, ledger: Ledger) -> None:
        self._connections = connections
        self._ledger = ledger
        self._lock = threading.Lock()
        self._tables: dict[tuple[str, str, str], Future[TableColumns]] = {}

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        declaration: Declaration,
        report: Reporter,
    ) -> Checked:
        """See `Lifecycle.check`."""
        old = readable_spec_of(olds)
        if old is not None:
            self._ledger.has(declaration, TaskId.of(old))
        else:
            self._ledger.has_nothing(declaration.scope)
        settings = self._connections.settings
        data, around, violations = with_defaults(settings, news)
        violations += _unusable_settings(settings, around.endpoint)
        parsed = read_properties(data)
        around = replace(
            around,
            existing_name=old.task_name if old else "",
            stack=declaration.scope.stack,
            # A setting that cannot be read is among the violations already.
            allowed_buckets=_setting([], lambda: settings.allowed_buckets) or (),
            neighbours=self._neighbours(parsed.spec, declaration.scope),
        )
        judgement = judge(parsed.spec, around, INPUT_RULES)
        _warn(judgement.warnings, report)
        violations += parsed.violations + judgement.errors
        if violations:
            return Checked(dict(news), violations)
        spec = parsed.spec
        if not spec.task_name:
            name = self._automatic_name(old, spec, declaration.scope)
            spec = spec.model_copy(update={"task_name": name})
        if declaration.preview and (
            old is None or any(item.replaces for item in differences(old, spec))
        ):
            violations = self._compare_with_table(spec, around, report)
        task = TaskId.of(spec)
        if is_known(list(dataclasses.astuple(task))) and not self._ledger.wants(declaration, task):
            violations.append(
                Violation(
                    "task_name",
                    f"another resource of this stack has the task {task}: two resources cannot "
                    "share a task. Give each its own task_name, or leave it out.",
                    "unique-task",
                )
            )
        return Checked(properties_of(spec), violations)

    def _neighbours(self, spec: DeliveryTaskSpec, scope: naming.Scope) -> tuple[Place, ...]:
        if is_unknown(spec.oss_bucket) or is_unknown(spec.oss_prefix):
            return ()
        place = Place(scope.resource, spec.oss_bucket, spec.oss_prefix)
        return self._ledger.writes(scope, place)

    def check_table(self, news: Mapping[str, Any], report: Reporter) -> list[Violation]:
        """Judges checked inputs of a new task by its table, as a check in a preview does."""
        data, around, _ = with_defaults(self._connections.settings, news)
        return self._compare_with_table(spec_of(data), around, report)

    def _automatic_name(
        self, old: DeliveryTaskSpec | None, spec: DeliveryTaskSpec, scope: naming.Scope
    ) -> Any:
        if old is not None and same_content(old, spec):
            return old.task_name
        if not is_known(spec):
            return UNKNOWN
        return naming.derive(
            scope,
            spec,
            lambda name: self._ledger.is_taken(TaskId(spec.instance_name, spec.table_name, name)),
        )

    def _compare_with_table(
        self, spec: DeliveryTaskSpec, around: Surroundings, report: Reporter
    ) -> list[Violation]:
        """Judges a task by its table.

        What stands in the way of that is an error where nothing could be created either (nobody
        there, wrong keys, an answer that is not the service's), else a warning.
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
        _warn(judgement.warnings, report)
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
            except BaseException as error:  # whoever waits for it has to be told, whatever it is
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


def _warn(warnings: list[Violation], report: Reporter) -> None:
    for warning in warnings:
        report.warn(str(warning))


def with_defaults(
    settings: Settings, news: Mapping[str, Any]
) -> tuple[dict[str, Any], Surroundings, list[Violation]]:
    """The inputs with what the settings add to them, and what no setting tells.

    No key is asked for. What is missing is `UNKNOWN` in the inputs, so that the rules pass it over.
    """
    data = {name: value for name, value in news.items() if value is not None}
    missing: list[Violation] = []
    if "instance_name" not in data:
        data["instance_name"] = (
            _setting(missing, lambda: settings.required_instance_name) or UNKNOWN
        )
    instance, endpoint = data["instance_name"], data.get("tablestore_endpoint") or None
    if endpoint is None:
        known_instance = instance if isinstance(instance, str) else ""
        endpoint = _setting(missing, lambda: settings.endpoint(known_instance, None)) or ""
    region = ""
    if not is_unknown(endpoint):
        region = _setting(missing, lambda: settings.region(str(endpoint))) or ""
    endpoint = endpoint if isinstance(endpoint, str) else ""
    if not region and endpoints.is_loopback(endpoint):
        region = endpoints.EMULATOR_REGION
    if "oss_endpoint" not in data:
        data["oss_endpoint"] = endpoints.oss_endpoint(region) if region else UNKNOWN
        if endpoint and not region:
            missing.append(
                Violation(
                    "oss_endpoint",
                    "the region is not known, so there is no default: set oss_endpoint, or "
                    "`pulumi config set tablestore:region …`.",
                    "setting",
                )
            )
    return data, Surroundings(region=region, endpoint=endpoint), missing


def _unusable_settings(settings: Settings, endpoint: str) -> list[Violation]:
    """Report settings that are wrong or missing: keys, region, signature, buckets, grace."""
    missing: list[Violation] = []
    _setting(missing, lambda: settings.credentials)
    _setting(missing, lambda: settings.signing_region(endpoint))
    _setting(missing, lambda: settings.signature_version)
    _setting(missing, lambda: settings.allowed_buckets)
    _setting(missing, lambda: settings.health_grace)
    return missing


def _setting(missing: list[Violation], find: Callable[[], Any]) -> Any:
    """A setting; None, and a word in `missing`, if nothing tells it."""
    try:
        return find()
    except ConfigurationError as error:
        missing.append(Violation(error.property_name, str(error), "setting"))
        return None
