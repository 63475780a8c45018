"""Defaults of inputs that come from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pulumi_tablestore_delivery.errors import ConfigurationError, Violation
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.settings import Setting, Settings
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, is_unknown


def with_defaults(
    settings: Settings, news: Mapping[str, Any]
) -> tuple[dict[str, Any], Surroundings, list[Violation]]:
    """Return the inputs with defaults from the settings, and a violation for each missing one.

    Credentials are not read. A missing value is `UNKNOWN` in the inputs, so the rules skip it.
    """
    data = {name: value for name, value in news.items() if value is not None}
    violations: list[Violation] = []
    if "instance_name" not in data:
        data["instance_name"] = (
            _setting(violations, lambda: settings.required_instance_name) or UNKNOWN
        )
    instance, endpoint = data["instance_name"], data.get("tablestore_endpoint") or None
    origin = ""
    if endpoint is None:
        found = _setting(violations, lambda: _endpoint(settings, instance)) or Setting("", "")
        endpoint, origin = found.value, found.origin
    region = ""
    if not is_unknown(endpoint):
        region = _setting(violations, lambda: settings.region(str(endpoint))) or ""
    endpoint = endpoint if isinstance(endpoint, str) else ""
    if not region and endpoints.is_loopback(endpoint):
        region = endpoints.EMULATOR_REGION
    if "oss_endpoint" not in data:
        data["oss_endpoint"] = endpoints.oss_endpoint(region) if region else UNKNOWN
        if endpoint and not region:
            violations.append(
                Violation(
                    "oss_endpoint",
                    Message(
                        "the region is not known, so there is no default: "
                        "{.tablestore:region=<region>}, or set TABLESTORE_REGION or the input "
                        "{.oss_endpoint}."
                    ),
                    "setting",
                )
            )
    around = Surroundings(region=region, endpoint=endpoint, endpoint_origin=origin)
    return data, around, violations


def _endpoint(settings: Settings, instance: object) -> Setting:
    """Return the endpoint of an instance; empty where the instance is not known and is needed."""
    if not isinstance(instance, str) and settings.region_makes_endpoint:
        return Setting("", "")
    return settings.configured_endpoint(instance if isinstance(instance, str) else "")


def unusable_settings(settings: Settings, endpoint: str) -> list[Violation]:
    """Report settings that are wrong or missing: keys, region, signature, buckets, grace."""
    violations: list[Violation] = []
    _setting(violations, lambda: settings.credentials)
    _setting(violations, lambda: settings.signing_region(endpoint))
    _setting(violations, lambda: settings.signature_version)
    _setting(violations, lambda: settings.allowed_buckets)
    _setting(violations, lambda: settings.health_grace)
    _setting(violations, lambda: settings.sample_rows)
    return violations


def allowed_buckets(settings: Settings) -> tuple[str, ...]:
    """Return the patterns of allowed buckets; none if `unusable_settings` reports them."""
    return _setting([], lambda: settings.allowed_buckets) or ()


def _setting(violations: list[Violation], find: Callable[[], Any]) -> Any:
    """Return a setting. If it is missing or wrong, add a violation once and return None."""
    try:
        return find()
    except ConfigurationError as error:
        violation = Violation(error.property_name, error.message, "setting")
        if violation not in violations:
            violations.append(violation)
        return None
