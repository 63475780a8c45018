"""Convert Pulumi's property bag to a spec and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.specs import BAG

from pulumi_tablestore_delivery.errors import InvalidInputError
from pulumi_tablestore_delivery.spec.model import known
from pulumi_tablestore_delivery.spec.properties import (
    path_of,
    properties_of,
    read_properties,
    spec_of,
)
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN


def paths(bag):
    return {item.path for item in read_properties(bag).violations}


def test_missing_inputs_get_their_defaults():
    bag = properties_of(spec_of(BAG))
    assert bag["mode"] == "BASE_INC"
    assert bag["format"] == "Parquet"
    assert bag["wait_for"] == "initialized"
    assert bag["timeout_seconds"] == 180
    assert bag["adopt_existing"] is False
    assert bag["parquet_schema"][0] == {
        "source": "order_id", "name": "order_id", "type": "UTF8", "encoding": "PLAIN",
    }  # fmt: skip
    assert "oss_dirty_prefix" not in bag
    assert "event_time_column" not in bag


def test_round_trip_is_stable():
    bag = properties_of(spec_of(BAG))
    assert properties_of(spec_of(bag)) == bag


def test_floats_of_pulumi_become_integers():
    spec = spec_of({**BAG, "timeout_seconds": 90.0})
    assert spec.timeout_seconds == 90
    assert isinstance(spec.timeout_seconds, int)


def test_null_inputs_are_absent():
    column = {"source": "a", "type": "UTF8", "name": None, "encoding": None}
    spec = spec_of({**BAG, "mode": None, "parquet_schema": [column]})
    assert spec.mode == "BASE_INC"
    assert spec.parquet_schema[0].name == "a"


def test_empty_optional_text_is_the_same_as_none():
    column = {"source": "a", "type": "UTF8", "type_extend": "", "name": ""}
    empty = {"oss_dirty_prefix": "", "tablestore_endpoint": "", "parquet_schema": [column]}
    plain = {"parquet_schema": [{"source": "a", "type": "UTF8"}]}
    assert spec_of({**BAG, **empty}) == spec_of({**BAG, **plain})
    assert properties_of(spec_of({**BAG, **empty})) == properties_of(spec_of({**BAG, **plain}))


def test_half_of_a_surrogate_pair_is_refused_at_every_depth():
    column = {"source": "\ud800", "type": "UTF8", "name": "a"}
    bag = {
        **BAG, "oss_prefix": "a\udfff/", "parquet_schema": [column], "ignore_rules": ["\ud800"],
        "k\ud800": 1,
    }  # fmt: skip
    found = read_properties(bag)
    assert {item.path for item in found.violations} == {
        "oss_prefix", "parquet_schema[0].source", "ignore_rules[0]", r"k\ud800",
    }  # fmt: skip
    text = " ".join(str(item) for item in found.violations)
    text.encode()
    assert r"'a\udfff/' is not valid Unicode" in text


@pytest.mark.parametrize("name", ["oss_endpoint", "tablestore_endpoint"])
@pytest.mark.parametrize("value", ["https://me:hush\ud800@host", ["https://me:hush@host"]])
def test_password_in_an_endpoint_that_cannot_be_read_is_not_shown(name, value):
    (violation,) = read_properties({**BAG, name: value}).violations
    assert violation.path == name
    assert "hush" not in violation.message
    assert "host" in violation.message


def test_outputs_among_the_inputs_are_skipped():
    assert spec_of({**BAG, "phase": "INCR", "request_id": "r"}) == spec_of(BAG)


@pytest.mark.parametrize("name", [0, False, 0.0, [], {}])
def test_column_name_that_is_not_text_is_a_mistake(name):
    column = {"source": "a", "type": "UTF8", "name": name}
    (violation,) = read_properties({**BAG, "parquet_schema": [column]}).violations
    assert violation.path == "parquet_schema[0].name"
    assert "is not a string" in violation.message


def test_all_violations_are_found_at_once():
    bag = {
        "instance_name": 3,
        "parquet_schema": [{"source": "a", "tpe": "UTF8"}, 4, {"source": 1, "type": "UTF8"}],
        "event_time_column": {"column": "t", "fromat": "Unix"},
        "timeout_seconds": 1.5,
        "adopt_existing": "perhaps",
        "ttable_name": "t",
    }
    assert paths(bag) == {
        "instance_name", "table_name", "oss_bucket", "oss_prefix", "oss_endpoint", "role_arn",
        "parquet_schema[0].type", "parquet_schema[0].tpe", "parquet_schema[1]",
        "parquet_schema[2].source", "event_time_column.format", "event_time_column.fromat",
        "timeout_seconds", "adopt_existing", "ttable_name",
    }  # fmt: skip


def test_mistyped_name_gets_a_suggestion():
    (violation,) = read_properties({**BAG, "oss_buckett": "b"}).violations
    assert "Did you mean 'oss_bucket'?" in violation.message


def test_unreadable_field_does_not_hide_other_violations():
    parsed = read_properties({**BAG, "timeout_seconds": "soon"})
    assert parsed.draft.table_name == BAG["table_name"]
    assert parsed.draft.timeout_seconds is UNKNOWN


def test_unknown_values_are_kept_at_every_depth():
    bag = {
        **BAG,
        "oss_bucket": UNKNOWN,
        "parquet_schema": [UNKNOWN, {"source": UNKNOWN, "type": "UTF8"}],
        "event_time_column": {"column": "t", "format": UNKNOWN},
    }
    parsed = read_properties(bag)
    assert parsed.violations == []
    assert known(parsed.draft) is None
    assert properties_of(parsed.draft)["parquet_schema"] == [
        UNKNOWN,
        {"source": UNKNOWN, "name": UNKNOWN, "type": "UTF8", "encoding": "PLAIN"},
    ]
    assert read_properties({**BAG, "parquet_schema": UNKNOWN}).violations == []


def test_text_is_not_read_as_a_boolean():
    """`adopt_existing="yes"` would take over a task."""
    for word in ("yes", "true", 1, 1.0):
        assert paths({**BAG, "adopt_existing": word}) == {"adopt_existing"}


def test_unknown_values_in_a_list_of_strings_are_kept():
    parsed = read_properties({**BAG, "ignore_rules": [UNKNOWN, "role-arn"]})
    assert parsed.violations == []
    assert parsed.draft.ignore_rules == [UNKNOWN, "role-arn"]
    assert paths({**BAG, "ignore_rules": [1]}) == {"ignore_rules[0]"}


def test_bag_without_a_delivery_task_is_refused():
    with pytest.raises(InvalidInputError, match="table_name: is required"):
        spec_of({"instance_name": "i"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.just(UNKNOWN),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["source", "type", "name", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from([*BAG, "event_time_column", "timeout_seconds", "ignore_rules", "nonsense"]),
)
def test_any_bag_is_read_or_refused(value, name):
    parsed = read_properties({**BAG, name: value})
    assert all(item.path and item.message for item in parsed.violations)


def test_path_is_formatted():
    assert path_of(("parquet_schema", 1, "type")) == "parquet_schema[1].type"
    assert path_of(("mode",)) == "mode"
