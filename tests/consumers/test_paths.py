"""Keys and listings match the emulator, which does not share code with them."""

import re
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.consumers_world import MOMENTS, PREFIXES

from pulumi_tablestore_delivery.consumers.paths import object_keys, parse_time
from pulumi_tablestore_delivery.emulator.delivery.partitions import folder_of, object_name
from pulumi_tablestore_delivery.errors import InvalidInputError

UTC = timezone.utc
DOCUMENTED = "myPrefix/2020/08/31/16/03/t_0_myPrefix_2020_08_31_16_03__1"
FOLDERS = st.lists(
    st.sampled_from(["$yyyy", "$MM", "$dd", "$HH", "$mm", "1", "b=", "-", "_"]), min_size=1
).map("".join)


def test_keys_match_the_documented_example():
    moment = datetime(2020, 8, 31, 16, 3)  # noqa: DTZ001 - no zone is UTC
    found = object_keys("myPrefix/$yyyy/$MM/$dd/$HH/$mm", moment, "t")
    assert found.keys[0] == DOCUMENTED
    assert found.folder == "myPrefix/2020/08/31/16/03/"
    assert found.time == "2020-08-31T16:03:00Z"


@given(
    st.lists(FOLDERS, min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", "/"]),
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)
def test_keys_are_those_of_the_emulator(prefix, slash, moment):
    prefix = re.sub(r"(\$\w+?)b", r"\1-b", f"p/{prefix}{slash}")  # $yyyyb is not a variable
    minute = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(minutes=1)
    folder = folder_of(prefix)(minute)
    found = object_keys(prefix, moment, "t")
    assert found.keys == tuple(f"{folder}/{object_name('t', folder, number)}" for number in (1, 2))
    for listing in found.listings:
        assert found.keys[0].startswith(listing.prefix)
        assert fnmatchcase(found.keys[0], listing.glob)


@pytest.mark.parametrize("style", PREFIXES)
def test_delivered_files_have_the_computed_keys(delivered, style):
    keys = {path.relative_to(delivered.bucket).as_posix() for path in delivered.files("")}
    ours = {key for key in keys if f"/task-{style}_" in key}
    for moment in MOMENTS:
        found = object_keys(PREFIXES[style], moment, f"task-{style}")
        assert ours & set(found.keys)
        everything, finest = found.listings[0], found.listings[-1]
        in_folder = {key for key in ours if f"{key.rpartition('/')[0]}/" == found.folder}
        for listing, wanted in ((everything, ours), (finest, in_folder)):
            assert {key for key in keys if key.startswith(listing.prefix)} == wanted
            assert {key for key in keys if fnmatchcase(key, listing.glob)} == wanted


def test_listing_covers_its_period():
    found = object_keys("o/dt=$yyyy-$MM-$dd/h=$HH/", datetime(2020, 8, 31, 16, 3, tzinfo=UTC), "t")
    assert [(each.period, each.prefix, each.glob) for each in found.listings] == [
        ("all", "o/dt=", "o/dt=*-*-*/h=*/t_*"),
        ("year", "o/dt=2020-", "o/dt=2020-*-*/h=*/t_*"),
        ("month", "o/dt=2020-08-", "o/dt=2020-08-*/h=*/t_*"),
        ("day", "o/dt=2020-08-31/h=", "o/dt=2020-08-31/h=*/t_*"),
        ("hour", "o/dt=2020-08-31/h=16/", "o/dt=2020-08-31/h=16/t_*"),
    ]


def test_finer_variable_first_widens_the_listing_but_not_the_pattern():
    found = object_keys("o/$MM/$yyyy/", datetime(2020, 8, 31, tzinfo=UTC), "t")
    assert [(each.period, each.prefix, each.glob) for each in found.listings] == [
        ("all", "o/", "o/*/*/t_*"),
        ("year", "o/", "o/*/2020/t_*"),
        ("month", "o/08/2020/", "o/08/2020/t_*"),
    ]


@pytest.mark.parametrize(
    ("prefix", "rule"),
    [
        ("", "prefix"),
        ("/a/", "prefix"),
        ("a//b", "prefix-segments"),
        ("a/$yy/", "prefix-variable"),
    ],
)
def test_invalid_prefix_is_refused_by_the_rules_of_the_resource(prefix, rule):
    with pytest.raises(InvalidInputError) as refused:
        object_keys(prefix, datetime(2020, 1, 1, tzinfo=UTC), "t")
    assert [each.rule for each in refused.value.violations] == [rule]
    assert refused.value.violations[0].path == "oss_prefix"


def test_advice_about_a_prefix_is_not_an_error():
    found = object_keys("a/$HH/$mm/", datetime(2020, 1, 1, tzinfo=UTC), "t")
    assert any("rule prefix-order" in warning for warning in found.warnings)
    assert any("rule prefix-minutes" in warning for warning in found.warnings)


def test_folders_that_ddl_refuses_are_warned_of():
    found = object_keys("a/$yyyy/year=2024/", datetime(2020, 1, 1, tzinfo=UTC), "t")
    assert any("rule external-table" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2020-08-31T16:03Z", datetime(2020, 8, 31, 16, 3, tzinfo=UTC)),
        ("2020-08-31T16:03:05", datetime(2020, 8, 31, 16, 3, 5, tzinfo=UTC)),
        ("2020-08-31 16:03+08:00", datetime(2020, 8, 31, 8, 3, tzinfo=UTC)),
        (" 2020-08-31 ", datetime(2020, 8, 31, tzinfo=UTC)),
    ],
)
def test_valid_time_is_parsed(text, time):
    assert parse_time(text) == time


@pytest.mark.parametrize("text", ["", "yesterday", "2020-13-01", "0001-01-01T00:00+14:00"])
def test_invalid_time_is_refused(text):
    with pytest.raises(InvalidInputError, match=r"is not a time\. Write it like"):
        parse_time(text)
