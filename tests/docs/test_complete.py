"""Pages that must be complete: every code, class and assumed rule of the package."""

import re
from pathlib import Path

import pytest

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.emulator.api.errors import DECLARED
from pulumi_tablestore_delivery.spec.rule import Source
from pulumi_tablestore_delivery.spec.rules import RULES
from pulumi_tablestore_delivery.wire.enums import DeliveryErrorCode

DOCS = Path(__file__).resolve().parents[2] / "docs"


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def classes(base):
    return [base, *(each for child in base.__subclasses__() for each in classes(child))]


CODES = {
    *errors._NOTHING_DONE,
    *errors._UNDECIDED,
    *errors._REMEDIES,
    errors._QUOTA,
    *(declared.code for declared in DECLARED),
    *(code.name for code in DeliveryErrorCode),
}
CLASSES = {
    each.__name__ for each in classes(errors.DeliveryError) if each.__module__ == errors.__name__
}


@pytest.mark.parametrize("word", sorted(CODES | CLASSES))
def test_troubleshooting_has_every_code_and_every_class(word):
    rows = [line for line in page("troubleshooting.md").splitlines() if line.startswith("| `")]
    assert any(f"`{word}`" in row.split("|")[1] for row in rows)


def test_assumptions_have_every_assumed_rule_and_no_other():
    section = page("assumptions.md").partition("## Rules\n")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(rule.id for rule in RULES if rule.source is Source.ASSUMED)
