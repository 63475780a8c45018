"""Type checkers find the mistakes of programs."""

from pathlib import Path

import pytest
from support.type_checkers import compare, mypy_reports, pyright_reports

MISTAKES = Path(__file__).with_name("typing_of_mistakes.py")
CORRECT = Path(__file__).with_name("typing_of_programs.py")


def test_mypy_reports_each_mistake_of_a_program():
    compare(MISTAKES, mypy_reports(MISTAKES))


@pytest.mark.parametrize("program", [MISTAKES, CORRECT])
def test_pyright_reports_each_mistake_of_a_program(program):
    reports, reason = pyright_reports(program)
    if reports is None:
        pytest.skip(f"pyright does not run here: {reason}")
    compare(program, reports)
