"""Restrict the page and the control routes to this machine and to the emulator's own page.

A browser sends requests to this machine for the page of any site. The checks of the Host and Origin
headers prevent DNS rebinding and cross-site requests.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit


def refusal(headers: Mapping[str, str], peer: str, host: str) -> str:
    """Return the reason to refuse a request; empty if it is allowed.

    Args:
        headers: The headers, their names in lower case.
        peer: The address of the client.
        host: The address or name that the emulator listens on.
    """
    if not _is_loopback(peer):
        return "This is for this machine only."
    given = headers.get("host")
    if given is not None and not _is_own_name(given, host):
        return (
            "The Host header names another host. Use http://127.0.0.1 or http://localhost with the "
            "emulator's port."
        )
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{given}":
        return "The Origin header names another site. The emulator answers its own page only."
    return ""


def _is_own_name(given: str, host: str) -> bool:
    try:
        name = urlsplit(f"//{given}").hostname or ""
    except ValueError:
        return False
    return name in {"localhost", host.lower()} or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)  # the form of IPv4 peers on IPv6 sockets
    return (mapped or parsed).is_loopback
