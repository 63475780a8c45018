"""docs/emulator.md has every error, operation and option of the emulator."""

import inspect
import re
from pathlib import Path

import pytest

from pulumi_tablestore_delivery.cli import emulator as command
from pulumi_tablestore_delivery.emulator.api.errors import DECLARED
from pulumi_tablestore_delivery.emulator.api.operations import OPERATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("error", DECLARED, ids=lambda error: error.code)
def test_page_has_every_error(error):
    assert f"| {error.status} | {error.code} | {error.meaning} | {error.label} |" in PAGE


def test_page_has_every_operation_and_no_other():
    section = PAGE.partition("## Operations\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(OPERATIONS)


def test_page_has_every_option():
    for name in inspect.signature(command.emulator).parameters.keys() - {"context"}:
        assert f"`--{name.replace('_', '-')}`" in PAGE
