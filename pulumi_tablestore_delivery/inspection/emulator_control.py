"""Call the control routes of a running emulator."""

from __future__ import annotations

import json
import os
from ipaddress import ip_address
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from pulumi_tablestore_delivery.errors import ConfigurationError, DeliveryError
from pulumi_tablestore_delivery.spec.endpoints import mask_user_info

_DEFAULT: Final = "http://127.0.0.1:8087"
_SECONDS: Final = 10.0
_LONGEST: Final = 64 * 1024 * 1024


def call(endpoint: str | None, method: str, route: str, content: object = None) -> Any:
    """Call a control route; return the JSON of its answer.

    Args:
        endpoint: `--endpoint`.
        method: The HTTP method.
        route: The path after `/_emulator/`.
        content: The content to send as JSON; None for a request without a body.

    Raises:
        ConfigurationError: The endpoint is not an emulator's on this machine.
        DeliveryError: The emulator does not answer, or refuses.
    """
    url = _checked(endpoint or os.environ.get("TABLESTORE_ENDPOINT") or _DEFAULT)
    body = None if content is None else json.dumps(content).encode()
    request = Request(f"{url}/_emulator/{route}", data=body, method=method)  # noqa: S310 - checked
    try:
        # Without proxies: the emulator is on this machine.
        with build_opener(ProxyHandler({})).open(request, timeout=_SECONDS) as answer:
            return json.loads(answer.read(_LONGEST))
    except HTTPError as error:
        with error:
            raise _refused(url, error) from None
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        text = getattr(reason, "strerror", None) or reason
        raise DeliveryError(
            f"The emulator at {url} does not answer: {text}. Start one with `tablestore-delivery "
            "emulator`, or give its URL with --endpoint."
        ) from None
    except ValueError:
        raise _not_an_emulator(url) from None


def oss_endpoint(endpoint: str) -> str:
    """Return the OSS endpoint of the emulator with this endpoint; empty if it does not have one.

    Raises:
        ConfigurationError: The endpoint is not an emulator's on this machine.
        DeliveryError: The emulator does not answer, or refuses.
    """
    found = call(endpoint, "GET", "oss")
    return str(found.get("url", "")) if isinstance(found, dict) else ""


def _checked(endpoint: str) -> str:
    """Return an endpoint on this machine without a slash at its end."""
    try:
        parts = urlsplit(endpoint)
        has_port = parts.port is not None
    except ValueError:
        parts, has_port = urlsplit(""), False
    host = parts.hostname or ""
    if parts.scheme != "http" or not has_port or parts.path.strip("/") or not _is_local(host):
        raise ConfigurationError(
            f"{mask_user_info(endpoint)!r} is not an emulator on this machine. An emulator accepts "
            f"this command only from its own machine. Expected a URL such as {_DEFAULT}; give it "
            "with --endpoint."
        )
    return f"http://{parts.netloc.rpartition('@')[2]}"


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(url: str, error: HTTPError) -> DeliveryError:
    try:
        reason = json.loads(error.read(_LONGEST))["error"]
    except (ValueError, KeyError, TypeError, OSError):
        return _not_an_emulator(url)
    return DeliveryError(str(reason))


def _not_an_emulator(url: str) -> DeliveryError:
    return DeliveryError(
        f"{url} does not answer as an emulator of this version. Give the emulator's URL with "
        "--endpoint."
    )
