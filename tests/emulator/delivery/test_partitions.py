"""Folders by event time and write time, and their discovery."""

import json
import tracemalloc
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_tablestore_delivery.emulator.delivery.event_times import event_minute
from pulumi_tablestore_delivery.emulator.delivery.partitions import folder_of, object_name
from pulumi_tablestore_delivery.wire.enums import EventTimeFormat

HIVE = "data/year=$yyyy/month=$MM/day=$dd/hour=$HH/minute=$mm/"
FOLDER = "data/year=2024/month=02/day=29/hour=23/minute=58"
EXAMPLES = {
    "RFC822": [
        "29 Feb 24 23:58 UTC",
        "29 Feb 24 23:58 GMT+8",
        "29  feb  24 23:58 EST",
        "29 Feb 24 23:58 GMT+23",
        "29 Feb 24 23:58 GMT+003",
        "29 Feb 24 23:58 +0003",
    ],
    "RFC850": ["Thursday, 29-Feb-24 23:58:00 UTC", "friday, 29-Feb-24 23:58:00,5 PST"],
    "RFC1123": ["Thu, 29 Feb 2024 23:58:00 GMT", "Mon, 29 Feb 2024 23:58:30 EST"],
    "RFC3339": ["2024-02-29T23:58:00Z", "2024-03-01T07:58:59.999+08:00"],
    "Unix": [1709251080, 1709251080_000, 1709251139_999],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in EXAMPLES.items() for value in values]
)
def test_event_time_gives_a_folder_in_utc(name, value):
    minute = event_minute(EventTimeFormat[name], value)
    assert folder_of(HIVE)(minute) == FOLDER


def test_long_texts_are_not_kept_in_memory():
    tracemalloc.start()
    for number in range(50):
        value = f"2024-02-29T23:58:00.{number}{'0' * 100_000}Z"
        assert event_minute(EventTimeFormat.RFC3339, value) == 28_487_518
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RFC3339", ""),
        ("RFC3339", "2024-02-30T00:00:00Z"),
        ("RFC3339", "2024-02-29T23:58:00"),
        ("RFC3339", "2024-02-29T23:58:60Z"),
        ("RFC3339", "\uff12024-02-29T23:58:00Z"),
        ("RFC3339", "2024-02-29T23:58:00+25:00"),
        ("RFC3339", "0000-01-01T00:00:00Z"),
        ("RFC3339", "0001-01-01T00:00:00+14:00"),
        ("RFC3339", 1709251080),
        ("RFC822", "29 Foo 24 23:58 UTC"),
        ("RFC822", "29 Feb 24 23:58 +0800"),
        ("RFC822", "29 Feb 24 23:58 GMT+24"),
        ("RFC822", "29 Feb 24 23:58 GMT+1003"),
        ("RFC822", "29 Feb 24 23:58 +1003"),
        ("RFC822", f"29 Feb 24 23:58 GMT+{'9' * 5000}"),
        ("RFC850", "Thu, 29 Feb 2024 23:58:00 GMT"),
        ("RFC1123", "29 Feb 24 23:58 UTC"),
        ("Unix", "1709251080"),
        ("Unix", 1709251080.5),
        ("Unix", True),
        ("Unix", 2**63 - 1),
        ("Unix", None),
    ],
)
def test_text_of_another_format_is_not_a_time(name, value):
    assert event_minute(EventTimeFormat[name], value) is None


def test_equal_values_of_different_types_are_distinguished():
    assert [event_minute(EventTimeFormat.Unix, value) for value in (60, 60.0, 1, True)] == [
        1, None, 0, None,
    ]  # fmt: skip


def test_unknown_time_format_is_not_a_time():
    assert event_minute(99, "2024-02-29T23:58:00Z") is None


DATA = Path(__file__).parents[2] / "data" / "event_times" / "verdicts.jsonl"
VERDICTS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # the years 1 to 9999


def test_each_format_has_many_results_of_go():
    counts = Counter((each["format"], each["unix"] is None) for each in VERDICTS)
    assert len(counts) == 8
    assert min(counts.values()) > 100


