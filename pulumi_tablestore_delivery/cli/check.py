"""`tablestore-delivery check`: judge the specs in files, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import AsJson
from pulumi_tablestore_delivery.cli.output import print_json

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.errors import Violation
    from pulumi_tablestore_delivery.inspection.spec_files import DeclaredTask


def check(
    *,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Specs in YAML or JSON; - is standard input.",
            show_default=False,
        ),
    ],
    region: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_REGION",
            help="The instance's region; without it, rules about regions are left out.",
            show_default=False,
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Judge the tasks in files by all rules, offline: no keys, no service.

    Exit code 3 says that a rule is broken; a warning is fine.

    Example: tablestore-delivery check tasks.yaml --region cn-hangzhou
    """
    from pulumi_tablestore_delivery.inspection.spec_files import declared_tasks, judged_task  # noqa: PLC0415

    declared = [task for file in files for task in declared_tasks(file)]
    tasks = [judged_task(task, region, declared) for task in declared]
    breaches = [
        (task.declared, severity, violation)
        for task in tasks
        for severity, violations in (("error", task.errors), ("warning", task.warnings))
        for violation in violations
    ]
    errors = sum(severity == "error" for _, severity, _ in breaches)
    if as_json:
        print_json({"tasks": len(tasks), "breaches": [_as_json(*breach) for breach in breaches]})
    else:
        for task, severity, violation in breaches:
            typer.echo(f"{task}: {severity}: {violation}")
        counts = (len(tasks), "task"), (errors, "error"), (len(breaches) - errors, "warning")
        typer.echo(", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts))
    if errors:
        raise typer.Exit(exits.NO)


def _as_json(declared: DeclaredTask, severity: str, violation: Violation) -> dict[str, Any]:
    return {
        "file": declared.file,
        "task": declared.name,
        "property": violation.path,
        "severity": severity,
        "rule": violation.rule,
        "problem": violation.problem,
        "remedy": violation.remedy,
        "source": violation.source,
    }
