"""Event times are parsed as Go parses them."""

import json
from pathlib import Path

import pytest

from pulumi_tablestore_delivery.spec.event_times import (
    FORMATS,
    event_minute,
    is_event_time,
    looks_like_milliseconds,
)

VERDICTS = Path(__file__).parents[1] / "data" / "event_times" / "verdicts.jsonl"


def test_text_is_an_event_time_exactly_if_go_parses_it():
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


def test_integer_is_an_event_time_in_unix_format_only():
    assert is_event_time("Unix", 1709251080)
    assert not looks_like_milliseconds(1709251080)
    assert looks_like_milliseconds(1709251080000)
    assert not looks_like_milliseconds(True)
    assert not looks_like_milliseconds("1709251080000")


def test_formats_are_the_documented_ones():
    assert set(FORMATS) == {"RFC822", "RFC850", "RFC1123", "RFC3339", "Unix"}


def test_minute_matches_the_time_that_go_parses():
    verdicts = [json.loads(line) for line in VERDICTS.read_text().splitlines()]
    wrong = [
        (verdict, minute)
        for verdict in verdicts
        if (minute := event_minute(verdict["format"], verdict["value"])) != _minute(verdict["unix"])
    ]
    assert wrong == []


def _minute(seconds):
    """The minute that Go's seconds are in; None outside the years that a folder can name."""
    first, last = -62_135_596_800, 253_402_300_799
    return seconds // 60 if seconds is not None and first <= seconds <= last else None


@pytest.mark.parametrize(
    ("value", "minute"),
    [(120, 2), (-1, -1), (1709251080000, 28487518), (10**30, None), (True, None), ("120", None)],
)
def test_minute_of_a_unix_time_is_computed(value, minute):
    assert event_minute("Unix", value) == minute
