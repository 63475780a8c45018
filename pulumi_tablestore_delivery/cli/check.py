"""`tablestore-delivery check`: check the tasks in files, offline."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.terminal import print_line, print_prose
from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.inspection.spec_files import (
    DeclaredTask,
    declared_tasks,
    judged_tasks,
)


def check(
    *,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="A file of tasks, in YAML or JSON. - is standard input.",
            show_default=False,
        ),
    ],
    region: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_REGION",
            metavar="REGION",
            help="The instance's region. Without it, rules about regions do not apply.",
            show_default=False,
        ),
    ] = "",
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Check the tasks in files against all rules, without keys and without the service.

    Exit code 3: a rule is broken. Warnings alone do not fail the command.

    Example: tablestore-delivery check tasks.yaml --region cn-hangzhou
    """
    declared = [task for file in files for task in declared_tasks(file)]
    tasks = judged_tasks(declared, region)
    found = [
        (task.declared, violation) for task in tasks for violation in (*task.errors, *task.warnings)
    ]
    errors = sum(violation.severity == "error" for _, violation in found)
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data(
            {"tasks": len(tasks), "breaches": [_as_data(*violation) for violation in found]}, form
        )
    else:
        for task, violation in found:
            print_prose(f"{task}: {violation.severity}: {violation}")
        counts = (len(tasks), "task"), (errors, "error"), (len(found) - errors, "warning")
        print_line(", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts))
    if errors:
        raise typer.Exit(exits.NO)


def _as_data(declared: DeclaredTask, violation: Violation) -> dict[str, Any]:
    return {
        "file": declared.file,
        "task": declared.name,
        "property": violation.path,
        "severity": violation.severity,
        "rule": violation.rule,
        "problem": violation.problem,
        "remedy": violation.remedy,
        "source": violation.source,
    }
