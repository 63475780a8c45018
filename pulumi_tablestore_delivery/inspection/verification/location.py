"""Find the OSS endpoint of a task's files. Refuse an endpoint that must not get the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pulumi_tablestore_delivery.errors import ConfigurationError, printable
from pulumi_tablestore_delivery.settings import OSS_ENDPOINT, Settings
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.endpoints import mask_user_info
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec

_OWN_HOST: Final = ".aliyuncs.com"


@dataclass(frozen=True)
class BucketLocation:
    """The location of a task's files.

    Attributes:
        bucket: The bucket.
        endpoint: The URL of OSS.
        region: The region that signatures name.
        is_emulated: Whether the endpoint is on this machine.
    """

    bucket: str
    endpoint: str
    region: str
    is_emulated: bool


def bucket_location(
    settings: Settings,
    spec: DeliveryTaskSpec,
    option: str | None,
    emulated_oss: Callable[[str], str],
) -> BucketLocation:
    """Return the location of a task's files.

    The option comes first, then the environment, then the configuration. Without any of them, the
    endpoint is the emulator's OSS if the Tablestore endpoint is on this machine, and the task's own
    endpoint otherwise.

    Args:
        settings: Endpoint, region and configuration.
        spec: The task.
        option: `--oss-endpoint`.
        emulated_oss: Returns the OSS endpoint of the emulator with this endpoint.

    Raises:
        ConfigurationError: There is no endpoint that may be used.
    """
    tablestore = settings.endpoint(spec.instance_name, spec.tablestore_endpoint)
    is_emulated = endpoints.is_loopback(tablestore)
    given = settings.find(OSS_ENDPOINT)
    origin = "--oss-endpoint" if option else given.origin
    endpoint = option or given.value
    if endpoint:
        _require_endpoint(endpoint, origin)
        if is_emulated and not endpoints.is_loopback(endpoint):
            raise ConfigurationError(
                f"{origin}: {mask_user_info(endpoint)} is not on this machine, and the Tablestore "
                f"endpoint {mask_user_info(tablestore)} is. The keys of an emulator are not sent "
                f"to another host. Remove {origin} to use the emulator's own OSS."
            )
    elif is_emulated:
        endpoint = _emulated(tablestore, emulated_oss(tablestore))
    else:
        endpoint = spec.oss_endpoint
        _require_own(endpoint)
    is_local = endpoints.is_loopback(endpoint)
    if "//" not in endpoint:
        endpoint = f"http://{endpoint}" if is_local else f"https://{endpoint}"
    region = endpoints.region_of_oss(endpoint) or settings.region(tablestore)
    if not region and is_local:
        region = endpoints.EMULATOR_REGION
    if not region:
        raise ConfigurationError(
            f"{mask_user_info(endpoint)} does not name its region. Give --region, or set "
            "TABLESTORE_REGION."
        )
    return BucketLocation(spec.oss_bucket, endpoint.rstrip("/"), region, is_local)


def _require_endpoint(endpoint: str, origin: str) -> None:
    if not endpoints.is_endpoint(endpoint, with_scheme="//" in endpoint):
        raise ConfigurationError(
            f"{origin}: {printable(mask_user_info(endpoint))!r} is not a valid endpoint. Expected "
            "a host such as oss-cn-hangzhou.aliyuncs.com, or a URL."
        )


def _require_own(endpoint: str) -> None:
    """Refuse a described endpoint that is not Alibaba Cloud's, because it would get the keys."""
    valid = endpoints.is_endpoint(endpoint, with_scheme="//" in endpoint)
    if (
        not valid
        or endpoints.is_unencrypted(endpoint)
        or not endpoints.host_of(endpoint).endswith(_OWN_HOST)
    ):
        raise ConfigurationError(
            f"The task's OSS endpoint {printable(mask_user_info(endpoint))!r} is not a host of "
            "Alibaba Cloud, so requests with your keys are not sent there. Give an endpoint that "
            "you trust with --oss-endpoint."
        )


def _emulated(tablestore: str, answer: str) -> str:
    """Return the emulator's OSS: the host of its Tablestore, and the port in its answer."""
    try:
        port = urlsplit(answer).port
    except ValueError:
        port = None
    if port is None:
        raise ConfigurationError(
            f"The emulator at {mask_user_info(tablestore)} does not have an OSS. Give its "
            "endpoint with --oss-endpoint."
        )
    host = endpoints.host_of(tablestore)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
