"""Endpoints of Tablestore and OSS, and the region in them (documented forms)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

DELIVERY_REGIONS: Final = (
    "cn-hangzhou",
    "cn-shanghai",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-shenzhen",
)
"""The regions that the documentation names for delivery. The service may offer more."""

EMULATOR_REGION: Final = "cn-hangzhou"
"""The region of an endpoint on this machine, if no region is configured."""

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_TABLESTORE_HOST: Final = re.compile(
    r"(?P<instance>[A-Za-z0-9-]+)\.(?P<region>[a-z0-9-]+)"
    r"\.(?:ots|vpc\.tablestore|ots-internal|tablestore)\.aliyuncs\.com"
)
_OSS_HOST: Final = re.compile(
    r"(?:[a-z0-9-]+\.)?oss-(?!accelerate)(?P<region>[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com"
)


def tablestore_endpoint(instance_name: str, region: str) -> str:
    """Return the public endpoint of an instance."""
    return f"https://{instance_name}.{region}.ots.aliyuncs.com"


def oss_endpoint(region: str) -> str:
    """Return the public OSS endpoint of a region."""
    return f"oss-{region}.aliyuncs.com"


def host_of(endpoint: str) -> str:
    """Return an endpoint's host in lower case; empty if the text is not an endpoint."""
    parts = _parts(endpoint)
    return (parts.hostname or "").lower() if parts else ""


def shown(endpoint: str) -> str:
    """Return an endpoint for a message, without its user name and password."""
    return re.sub(r"^([^/]*//)?[^/]*@", r"\1…@", endpoint)


def is_endpoint(text: str, *, with_scheme: bool) -> bool:
    """Whether a text is a scheme (http or https), a host and perhaps a port, nothing else."""
    parts = _parts(text)
    return (
        parts is not None
        and bool(_HOST.fullmatch(parts.hostname or ""))
        and parts.scheme in ({"http", "https"} if with_scheme else {"", "http", "https"})
        and parts.path in {"", "/"}
        and not (parts.query or parts.fragment or parts.username or parts.password)
        and not text.endswith(("?", "#"))
    )


def same_endpoint(one: str, other: str) -> bool:
    """Whether two endpoints have the same host and port, however they are written."""
    first, second = _parts(one), _parts(other)
    if first is None or second is None:
        return one == other
    schemes = {first.scheme, second.scheme} - {""}
    return (
        (first.hostname or "").lower() == (second.hostname or "").lower()
        and first.port == second.port
        and len(schemes) <= 1
    )


def _parts(endpoint: str) -> SplitResult | None:
    try:
        parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
        port = parts.port  # reading it validates it
    except ValueError:
        return None
    return None if port == 0 else parts


def region_of_tablestore(endpoint: str) -> str:
    """Return the region in a Tablestore endpoint; empty if there is none."""
    match = _TABLESTORE_HOST.fullmatch(host_of(endpoint))
    return match["region"] if match else ""


def instance_of_tablestore(endpoint: str) -> str:
    """Return the instance in a Tablestore endpoint; empty if there is none."""
    match = _TABLESTORE_HOST.fullmatch(host_of(endpoint))
    return match["instance"] if match else ""


def region_of_oss(endpoint: str) -> str:
    """Return the region in an OSS endpoint; empty if there is none."""
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
