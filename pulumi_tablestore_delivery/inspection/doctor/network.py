"""Check the connection to the endpoint, and the service that answers there."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

from pulumi_tablestore_delivery.client.answers import LARGEST_SKEW, clock_skew
from pulumi_tablestore_delivery.client.http import route_to
from pulumi_tablestore_delivery.client.proxies import proxy_problem
from pulumi_tablestore_delivery.client.transport import RawResponse
from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
    warning,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import Probe, Subject
from pulumi_tablestore_delivery.spec import endpoints

_NOTABLE_SKEW: Final = timedelta(minutes=1)
_NEGLIGIBLE_SECONDS: Final = 2  # rounding and the network may cause them
_PROXIES: Final = ("https_proxy", "http_proxy", "all_proxy")


def proxy(subject: Subject) -> Finding:
    """Report the proxy of requests, according to HTTPS_PROXY, HTTP_PROXY and NO_PROXY."""
    chosen = _proxy_to(subject.endpoint)
    given = [name for name in (*_PROXIES, "no_proxy") if _variable(name)]
    variables = f" ({', '.join(name.upper() for name in given)} set)" if given else ""
    if not chosen:
        return ok(f"none for the endpoint{variables}")
    if why := proxy_problem(chosen):
        return problem(f"{why}.", "Correct or unset the variable, or add the host to NO_PROXY.")
    if subject.is_emulated:
        host = endpoints.host_of(subject.endpoint)
        return warning(
            f"{chosen}{variables}, for an endpoint on this machine.",
            f"Add {host} to NO_PROXY, unless you want this.",
        )
    return ok(f"{chosen}{variables}")


def certificates(subject: Subject) -> Finding:
    """Report the trusted certificates: REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or the default."""
    path = route_to(subject.endpoint).certificates
    if path and not Path(path).exists():
        return problem(
            f"{path} does not exist.", "Correct or unset REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE."
        )
    return ok(path or "those that come with requests (certifi)")


def name(subject: Subject) -> Finding:
    """Check that the endpoint's name resolves."""
    host = endpoints.host_of(subject.endpoint)
    if _proxy_to(subject.endpoint):
        raise NotCheckedError(f"the proxy resolves {host}.")
    try:
        addresses = subject.resolve(host)
    except OSError as error:
        remedy = "Check the endpoint's spelling, instance and region, and the name service."
        if ".vpc." in host or "internal" in host:
            remedy += " This form of endpoint exists only in VPCs of its region."
        return problem(f"{host} does not resolve: {error.strerror or error}.", remedy)
    return ok(f"{host} is {', '.join(addresses)}")


def connection(subject: Subject) -> Finding:
    """Check that a connection can be made, with TLS if the endpoint uses it, and is answered."""
    probe = subject.probe()
    if not probe.connected:
        remedy = "Check the endpoint's port, the network, the firewall and the proxy settings."
        return problem(f"no connection: {probe.reason}.", remedy)
    if "certificate" in probe.reason.lower():
        return problem(
            f"no secure connection: {probe.reason}.",
            "If a proxy inspects TLS here, set REQUESTS_CA_BUNDLE to its certificates.",
        )
    if probe.answer is None:
        return problem(
            f"connected, but the answer is not complete: {probe.reason}.",
            "Check the proxy settings and the scheme (http or https), and try again.",
        )
    return ok(f"answered after {probe.seconds * 1000:.0f} ms")


def service(subject: Subject) -> Finding:
    """Check that Tablestore answers."""
    answer = _answer(subject.probe())
    if any(header.startswith("x-ots-") for header in answer.headers):
        return ok("the answer has Tablestore's headers")
    kind = answer.headers.get("content-type", "no content type")
    return problem(
        f"HTTP {answer.status} ({kind}) without Tablestore's headers: another server answers.",
        "Check the endpoint. A proxy or a portal may have answered: see NO_PROXY.",
    )


def clock(subject: Subject) -> Finding:
    """Check that this machine's clock and the service's agree."""
    answer = _answer(subject.probe())
    skew = clock_skew(answer.headers.get("x-ots-date", ""), subject.clock.now())
    if skew is None:
        raise NotCheckedError("the answer does not have an x-ots-date that can be read.")
    seconds = abs(skew.total_seconds())
    side = "behind" if skew > timedelta(0) else "ahead of"
    detail = f"this machine's clock is {seconds:.0f} s {side} the service's"
    if abs(skew) >= LARGEST_SKEW:
        return problem(
            f"{detail}. From 15 minutes on, the service refuses requests.",
            "Set the clock, and run an NTP client.",
        )
    if abs(skew) >= _NOTABLE_SKEW:
        return warning(
            f"{detail}. From 15 minutes on, the service refuses requests.",
            "Set the clock, and run an NTP client.",
        )
    if seconds >= _NEGLIGIBLE_SECONDS:
        return ok(detail)
    return ok("this machine's clock and the service's agree")


def _answer(probe: Probe) -> RawResponse:
    if probe.answer is None:
        raise NotCheckedError("there is no answer (see connection).")
    return probe.answer


def _proxy_to(endpoint: str) -> str:
    return route_to(endpoint).proxy


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.upper()) or ""
