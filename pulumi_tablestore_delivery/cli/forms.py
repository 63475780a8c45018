"""The options that choose the form of a command's output."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli.data import FORM_OPTIONS, JSON_OPTION, Form

OutputForm = Annotated[
    Form,
    typer.Option(
        *FORM_OPTIONS,
        metavar="table|json|yaml",
        help="table for people, json or yaml for programs.",
    ),
]


class MetricsForm(str, Enum):
    """The form of output of a command that can print metrics."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    PROMETHEUS = "prometheus"


MetricsOutputForm = Annotated[
    MetricsForm,
    typer.Option(
        *FORM_OPTIONS,
        metavar="table|json|yaml|prometheus",
        help="table for people, json or yaml for programs. prometheus: metrics for a textfile "
        "collector. The exit code is then 0, or 1 if the tasks cannot be read.",
    ),
]
AsJson = Annotated[bool, typer.Option(JSON_OPTION, help="The same as -o json.")]


def chosen_form(form: Form | MetricsForm, *, as_json: bool) -> Form:
    """Return the form that `-o` and `--json` choose together."""
    return Form.JSON if as_json else Form(form.value)
