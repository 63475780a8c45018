"""Find the reason why a proxy of the environment cannot work."""

from __future__ import annotations

import importlib.util
import re
from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")


def proxy_problem(proxy: str) -> str:
    """Return why requests cannot go through a proxy; empty if its URL is valid.

    Args:
        proxy: The proxy's URL without user and password.
    """
    try:
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
        host = parts.hostname or ""
        is_valid = parts.port != 0 and parts.scheme.lower() in _SCHEMES
    except ValueError:
        host, is_valid = "", False
    if not (is_valid and _HOST.fullmatch(host)):
        return (
            f"{proxy!r} is not the URL of a proxy (HTTPS_PROXY, HTTP_PROXY). Expected a URL such "
            "as http://proxy.example.com:8080"
        )
    if parts.scheme.lower().startswith("socks") and importlib.util.find_spec("socks") is None:
        return (
            f"the proxy {proxy} needs support for SOCKS, which is not installed. Run pip install "
            "'requests[socks]', or use an HTTP proxy"
        )
    return ""
