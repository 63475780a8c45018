"""Endpoints of Tablestore and OSS, and the region in them (documented forms)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

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

_SCHEME: Final = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")
_INVISIBLE: Final = re.compile(r"[\s\x00-\x1f\x7f]")
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
    return parts.host if parts else ""


def mask_user_info(url: str, mark: str = "…@") -> str:
    """Return a URL for a message: with a mark in the place of a user name and a password.

    A password may have any character, so all before the last @ counts, except the scheme.
    """
    head, at, rest = url.rpartition("@")
    scheme = _SCHEME.match(head)
    return f"{scheme[0] if scheme else ''}{mark}{rest}" if at else url


def is_endpoint(text: str, *, with_scheme: bool) -> bool:
    """Return whether text is a scheme (http or https), a host and a port, and nothing else.

    Args:
        text: The text.
        with_scheme: Whether a scheme is required; it is optional otherwise.
    """
    parts = _parts(text)
    return (
        parts is not None
        and not _INVISIBLE.search(text)  # urlsplit skips some of these characters
        and bool(_HOST.fullmatch(parts.host))
        and parts.scheme in ({"http", "https"} if with_scheme else {"", "http", "https"})
        and parts.path in {"", "/"}
        and not parts.has_others
        and not text.endswith(("?", "#"))
    )


def is_unencrypted(endpoint: str) -> bool:
    """Return whether requests to an endpoint go to another machine in plain http."""
    parts = _parts(endpoint)
    return parts is not None and parts.scheme == "http" and not is_loopback(endpoint)


def same_endpoint(one: str, other: str) -> bool:
    """Return whether two endpoints have the same host and port and do not differ in the scheme.

    An endpoint without a scheme is the same as one with any scheme.
    """
    first, second = _parts(one), _parts(other)
    if first is None or second is None:
        return one == other
    schemes = {first.scheme, second.scheme} - {""}
    return first.host == second.host and first.port == second.port and len(schemes) <= 1


def spellings(endpoint: str) -> Iterator[str]:
    """Yield an endpoint as it is written, then in the other usual spellings of the same one."""
    yield endpoint
    bare = _SCHEME.sub("", endpoint).rstrip("/")
    for scheme in ("", "https://", "http://"):
        for end in ("", "/"):
            other = f"{scheme}{bare}{end}"
            if other != endpoint and same_endpoint(other, endpoint):
                yield other


class _Parts(NamedTuple):
    """The parts of an endpoint.

    Attributes:
        has_others: Whether there is a query, a fragment, a user or a password.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    has_others: bool


@lru_cache(maxsize=64)  # the tasks of a stack have few endpoints, and several rules read each
def _parts(endpoint: str) -> _Parts | None:
    try:
        parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
        port = parts.port  # reading it validates it
    except ValueError:
        return None
    if port == 0:
        return None
    host = (parts.hostname or "").lower()
    has_others = any((parts.query, parts.fragment, parts.username, parts.password))
    return _Parts(parts.scheme, host, port, parts.path, has_others)


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
    """Return whether an endpoint is on this machine."""
    host = host_of(endpoint)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
