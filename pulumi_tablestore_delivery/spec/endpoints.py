"""Endpoints of Tablestore and OSS, and the region in them (documented forms)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

DELIVERY_REGIONS: Final = (
    "cn-hangzhou",
    "cn-shanghai",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-shenzhen",
)
"""Regions documented for delivery; the service may have grown since."""

EMULATOR_REGION: Final = "cn-hangzhou"
"""The region an endpoint on this machine stands for where none is configured."""

_TABLESTORE_HOST: Final = re.compile(
    r"(?P<instance>[A-Za-z0-9-]+)\.(?P<region>[a-z0-9-]+)"
    r"\.(?:ots|vpc\.tablestore|ots-internal|tablestore)\.aliyuncs\.com"
)
_OSS_HOST: Final = re.compile(r"oss-(?P<region>[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com")


def tablestore_endpoint(instance_name: str, region: str) -> str:
    """The public endpoint of an instance."""
    return f"https://{instance_name}.{region}.ots.aliyuncs.com"


def oss_endpoint(region: str) -> str:
    """The public OSS endpoint of a region."""
    return f"oss-{region}.aliyuncs.com"


def host_of(endpoint: str) -> str:
    """An endpoint's host in lower case, whether or not it has a scheme or a port."""
    return (urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or "").lower()


def region_of_tablestore(endpoint: str) -> str:
    """The region in a Tablestore endpoint; empty where the form does not tell."""
    match = _TABLESTORE_HOST.fullmatch(host_of(endpoint))
    return match["region"] if match else ""


def instance_of_tablestore(endpoint: str) -> str:
    """The instance in a Tablestore endpoint; empty where the form does not tell."""
    match = _TABLESTORE_HOST.fullmatch(host_of(endpoint))
    return match["instance"] if match else ""


def region_of_oss(endpoint: str) -> str:
    """The region in an OSS endpoint; empty where the form does not tell."""
    match = _OSS_HOST.fullmatch(host_of(endpoint))
    return match["region"] if match else ""


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint is on this machine."""
    host = host_of(endpoint)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
