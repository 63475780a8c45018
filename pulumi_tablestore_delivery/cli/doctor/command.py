"""`tablestore-delivery doctor`: what would keep a deployment from working, and what to do."""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    settings,
)
from pulumi_tablestore_delivery.cli.doctor.findings import Finding, Status
from pulumi_tablestore_delivery.cli.output import print_json
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.cli.doctor.subject import Wanted

_COLOURS: Final = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.PROBLEM: "red",
    Status.NOT_CHECKED: "bright_black",
}


def doctor(  # noqa: PLR0913 - one an option
    *,
    table: Annotated[
        list[str] | None,
        typer.Option(help="A table that is to be delivered; may be given again."),
    ] = None,
    bucket: Annotated[
        list[str] | None, typer.Option(help="A bucket that is to be written to; likewise.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="The ARN of a role; likewise.", metavar="ARN")
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Also compare a sample of rows with the delivered files (see verify)."
        ),
    ] = False,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Find out why deployments would fail: one line for each check, with what to do.

    Nothing of the service is changed, and no key is shown. Exit code 3 says that there is a
    problem; warnings, and checks that could not be made, are fine.

    Example: tablestore-delivery doctor --stack dev
    """
    from pulumi_tablestore_delivery.cli.doctor import verification  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.cli.doctor.run import CHECKS, SECONDS, diagnose  # noqa: PLC0415 - as above
    from pulumi_tablestore_delivery.cli.doctor.subject import Subject  # noqa: PLC0415 - as above
    from pulumi_tablestore_delivery.client.http import RequestsTransport  # noqa: PLC0415 - as above
    from pulumi_tablestore_delivery.client.retry import SystemClock  # noqa: PLC0415 - as above

    options = (
        ("TABLESTORE_ENDPOINT", "endpoint", endpoint),
        ("TABLESTORE_INSTANCE", "instance", instance),
    )
    subject = Subject(
        settings(endpoint, instance, stack),
        network=RequestsTransport(),
        clock=SystemClock(),
        resolve=_addresses,
        wanted=_wanted(table or [], bucket or [], role or [], stack),
        options={variable: f"--{name}" for variable, name, value in options if value},
    )
    checks, seconds = (
        ({**CHECKS, "files": verification.files}, verification.SECONDS)
        if verify
        else (CHECKS, SECONDS)
    )
    found: dict[str, Finding] = {}
    for name, finding in diagnose(subject, checks, seconds):
        found[name] = finding
        if not as_json:
            _tell(name, finding)
    counts = Counter(finding.status for finding in found.values())
    problems = counts[Status.PROBLEM]
    if as_json:
        ordered = [{"check": name, **asdict(found[name])} for name in checks]
        print_json({"passed": not problems, "checks": ordered})
    else:
        told = (problems, "problem"), (counts[Status.WARNING], "warning")
        typer.echo(
            f"{len(found)} checks, "
            + ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in told)
            + f", {counts[Status.NOT_CHECKED]} not checked"
        )
    if problems:
        raise typer.Exit(exits.NO)


def _tell(name: str, finding: Finding) -> None:
    status = typer.style(f"{finding.status.value:11}", fg=_COLOURS[finding.status])
    remedy = f" {finding.remedy}" if finding.remedy else ""
    colon = ": " if finding.status is Status.NOT_CHECKED else "  "
    typer.echo(f"{status} {name:17}{colon}{finding.detail}{remedy}")


def _addresses(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return sorted({str(address[4][0]) for address in found})


def _wanted(tables: list[str], buckets: list[str], roles: list[str], stack: str | None) -> Wanted:
    """What is named by options; else by the tasks of the stack."""
    from pulumi_tablestore_delivery.cli.doctor.subject import Bucket, Wanted  # noqa: PLC0415 - slow to import
    from pulumi_tablestore_delivery.cli.stacks import Stack  # noqa: PLC0415 - slow to import

    of_stack = [dict(task.properties) for task in Stack(stack).tasks()] if stack else []
    known = [
        {name: str(value) for name, value in task.items() if value is not UNKNOWN}
        for task in of_stack
    ]

    def of_tasks(name: str) -> list[str]:
        return list(dict.fromkeys(task[name] for task in known if task.get(name)))

    return Wanted(
        tables=tuple(tables or of_tasks("table_name")),
        buckets=tuple(
            dict.fromkeys(
                [Bucket(name) for name in buckets]
                or [
                    Bucket(task["oss_bucket"], task.get("oss_endpoint", ""))
                    for task in known
                    if task.get("oss_bucket")
                ]
            )
        ),
        roles=tuple(roles or of_tasks("role_arn")),
    )
