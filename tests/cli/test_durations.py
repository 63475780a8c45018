"""Parse durations, and format them in words."""

import pytest
import typer

from pulumi_tablestore_delivery.cli.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5m", 90), ("2d", 172800)],
)
def test_valid_duration_is_parsed(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "10 x", "-5", "nan", "inf", "10m5"])
def test_invalid_duration_is_refused(text):
    with pytest.raises(typer.BadParameter, match="is not a duration"):
        parse_duration(text)


def test_duration_is_formatted_in_words():
    assert [format_duration(seconds) for seconds in (0, 59, 60, 3661)] == [
        "0 s", "59 s", "1 min", "1 h 1 min 1 s",
    ]  # fmt: skip
