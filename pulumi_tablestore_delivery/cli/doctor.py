"""`tablestore-delivery doctor`: find out why deployments would fail."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.completion import complete_tables
from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.terminal import Color, print_labeled, print_line
from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.retry import SystemClock
from pulumi_tablestore_delivery.inspection.doctor import verification
from pulumi_tablestore_delivery.inspection.doctor.findings import Finding, Status
from pulumi_tablestore_delivery.inspection.doctor.run import CHECKS, SECONDS, diagnose
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject
from pulumi_tablestore_delivery.inspection.doctor.targets import Bucket, Targets
from pulumi_tablestore_delivery.inspection.stacks import Stack

_COLORS: Final = {
    Status.OK: Color.GREEN,
    Status.WARNING: Color.YELLOW,
    Status.PROBLEM: Color.RED,
    Status.NOT_CHECKED: Color.GRAY,
}
_INDENT: Final = 31
"""The column at which the text of a check begins."""


def doctor(
    *,
    table: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE",
            help="A table to deliver. May be repeated.",
            autocompletion=complete_tables,
        ),
    ] = None,
    bucket: Annotated[
        list[str] | None,
        typer.Option(metavar="BUCKET", help="A bucket to write to. May be repeated."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ARN", help="The ARN of a role. May be repeated."),
    ] = None,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Also compare a sample of rows with the delivered files, as `verify` does.",
        ),
    ] = False,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Find out why deployments would fail. Each problem has a remedy.

    The command does not change anything and does not show keys.

    Exit code 3: there is a problem. A warning or a skipped check does not fail the command.

    Example: tablestore-delivery doctor --stack dev
    """
    given = Targets(
        tuple(table or ()), tuple(Bucket(name) for name in bucket or ()), tuple(role or ())
    )
    subject = Subject(
        Connection(endpoint, instance, region, profile, stack).settings(),
        network=RequestsTransport(),
        clock=SystemClock(),
        resolve=_resolve,
        targets=given.or_those_of(Stack(stack)) if stack else given,
    )
    form = chosen_form(form, as_json=as_json)
    found: dict[str, Finding] = {}
    checks, seconds = (
        ({**CHECKS, "files": verification.files}, verification.SECONDS)
        if verify
        else (CHECKS, SECONDS)
    )
    for name, finding in diagnose(subject, checks, seconds):
        found[name] = finding
        if form is Form.TABLE:
            _print(name, finding)
    counts = Counter(finding.status for finding in found.values())
    problems = counts[Status.PROBLEM]
    if form is not Form.TABLE:
        print_data({"passed": not problems, "checks": _as_data(checks, found)}, form)
    else:
        words = (problems, "problem"), (counts[Status.WARNING], "warning")
        print_line(
            f"{len(found)} checks, "
            + ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in words)
            + f", {counts[Status.NOT_CHECKED]} not checked"
        )
    if problems:
        raise typer.Exit(exits.NO)


def _print(name: str, finding: Finding) -> None:
    remedy = f" {finding.remedy}" if finding.remedy else ""
    print_labeled(
        f"{finding.status.value:11}",
        f" {name:17}  {finding.detail}{remedy}",
        _COLORS[finding.status],
        _INDENT,
    )


def _as_data(names: Iterable[str], found: Mapping[str, Finding]) -> list[dict[str, Any]]:
    return [
        {
            "check": name,
            "status": found[name].status.value,
            "detail": found[name].detail,
            "remedy": found[name].remedy,
        }
        for name in names
    ]


def _resolve(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return sorted({str(address[4][0]) for address in found})
