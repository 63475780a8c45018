"""Literals and comments in written Python source."""

import pytest

from pulumi_tablestore_delivery.cli import python_source


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "it's",
        'say "so"',
        "both ' and \"",
        "\\",
        "\n\r\t\0",
        "\u2028\u202e",
        "金\U000e0001",
    ],
)
def test_literal_evaluates_to_its_value(text):
    written = python_source.literal(text)
    assert eval(written) == text
    assert written.isprintable()


def test_comment_stays_on_one_line():
    assert python_source.comment("a\n  b\0\u202ec") == "# a b\\x00\\u202ec"
