"""The pages of docs/ that are generated from the model and the rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from pulumi_tablestore_delivery.spec.model import (
    OUTPUTS,
    Change,
    DeliveryTaskSpec,
    EventTimeColumn,
    ParquetColumn,
    inputs_of,
)
from pulumi_tablestore_delivery.spec.rule import Severity
from pulumi_tablestore_delivery.spec.rules import RULES


def inputs_page() -> str:
    """docs/inputs.md."""
    return "\n".join(
        [
            "# Inputs and outputs of `DeliveryTask`",
            "",
            "Made from the model by `make generate`.",
            "",
            *_table_of(DeliveryTaskSpec),
            "",
            (
                "*Replace*: the service has no call to change a task, so a new one is created "
                "and the old one deleted; what was delivered stays. *Update*: only the stack's "
                "state changes, nothing is sent."
            ),
            "",
            "## `ParquetColumnArgs`",
            "",
            *_table_of(ParquetColumn),
            "",
            "## `EventTimeColumnArgs`",
            "",
            *_table_of(EventTimeColumn),
            "",
            "## Outputs",
            "",
            "Every input is an output, with its default filled in. Beside them:",
            "",
            "| output | meaning |",
            "|---|---|",
            *(f"| `{name}` | {output.doc} |" for name, output in OUTPUTS.items()),
            "",
            "None of these ever causes a diff. The id is `<instance>/<table>/<task>`.",
            "",
        ]
    )


def rules_page() -> str:
    """docs/rules.md."""
    return "\n".join(
        [
            "# Rules",
            "",
            "Made from the table of rules by `make generate`.",
            "",
            (
                "Preview applies every rule, shows all violations at once, and skips a value that "
                'is not known yet. A task can ignore a rule: `ignore_rules=["<id>"]`. The column '
                "*ignore* says which rules these are. The source *documented* is the service's "
                "documentation, *seen in an SDK* is the behavior of the official SDKs, *seen in "
                "readers* is the behavior of Spark, Hive, DuckDB, polars and pyarrow, and "
                "*assumed* is a guess of this project. Rules of *this package* cannot be ignored. "
                "Rule `sendable` limits what ignoring allows: a value that no request can carry is "
                "an error at preview, not after the old task was deleted."
            ),
            "",
            (
                "A rule that is new in a version does not block what stands. A rule "
                "marked *new tasks* is an error for a task that is created or replaced, and a "
                "warning for a task that stays as it is."
            ),
            "",
            "## Errors",
            "",
            *_rules(Severity.ERROR),
            "",
            "## Warnings",
            "",
            *_rules(Severity.WARNING),
            "",
            "## Beside the rules",
            "",
            "Other errors of a preview have these ids. They cannot be ignored.",
            "",
            "| id | says |",
            "|---|---|",
            *(f"| `{name}` | {says} |" for name, says in _BESIDE_THE_RULES.items()),
            "",
        ]
    )


_BESIDE_THE_RULES: Final = {
    "required": "An input is missing.",
    "type": "A value does not have the input's type, or its text is not valid Unicode.",
    "unknown-input": "There is no input of this name.",
    "setting": "An instance, an endpoint, a region or a signature version is missing or wrong.",
    "credentials": "The service does not know the keys, or does not allow access from here.",
    "reachable": "The service is not there, or something else answers in its place.",
    "unique-task": "Another resource of the stack has the task.",
}


def _table_of(model: type[BaseModel]) -> Iterator[str]:
    yield "| input | default | service's name | a change means | meaning |"
    yield "|---|---|---|---|---|"
    for name, about in inputs_of(model):
        change = "replace" if about.change is Change.REPLACE else "update"
        wire = f"`{about.wire}`" if about.wire else "-"
        default = about.default or _default(model, name)
        yield f"| `{name}` | {default} | {wire} | {change} | {about.doc} |"


def _default(model: type[BaseModel], name: str) -> str:
    default = model.model_fields[name].default
    if default is PydanticUndefined:
        return "required"
    return "none" if default is None else f"`{default}`"


def _rules(severity: Severity) -> Iterator[str]:
    yield "| id | rule | what to do | source | ignore |"
    yield "|---|---|---|---|---|"
    for rule in RULES:
        if rule.severity is severity:
            ignore = "yes" if rule.can_be_ignored else "no"
            name = f"`{rule.id}`" + (" (*new tasks*)" if rule.only_for_new else "")
            words = (text.replace("<", "&lt;") for text in (rule.says, rule.remedy))
            cells = (name, *words, rule.source.value, ignore)
            yield f"| {' | '.join(cells)} |"