@pytest.mark.parametrize("name", ["RFC822", "RFC850", "RFC1123", "RFC3339"])
def test_text_is_a_time_exactly_if_go_parses_it(name):
    wrong = []
    for each in VERDICTS:
        if each["format"] != name:
            continue
        seconds = each["unix"]
        has_year = seconds is not None and FIRST_SECOND <= seconds <= LAST_SECOND
        expected = seconds // 60 if has_year else None
        if event_minute(EventTimeFormat[name], each["value"]) != expected:
            wrong.append(each)
    assert wrong == []


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(timezone.utc)))  # noqa: DTZ001 - hypothesis adds the zone
def test_every_minute_has_its_own_folder(moment):
    minute = event_minute(EventTimeFormat.RFC3339, moment.isoformat())
    assert folder_of("$yyyy/$MM/$dd/$HH/$mm")(minute) == (
        f"{moment.year:04}/{moment.month:02}/{moment.day:02}/{moment.hour:02}/{moment.minute:02}"
    )


def test_two_digit_year_is_in_this_or_the_last_century():
    year = folder_of("$yyyy")
    assert year(event_minute(EventTimeFormat.RFC822, "01 Jan 68 00:00 UTC")) == "2068"
    assert year(event_minute(EventTimeFormat.RFC822, "01 Jan 69 00:00 UTC")) == "1969"


def test_object_name_contains_its_folder():
    assert object_name("t", "a/b=1", 3) == "t_0_a_b=1__3"


@pytest.mark.parametrize("name", EXAMPLES)
def test_rows_are_in_the_folder_of_their_event_time_and_are_discovered(world, name):
    days = {
        "RFC822": "{:%d %b %y %H:%M UTC}",
        "RFC850": "{:%A, %d-%b-%y %H:%M:%S GMT}",
        "RFC1123": "{:%a, %d %b %Y %H:%M:%S UTC}",
        "RFC3339": "{:%Y-%m-%dT%H:%M:%SZ}",
    }
    moments = [datetime(2024, month, 1, 5, 7, tzinfo=timezone.utc) for month in (1, 2, 2, 12)]
    for number, moment in enumerate(moments):
        text = days[name].format(moment) if name in days else int(moment.timestamp())
        world.put(f"k{number}", n=number, at=text)
    world.task(ossPrefix="data/year=$yyyy/month=$MM/", event=("at", name))
    world.wait_delivered()
    rows = world.dataset()
    assert {(row["n"], row["year"], row["month"]) for row in rows} == {
        (number, 2024, moment.month) for number, moment in enumerate(moments)
    }
    assert len(world.files()) == 3


def test_write_time_is_used_without_an_event_time_column(world):
    before = datetime.now(timezone.utc)
    world.put("a", n=1)
    world.task(ossPrefix="data/at=$yyyy-$MM-$dd-$HH/")
    world.wait_delivered()
    (path,) = world.files()
    after = datetime.now(timezone.utc)
    assert path.parent.name in {f"at={moment:%Y-%m-%d-%H}" for moment in (before, after)}


def test_row_without_a_valid_event_time_uses_the_write_time_and_is_dirty(world):
    now = datetime.now(timezone.utc)
    world.put("good", n=1, at="2020-01-01T00:00:00Z")
    world.put("bad", n=2, at="yesterday")
    world.put("none", n=3)
    world.task(
        ossPrefix="data/year=$yyyy/", event=("at", "RFC3339"), ossDirtyPrefix="dirty/year=$yyyy/"
    )
    world.wait_delivered()
    assert {row["id"]: row["year"] for row in world.dataset()} == {
        "good": 2020, "bad": now.year, "none": now.year,
    }  # fmt: skip
    assert world.report()["dirty"] == 2
    assert {(line["value"], line["reason"]) for line in world.dirty()} == {
        ("yesterday", "is not an event time"), (None, "the row has no event time"),
    }  # fmt: skip


def test_key_column_may_be_the_event_time(world):
    world.table("keyed", [("at", "INTEGER")])
    world.put([("at", 1709251080)], table="keyed", n=1)
    world.task(
        table="keyed", columns=[("n", "INT64")], ossPrefix="data/year=$yyyy/", event=("at", "Unix")
    )
    world.wait_delivered()
    assert [row["year"] for row in world.dataset()] == [2024]
