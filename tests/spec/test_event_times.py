"""Event times are parsed as Go parses them."""

import json
from pathlib import Path

import pytest

from pulumi_tablestore_delivery.spec.event_times import (
    FORMATS,
    is_event_time,
    looks_like_milliseconds,
)

VERDICTS = Path(__file__).parents[1] / "data" / "event_times" / "verdicts.jsonl"


def test_text_is_an_event_time_exactly_where_go_parses_it():
    verdicts = [json.loads(line) for line in VERDICTS.read_text().splitlines()]
    assert len(verdicts) > 2000
    wrong = [
        verdict
        for verdict in verdicts
        if is_event_time(verdict["format"], verdict["value"]) != (verdict["unix"] is not None)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("time_format", "value"),
    [
        ("Unix", "1709251080"),
        ("Unix", 1709251080.0),
        ("Unix", True),
        ("RFC3339", 1709251080),
        ("RFC3339", b"2024-02-29T23:58:00Z"),
        ("RFC3339", "2024-02-29T23:58:00Z" + " " * 100),
        ("ISO8601", "2024-02-29T23:58:00Z"),
    ],
)
def test_other_value_is_not_an_event_time(time_format, value):
    assert not is_event_time(time_format, value)


def test_integer_is_a_unix_time():
    assert is_event_time("Unix", 1709251080)
    assert not looks_like_milliseconds(1709251080)
    assert looks_like_milliseconds(1709251080000)
    assert not looks_like_milliseconds(True)
    assert not looks_like_milliseconds("1709251080000")


def test_formats_are_the_documented_ones():
    assert set(FORMATS) == {"RFC822", "RFC850", "RFC1123", "RFC3339", "Unix"}
