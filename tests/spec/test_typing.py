"""Type checkers find code that forgets that a value may be unknown."""

from pathlib import Path

from support.type_checkers import compare, mypy_reports


def test_mypy_reports_a_forgotten_unknown():
    program = Path(__file__).with_name("typing_of_unknowns.py")
    compare(program, mypy_reports(program))
